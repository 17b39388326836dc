"""Errors of opening and reading a file, and of the settings for it."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Literal

from core.errors.model import DataError, RecipeError
from core.text.escape import plain_text
from core.text.format import format_list
from core.text.nearest import nearest_names

_NEW_COPY = "Download the file again, or ask for a new copy."
_SAVE_AS_CSV = "Save the table as CSV text and choose that file."


def _quoted(names: Sequence[str], most: int) -> str:
    return format_list([repr(plain_text(name)) for name in names], most)


def _size(number: int) -> str:
    return f"{number / 1e9:,.3g} GB"


class FileKind(StrEnum):
    """A kind of file that is recognised but not read, as a sentence names it."""

    PNG = "a PNG image"
    JPEG = "a JPEG image"
    GIF = "a GIF image"
    PDF = "a PDF document"
    WORD = "a Word document"
    POWERPOINT = "a PowerPoint presentation"
    OPEN_DOCUMENT = "an OpenDocument file"
    OLD_WORKBOOK = "an old Excel workbook (.xls)"
    LOCKED_WORKBOOK = "a password-protected Excel workbook"
    BINARY_WORKBOOK = "a binary Excel workbook (.xlsb)"
    EMPTY_ZIP = "an empty ZIP archive"
    LZ4 = "an LZ4 archive"
    SEVEN_ZIP = "a 7z archive"
    RAR = "a RAR archive"
    TAR = "a tar archive"
    JAR = "a Java archive"
    ARROW = "an Arrow file"
    FEATHER = "a Feather file"
    SQLITE = "an SQLite database"
    HDF5 = "an HDF5 file"
    NUMPY = "a NumPy file"
    PICKLE = "a Python pickle, which is never opened"
    PROGRAM = "a program"
    WEB_PAGE = "a web page or XML"
    JSON = "JSON"
    BINARY = "binary data"


_HINTS = {
    **dict.fromkeys(
        (FileKind.LZ4, FileKind.SEVEN_ZIP, FileKind.RAR, FileKind.TAR), "Unpack it and choose the CSV inside."
    ),
    **dict.fromkeys(
        (FileKind.OLD_WORKBOOK, FileKind.LOCKED_WORKBOOK, FileKind.BINARY_WORKBOOK),
        "Save it as .xlsx without a password, or as CSV.",
    ),
    FileKind.WEB_PAGE: "The download may have returned an error page. Open the file in a text editor to check.",
}


class NotATable(DataError, code="not-a-table"):
    """The file is of a kind that holds no table, or that is not supported."""

    kind: FileKind

    @property
    def message(self) -> str:
        """What the file is."""
        return f"This file is {self.kind}, not a CSV table."

    @property
    def hint(self) -> str:
        """How to get a CSV table out of it."""
        return _HINTS.get(self.kind, _SAVE_AS_CSV)


class FileUnreadable(DataError, code="file-unreadable"):
    """The file does not exist or cannot be opened."""

    name: str
    reason: str | None
    hint = "Check the path."

    @property
    def message(self) -> str:
        """The file, and the reason given by the operating system."""
        return f"The file {self.name} cannot be read: {self.reason or 'unknown reason'}."


class EmptyFile(DataError, code="empty-file"):
    """The file has no bytes or only blanks.

    `packed` is the format of a compressed file that unpacks to nothing.
    """

    packed: str | None = None
    is_blank: bool = False
    hint = "Choose a CSV file with a header and rows."

    @property
    def message(self) -> str:
        """Whether there are no bytes, or only blanks."""
        if self.packed is not None:
            return f"This {self.packed} file is empty: it unpacks to 0 bytes."
        return "The file is blank: it has no text." if self.is_blank else "The file is empty: 0 bytes."


class UnpackedTooLarge(DataError, code="unpacked-too-large"):
    """A file exceeds the size limit once it is unpacked or written as text."""

    limit: int
    hint = "Split it into files of a few years each."

    @property
    def message(self) -> str:
        """The limit."""
        return f"Unpacked, this file is larger than {_size(self.limit)}."


class DecompressionBomb(DataError, code="decompression-bomb"):
    """A file expands to implausibly many times its size."""

    ratio: int
    hint = "Unpack it yourself, check the contents, and choose the CSV inside."

    @property
    def message(self) -> str:
        """The largest permitted ratio."""
        return f"This file expands to more than {self.ratio} times its size, like a decompression bomb."


class DiskFull(DataError, code="disk-full"):
    """The disk has no room for the unpacked file; `reserve` bytes must stay free."""

    written: int
    reserve: int
    hint = "Free some disk space, or choose a smaller file."

    @property
    def message(self) -> str:
        """How much was unpacked, and how much must stay free."""
        return (
            f"There is not enough disk space to unpack this file: {_size(self.written)} have been unpacked, "
            f"and {_size(self.reserve)} must stay free."
        )


class UnpackingFailed(DataError, code="unpacking-failed"):
    """The unpacked file cannot be written to disk."""

    reason: str | None
    hint = "Free some disk space."

    @property
    def message(self) -> str:
        """The reason given by the operating system."""
        return f"The file cannot be unpacked: {self.reason or 'unknown reason'}."


class NestedArchive(DataError, code="nested-archive"):
    """A compressed file contains another compressed file."""

    outer: str
    inner: str
    hint = "Unpack it and choose the CSV inside."

    @property
    def message(self) -> str:
        """Both formats."""
        return f"This {self.outer} file contains another compressed file ({self.inner}), not CSV text."


class UnpackingNeedsMemory(DataError, code="unpacking-needs-memory"):
    """A compressed file asks for more memory than is allowed."""

    packed: str
    hint = "Compress it with a smaller dictionary or window."

    @property
    def message(self) -> str:
        """The format."""
        return f"Unpacking this {self.packed} file needs more memory than is allowed."


class NothingRecovered(DataError, code="nothing-recovered"):
    """A compressed file is damaged or cut short before the end of its first line."""

    packed: str
    is_damaged: bool
    hint = _NEW_COPY

    @property
    def message(self) -> str:
        """Whether it is damaged or cut short."""
        state = "damaged" if self.is_damaged else "cut short"
        return f"This {self.packed} file is {state}: no complete line could be recovered."


class DamagedZip(DataError, code="damaged-zip"):
    """The directory of a ZIP archive is damaged, or the file inside cannot be found."""

    part: Literal["directory", "file"]
    hint = _NEW_COPY

    @property
    def message(self) -> str:
        """Which part is damaged."""
        if self.part == "file":
            return "This ZIP archive is damaged at the start of the file inside."
        return "This ZIP archive cannot be opened: the directory at its end is missing or damaged."


class ZipWithoutFile(DataError, code="zip-without-file"):
    """A ZIP archive contains only folders or hidden files."""

    message = "This ZIP archive contains no file."
    hint = "Put one file with a table into it."


class ZipWithSeveralFiles(DataError, code="zip-with-several-files"):
    """A ZIP archive contains more than one file."""

    names: tuple[str, ...]
    hint = "Put a single file into the archive, or unpack it and choose one."

    @property
    def message(self) -> str:
        """How many files there are, and the first of their names."""
        named = format_list([plain_text(name, most=60) for name in self.names], 5)
        return f"This ZIP archive contains {len(self.names):,} files: {named}."


class LockedZip(DataError, code="locked-zip"):
    """A ZIP archive is encrypted."""

    message = "This ZIP archive is protected by a password."
    hint = "Unpack it and choose the CSV inside."


class UncommonZipMethod(DataError, code="uncommon-zip-method"):
    """A ZIP archive is compressed by a method other than deflate."""

    message = "This ZIP archive uses an unsupported compression method."
    hint = "Unpack it and choose the CSV inside, or compress it with the standard method (deflate)."


class DamagedParquet(DataError, code="damaged-parquet"):
    """A Parquet file is damaged, or uses an unsupported feature."""

    message = "This Parquet file is damaged, or uses an unsupported feature."
    hint = "Download the file again, or save the table as CSV."


class EmptyParquet(DataError, code="empty-parquet"):
    """A Parquet file has no rows, or no column with one value per cell."""

    rows: int
    columns: int
    hint = "Choose a file with rows."

    @property
    def message(self) -> str:
        """The numbers of rows and columns."""
        return f"This Parquet file has {self.rows:,} rows and {self.columns:,} columns with one value per cell."


class DamagedWorkbook(DataError, code="damaged-workbook"):
    """An Excel workbook is incomplete or contradicts itself."""

    message = "This Excel workbook is damaged."
    hint = "Open it in Excel and save it again, or save the sheet as CSV."


class SheetTooLarge(DataError, code="sheet-too-large"):
    """A part of an Excel workbook exceeds the size limit once it is unpacked."""

    limit: int
    hint = "Save the sheet as CSV."

    @property
    def message(self) -> str:
        """The limit."""
        return f"Unpacked, a sheet of this Excel workbook is larger than {_size(self.limit)}."


class CellTooLong(DataError, code="cell-too-long"):
    """A cell of an Excel workbook has more characters than are allowed."""

    limit: int
    hint = "Clear this cell."

    @property
    def message(self) -> str:
        """The limit."""
        return f"A cell of this Excel workbook has more than {self.limit:,} characters."


class EmptyWorkbook(DataError, code="empty-workbook"):
    """The sheet that is named, or every sheet of the workbook, has no values."""

    sheet: str | None

    @property
    def message(self) -> str:
        """The sheet, if one is named."""
        if self.sheet is None:
            return "No sheet of the Excel workbook has any values."
        return f"Sheet {plain_text(self.sheet)!r} has no values."

    @property
    def hint(self) -> str:
        """Choose another sheet, or another workbook."""
        return "Choose a workbook with a table." if self.sheet is None else "Choose another sheet."


class UnknownSheet(RecipeError, code="unknown-sheet"):
    """The settings name a sheet that the workbook does not have."""

    sheet: str
    sheets: tuple[str, ...]

    @property
    def message(self) -> str:
        """The name."""
        return f"There is no sheet {plain_text(self.sheet)!r} in this workbook."

    @property
    def hint(self) -> str:
        """The nearest name, or the first names if none is near."""
        if near := nearest_names(self.sheet, self.sheets):
            return f"The nearest name is {plain_text(near[0])!r}."
        return f"Its sheets are {_quoted(self.sheets, 8)}."


class LineTooLong(DataError, code="line-too-long"):
    """A line of the text exceeds the size limit."""

    line: int
    limit: int
    hint = "Check that the file is a table with line ends."

    @property
    def message(self) -> str:
        """The line, and the limit in MB."""
        return f"Line {self.line:,} is longer than {self.limit >> 20} MB."


class WrongEncoding(DataError, code="wrong-encoding"):
    """The bytes of the file are impossible in the encoding that is set."""

    encoding: str
    hint = "Set another encoding, or leave it empty."

    @property
    def message(self) -> str:
        """The encoding."""
        return f"The file is not text in {self.encoding}."


class UnknownEncoding(RecipeError, code="unknown-encoding"):
    """The encoding that is set is unknown."""

    encoding: str
    hint = "Leave it empty, or use utf-8."

    @property
    def message(self) -> str:
        """The setting."""
        return f"ingest.encoding is {self.encoding!r}, which is unknown."


class InvalidDelimiter(RecipeError, code="invalid-delimiter"):
    """The delimiter that is set is not a single character that can separate cells."""

    delimiter: str
    hint = "Use one character such as , or ; or leave it empty."

    @property
    def message(self) -> str:
        """The setting."""
        return f"ingest.delimiter is {self.delimiter!r}, which is not a valid delimiter."


class HeaderLineNotFound(RecipeError, code="header-line-not-found"):
    """There is no text on or just below the header line that is set."""

    line: int
    hint = "Set it to the line of the first header row, or leave it empty."

    @property
    def message(self) -> str:
        """The setting."""
        return f"ingest.header_line is {self.line}, but there is no text on or just below that line."


class TooManyColumns(DataError, code="too-many-columns"):
    """The file has more columns than are allowed."""

    columns: int
    limit: int
    is_text: bool

    @property
    def message(self) -> str:
        """The number of columns, and the limit."""
        return f"The file has {self.columns:,} columns, but the maximum is {self.limit:,}."

    @property
    def hint(self) -> str:
        """Check the delimiter of a text; drop columns of other files."""
        return "Check the delimiter." if self.is_text else "Save fewer columns."


class NoDataRows(DataError, code="no-data-rows"):
    """No row below the header looks like data; `header` are its first cells."""

    header: tuple[str, ...]
    hint = "Choose a file with rows."

    @property
    def message(self) -> str:
        """The first cells of the header."""
        found = plain_text(" | ".join(self.header[:8]), most=120)
        return f"The file has no row of data below its header ({found})."


class MoreCellsThanNames(DataError, code="more-cells-than-names"):
    """Rows have more cells than the header has names: values contain unquoted delimiters."""

    names: int
    cells: int
    line: int
    text: str
    hint = "Export the file with cells in quotes, or with another delimiter such as a semicolon."

    @property
    def message(self) -> str:
        """How many names and cells there are, and the first row."""
        return (
            f"The header names {self.names:,} columns, but rows have {self.cells:,} cells, as in line {self.line:,}: "
            f"{plain_text(self.text, most=120)!r}. Values seem to contain an unquoted delimiter, such as a decimal comma."
        )


class ContradictoryQuotes(DataError, code="contradictory-quotes"):
    """The quotes do not allow lines to be matched to rows."""

    lines: int
    rows: int
    hint = "Export the file again with every text cell in double quotes."

    @property
    def message(self) -> str:
        """The numbers of lines and rows of the block."""
        return f"{self.lines:,} lines became {self.rows:,} rows: the quotes in this file contradict each other."


class NoNamedSeries(RecipeError, code="no-named-series"):
    """The series column that is set is empty in every row that has a time."""

    column: str
    hint = "Set another series column, or none."

    @property
    def message(self) -> str:
        """The series column."""
        return f"Every row with a time has an empty cell in the series column {self.column!r}."


class NoNumericColumn(DataError, code="no-numeric-column"):
    """The data have no numeric column besides the time and series columns."""

    message = "No column is numeric, so there is nothing to forecast."
    hint = "Choose a file with numbers."


class NoTarget(RecipeError, code="no-target"):
    """The recipe names no target; `proposed` is the column most likely meant."""

    proposed: str
    message = "The recipe names no target."

    @property
    def hint(self) -> str:
        """The proposed column."""
        return f"Set ingest.target, for example to {self.proposed!r}."


class UnusableTarget(RecipeError, code="unusable-target"):
    """The target is the time or series column, not numeric, constant, or without values.

    `found` is the type of a column that is not numeric, or the value of one that never changes.
    """

    column: str
    reason: Literal["time", "series", "no-value", "not-numeric", "constant"]
    found: str = ""
    hint = "Choose a numeric column whose values change."

    @property
    def message(self) -> str:
        """The target, and why it cannot be forecast."""
        reasons = {
            "time": "is the time column",
            "series": "is the series column",
            "no-value": "has no valid values",
            "not-numeric": f"has the type {self.found}, but must be numeric",
            "constant": f"is {self.found} in every row",
        }
        return f"The target {self.column!r} {reasons[self.reason]}."
