"""Faults that mutated files have brought to light, each as small as it can be."""

import numpy as np
import pytest

from core.data.columns import LINE
from core.data.dataset import Dataset
from core.errors.model import DataError, RecipeError
from core.findings.model import Finding

DAYS = [f"2024-01-{day:02}" for day in range(1, 29)]


def told(dataset: Dataset) -> dict[str, Finding]:
    return {finding.code: finding for finding in dataset.findings}


def lines_and(dataset: Dataset, column: str) -> list[list[object]]:
    return dataset.read([LINE, column]).to_numpy().tolist()


def test_quotes_that_are_even_but_open_swallow_no_line_below(read) -> None:
    dataset = read('Date,note,x\n2024-01-01,a 5" b,"c\n2024-01-02,d,"2"\n2024-01-03,e,3\n')
    assert lines_and(dataset, "note") == [[2, 'a 5" b'], [3, "d"], [4, "e"]]
    assert told(dataset)["open-quotes"].rows == (2,)


def test_an_open_quote_on_the_last_line_takes_no_line_end_with_it(read) -> None:
    dataset = read('Date,note,x\n2024-01-01,a,1\n2024-01-02,b 5",2,"c\n')
    assert dataset.read(["note"])["note"].tolist() == ["a", 'b 5"']
    assert told(dataset)["open-quotes"].rows == (3,)


def test_whole_cells_beside_an_open_quote_lose_their_quotes_all_the_same(read) -> None:
    dataset = read('Date,x,note\n2024-01-01,1,a\n"2024-01-02","2","b\n2024-01-03,3,c\n')
    assert dataset.read(["x"])["x"].tolist() == [1, 2, 3]
    assert dataset.read(["note"])["note"].tolist() == ["a", '"b', "c"]
    assert dataset.column("Date").bad.total == 0


def test_quotes_within_cells_are_letters_and_not_open(read) -> None:
    dataset = read('Date,pipe,x\n2024-01-01,5" wide,1\n2024-01-02,6" wide,2\n2024-01-03,7" wide,3\n')
    assert dataset.read(["pipe"])["pipe"].tolist() == ['5" wide', '6" wide', '7" wide']
    assert "open-quotes" not in told(dataset)


def test_lines_that_a_cell_goes_over_are_counted_and_blank_ones_among_them_belong_to_it(read) -> None:
    dataset = read('Date,note,x\n2024-01-01,"a\n\nb",1\n\n2024-01-02,c,2\n')
    assert lines_and(dataset, "note") == [[2, "a\n\nb"], [6, "c"]]
    joined, blank = told(dataset)["joined-lines"], told(dataset)["blank-lines"]
    assert (joined.count, joined.rows) == (2, (3, 4)) and (blank.count, blank.rows) == (1, (5,))


def test_empty_cells_in_any_number_are_an_empty_row_and_counted(read) -> None:
    dataset = read("Date,x\n2024-01-01,1\n,,,,\n2024-01-02,2\n,\n2024-01-03,3\n")
    empty = told(dataset)["empty-rows"]
    assert (empty.count, empty.rows) == (2, (3, 5)) and "ragged-rows" not in told(dataset)


def test_a_line_of_many_blanks_is_a_blank_line(read) -> None:
    blank = told(read("Date,x\n2024-01-01,1\n      \t    \n2024-01-02,2\n"))["blank-lines"]
    assert (blank.count, blank.rows) == (1, (3,))


@pytest.mark.parametrize("sign", ['"', "x", "7"])
def test_a_cell_of_200_000_letters_is_a_cell(sign: str, read) -> None:
    long = sign * 200_000
    rows = [f'{day},"{long.replace(chr(34), 2 * chr(34))}",{n}.5' for n, day in enumerate(DAYS[:3])]
    dataset = read("\n".join(["Date,note,x", *rows, '2024-01-04,"open,3.5']))
    assert dataset.read(["x"])["x"].tolist() == [0.5, 1.5, 2.5, 3.5]
    assert dataset.read(["note"])["note"].str.len().tolist() == [200_000, 200_000, 200_000, 5]


@pytest.mark.parametrize("sign", ['"', "'", ",", " ", "0.", "(", "1,"])
def test_a_line_of_one_sign_does_not_hang_the_search_for_the_layout(sign: str, read) -> None:
    dataset = read("\n".join(["Date,x", *(f"{day},{n}.5" for n, day in enumerate(DAYS)), sign * 150_000]))
    assert dataset.rows == len(DAYS)


def test_more_digits_than_an_int_takes_are_too_large_a_number(read) -> None:
    dataset = read(f"Date,x\n2024-01-01,{'9' * 5_000}\n2024-01-02,7\n2024-01-03,\n")
    np.testing.assert_array_equal(dataset.read(["x"])["x"].astype(float), [np.inf, 7, np.nan])
    assert told(dataset)["number-overflow"].rows == (2,)


@pytest.mark.parametrize("mark", ["€", "a", "7"])
def test_a_first_line_that_names_no_possible_delimiter_is_left_out_and_told(mark: str, read) -> None:
    dataset = read(f"sep={mark}\nDate,x\n2024-01-01,1\n2024-01-02,2\n")
    assert (dataset.rows, told(dataset)["preamble"].rows) == (2, (1,))


def test_nothing_but_the_name_of_the_delimiter_is_refused(read) -> None:
    with pytest.raises(DataError, match="no row of data below its header"):
        read("sep=;\n")


def test_a_sign_that_stands_for_lost_letters_is_told_only_where_this_reading_has_put_it(read) -> None:
    text = "Date,note,x\n2024-01-01,lost \ufffd before,1\n2024-01-02,b,2\n".encode()
    assert "undecodable-bytes" not in told(read(text))
    assert told(read(text + b"2024-01-03,\xff,3\n", encoding="utf-8"))["undecodable-bytes"].rows == (2, 4)


def test_byte_order_marks_where_files_were_glued_make_no_date_unreadable(read) -> None:
    dataset = read("\ufeffDate,x\n2024-01-01,1\n\ufeff2024-01-02,2\n\ufeff\ufeff2024-01-03,3\n")
    assert dataset.rows == 3 and dataset.column("Date").bad.total == 0


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_an_encoding_that_wants_a_mark_which_is_not_there_is_refused(encoding: str, read) -> None:
    with pytest.raises(DataError, match=f"cannot be text in {encoding}"):
        read("Date,x\n2024-01-01,1\n2024-01-02,2\n", encoding=encoding)


def test_more_header_rows_than_lines_are_refused(read) -> None:
    with pytest.raises(DataError, match="no row of data below its header"):
        read("2024-01-01,1\n2024-01-02,2\n", header_rows=5)


def test_a_single_quote_can_part_cells(read) -> None:
    assert read("Date'x\n2024-01-01'1\n2024-01-02'2\n", delimiter="'").read(["x"])["x"].tolist() == [1, 2]


@pytest.mark.parametrize("delimiter", ["\0", "\x1b", ";;", '"', '";', "\n", "é"])
def test_a_delimiter_that_cannot_part_cells_is_refused(delimiter: str, read) -> None:
    with pytest.raises(RecipeError, match="ingest.delimiter is"):
        read("Date,x\n2024-01-01,1\n", delimiter=delimiter)


def test_christmas_is_no_gap_but_a_week_without_a_stamp_is(read) -> None:
    days = np.arange("2019-11-01", "2020-03-01", dtype="datetime64[D]")
    business = days[np.is_busday(days)]
    christmas = business[(business < np.datetime64("2019-12-24")) | (business > np.datetime64("2019-12-26"))]
    week = christmas[(christmas < np.datetime64("2020-02-03")) | (christmas > np.datetime64("2020-02-07"))]
    assert "time-gaps" not in told(read("\n".join(["Date,x", *(f"{day},1.5" for day in christmas)])))
    assert told(read("\n".join(["Date,x", *(f"{day},1.5" for day in week)])))["time-gaps"].count == 1


def test_thousands_that_another_column_explains_are_told_once(read) -> None:
    rows = [f'{day},"114.98{n % 10}","1,5{n % 7}"' for n, day in enumerate(DAYS)]
    found = [finding.code for finding in read("\n".join(["Date,x,y", *rows])).findings]
    assert found.count("thousands-assumed") == 1 and "number-notation" not in found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("end", ["\n", ""])
@pytest.mark.parametrize("count", [1, 3000])
def test_nul_bytes_at_the_end_of_a_file_are_left_out_and_told(count: int, end: str, encoding: str, read) -> None:
    text = "Date,Close\n2024-01-01,1.5\n2024-01-02,2.5" + end
    dataset = read((text + "\0" * count).encode(encoding))
    told = next(finding for finding in dataset.findings if finding.code == "nul-bytes-at-end")
    assert told.severity == "warning" and told.title.startswith(f"{count:,} NUL byte")
    assert dataset.read()["Close"].tolist() == [1.5, 2.5]
    assert "nul-bytes" not in {finding.code for finding in dataset.findings}
    assert "nul-bytes-at-end" not in {finding.code for finding in read(text.encode(encoding)).findings}
