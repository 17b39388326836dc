"""The texts of the findings on opening and splitting files, as a user reads them."""

import pytest

from core.findings.catalogue import all_findings
from core.findings.ingest.reading import (
    BlankLines,
    CutOff,
    EncodingAssumed,
    FormulaWithoutValue,
    HeaderRows,
    JoinedCells,
    JoinedLines,
    LineBreaksInCells,
    MalformedQuotes,
    NestedColumns,
    NoHeader,
    NulBytes,
    NulBytesAtEnd,
    OpenQuotes,
    OtherTables,
    RealignedRows,
    RenamedColumns,
    SheetChosen,
    ShiftedRows,
    TableBelow,
    Transposed,
    TruncatedArchive,
    UndecodableBytes,
)
from core.findings.model import Finding, Severity

INFO, WARNING, PROBLEM = Severity.INFO, Severity.WARNING, Severity.PROBLEM
SEVEN = tuple(
    TableBelow(first_line=line, last_line=line + 9, header_line=line, header=("Date", "x"), title="", count=9)
    for line in range(10, 80, 10)
)

TEXTS = [
    (
        TruncatedArchive(packed="gzip", is_damaged=False, size=123456, lines=4321),
        PROBLEM,
        "The gzip file is cut short: its last rows are missing",
        "Recovered 4,321 complete lines from 123,456 unpacked bytes. The number of missing rows is unknown. "
        "Download the file again.",
    ),
    (
        TruncatedArchive(packed="ZIP", is_damaged=True, size=12, lines=1),
        PROBLEM,
        "The ZIP file is damaged: rows are missing, and others may be wrong",
        "Recovered 1 complete line from 12 unpacked bytes. "
        "The damage may begin anywhere, so any value may be wrong. Download the file again.",
    ),
    (
        SheetChosen(sheet="Prices", others=("Notes", "More"), skipped="Notes"),
        INFO,
        "Sheet 'Prices' was read",
        "The workbook also has 'Notes', 'More'. 'Notes' comes first, but looks less like a table.",
    ),
    (SheetChosen(sheet="A", others=("B",), skipped=None), INFO, "Sheet 'A' was read", "The workbook also has 'B'."),
    (LineBreaksInCells(rows=(2,), count=1), INFO, "Line breaks within cells were replaced by spaces", ""),
    (
        FormulaWithoutValue(rows=(2,), count=1),
        WARNING,
        "Formulas without a stored value were read as empty cells",
        "The program that wrote the workbook did not calculate them. Open it in Excel, save it and upload it again.",
    ),
    (
        NestedColumns(columns=(("weights", "list<element: double>"),)),
        WARNING,
        "Columns with several values per cell were dropped",
        "weights (list<element: double>). To use them, save their parts as separate columns.",
    ),
    (
        NestedColumns(columns=(("a", "list<element: double>"), ("b", "struct<x: int64>"))),
        WARNING,
        "Columns with several values per cell were dropped",
        "a (list<element: double>), b (struct<x: int64>). To use them, save their parts as separate columns.",
    ),
    (
        NoHeader(rows=(1,)),
        WARNING,
        "The file has no header: its first line is data",
        "The columns are named column_1, column_2 and so on.",
    ),
    (
        HeaderRows(
            names=("Date", "Close AAPL", "High MSFT", "Low", "x"),
            unused=("Ticker | AAPL | AAPL",),
            rows=(1, 2, 3),
            count=3,
        ),
        INFO,
        "The header has 3 rows",
        "They were combined into the names 'Date', 'Close AAPL', 'High MSFT', 'Low' and 1 more. "
        "Rows that name no columns were left out: Ticker | AAPL | AAPL.",
    ),
    (
        HeaderRows(names=("Date", "Close"), unused=(), rows=(1, 2), count=2),
        INFO,
        "The header has 2 rows",
        "They were combined into the names 'Date', 'Close'.",
    ),
    (
        RenamedColumns(renamed=(("", "column_3"), ("close", "close_2")), rows=(1,)),
        WARNING,
        "Blank, repeated or unusual column names were changed",
        "In the file → here, from left to right: '' → 'column_3', 'close' → 'close_2'.",
    ),
    (
        EncodingAssumed(encoding="cp1252", rows=(7,), count=1),
        WARNING,
        "Bytes that are not valid UTF-8 were read as Windows-1252",
        "The file does not declare its encoding. If letters look wrong in these lines, set the encoding. "
        "No row was dropped.",
    ),
    (
        EncodingAssumed(encoding="utf-16-le"),
        INFO,
        "Read as UTF-16-LE without a byte-order mark",
        "The positions of its NUL bytes match this encoding.",
    ),
    (
        UndecodableBytes(encoding="utf-8", rows=(2,), count=1),
        WARNING,
        "Some bytes are not valid UTF-8",
        "They were replaced by �. A number that contains one is reported as unparseable. No row was dropped.",
    ),
    (
        NulBytes(rows=(2,), count=1),
        WARNING,
        "The file contains NUL bytes",
        "They were replaced by �. A number that contains one is reported as unparseable, never shortened.",
    ),
    (
        NulBytesAtEnd(number=1),
        WARNING,
        "1 NUL byte at the end of the file was dropped",
        "A program that was interrupted while writing leaves them, so the last rows may be missing.",
    ),
    (
        NulBytesAtEnd(number=3000),
        WARNING,
        "3,000 NUL bytes at the end of the file were dropped",
        "A program that was interrupted while writing leaves them, so the last rows may be missing.",
    ),
    (
        CutOff(text="2024-01-08,10.2", line=8),
        WARNING,
        "The file seems to be cut off in the middle of its last line",
        "It ends with '2024-01-08,10.2', without a line end, and the lines above are longer. "
        "Rows may be missing: download the file again.",
    ),
    (BlankLines(rows=(3,), count=1), INFO, "Blank lines between the rows were skipped", ""),
    (
        JoinedLines(rows=(3,), count=1),
        INFO,
        "Quoted cells contain line breaks: 1 line was joined to the row above",
        "Findings refer to such a row by its first line.",
    ),
    (
        JoinedLines(rows=(3, 4), count=2),
        INFO,
        "Quoted cells contain line breaks: 2 lines were joined to the row above",
        "Findings refer to such a row by its first line.",
    ),
    (
        Transposed(series=2, first="2021-01-04", last="2021-02-04"),
        WARNING,
        "This table is transposed: its dates are in a row",
        "It was transposed to one row per date, from 2021-01-04 to 2021-02-04, and one column for each of 2 series. Line numbers "
        "are those of the transposed table.",
    ),
    (
        MalformedQuotes(rows=(22,), count=1),
        WARNING,
        "Misplaced quotes in 1 line",
        "Quotes that do not enclose a whole cell were read as ordinary characters.",
    ),
    (
        RealignedRows(rows=(22, 30), count=2),
        WARNING,
        "2 rows with a delimiter too many: repaired",
        "A doubled delimiter was dropped, or the parts of a value with an unquoted delimiter were joined: no other reading fits "
        "the types of the columns.",
    ),
    (
        ShiftedRows(texts=((11, "2024-01-10,,109.5,,110.5"),), rows=(11,), count=1),
        WARNING,
        "1 row with cells that may belong to another column",
        "The rows have a delimiter too many. Cells that may be shifted count as missing: line 11: '2024-01-10,,109.5,,110.5'.",
    ),
    (
        JoinedCells(names=("Date",), row=2),
        WARNING,
        "Unquoted delimiters within values of Date: cells were joined",
        "Every row has more cells than the header has names. Pairs of cells were joined again.",
    ),
    (
        OpenQuotes(rows=(3,), count=1),
        WARNING,
        "A quote is opened but never closed",
        "It was read as an ordinary character, so the lines below it remain separate rows.",
    ),
    (
        OtherTables(
            tables=(
                TableBelow(
                    first_line=774,
                    last_line=840,
                    header_line=775,
                    header=("", "Mkt-RF", "SMB", "HML", "RF"),
                    title="Annual Factors: January-December",
                    count=66,
                ),
            )
        ),
        WARNING,
        "1 more table below the first was not read",
        "Lines 774 to 840, “Annual Factors: January-December”: (no name), Mkt-RF, SMB, HML, RF. "
        "To read it, set the header line to the line of its header.",
    ),
    (
        OtherTables(tables=SEVEN),
        WARNING,
        "7 more tables below the first were not read",
        "Lines 10 to 19: Date, x. Lines 20 to 29: Date, x. Lines 30 to 39: Date, x. Lines 40 to 49: Date, x. "
        "Lines 50 to 59: Date, x. There are 2 more. "
        "To read one of them, set the header line to the line of its header.",
    ),
]


@pytest.mark.parametrize(
    ("finding", "severity", "title", "detail"), TEXTS, ids=lambda value: getattr(value, "code", "")
)
def test_texts(finding: Finding, severity: Severity, title: str, detail: str) -> None:
    assert (finding.severity, finding.title, finding.detail) == (severity, title, detail)


def test_every_kind_is_pinned() -> None:
    declared = {code for code, kind in all_findings().items() if kind.__module__ == "core.findings.ingest.reading"}
    assert {finding.code for finding, *_ in TEXTS} == declared


def test_rows_and_counts_follow_from_the_facts() -> None:
    tables = OtherTables(tables=SEVEN)
    assert (tables.rows, tables.count) == ((10, 20, 30, 40, 50, 60, 70), 63)
    assert TruncatedArchive(packed="gzip", is_damaged=False, size=10, lines=2).rows == (2,)
    assert (CutOff(text="1", line=9).rows, CutOff(text="1", line=9).count) == ((9,), 1)
    assert NestedColumns(columns=(("weights", "list"),)).column == "weights"
    assert NestedColumns(columns=(("a", "list"), ("b", "list"))).column is None


def test_remedies() -> None:
    remedy = OtherTables(tables=SEVEN).remedy
    assert (remedy.label, remedy.section, remedy.field, remedy.value) == (
        "Read the table at line 10",
        "ingest",
        "header_line",
        10,
    )
    remedy = SheetChosen(sheet="A", others=("B",), skipped=None).remedy
    assert (remedy.label, remedy.section, remedy.field, remedy.value) == ("Read 'B'", "ingest", "sheet", "B")
    assert SheetChosen(sheet="A", others=("B", "C"), skipped=None).remedy is None


def test_invisible_characters_of_a_file_are_not_shown() -> None:
    hidden = "a\u202eb"
    findings = [
        SheetChosen(sheet=hidden, others=(hidden,), skipped=hidden),
        NestedColumns(columns=((hidden, hidden),)),
        HeaderRows(names=(hidden,), unused=(hidden,), rows=(1, 2), count=2),
        CutOff(text=hidden, line=2),
        OtherTables(
            tables=(TableBelow(first_line=3, last_line=9, header_line=3, header=(hidden,), title=hidden, count=7),)
        ),
    ]
    assert not [finding for finding in findings if "\u202e" in finding.title + finding.detail]
