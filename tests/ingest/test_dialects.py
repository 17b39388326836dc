"""A frame written in any dialect reads back equal."""

import csv
import io

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.ingest.dialect import find_dialect, split_line

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
def test_frame_in_any_dialect_reads_back_equal(read, rows, marks, end, encoding, quoting) -> None:
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


def test_delimiter_is_the_mark_that_cuts_all_lines_alike() -> None:
    assert find_dialect(b"a;b\n1,5;2,5\n1,6;2,6\n").delimiter == ";"
    assert find_dialect(b"a,b\nx|y,1\nx|z,2\n").delimiter == ","
    assert find_dialect(b"sep=|\na|b\n1|2\n").delimiter == "|"


def test_line_is_split_like_the_csv_module_does() -> None:
    for line in ('a,"b,c",d', '"x""y",2', "a,,b", '=F("x"),1'):
        assert split_line(line, ",") == next(csv.reader([line]))
