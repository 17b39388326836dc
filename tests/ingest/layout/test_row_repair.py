"""Rows that a stray delimiter or quote breaks: repaired if only one reading fits, else reported; never shifted silently."""

import gzip

import pytest

from core.data.dataset import Dataset
from core.errors.files import MoreCellsThanNames
from core.findings.model import Severity

DAYS = [f"2024-01-{day:02}" for day in range(1, 29)]
VALUES = [(100.5 + day, 101.5 + day) for day in range(len(DAYS))]


def rows(delimiter: str, end: str = "") -> list[str]:
    return [delimiter.join([day, str(bid), str(ask), "ok"]) + end for day, (bid, ask) in zip(DAYS, VALUES, strict=True)]


def text(delimiter: str, lines: list[str], header: bool = True, end: str = "") -> str:
    names = delimiter.join(["Date", "Bid", "Ask", "State"]) + end
    return "\n".join([names, *lines] if header else lines) + "\n"


def codes(dataset: Dataset) -> dict[str, tuple[int, ...]]:
    return {finding.code: finding.rows for finding in dataset.findings}


def bids(dataset: Dataset) -> list[float]:
    column = next(column.name for column in dataset.columns if column.kind.is_numeric)
    return dataset.read([column])[column].tolist()


@pytest.mark.fires("realigned-rows")
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("row", [0, 13, 27])
@pytest.mark.parametrize("end", ["", "end"])
def test_a_doubled_delimiter_is_dropped(read, delimiter: str, place: int, row: int, end: str) -> None:
    end = delimiter if end else ""
    lines = rows(delimiter, end)
    cells = lines[row].split(delimiter)
    lines[row] = delimiter.join([*cells[: place + 1], "", *cells[place + 1 :]])
    dataset = read(text(delimiter, lines, end=end))
    assert bids(dataset) == [bid for bid, _ in VALUES]
    assert codes(dataset)["realigned-rows"] == (row + 2,)


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("packed", [True, False])
def test_repairs_need_no_header_and_work_in_archives(read, header: bool, packed: bool) -> None:
    lines = rows(",", ",")
    lines[5] = lines[5].replace(",", ",,", 1)
    content = text(",", lines, header=header, end=",").encode()
    dataset = read(gzip.compress(content) if packed else content)
    assert bids(dataset) == [bid for bid, _ in VALUES]
    assert codes(dataset)["realigned-rows"] == (6 + header,)


@pytest.mark.fires("shifted-rows")
def test_cells_that_may_belong_to_two_columns_are_bad(read) -> None:
    lines = [f"{day},{bid},{ask},{bid}" for day, (bid, ask) in zip(DAYS, VALUES, strict=True)]
    lines[4] = "2024-01-05,,,103.5,105.5"
    lines[9] = "2024-01-10,,109.5,,110.5"
    dataset = read(text(",", lines))
    frame = dataset.read(["Bid", "Ask", "State"])
    assert codes(dataset)["shifted-rows"] == (11,)
    assert frame.loc[9].isna().tolist() == [True, True, False]
    assert frame.loc[4, ["Ask", "State"]].tolist() == [103.5, 105.5]
    assert dataset.rows == len(DAYS)


@pytest.mark.silent("realigned-rows", "shifted-rows", "ragged-rows", "malformed-quotes", "joined-cells")
def test_regular_rows_and_a_blank_last_cell_are_silent(read) -> None:
    lines = rows(",", ",")
    lines[3] = lines[3].replace("ok", "")
    dataset = read(text(",", lines, end=","))
    assert bids(dataset) == [bid for bid, _ in VALUES]
    assert {finding.severity for finding in dataset.findings} <= {Severity.INFO}


@pytest.mark.parametrize("value", ["1,234.5", "12,234.25"])
def test_unquoted_thousands_in_some_rows_are_put_together(read, value: str) -> None:
    lines = rows(",")
    lines[7] = f"2024-01-08,{value},101.5,ok"
    dataset = read(text(",", lines))
    assert bids(dataset)[7] == float(value.replace(",", ""))
    assert codes(dataset)["realigned-rows"] == (9,)


@pytest.mark.fires("joined-cells")
@pytest.mark.parametrize("form", ["Jan {day:02}, 2024", "January {day}, 2024", "{day} January, 2024"])
@pytest.mark.parametrize("place", [0, 1])
def test_unquoted_dates_are_put_together(read, form: str, place: int) -> None:
    lines = []
    for day, (bid, _) in enumerate(VALUES, 1):
        cells = [str(bid), "7"]
        cells.insert(place, form.format(day=day))
        lines.append(",".join(cells))
    names = ["Bid", "Volume"]
    names.insert(place, "Date")
    dataset = read("\n".join([",".join(names), *lines]))
    assert (dataset.start[:10], dataset.end[:10]) == ("2024-01-01", "2024-01-28")
    assert [column.name for column in dataset.columns] == names
    assert bids(dataset) == [bid for bid, _ in VALUES]
    assert codes(dataset)["joined-cells"] == (2,)


def test_decimal_commas_in_every_row_are_put_together(read) -> None:
    lines = [f"{day},{594 + place},{place:02}" for place, day in enumerate(DAYS)]
    dataset = read("\n".join(["Date,Close", *lines]))
    assert dataset.read(["Close"])["Close"].tolist() == pytest.approx(
        [594 + place + place / 100 for place in range(28)]
    )
    assert "joined-cells" in codes(dataset)


def test_names_that_do_not_fit_the_cells_are_refused(read) -> None:
    lines = [f"{day},594,25,600,10,7" for day in DAYS]
    with pytest.raises(MoreCellsThanNames) as refusal:
        read("\n".join(["Date,Open,Close,Volume,Note", *lines]))
    assert (refusal.value.names, refusal.value.cells, refusal.value.line) == (5, 6, 2)


@pytest.mark.silent("joined-cells")
def test_an_index_without_a_name_is_kept(read) -> None:
    lines = [f"{place},{day},{VALUES[place][0]}" for place, day in enumerate(DAYS)]
    dataset = read("\n".join(["Date,Close", *lines]))
    assert [column.name for column in dataset.columns][1:] == ["Date", "Close"]
    assert dataset.time_column == "Date"


@pytest.mark.fires("malformed-quotes")
@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('"said "up" today"', 'said "up" today'),
        ('"5" pipe"', '5" pipe'),
        ('"plain"x', '"plain"x'),
        ('"a" "b"', 'a" "b'),
    ],
)
@pytest.mark.parametrize("row", [0, 13, 27])
def test_no_character_is_lost_to_misplaced_quotes(read, cell: str, value: str, row: int) -> None:
    lines = rows(",")
    lines[row] = lines[row].replace("ok", cell)
    dataset = read(text(",", lines))
    assert dataset.read(["State"])["State"][row] == value
    assert codes(dataset)["malformed-quotes"] == (row + 2,)


@pytest.mark.silent("malformed-quotes")
def test_escaped_quotes_and_inches_are_well_formed(read) -> None:
    lines = rows(",")
    for row, cell in enumerate(['"said ""up"" today"', '5" pipe', '"ok"', '"a, b"', '""', '"ok" ']):
        lines[row] = lines[row].replace("ok", cell)
    state = read(text(",", lines)).read(["State"])["State"]
    assert state[:4].tolist() == ['said "up" today', '5" pipe', "ok", "a, b"]


@pytest.mark.parametrize("odd", ["{day}{bid},{ask},ok", ",{day},{bid},{ask},ok", "NaT,NaN,NaN,NaN", ",{bid},{ask},ok"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_an_odd_first_row_is_data_not_a_header(read, odd: str, delimiter: str) -> None:
    lines = rows(delimiter)
    (bid, ask) = VALUES[0]
    lines[0] = odd.format(day=DAYS[0], bid=bid, ask=ask).replace(",", delimiter)
    dataset = read(text(delimiter, lines))
    assert [column.name for column in dataset.columns] == ["Date", "Bid", "Ask", "State"]
    assert bids(dataset)[-27:] == [bid for bid, _ in VALUES[1:]]
    assert any(finding.rows == (2,) and finding.severity is not Severity.INFO for finding in dataset.findings)
