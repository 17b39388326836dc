"""Faults found by fuzzing, each reduced to a minimal file."""

import numpy as np
import pytest

from core.data.columns import LINE
from core.data.dataset import Dataset
from core.errors.files import InvalidDelimiter, NoDataRows, WrongEncoding
from core.findings.ingest.reading import NulBytesAtEnd
from core.findings.model import Finding, Severity

DAYS = [f"2024-01-{day:02}" for day in range(1, 29)]
REPLACED = "Date,note,x\n2024-01-01,lost \ufffd before,1\n2024-01-02,b,2\n".encode()


def by_code(dataset: Dataset) -> dict[str, Finding]:
    return {finding.code: finding for finding in dataset.findings}


def lines_and(dataset: Dataset, column: str) -> list[list[object]]:
    return dataset.read([LINE, column]).to_numpy().tolist()


@pytest.mark.fires("open-quotes")
def test_open_quotes_do_not_swallow_the_lines_below(read) -> None:
    dataset = read('Date,note,x\n2024-01-01,a 5" b,"c\n2024-01-02,d,"2"\n2024-01-03,e,3\n')
    assert lines_and(dataset, "note") == [[2, 'a 5" b'], [3, "d"], [4, "e"]]
    assert by_code(dataset)["open-quotes"].rows == (2,)


def test_an_open_quote_on_the_last_line_does_not_include_the_line_end(read) -> None:
    dataset = read('Date,note,x\n2024-01-01,a,1\n2024-01-02,b 5",2,"c\n')
    assert dataset.read(["note"])["note"].tolist() == ["a", 'b 5"']
    assert by_code(dataset)["open-quotes"].rows == (3,)


def test_complete_cells_beside_an_open_quote_lose_their_quotes(read) -> None:
    dataset = read('Date,x,note\n2024-01-01,1,a\n"2024-01-02","2","b\n2024-01-03,3,c\n')
    assert dataset.read(["x"])["x"].tolist() == [1, 2, 3]
    assert dataset.read(["note"])["note"].tolist() == ["a", '"b', "c"]
    assert dataset.column("Date").bad.total == 0


@pytest.mark.silent("open-quotes")
def test_quotes_within_cells_are_ordinary_characters(read) -> None:
    dataset = read('Date,pipe,x\n2024-01-01,5" wide,1\n2024-01-02,6" wide,2\n2024-01-03,7" wide,3\n')
    assert dataset.read(["pipe"])["pipe"].tolist() == ['5" wide', '6" wide', '7" wide']
    assert "open-quotes" not in by_code(dataset)


@pytest.mark.fires("joined-lines", "blank-lines")
def test_a_blank_line_within_a_quoted_cell_belongs_to_the_cell(read) -> None:
    dataset = read('Date,note,x\n2024-01-01,"a\n\nb",1\n\n2024-01-02,c,2\n')
    assert lines_and(dataset, "note") == [[2, "a\n\nb"], [6, "c"]]
    joined, blank = by_code(dataset)["joined-lines"], by_code(dataset)["blank-lines"]
    assert (joined.count, joined.rows) == (2, (3, 4)) and (blank.count, blank.rows) == (1, (5,))


@pytest.mark.silent("blank-lines", "joined-lines")
def test_rows_of_empty_cells_are_counted_as_empty_rows(read) -> None:
    dataset = read("Date,x\n2024-01-01,1\n,,,,\n2024-01-02,2\n,\n2024-01-03,3\n")
    empty = by_code(dataset)["empty-rows"]
    assert (empty.count, empty.rows) == (2, (3, 5)) and "ragged-rows" not in by_code(dataset)


def test_a_line_of_spaces_and_tabs_is_a_blank_line(read) -> None:
    blank = by_code(read("Date,x\n2024-01-01,1\n      \t    \n2024-01-02,2\n"))["blank-lines"]
    assert (blank.count, blank.rows) == (1, (3,))


@pytest.mark.parametrize("sign", ['"', "x", "7"])
def test_a_cell_may_have_200_000_characters(sign: str, read) -> None:
    long = sign * 200_000
    rows = [f'{day},"{long.replace(chr(34), 2 * chr(34))}",{n}.5' for n, day in enumerate(DAYS[:3])]
    dataset = read("\n".join(["Date,note,x", *rows, '2024-01-04,"open,3.5']))
    assert dataset.read(["x"])["x"].tolist() == [0.5, 1.5, 2.5, 3.5]
    assert dataset.read(["note"])["note"].str.len().tolist() == [200_000, 200_000, 200_000, 5]


@pytest.mark.parametrize("sign", ['"', "'", ",", " ", "0.", "(", "1,"])
def test_a_long_line_of_one_character_does_not_hang_the_detection_of_the_layout(sign: str, read) -> None:
    dataset = read("\n".join(["Date,x", *(f"{day},{n}.5" for n, day in enumerate(DAYS)), sign * 150_000]))
    assert dataset.rows == len(DAYS)


def test_a_number_of_five_thousand_digits_overflows(read) -> None:
    dataset = read(f"Date,x\n2024-01-01,{'9' * 5_000}\n2024-01-02,7\n2024-01-03,\n")
    np.testing.assert_array_equal(dataset.read(["x"])["x"].astype(float), [np.inf, 7, np.nan])
    assert by_code(dataset)["number-overflow"].rows == (2,)


@pytest.mark.parametrize("mark", ["€", "a", "7"])
def test_a_declaration_of_an_impossible_delimiter_is_skipped_and_reported(mark: str, read) -> None:
    dataset = read(f"sep={mark}\nDate,x\n2024-01-01,1\n2024-01-02,2\n")
    assert (dataset.rows, by_code(dataset)["preamble"].rows) == (2, (1,))


def test_a_file_with_only_a_declared_delimiter_is_rejected(read) -> None:
    with pytest.raises(NoDataRows):
        read("sep=;\n")


@pytest.mark.fires("undecodable-bytes")
def test_undecodable_bytes_are_reported(read) -> None:
    found = by_code(read(REPLACED + b"2024-01-03,\xff,3\n", encoding="utf-8"))["undecodable-bytes"]
    assert (found.rows, found.count) == ((2, 4), 2)


@pytest.mark.silent("undecodable-bytes")
def test_replacement_characters_of_the_file_itself_are_not_reported(read) -> None:
    assert read(REPLACED).rows == 2


def test_byte_order_marks_within_concatenated_files_are_dropped(read) -> None:
    dataset = read("\ufeffDate,x\n2024-01-01,1\n\ufeff2024-01-02,2\n\ufeff\ufeff2024-01-03,3\n")
    assert dataset.rows == 3 and dataset.column("Date").bad.total == 0


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_an_encoding_whose_byte_order_mark_is_missing_is_rejected(encoding: str, read) -> None:
    with pytest.raises(WrongEncoding) as caught:
        read("Date,x\n2024-01-01,1\n2024-01-02,2\n", encoding=encoding)
    assert caught.value.encoding == encoding


def test_more_header_rows_than_lines_are_rejected(read) -> None:
    with pytest.raises(NoDataRows):
        read("2024-01-01,1\n2024-01-02,2\n", header_rows=5)


def test_a_single_quote_can_be_the_delimiter(read) -> None:
    assert read("Date'x\n2024-01-01'1\n2024-01-02'2\n", delimiter="'").read(["x"])["x"].tolist() == [1, 2]


@pytest.mark.parametrize("delimiter", ["\0", "\x1b", ";;", '"', '";', "\n", "é"])
def test_an_invalid_delimiter_is_rejected(delimiter: str, read) -> None:
    with pytest.raises(InvalidDelimiter) as caught:
        read("Date,x\n2024-01-01,1\n", delimiter=delimiter)
    assert caught.value.delimiter == delimiter


def test_christmas_is_no_gap_but_a_week_without_rows_is(read) -> None:
    days = np.arange("2019-11-01", "2020-03-01", dtype="datetime64[D]")
    business = days[np.is_busday(days)]
    christmas = business[(business < np.datetime64("2019-12-24")) | (business > np.datetime64("2019-12-26"))]
    week = christmas[(christmas < np.datetime64("2020-02-03")) | (christmas > np.datetime64("2020-02-07"))]
    assert "time-gaps" not in by_code(read("\n".join(["Date,x", *(f"{day},1.5" for day in christmas)])))
    assert by_code(read("\n".join(["Date,x", *(f"{day},1.5" for day in week)])))["time-gaps"].count == 1


def test_thousands_that_another_column_explains_are_reported_once(read) -> None:
    rows = [f'{day},"114.98{n % 10}","1,5{n % 7}"' for n, day in enumerate(DAYS)]
    found = [finding.code for finding in read("\n".join(["Date,x,y", *rows])).findings]
    assert found.count("thousands-assumed") == 1 and "number-notation" not in found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("end", ["\n", ""])
@pytest.mark.parametrize("count", [1, 3000])
@pytest.mark.fires("nul-bytes-at-end")
@pytest.mark.silent("nul-bytes")
def test_nul_bytes_at_the_end_of_a_file_are_dropped_and_reported(count: int, end: str, encoding: str, read) -> None:
    text = "Date,Close\n2024-01-01,1.5\n2024-01-02,2.5" + end
    dataset = read((text + "\0" * count).encode(encoding))
    found = by_code(dataset)["nul-bytes-at-end"]
    assert found == NulBytesAtEnd(number=count) and found.severity == Severity.WARNING
    assert dataset.read()["Close"].tolist() == [1.5, 2.5]
    assert "nul-bytes-at-end" not in by_code(read(text.encode(encoding)))


@pytest.mark.fires("nul-bytes")
@pytest.mark.silent("nul-bytes-at-end")
def test_nul_bytes_within_a_line_are_replaced_and_reported(read) -> None:
    lines = ["Date,x", *(f"{day},{place}3" for place, day in enumerate(DAYS))]
    lines[5] = lines[5].replace("43", "4\0003")
    dataset = read("\n".join(lines))
    found = by_code(dataset)["nul-bytes"]
    assert (found.rows, found.count) == ((6,), 1)
    assert dataset.column("x").bad.unparseable == 1
