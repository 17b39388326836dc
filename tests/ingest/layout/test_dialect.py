"""Dialects: a frame written in any of them is read back unchanged."""

import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors.files import HeaderLineNotFound, NoDataRows
from core.ingest.layout.dialect import find_dialect
from core.ingest.layout.quotes import split_line

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8).map(
    lambda w: f"w{w}"
)
NUMBERS = st.floats(-1e9, 1e9).map(lambda number: round(number, 4) + 0.00005 * (number % 1 == 0))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.none() | NUMBERS, NUMBERS, WORDS), min_size=3, max_size=30),
    st.sampled_from([(",", "."), (";", ","), (";", "."), ("\t", "."), ("\t", ","), ("|", ".")]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_a_frame_in_any_dialect_is_read_back_unchanged(read, rows, marks, end, encoding, quoting) -> None:
    delimiter, decimal = marks
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(["date", "gappy", "full", "word"])
    for place, (gappy, full, word) in enumerate(rows):
        cells = ["" if number is None else f"{number!r}".replace(".", decimal) for number in (gappy, full)]
        writer.writerow([f"2024-{1 + place // 28:02}-{1 + place % 28:02}", *cells, word])
    dataset = read(text.getvalue().encode(encoding))
    frame = dataset.read()
    expected = np.array([[np.nan if gappy is None else gappy, full] for gappy, full, _ in rows])
    np.testing.assert_array_equal(frame[["gappy", "full"]].to_numpy(dtype=float), expected)
    assert frame["word"].tolist() == [word for *_, word in rows]
    assert dataset.delimiter == delimiter


def test_the_delimiter_splits_all_lines_into_the_same_number_of_cells() -> None:
    assert find_dialect(b"a;b\n1,5;2,5\n1,6;2,6\n").delimiter == ";"
    assert find_dialect(b"a,b\nx|y,1\nx|z,2\n").delimiter == ","
    assert find_dialect(b"sep=|\na|b\n1|2\n").delimiter == "|"


def test_a_line_is_split_as_by_the_csv_module() -> None:
    for line in ('a,"b,c",d', '"x""y",2', "a,,b", '=F("x"),1'):
        assert split_line(line, ",") == next(csv.reader([line]))


def test_runs_of_blanks_separate_cells_as_in_fortran_files(read) -> None:
    text = "  DATE        OPEN   CLOSE\n" + "".join(f"2024-01-{day:02}   {day}.5    {day}.25\n" for day in range(1, 29))
    dataset = read(text)
    assert dataset.delimiter == " " and [column.name for column in dataset.columns] == ["DATE", "OPEN", "CLOSE"]
    assert dataset.read(["CLOSE"])["CLOSE"].tolist() == [day + 0.25 for day in range(1, 29)]


def test_a_date_with_its_time_of_day_is_one_cell(read) -> None:
    dataset = read("stamp,x\n" + "".join(f"2024-01-{day:02} 09:30,{day}.5\n" for day in range(1, 29)))
    assert dataset.delimiter == "," and dataset.rows == 28
    assert [column.name for column in read("stamp\n2024-01-01 09:30\n2024-01-02 09:30\n").columns] == ["stamp"]


def test_spaces_after_commas_are_dropped_and_quotes_after_them_count(read) -> None:
    rows = "".join(f'2024-01-{day:02}, {day}.5, "Smith, John", AAPL\n' for day in range(1, 29))
    dataset = read(f"Date, x, who, ticker\n{rows}")
    frame = dataset.read()
    assert set(frame["who"]) == {"Smith, John"} and set(frame["ticker"]) == {"AAPL"}


def test_single_quotes_are_quotes_if_there_are_no_others(read) -> None:
    rows = "".join(f"2024-01-{day:02},'a, b {day}',{day}.5\n" for day in range(1, 29))
    dataset = read(f"Date,note,x\n{rows}")
    assert dataset.read(["note"])["note"][0] == "a, b 1" and dataset.findings == ()
    plain = read("Date,note,x\n" + "".join(f"2024-01-{day:02},don't,{day}.5\n" for day in range(1, 29)))
    assert set(plain.read(["note"])["note"]) == {"don't"} and len(plain.columns) == 3


def test_a_quote_escaped_by_a_backslash_is_part_of_the_cell(read) -> None:
    rows = "".join(f'2024-01-{day:02},"a \\"big, fat\\" one",{day}.5\n' for day in range(1, 29))
    dataset = read(f"Date,note,x\n{rows}")
    assert set(dataset.read(["note"])["note"]) == {'a "big, fat" one'}
    folder = read("Date,path,x\n" + "".join(f'2024-01-{day:02},"C:\\data\\",{day}.5\n' for day in range(1, 29)))
    assert set(folder.read(["path"])["path"]) == {"C:\\data\\"} and folder.findings == ()


def test_the_line_and_the_number_of_header_rows_can_be_set(read) -> None:
    text = "Bank of Testing\nDate,Close\nyyyy,EUR\n2024-01-01,1.5\n2024-01-02,1.6\n2024-01-03,1.7\n"
    one = read(text, header_line=2, header_rows=1)
    assert [c.name for c in one.columns] == ["Date", "Close"] and one.column("Close").bad.total <= 1
    two = read(text, header_line=2, header_rows=2)
    assert two.rows == 3 and two.header_rows == 2 and two.skipped_rows == 1
    none = read("5,2024-01-01\n6,2024-01-02\n7,2024-01-03\n", header_rows=0)
    assert none.rows == 3 and none.header_rows == 0
    with pytest.raises(HeaderLineNotFound) as caught:
        read(text, header_line=99)
    assert caught.value.line == 99
    with pytest.raises(NoDataRows):
        read(text, header_line=2, header_rows=8)


def test_zeros_among_prices_are_reported_and_can_be_treated_as_missing(read) -> None:
    values = [0 if day in (5, 9) else 100 + day / 4 for day in range(1, 61)]
    days = pd.date_range("2024-01-01", periods=60)
    text = "Date,price,volume\n" + "".join(
        f"{day:%Y-%m-%d},{value},{place % 7}\n" for place, (day, value) in enumerate(zip(days, values, strict=True))
    )
    found = [finding for finding in read(text).findings if finding.code == "zero-values"]
    assert [(finding.column, finding.rows) for finding in found] == [("price", (6, 10))]
    assert found[0].remedy.value == ("price",)
    treated = read(text, zero_is_missing=("price",))
    assert treated.column("price").bad.sentinel == 2 and treated.column("volume").bad.sentinel == 0
    assert "zero-values" not in {finding.code for finding in treated.findings}


def test_detected_sentinels_can_be_kept(read) -> None:
    values = [-999 if day % 9 == 0 else day / 4 for day in range(1, 61)]
    days = pd.date_range("2024-01-01", periods=60)
    text = "Date,x\n" + "".join(f"{day:%Y-%m-%d},{value}\n" for day, value in zip(days, values, strict=True))
    assert read(text).column("x").bad.sentinel == 6
    kept = read(text, find_sentinels=False)
    assert kept.column("x").bad.sentinel == 0 and kept.findings == ()
