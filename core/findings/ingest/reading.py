"""Findings on containers, encoding, header, lines and tables of a file."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.findings.model import MOST_ROWS, Finding, Remedy, Severity
from core.text.escape import plain_text
from core.text.format import format_count, format_list

_MOST_TABLES = 5
_MOST_HEADER_CELLS = 6


def _quoted(names: Sequence[str], most: int) -> str:
    return format_list([repr(plain_text(name)) for name in names], most)


class TruncatedArchive(Finding, code="truncated-archive"):
    """A compressed file is cut short or damaged; only its first lines were recovered.

    Download the file again. If it is damaged rather than cut short, any value may be wrong.
    """

    packed: str
    is_damaged: bool
    size: int
    lines: int
    severity = Severity.PROBLEM

    @property
    def rows(self) -> tuple[int, ...]:
        """The last line that was recovered."""
        return (self.lines,)

    @property
    def title(self) -> str:
        if self.is_damaged:
            return f"The {self.packed} file is damaged: rows are missing, and others may be wrong"
        return f"The {self.packed} file is cut short: its last rows are missing"

    @property
    def detail(self) -> str:
        recovered = f"Recovered {format_count(self.lines, 'complete line')} from {self.size:,} unpacked bytes."
        if self.is_damaged:
            return f"{recovered} The damage may begin anywhere, so any value may be wrong. Download the file again."
        return f"{recovered} The number of missing rows is unknown. Download the file again."


class SheetChosen(Finding, code="sheet-chosen"):
    """A workbook has several sheets, and none was named in the settings.

    Check that the right sheet was read; otherwise set the sheet by its name.
    """

    sheet: str
    others: tuple[str, ...]
    skipped: str | None
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"Sheet {plain_text(self.sheet)!r} was read"

    @property
    def detail(self) -> str:
        others = f"The workbook also has {_quoted(self.others, 8)}."
        if self.skipped is None:
            return others
        return f"{others} {plain_text(self.skipped)!r} comes first, but looks less like a table."

    @property
    def remedy(self) -> Remedy | None:
        """Read the other sheet, if there is only one."""
        if len(self.others) != 1:
            return None
        (other,) = self.others
        return Remedy(label=f"Read {plain_text(other, most=40)!r}", section="ingest", field="sheet", value=other)


class LineBreaksInCells(Finding, code="line-breaks-in-cells"):
    """Cells of a workbook or Parquet file contain line breaks.

    No action is needed: spaces replace them, so each row stays on one line.
    """

    rows: tuple[int, ...]
    count: int
    severity = Severity.INFO
    title = "Line breaks within cells were replaced by spaces"


class FormulaWithoutValue(Finding, code="formula-without-value"):
    """A workbook holds formulas without a stored result.

    Open the workbook in Excel, save it and upload it again.
    """

    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING
    title = "Formulas without a stored value were read as empty cells"
    detail = (
        "The program that wrote the workbook did not calculate them. Open it in Excel, save it and upload it again."
    )


class NestedColumns(Finding, code="nested-columns"):
    """Columns of a Parquet file hold lists or structures.

    Save the parts of such a column as separate columns.
    """

    columns: tuple[tuple[str, str], ...]
    severity = Severity.WARNING
    title = "Columns with several values per cell were dropped"

    @property
    def column(self) -> str | None:
        """The name of the column, if there is only one."""
        return self.columns[0][0] if len(self.columns) == 1 else None

    @property
    def count(self) -> int:
        """How many columns were dropped."""
        return len(self.columns)

    @property
    def detail(self) -> str:
        named = [f"{plain_text(name, most=60)} ({plain_text(kind, most=60)})" for name, kind in self.columns]
        return f"{format_list(named)}. To use them, save their parts as separate columns."


class NoHeader(Finding, code="no-header"):
    """The first line of the table looks like data.

    Add a header to the file, or set the number of header rows to 1 if the first line names the columns.
    """

    rows: tuple[int, ...]
    severity = Severity.WARNING
    title = "The file has no header: its first line is data"
    detail = "The columns are named column_1, column_2 and so on."


class HeaderRows(Finding, code="header-rows"):
    """The header has several rows.

    Check the combined names; otherwise set the header line and the number of header rows.
    """

    names: tuple[str, ...]
    unused: tuple[str, ...]
    rows: tuple[int, ...]
    count: int
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"The header has {self.count} rows"

    @property
    def detail(self) -> str:
        combined = f"They were combined into the names {_quoted(self.names, 4)}."
        if not self.unused:
            return combined
        return f"{combined} Rows that name no columns were left out: {'; '.join(map(plain_text, self.unused))}."


class RenamedColumns(Finding, code="renamed-columns"):
    """Column names are blank, repeated, or contain invisible characters.

    No action is needed. To choose the names yourself, change the header of the file.
    """

    renamed: tuple[tuple[str, str], ...]
    rows: tuple[int, ...]
    severity = Severity.WARNING
    title = "Blank, repeated or unusual column names were changed"

    @property
    def count(self) -> int:
        """How many columns were renamed."""
        return len(self.renamed)

    @property
    def detail(self) -> str:
        listed = format_list([f"{old!r} → {new!r}" for old, new in self.renamed], 20)
        return f"In the file → here, from left to right: {listed}."


class EncodingAssumed(Finding, code="encoding-assumed"):
    """The file has no byte-order mark, is not valid UTF-8, and no encoding is set.

    If letters look wrong, set the encoding.
    """

    encoding: str
    rows: tuple[int, ...] = ()
    count: int | None = None

    @property
    def _is_wide(self) -> bool:
        return self.encoding.startswith(("utf-16", "utf-32"))

    @property
    def severity(self) -> Severity:
        return Severity.INFO if self._is_wide else Severity.WARNING

    @property
    def title(self) -> str:
        if self._is_wide:
            return f"Read as {self.encoding.upper()} without a byte-order mark"
        return "Bytes that are not valid UTF-8 were read as Windows-1252"

    @property
    def detail(self) -> str:
        if self._is_wide:
            return "The positions of its NUL bytes match this encoding."
        return "The file does not declare its encoding. If letters look wrong in these lines, set the encoding. No row was dropped."


class UndecodableBytes(Finding, code="undecodable-bytes"):
    """Some bytes are not valid in the encoding of the file.

    Set another encoding, or correct these lines in the file.
    """

    encoding: str
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING
    detail = "They were replaced by \ufffd. A number that contains one is reported as unparseable. No row was dropped."

    @property
    def title(self) -> str:
        return f"Some bytes are not valid {self.encoding.upper()}"


class NulBytes(Finding, code="nul-bytes"):
    """The text contains NUL bytes.

    Export the file again: it was probably damaged when it was written or copied.
    """

    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING
    title = "The file contains NUL bytes"
    detail = "They were replaced by \ufffd. A number that contains one is reported as unparseable, never shortened."


class NulBytesAtEnd(Finding, code="nul-bytes-at-end"):
    """The file ends with NUL bytes.

    Export the file again: its last rows may be missing.
    """

    number: int
    severity = Severity.WARNING
    detail = "A program that was interrupted while writing leaves them, so the last rows may be missing."

    @property
    def title(self) -> str:
        dropped = "was dropped" if self.number == 1 else "were dropped"
        return f"{format_count(self.number, 'NUL byte')} at the end of the file {dropped}"


class CutOff(Finding, code="cut-off"):
    """The last line has no line end and is shorter than those above it.

    Download or export the file again: rows may be missing.
    """

    text: str
    line: int
    count: int = 1
    severity = Severity.WARNING
    title = "The file seems to be cut off in the middle of its last line"

    @property
    def rows(self) -> tuple[int, ...]:
        """The last line."""
        return (self.line,)

    @property
    def detail(self) -> str:
        return (
            f"It ends with {plain_text(self.text)!r}, without a line end, and the lines above are longer. "
            "Rows may be missing: download the file again."
        )


class BlankLines(Finding, code="blank-lines"):
    """There are blank lines between the rows.

    No action is needed.
    """

    rows: tuple[int, ...]
    count: int
    severity = Severity.INFO
    title = "Blank lines between the rows were skipped"


class JoinedLines(Finding, code="joined-lines"):
    """Quoted cells contain line breaks, so a row spans several lines.

    No action is needed. Findings refer to such a row by its first line.
    """

    rows: tuple[int, ...]
    count: int
    severity = Severity.INFO
    detail = "Findings refer to such a row by its first line."

    @property
    def title(self) -> str:
        joined = "was joined" if self.count == 1 else "were joined"
        return f"Quoted cells contain line breaks: {format_count(self.count, 'line')} {joined} to the row above"


class OpenQuotes(Finding, code="open-quotes"):
    """A quote is opened and never closed.

    Check the cells of these lines, or close the quotes in the file.
    """

    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING
    title = "A quote is opened but never closed"
    detail = "It was read as an ordinary character, so the lines below it remain separate rows."


class Transposed(Finding, code="transposed"):
    """The table has its dates in a row and one series a row, and was transposed.

    Check the first rows. Read the table as it is if the dates are not those of the values.
    """

    series: int
    first: str
    last: str
    severity = Severity.WARNING
    title = "This table is transposed: its dates are in a row"

    @property
    def count(self) -> int:
        """How many series, now columns."""
        return self.series

    @property
    def detail(self) -> str:
        return (
            f"It was transposed to one row per date, from {plain_text(self.first, most=40)} to {plain_text(self.last, most=40)}, "
            f"and one column for each of {self.series:,} series. Line numbers are those of the transposed table."
        )

    @property
    def remedy(self) -> Remedy:
        return Remedy(label="Read the table as it is", section="ingest", field="transpose", value=False)


class MalformedQuotes(Finding, code="malformed-quotes"):
    """A quote closes a cell, but text follows it; or a quote within a cell is not doubled.

    Check the cells of these lines. No character was dropped.
    """

    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"Misplaced quotes in {format_count(self.count, 'line')}"

    @property
    def detail(self) -> str:
        return "Quotes that do not enclose a whole cell were read as ordinary characters."


class RealignedRows(Finding, code="realigned-rows"):
    """Rows have a delimiter too many, and fit the columns in one way only.

    Check the cells of these lines.
    """

    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"{format_count(self.count, 'row')} with a delimiter too many: repaired"

    @property
    def detail(self) -> str:
        return (
            "A doubled delimiter was dropped, or the parts of a value with an unquoted delimiter were joined: no other reading "
            "fits the types of the columns."
        )


class ShiftedRows(Finding, code="shifted-rows"):
    """Rows have a delimiter too many, and fit the columns in several ways.

    Correct these lines in the file. Cells that may belong to another column count as missing.
    """

    texts: tuple[tuple[int, str], ...]
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"{format_count(self.count, 'row')} with cells that may belong to another column"

    @property
    def detail(self) -> str:
        listed = ", ".join(f"line {line:,}: {plain_text(text, most=60)!r}" for line, text in self.texts)
        return f"The rows have a delimiter too many. Cells that may be shifted count as missing: {listed}."


class JoinedCells(Finding, code="joined-cells"):
    """Values contain unquoted delimiters: every row has more cells than there are names.

    Check the first rows. Export the file with quotes or another delimiter if they are wrong.
    """

    names: tuple[str, ...]
    row: int
    severity = Severity.WARNING

    @property
    def column(self) -> str | None:
        return self.names[0] if len(self.names) == 1 else None

    @property
    def rows(self) -> tuple[int, ...]:
        """The first row of data."""
        return (self.row,)

    @property
    def title(self) -> str:
        return f"Unquoted delimiters within values of {format_list(self.names)}: cells were joined"

    @property
    def detail(self) -> str:
        return "Every row has more cells than the header has names. Pairs of cells were joined again."


@dataclass(frozen=True, kw_only=True)
class TableBelow:
    """A table below the first one, from its title or header to its last line.

    `count` of its lines are not blank.

    Line numbers count from 1, as the user sees them. `title` is the text above the header, empty if there is none.
    """

    first_line: int
    last_line: int
    header_line: int
    header: tuple[str, ...]
    title: str
    count: int

    def describe(self) -> str:
        """Return a sentence with the lines, the title and the first column names."""
        names = [plain_text(name, most=20) or "(no name)" for name in self.header]
        title = f", “{plain_text(self.title, most=80)}”" if self.title else ""
        return f"Lines {self.first_line:,} to {self.last_line:,}{title}: {format_list(names, _MOST_HEADER_CELLS)}."


class OtherTables(Finding, code="other-tables"):
    """The file has further tables below the first one, which were not read.

    To read one of them, set the header line to the line of its header.
    """

    tables: tuple[TableBelow, ...]
    severity = Severity.WARNING

    @property
    def rows(self) -> tuple[int, ...]:
        """The first line of each table."""
        return tuple(table.first_line for table in self.tables[:MOST_ROWS])

    @property
    def count(self) -> int:
        """How many lines were not read, blank ones not counted."""
        return sum(table.count for table in self.tables)

    @property
    def title(self) -> str:
        skipped = "was not read" if len(self.tables) == 1 else "were not read"
        return f"{format_count(len(self.tables), 'more table')} below the first {skipped}"

    @property
    def detail(self) -> str:
        described = " ".join(table.describe() for table in self.tables[:_MOST_TABLES])
        more = len(self.tables) - _MOST_TABLES
        further = f" There {'is' if more == 1 else 'are'} {more:,} more." if more > 0 else ""
        which = "it" if len(self.tables) == 1 else "one of them"
        return f"{described}{further} To read {which}, set the header line to the line of its header."

    @property
    def remedy(self) -> Remedy:
        """Read the second table of the file."""
        line = self.tables[0].header_line
        return Remedy(label=f"Read the table at line {line:,}", section="ingest", field="header_line", value=line)
