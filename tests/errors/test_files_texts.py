"""The texts of the errors of opening and reading files, as a user reads them."""

import pickle

import pytest

from core.errors.files import (
    CellTooLong,
    ContradictoryQuotes,
    DamagedParquet,
    DamagedWorkbook,
    DamagedZip,
    DecompressionBomb,
    DiskFull,
    EmptyFile,
    EmptyParquet,
    EmptyWorkbook,
    FileKind,
    FileUnreadable,
    HeaderLineNotFound,
    InvalidDelimiter,
    LineTooLong,
    LockedZip,
    MoreCellsThanNames,
    NestedArchive,
    NoDataRows,
    NoNamedSeries,
    NoNumericColumn,
    NoTarget,
    NotATable,
    NothingRecovered,
    SheetTooLarge,
    TooManyColumns,
    UncommonZipMethod,
    UnknownEncoding,
    UnknownSheet,
    UnpackedTooLarge,
    UnpackingFailed,
    UnpackingNeedsMemory,
    UnusableTarget,
    WrongEncoding,
    ZipWithoutFile,
    ZipWithSeveralFiles,
)
from core.errors.model import PlumblineError
from core.findings.catalogue import all_errors

TEXTS = [
    (
        NotATable(kind=FileKind.PNG),
        "This file is a PNG image, not a CSV table.",
        "Save the table as CSV text and choose that file.",
    ),
    (
        NotATable(kind=FileKind.JPEG),
        "This file is a JPEG image, not a CSV table.",
        "Save the table as CSV text and choose that file.",
    ),
    (
        NotATable(kind=FileKind.GIF),
        "This file is a GIF image, not a CSV table.",
        "Save the table as CSV text and choose that file.",
    ),
    (
        NotATable(kind=FileKind.PDF),
        "This file is a PDF document, not a CSV table.",
        "Save the table as CSV text and choose that file.",
    ),
    (
        NotATable(kind=FileKind.WORD),
        "This file is a Word document, not a CSV table.",
        "Save the table as CSV text and choose that file.",
    ),
    (
        NotATable(kind=FileKind.POWERPOINT),
        "This file is a PowerPoint presentation, not a CSV table.",
        "Save the table as CSV text and choose that file.",
    ),
    (
        NotATable(kind=FileKind.OPEN_DOCUMENT),
        "This file is an OpenDocument file, not a CSV table.",
        "Save the table as CSV text and choose that file.",
    ),
    (
        NotATable(kind=FileKind.OLD_WORKBOOK),
        "This file is an old Excel workbook (.xls), not a CSV table.",
        "Save it as .xlsx without a password, or as CSV.",
    ),
    (
        NotATable(kind=FileKind.LOCKED_WORKBOOK),
        "This file is a password-protected Excel workbook, not a CSV table.",
        "Save it as .xlsx without a password, or as CSV.",
    ),
    (
        NotATable(kind=FileKind.BINARY_WORKBOOK),
        "This file is a binary Excel workbook (.xlsb), not a CSV table.",
        "Save it as .xlsx without a password, or as CSV.",
    ),
    (
        NotATable(kind=FileKind.EMPTY_ZIP),
        "This file is an empty ZIP archive, not a CSV table.",
        "Save the table as CSV text and choose that file.",
    ),
    (
        NotATable(kind=FileKind.LZ4),
        "This file is an LZ4 archive, not a CSV table.",
        "Unpack it and choose the CSV inside.",
    ),
    (
        NotATable(kind=FileKind.SEVEN_ZIP),
        "This file is a 7z archive, not a CSV table.",
        "Unpack it and choose the CSV inside.",
    ),
    (
        NotATable(kind=FileKind.RAR),
        "This file is a RAR archive, not a CSV table.",
        "Unpack it and choose the CSV inside.",
    ),
    (
        NotATable(kind=FileKind.TAR),
        "This file is a tar archive, not a CSV table.",
        "Unpack it and choose the CSV inside.",
    ),
    (
        NotATable(kind=FileKind.JAR),
        "This file is a Java archive, not a CSV table.",
        "Save the table as CSV text and choose that file.",
    ),
    (
        NotATable(kind=FileKind.ARROW),
        "This file is an Arrow file, not a CSV table.",
        "Save the table as CSV text and choose that file.",
    ),
    (
        NotATable(kind=FileKind.FEATHER),
        "This file is a Feather file, not a CSV table.",
        "Save the table as CSV text and choose that file.",
    ),
    (
        NotATable(kind=FileKind.SQLITE),
        "This file is an SQLite database, not a CSV table.",
        "Save the table as CSV text and choose that file.",
    ),
    (
        NotATable(kind=FileKind.HDF5),
        "This file is an HDF5 file, not a CSV table.",
        "Save the table as CSV text and choose that file.",
    ),
    (
        NotATable(kind=FileKind.NUMPY),
        "This file is a NumPy file, not a CSV table.",
        "Save the table as CSV text and choose that file.",
    ),
    (
        NotATable(kind=FileKind.PICKLE),
        "This file is a Python pickle, which is never opened, not a CSV table.",
        "Save the table as CSV text and choose that file.",
    ),
    (
        NotATable(kind=FileKind.PROGRAM),
        "This file is a program, not a CSV table.",
        "Save the table as CSV text and choose that file.",
    ),
    (
        NotATable(kind=FileKind.WEB_PAGE),
        "This file is a web page or XML, not a CSV table.",
        "The download may have returned an error page. Open the file in a text editor to check.",
    ),
    (
        NotATable(kind=FileKind.JSON),
        "This file is JSON, not a CSV table.",
        "Save the table as CSV text and choose that file.",
    ),
    (
        NotATable(kind=FileKind.BINARY),
        "This file is binary data, not a CSV table.",
        "Save the table as CSV text and choose that file.",
    ),
    (
        FileUnreadable(name="a.csv", reason="No such file or directory"),
        "The file a.csv cannot be read: No such file or directory.",
        "Check the path.",
    ),
    (
        FileUnreadable(name="prices.csv", reason="Permission denied"),
        "The file prices.csv cannot be read: Permission denied.",
        "Check the path.",
    ),
    (FileUnreadable(name="a.csv", reason=None), "The file a.csv cannot be read: unknown reason.", "Check the path."),
    (EmptyFile(), "The file is empty: 0 bytes.", "Choose a CSV file with a header and rows."),
    (EmptyFile(is_blank=True), "The file is blank: it has no text.", "Choose a CSV file with a header and rows."),
    (
        EmptyFile(packed="gzip"),
        "This gzip file is empty: it unpacks to 0 bytes.",
        "Choose a CSV file with a header and rows.",
    ),
    (
        UnpackedTooLarge(limit=20000000000),
        "Unpacked, this file is larger than 20 GB.",
        "Split it into files of a few years each.",
    ),
    (
        DecompressionBomb(ratio=500),
        "This file expands to more than 500 times its size, like a decompression bomb.",
        "Unpack it yourself, check the contents, and choose the CSV inside.",
    ),
    (
        DiskFull(written=3400000000, reserve=1000000000),
        "There is not enough disk space to unpack this file: 3.4 GB have been unpacked, and 1 GB must stay free.",
        "Free some disk space, or choose a smaller file.",
    ),
    (
        UnpackingFailed(reason="No space left on device"),
        "The file cannot be unpacked: No space left on device.",
        "Free some disk space.",
    ),
    (
        NestedArchive(outer="ZIP", inner="gzip"),
        "This ZIP file contains another compressed file (gzip), not CSV text.",
        "Unpack it and choose the CSV inside.",
    ),
    (
        UnpackingNeedsMemory(packed="xz"),
        "Unpacking this xz file needs more memory than is allowed.",
        "Compress it with a smaller dictionary or window.",
    ),
    (
        NothingRecovered(packed="gzip", is_damaged=False),
        "This gzip file is cut short: no complete line could be recovered.",
        "Download the file again, or ask for a new copy.",
    ),
    (
        NothingRecovered(packed="gzip", is_damaged=True),
        "This gzip file is damaged: no complete line could be recovered.",
        "Download the file again, or ask for a new copy.",
    ),
    (
        DamagedZip(part="directory"),
        "This ZIP archive cannot be opened: the directory at its end is missing or damaged.",
        "Download the file again, or ask for a new copy.",
    ),
    (
        DamagedZip(part="file"),
        "This ZIP archive is damaged at the start of the file inside.",
        "Download the file again, or ask for a new copy.",
    ),
    (ZipWithoutFile(), "This ZIP archive contains no file.", "Put one file with a table into it."),
    (
        ZipWithSeveralFiles(names=("0.csv", "1.csv", "2.csv", "3.csv", "4.csv", "5.csv", "6.csv")),
        "This ZIP archive contains 7 files: 0.csv, 1.csv, 2.csv, 3.csv, 4.csv and 2 more.",
        "Put a single file into the archive, or unpack it and choose one.",
    ),
    (LockedZip(), "This ZIP archive is protected by a password.", "Unpack it and choose the CSV inside."),
    (
        UncommonZipMethod(),
        "This ZIP archive uses an unsupported compression method.",
        "Unpack it and choose the CSV inside, or compress it with the standard method (deflate).",
    ),
    (
        DamagedParquet(),
        "This Parquet file is damaged, or uses an unsupported feature.",
        "Download the file again, or save the table as CSV.",
    ),
    (
        EmptyParquet(rows=0, columns=3),
        "This Parquet file has 0 rows and 3 columns with one value per cell.",
        "Choose a file with rows.",
    ),
    (
        DamagedWorkbook(),
        "This Excel workbook is damaged.",
        "Open it in Excel and save it again, or save the sheet as CSV.",
    ),
    (
        SheetTooLarge(limit=1000000000),
        "Unpacked, a sheet of this Excel workbook is larger than 1 GB.",
        "Save the sheet as CSV.",
    ),
    (
        CellTooLong(limit=1048576),
        "A cell of this Excel workbook has more than 1,048,576 characters.",
        "Clear this cell.",
    ),
    (EmptyWorkbook(sheet=None), "No sheet of the Excel workbook has any values.", "Choose a workbook with a table."),
    (EmptyWorkbook(sheet="A"), "Sheet 'A' has no values.", "Choose another sheet."),
    (
        UnknownSheet(sheet="Pricse", sheets=("Prices", "Notes")),
        "There is no sheet 'Pricse' in this workbook.",
        "The nearest name is 'Prices'.",
    ),
    (
        UnknownSheet(sheet="zzzz", sheets=("Prices", "Notes")),
        "There is no sheet 'zzzz' in this workbook.",
        "Its sheets are 'Prices', 'Notes'.",
    ),
    (
        LineTooLong(line=3, limit=268435456),
        "Line 3 is longer than 256 MB.",
        "Check that the file is a table with line ends.",
    ),
    (WrongEncoding(encoding="utf-16"), "The file is not text in utf-16.", "Set another encoding, or leave it empty."),
    (
        UnknownEncoding(encoding="klingon"),
        "ingest.encoding is 'klingon', which is unknown.",
        "Leave it empty, or use utf-8.",
    ),
    (
        InvalidDelimiter(delimiter=";;"),
        "ingest.delimiter is ';;', which is not a valid delimiter.",
        "Use one character such as , or ; or leave it empty.",
    ),
    (
        HeaderLineNotFound(line=99),
        "ingest.header_line is 99, but there is no text on or just below that line.",
        "Set it to the line of the first header row, or leave it empty.",
    ),
    (
        TooManyColumns(columns=20001, limit=20000, is_text=True),
        "The file has 20,001 columns, but the maximum is 20,000.",
        "Check the delimiter.",
    ),
    (
        TooManyColumns(columns=20001, limit=20000, is_text=False),
        "The file has 20,001 columns, but the maximum is 20,000.",
        "Save fewer columns.",
    ),
    (
        NoDataRows(header=("Date", "Close")),
        "The file has no row of data below its header (Date | Close).",
        "Choose a file with rows.",
    ),
    (
        MoreCellsThanNames(names=5, cells=6, line=2, text="2024-01-01,594,25,600,10,7"),
        "The header names 5 columns, but rows have 6 cells, as in line 2: '2024-01-01,594,25,600,10,7'. Values seem to contain "
        "an unquoted delimiter, such as a decimal comma.",
        "Export the file with cells in quotes, or with another delimiter such as a semicolon.",
    ),
    (
        ContradictoryQuotes(lines=10, rows=9),
        "10 lines became 9 rows: the quotes in this file contradict each other.",
        "Export the file again with every text cell in double quotes.",
    ),
    (
        NoNamedSeries(column="Name"),
        "Every row with a time has an empty cell in the series column 'Name'.",
        "Set another series column, or none.",
    ),
    (NoNumericColumn(), "No column is numeric, so there is nothing to forecast.", "Choose a file with numbers."),
    (NoTarget(proposed="close"), "The recipe names no target.", "Set ingest.target, for example to 'close'."),
    (
        UnusableTarget(column="x", reason="time"),
        "The target 'x' is the time column.",
        "Choose a numeric column whose values change.",
    ),
    (
        UnusableTarget(column="x", reason="series"),
        "The target 'x' is the series column.",
        "Choose a numeric column whose values change.",
    ),
    (
        UnusableTarget(column="x", reason="no-value"),
        "The target 'x' has no valid values.",
        "Choose a numeric column whose values change.",
    ),
    (
        UnusableTarget(column="x", reason="not-numeric", found="text"),
        "The target 'x' has the type text, but must be numeric.",
        "Choose a numeric column whose values change.",
    ),
    (
        UnusableTarget(column="x", reason="constant", found="3"),
        "The target 'x' is 3 in every row.",
        "Choose a numeric column whose values change.",
    ),
]


@pytest.mark.parametrize(("error", "message", "hint"), TEXTS, ids=lambda value: getattr(value, "code", ""))
def test_texts(error: PlumblineError, message: str, hint: str) -> None:
    assert (error.message, error.hint) == (message, hint)
    assert str(pickle.loads(pickle.dumps(error))) == f"{message} {hint}"


def test_every_kind_is_pinned() -> None:
    declared = {code for code, kind in all_errors().items() if kind.__module__ == "core.errors.files"}
    assert {error.code for error, *_ in TEXTS} == declared
    assert {error.kind for error, *_ in TEXTS if isinstance(error, NotATable)} == set(FileKind)
