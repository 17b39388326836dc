"""Excel workbooks: every value of a sheet is written on the line of its row."""

import csv
import math
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors.files import (
    CellTooLong,
    DamagedWorkbook,
    DecompressionBomb,
    EmptyWorkbook,
    SheetTooLarge,
    UnknownSheet,
)
from core.errors.model import DataError, Stopped
from core.findings.ingest.reading import FormulaWithoutValue, LineBreaksInCells, SheetChosen
from core.findings.model import Finding, Severity
from core.ingest.containers.excel.dates import date_style, date_text
from core.ingest.containers.excel.sheet_xml import number_text
from core.ingest.containers.excel.workbook import read_sheets, workbook_to_text
from core.ingest.containers.limits import Limits
from core.ingest.containers.open_any import open_as_text
from tests.ingest.workbook_examples import MAIN, cell, rows, write_workbook

PRICES = rows(["Date", "Close"], ["2024-01-02", "1.5"], ["2024-01-03", "2.5"])


def lines_of(path: Path, sheet: str | None = None) -> list[str]:
    target = path.with_suffix(".csv")
    workbook_to_text(path, target, sheet)
    return target.read_text().splitlines()


def findings_of(path: Path, sheet: str | None = None) -> tuple[Finding, ...]:
    return workbook_to_text(path, path.with_suffix(".csv"), sheet)[1]


def one_cell(xml: str, folder: Path, **given: object) -> str:
    """The text written for cell A2, below a header."""
    book = write_workbook(
        folder / "a.xlsx", {"A": f'<row r="1">{cell("A1", "x", "str")}</row><row r="2">{xml}</row>'}, **given
    )
    return next(csv.reader([lines_of(book)[1]]))[0]


def test_a_plain_sheet_is_read_without_findings(tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "a.xlsx", {"Prices": PRICES})
    found = open_as_text(book, tmp_path)
    assert found.path.read_text() == "Date,Close\n2024-01-02,1.5\n2024-01-03,2.5\n"
    assert (found.findings, found.delimiter, found.member) == ((), ",", "Prices")


@pytest.mark.silent("formula-without-value")
@pytest.mark.parametrize(
    ("xml", "text"),
    [
        (cell("A2", "45293", style=1), "2024-01-02"),
        (cell("A2", "45293.6875578704", style=1), "2024-01-02 16:30:05"),
        (cell("A2", "45293.687557877", style=1), "2024-01-02 16:30:05.001"),
        (cell("A2", "45293", style=5), "2024-01-02"),
        (cell("A2", "0.395833333333333", style=3), "09:30:00"),
        (cell("A2", "45293.395833333336", style=3), "2024-01-02 09:30:00"),
        (cell("A2", "1.25", style=4), "1.25"),
        (cell("A2", "1", style=1), "1900-01-01"),
        (cell("A2", "59", style=1), "1900-02-28"),
        (cell("A2", "60", style=1), "1900-02-29"),
        (cell("A2", "61", style=1), "1900-03-01"),
        (cell("A2", "0", style=1), "1900-01-00"),
        (cell("A2", "2958465", style=1), "9999-12-31"),
        (cell("A2", "2958466", style=1), "2958466"),
        (cell("A2", "-1", style=1), "-1"),
        (cell("A2", "0.05", style=2), "0.05"),
        (cell("A2", "1.1000000000000001"), "1.1"),
        (cell("A2", "0.30000000000000004"), "0.30000000000000004"),
        (cell("A2", "1E-300"), "1e-300"),
        (cell("A2", "-7.0"), "-7"),
        (cell("A2", "12345678901234567890"), "12345678901234567890"),
        (cell("A2", "1", "b"), "TRUE"),
        (cell("A2", "0", "b"), "FALSE"),
        (cell("A2", "#N/A", "e"), "#N/A"),
        (cell("A2", "#DIV/0!", "e"), "#DIV/0!"),
        (cell("A2", "00123", "str"), "00123"),
        (cell("A2", 'say "a, b"', "inlineStr"), 'say "a, b"'),
        (cell("A2", " lead", "inlineStr"), " lead"),
        (cell("A2", "a_x000D_b_x005F_x0041_", "inlineStr"), "a b_x0041_"),
        (cell("A2", "2024-01-02T00:00:00", "d"), "2024-01-02T00:00:00"),
        ('<c r="A2"><f>1+1</f><v>2</v></c>', "2"),
        ('<c r="A2"><f t="shared" si="0">B1&lt;3</f><v>2</v></c>', "2"),
        ('<c><v>3</v></c>', "3"),
        ('<c t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r><rPh sb="0" eb="1"><t>no</t></rPh></is></c>', "ab"),
    ],
)  # fmt: skip
def test_a_value_is_written_as_text(xml: str, text: str, tmp_path: Path) -> None:
    assert one_cell(xml, tmp_path) == text


def test_the_same_day_number_is_four_years_and_a_day_later_in_the_1904_calendar(tmp_path: Path) -> None:
    assert one_cell(cell("A2", "43831", style=1), tmp_path, since_1904=True) == "2024-01-02"
    assert one_cell(cell("A2", "0", style=1), tmp_path, since_1904=True) == "1904-01-01"
    assert one_cell(cell("A2", "0.395833333333333", style=3), tmp_path, since_1904=True) == "09:30:00"


@given(st.integers(61, 2_958_465), st.integers(0, 86_399))
def test_a_day_number_counts_days_since_30_december_1899(days: int, seconds: int) -> None:
    text = date_text(repr(days + seconds / 86_400), "date", False)
    assert datetime.fromisoformat(text) == datetime(1899, 12, 30) + timedelta(days=days, seconds=seconds)
    assert (" " in text) == bool(seconds)


@pytest.mark.parametrize(
    ("code", "style"),
    [
        ("yyyy\\-mm\\-dd", "date"), ("m/d/yy h:mm", "date"), ("mmm-yy", "date"), ("[$-F800]dddd, mmmm dd, yyyy", "date"),
        ("h:mm:ss.000", "clock"), ("mm:ss", "clock"), ("[Red]0.00;[Blue]-0.00", None), ('0 "days"', None), ("0.00E+00", None),
        ("#,##0.00 [$€-407]", None), ("_-* #,##0_-", None), ("[mm]:ss", None), ("0\\d", None), ("General", None), ("@", None),
    ],
)  # fmt: skip
def test_number_formats_of_dates_and_times_are_recognised(code: str, style: str | None) -> None:
    assert date_style(164, code) == style


@settings(max_examples=300)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_round_trips_exactly(number: float) -> None:
    for text in (repr(number), f"{number:.17g}", f"{number:.17E}"):
        read = float(number_text(text))
        assert (read, math.copysign(1, read)) == (number, math.copysign(1, number))


def test_shared_strings_are_looked_up_and_their_runs_joined(tmp_path: Path) -> None:
    texts = (
        "<si><t>Ticker</t></si><si><r><t>AA</t></r><r><t xml:space='preserve'>PL </t></r><rPh><t>x</t></rPh></si><si/>"
    )
    xml = f'<row r="1">{cell("A1", "0", "s")}</row><row r="2">{cell("A2", "1", "s")}</row>'
    assert lines_of(write_workbook(tmp_path / "a.xlsx", {"A": xml}, texts=texts)) == ["Ticker", "AAPL "]


@pytest.mark.parametrize("place", ["3", "-1", "x", "99999999999999999999"])
def test_a_missing_shared_string_is_damage(place: str, tmp_path: Path) -> None:
    with pytest.raises(DamagedWorkbook):
        one_cell(cell("A2", place, "s"), tmp_path, texts="<si><t>a</t></si>")


def test_row_n_is_line_n_and_a_blank_row_is_a_blank_line(tmp_path: Path) -> None:
    xml = rows(
        ["Title"], [], ["Date", "Close", "Note"], ["2024-01-02", "1.5"], [], ["2024-01-04", "", "late"], ["2024-01-05"]
    )
    assert lines_of(write_workbook(tmp_path / "a.xlsx", {"A": xml})) == [
        "Title", "", "Date,Close,Note", "2024-01-02,1.5,", "", "2024-01-04,,late", "2024-01-05,,",
    ]  # fmt: skip


def test_rows_are_as_wide_as_the_widest_except_the_title(tmp_path: Path) -> None:
    xml = rows(["Title"], ["Source", "Bank"], ["Date", "A", "B", "C"], ["1", "2", "3", "4"], ["2", "3", "4", "5", "6"])
    assert lines_of(write_workbook(tmp_path / "a.xlsx", {"A": xml})) == [
        "Title", "Source,Bank", "Date,A,B,C,", "1,2,3,4,", "2,3,4,5,6",
    ]  # fmt: skip
    xml = rows(["Title"], ["Date", "A", "B", "C"], ["1", "2", "3", "4", "5", "6", "7"])
    assert lines_of(write_workbook(tmp_path / "b.xlsx", {"A": xml}))[0] == "Title"


def test_columns_left_of_the_table_are_dropped(tmp_path: Path) -> None:
    xml = rows([], ["", "", "Date", "Close"], ["", "", "2024-01-02", "1.5"], ["", "", "2024-01-03"])
    assert lines_of(write_workbook(tmp_path / "a.xlsx", {"A": xml})) == [
        "",
        "Date,Close",
        "2024-01-02,1.5",
        "2024-01-03,",
    ]


def test_a_title_above_an_indented_table_keeps_its_width(tmp_path: Path) -> None:
    table = [["", "", "", "Date", "A", "B"], ["", "", "", "1", "2", "3"], ["", "", "", "2", "3", "4"]]
    xml = rows(["", "", "", "Title"], *table)
    assert lines_of(write_workbook(tmp_path / "a.xlsx", {"A": xml})) == ["Title", "Date,A,B", "1,2,3", "2,3,4"]


def test_hidden_rows_are_read(tmp_path: Path) -> None:
    xml = PRICES.replace('<row r="2">', '<row r="2" hidden="1" ht="0">')
    assert len(lines_of(write_workbook(tmp_path / "a.xlsx", {"A": xml}))) == 3


@pytest.mark.fires("line-breaks-in-cells")
def test_line_breaks_within_cells_become_spaces_and_are_reported(tmp_path: Path) -> None:
    xml = rows(["Date", "Note"], ["2024-01-02", "a\nb\nc"], ["2024-01-03", "d"])
    book = write_workbook(tmp_path / "a.xlsx", {"A": xml})
    assert lines_of(book) == ["Date,Note", "2024-01-02,a b c", "2024-01-03,d"]
    assert findings_of(book) == (LineBreaksInCells(rows=(2,), count=1),)


@pytest.mark.fires("formula-without-value")
def test_formulas_without_a_stored_value_are_reported(tmp_path: Path) -> None:
    xml = rows(["x", "y"]) + '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>A2+1</f><v/></c></row>'
    assert findings_of(write_workbook(tmp_path / "a.xlsx", {"A": xml})) == (FormulaWithoutValue(rows=(2,), count=1),)
    empty = xml.replace('<c r="B2">', '<c r="B2" t="str">')
    assert findings_of(write_workbook(tmp_path / "b.xlsx", {"A": empty})) == ()


@pytest.mark.fires("sheet-chosen")
def test_the_first_sheet_with_a_table_is_read_and_the_others_are_reported(tmp_path: Path) -> None:
    sheets = {"Blank": "", "Hidden": PRICES, "Prices <b>": PRICES, "More": PRICES}
    book = write_workbook(tmp_path / "a.xlsx", sheets, hidden=("Hidden",))
    name, (finding,) = workbook_to_text(book, tmp_path / "a.csv")
    assert name == "Prices <b>"
    assert finding == SheetChosen(sheet="Prices <b>", others=("Blank", "Hidden", "More"), skipped=None)
    assert (finding.severity, finding.remedy) == (Severity.INFO, None)


NOTES = rows(["About these data", ""], ["Version", "1.2"], ["Source", "the exchange"], ["Pages", "3"])
FIRMS = rows(["Firm", "Sales"], ["A", "5"], ["B", "7"], ["C", "9"])
DATED = rows(["Date", "Close"], *([f"2024-01-{day:02d}", f"{day}.5"] for day in range(2, 20)))


@pytest.mark.parametrize(
    ("sheets", "hidden", "taken"),
    [
        ({"Read me": NOTES, "Prices": DATED, "More": DATED}, (), "Prices"),
        ({"Firms": FIRMS, "Prices": DATED}, (), "Prices"),
        ({"Read me": NOTES, "Firms": FIRMS}, (), "Firms"),
        ({"Firms": FIRMS, "Old": DATED}, ("Old",), "Firms"),
        ({"Read me": NOTES, "Old": DATED}, ("Old",), "Old"),
        ({"Read me": NOTES, "Blank": "", "More notes": NOTES}, (), "Read me"),
    ],
)
def test_sheets_of_notes_before_the_table_are_skipped_and_reported(
    sheets: dict[str, str], hidden: tuple[str, ...], taken: str, tmp_path: Path
) -> None:
    book = write_workbook(tmp_path / "a.xlsx", sheets, hidden=hidden)
    name, (finding,) = workbook_to_text(book, tmp_path / "a.csv")
    assert name == taken
    assert isinstance(finding, SheetChosen)
    first = next(iter(sheets))
    assert finding.skipped == (None if name == first else first)


def test_a_sheet_is_chosen_by_its_beginning_and_then_written_in_full(tmp_path: Path) -> None:
    long = rows(["Date", "Close"], *([f"2024-01-{1 + place % 28:02d}", f"{place}.5"] for place in range(9_000)))
    book = write_workbook(tmp_path / "a.xlsx", {"Read me": NOTES, "Long": long})
    assert workbook_to_text(book, tmp_path / "a.csv")[0] == "Long"
    assert (tmp_path / "a.csv").read_text().count("\n") == 9_001


def test_sheets_are_listed_in_order_with_their_stated_size(tmp_path: Path) -> None:
    stated_size = (
        f'<worksheet xmlns="{MAIN}"><sheetPr/><dimension ref="B3:AC12"/><sheetData>{PRICES}</sheetData></worksheet>'
    )
    book = write_workbook(
        tmp_path / "a.xlsx",
        {"Notes": "", "Big": PRICES, "__x__ <b>": PRICES},
        hidden=("__x__ <b>",),
        # Reading the shared strings of a large workbook takes seconds, and listing the sheets must not need them.
        replaced={"xl/worksheets/sheet2.xml": stated_size, "xl/sharedStrings.xml": "<damaged"},
    )
    found = [(sheet.name, sheet.hidden, sheet.rows, sheet.columns) for sheet in read_sheets(book)]
    assert found == [("Notes", False, None, None), ("Big", False, 10, 28), ("__x__ <b>", True, None, None)]


@pytest.mark.parametrize("reach", ["A1", "C3:A1", "nonsense", "A0:ZZZ9999999"])
def test_an_invalid_size_is_ignored(reach: str, tmp_path: Path) -> None:
    xml = f'<worksheet xmlns="{MAIN}"><dimension ref="{reach}"/><sheetData>{PRICES}</sheetData></worksheet>'
    book = write_workbook(tmp_path / "a.xlsx", {"A": PRICES}, replaced={"xl/worksheets/sheet1.xml": xml})
    (sheet,) = read_sheets(book)
    assert (sheet.rows, sheet.columns) == (None, None)


def test_the_other_of_two_sheets_is_the_remedy(tmp_path: Path) -> None:
    (finding,) = findings_of(write_workbook(tmp_path / "a.xlsx", {"A": PRICES, "B": PRICES}))
    assert (finding.remedy.section, finding.remedy.field, finding.remedy.value) == ("ingest", "sheet", "B")


def test_a_hidden_sheet_is_read_if_no_other_has_a_value(tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "a.xlsx", {"Hidden": PRICES, "Blank": ""}, hidden=("Hidden",))
    assert workbook_to_text(book, tmp_path / "a.csv")[0] == "Hidden"


@pytest.mark.silent("sheet-chosen")
def test_the_named_sheet_is_read_without_a_finding(tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "a.xlsx", {"A": PRICES, "Zwei": rows(["x"], ["7"])})
    assert lines_of(book, "Zwei") == lines_of(book, "zwei") == ["x", "7"]
    assert findings_of(book, "Zwei") == ()


def test_an_unknown_sheet_is_rejected_with_the_nearest_name(tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "a.xlsx", {"Prices": PRICES, "Notes": PRICES})
    with pytest.raises(UnknownSheet) as caught:
        lines_of(book, "Pricse")
    assert (caught.value.sheet, caught.value.sheets) == ("Pricse", ("Prices", "Notes"))


@pytest.mark.parametrize("sheet", [None, "A"])
def test_a_workbook_without_values_is_rejected(sheet: str | None, tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "a.xlsx", {"A": '<row r="1"><c r="A1" s="1"/></row>'})
    with pytest.raises(EmptyWorkbook) as caught:
        lines_of(book, sheet)
    assert caught.value.sheet == sheet


def test_a_workbook_whose_elements_have_a_prefix_is_read(tmp_path: Path) -> None:
    assert lines_of(write_workbook(tmp_path / "a.xlsx", {"A": PRICES}, prefix="x"))[1] == "2024-01-02,1.5"


def test_two_cells_in_opposite_corners_take_little_memory_and_time(tmp_path: Path) -> None:
    xml = f'<row r="1">{cell("A1", "1")}</row><row r="1048576">{cell("XFD1048576", "2")}</row>'
    lines = lines_of(write_workbook(tmp_path / "a.xlsx", {"A": xml}))
    assert len(lines) == 1_048_576 and lines[0] == "1" and lines[-1] == "," * 16_383 + "2"


@pytest.mark.parametrize(
    "xml",
    [
        f'<row r="1048577">{cell("A1048577", "1")}</row>',
        f'<row r="1">{cell("XFE1", "1")}</row>',
        f'<row r="1">{cell("ÄÄ1", "1")}</row>',
        f'<row r="1">{cell("1", "1")}</row>',
        f'<row r="x">{cell("A1", "1")}</row>',
        f'<row r="2">{cell("A2", "1")}</row><row r="1">{cell("A1", "1")}</row>',
        "<row r='1'><c r='A1'><v>1</v></row>",
        "&undefined;",
    ],
)
def test_a_sheet_that_contradicts_itself_is_damage(xml: str, tmp_path: Path) -> None:
    with pytest.raises(DamagedWorkbook):
        lines_of(write_workbook(tmp_path / "a.xlsx", {"A": xml}))


def test_declared_entities_are_rejected_before_they_expand(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    cells = '<row><c t="str"><v>&a11;</v></c></row>'
    sheet = f'<!DOCTYPE x [{laughs}]><worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'
    book = write_workbook(tmp_path / "a.xlsx", {"A": ""}, replaced={"xl/worksheets/sheet1.xml": sheet})
    with pytest.raises(DamagedWorkbook):
        lines_of(book)


@pytest.mark.parametrize(
    "part", ["_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"]
)
def test_a_part_that_is_missing_or_not_xml_is_damage(part: str, tmp_path: Path) -> None:
    whole = write_workbook(tmp_path / "a.xlsx", {"A": PRICES})
    for content in (None, "", "no xml", "<x>"):
        with zipfile.ZipFile(whole) as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
            for name in old.namelist():
                if name != part:
                    new.writestr(name, old.read(name))
                elif content is not None:
                    new.writestr(name, content)
        with pytest.raises(DamagedWorkbook):
            workbook_to_text(tmp_path / "b.xlsx", tmp_path / "b.csv")


def test_a_sheet_that_is_too_large_or_a_bomb_is_rejected_before_it_is_opened(tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "a.xlsx", {"A": " " * 5_000_000 + PRICES})
    with pytest.raises(SheetTooLarge):
        workbook_to_text(book, tmp_path / "a.csv", limits=Limits(workbook=1_000_000))
    with pytest.raises(DecompressionBomb):
        workbook_to_text(book, tmp_path / "a.csv", limits=Limits(ratio_from=1_000_000))
    assert not (tmp_path / "a.csv").exists()


def test_a_string_shared_by_many_cells_is_stopped_while_it_is_written(tmp_path: Path) -> None:
    xml = "".join(f'<row r="{n}">{cell(f"A{n}", "0", "s")}</row>' for n in range(1, 20_001))
    book = write_workbook(tmp_path / "a.xlsx", {"A": xml}, texts=f"<si><t>{escape('x' * 30_000)}</t></si>")
    with pytest.raises(DecompressionBomb):
        workbook_to_text(book, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").stat().st_size < 110_000_000


def test_a_cell_of_many_megabytes_is_rejected(tmp_path: Path) -> None:
    long = "x" * 3_000_000
    for sheet, texts in ((rows([long]), ""), (PRICES, f"<si><t>{long}</t></si>")):
        with pytest.raises(CellTooLong):
            lines_of(write_workbook(tmp_path / "a.xlsx", {"A": sheet}, texts=texts))


def test_a_stop_is_obeyed(tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        workbook_to_text(
            write_workbook(tmp_path / "a.xlsx", {"A": PRICES}), tmp_path / "a.csv", should_stop=lambda: True
        )


@settings(max_examples=60, deadline=None)
@given(changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6))
def test_changed_bytes_never_crash_the_reader(
    changes: list[tuple[float, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    content = bytearray(write_workbook(folder / "a.xlsx", {"A": PRICES}, texts="<si><t>a</t></si>").read_bytes())
    for place, byte in changes:
        content[int(place * len(content))] = byte
    (folder / "b.xlsx").write_bytes(content)
    try:
        open_as_text(folder / "b.xlsx", folder)
    except DataError as error:
        assert error.message.endswith(".") and error.hint
