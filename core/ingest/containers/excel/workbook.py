"""Excel workbooks written as CSV text: one sheet, row n on line n.

No library is used. Calamine is fast, but reads an error cell (#N/A) as empty, and tries to allocate 550 GB for a file of 2 KB with
two cells in opposite corners. Openpyxl takes twice as long.
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import IO

from core.errors.files import DamagedWorkbook, EmptyWorkbook, SheetTooLarge, UnknownSheet
from core.findings.ingest.reading import SheetChosen
from core.findings.model import Finding
from core.ingest.containers.excel.choose_sheet import BEST, grade_sheet
from core.ingest.containers.excel.dates import DateStyle, date_style
from core.ingest.containers.excel.grid import write_grid
from core.ingest.containers.excel.sheet_xml import (
    MAX_ROWS,
    SharedStrings,
    column_index,
    read_rows,
    read_shared_strings,
    read_xml,
)
from core.ingest.containers.limits import Limits, require_no_bomb
from core.ingest.containers.zips import open_zip
from core.progress import ShouldStop, never_stop
from core.text.escape import plain_text

# The dimensions are near the top of a sheet; "A1" means that it is empty, or that they were not computed.
_HEAD = 4096
_BEGINNING = 100_000
_DIMENSIONS = re.compile(rb'<(?:\w+:)?dimension\s+ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet, and its part of the archive.

    `rows` and `columns` are None if the sheet does not state its size.
    """

    name: str
    part: str
    hidden: bool
    rows: int | None = None
    columns: int | None = None


def read_sheets(source: Path, limits: Limits = Limits()) -> tuple[Sheet, ...]:
    """Return the sheets of an Excel workbook in its order, without their cells.

    Raises `DataError` if the workbook is damaged.
    """
    with open_zip(source) as archive:
        workbook = _Workbook(archive, source.stat().st_size, limits, never_stop)
        return tuple(workbook.measure(sheet) for sheet in workbook.sheets)


def workbook_to_text(
    source: Path,
    target: Path,
    sheet: str | None = None,
    limits: Limits = Limits(),
    should_stop: ShouldStop = never_stop,
) -> tuple[str, tuple[Finding, ...]]:
    """Write a sheet of an Excel workbook as CSV text; return its name and findings.

    Hidden rows are included.

    Raises `RecipeError` if there is no such sheet, `DataError` if the workbook is damaged, empty or a decompression bomb.

    Parameters
    ----------
    source, target
        The workbook, and the text file to write.
    sheet
        The name of the sheet, or None for the one that looks most like a table: the first of them, visible ones before hidden
        ones. If none looks like a table, the first with a value.
    limits, should_stop
        Limits on the size of the text, and whether to stop.
    """
    with open_zip(source) as archive:
        workbook = _Workbook(archive, source.stat().st_size, limits, should_stop)
        if sheet is None:
            chosen, choice = _choose_sheet(workbook, target)
        else:
            chosen, choice = _sheet_named(sheet, workbook.sheets), []
        found = workbook.write(chosen, target)
    if found is None:
        raise EmptyWorkbook(sheet=sheet)
    return plain_text(chosen.name), (*choice, *found)


def _choose_sheet(workbook: "_Workbook", scratch: Path) -> tuple[Sheet, list[Finding]]:
    """Return the first sheet that looks most like a table, and a finding on the others.

    The beginning of each sheet is written to `scratch` and graded. Raises `DataError` if no sheet has a value.
    """
    if len(workbook.sheets) == 1:
        return workbook.sheets[0], []
    graded: list[tuple[int, Sheet]] = []
    for sheet in workbook.visible_first():
        if workbook.write(sheet, scratch, _BEGINNING) is not None:
            graded.append((grade_sheet(scratch.read_bytes()), sheet))
            if graded[-1][0] == BEST:
                break
    if not graded:
        raise EmptyWorkbook(sheet=None)
    chosen = max(graded, key=lambda each: (each[0] > 0 and not each[1].hidden, each[0]))[1]
    earliest = graded[0][1]
    others = tuple(sheet.name for sheet in workbook.sheets if sheet is not chosen)
    skipped = None if earliest is chosen else earliest.name
    return chosen, [SheetChosen(sheet=chosen.name, others=others, skipped=skipped)]


def _sheet_named(name: str, sheets: tuple[Sheet, ...]) -> Sheet:
    """Return the sheet of this name; as in Excel, case does not matter."""
    by_name = {sheet.name.casefold(): sheet for sheet in reversed(sheets)}
    if name.casefold() not in by_name:
        raise UnknownSheet(sheet=name, sheets=tuple(sheet.name for sheet in sheets))
    return by_name[name.casefold()]


class _Workbook:
    """The parts of a workbook that its sheets need: names, shared strings and date styles."""

    def __init__(self, archive: zipfile.ZipFile, size: int, limits: Limits, should_stop: ShouldStop) -> None:
        self._archive, self._size, self._limits, self._should_stop = archive, size, limits, should_stop
        main = next(
            (part for kind, part in self._relations("").values() if kind == "officeDocument"), "xl/workbook.xml"
        )
        relations = self._relations(main)
        self.since_1904 = False
        self.sheets = self._read_sheets(
            main, {key: part for key, (kind, part) in relations.items() if kind == "worksheet"}
        )
        self._parts = dict(relations.values())

    @cached_property
    def styles(self) -> dict[str, DateStyle]:
        """The cell styles that display a date or a time of day, by the number that cells refer to."""
        return self._read_styles(self._parts["styles"]) if "styles" in self._parts else {}

    @cached_property
    def strings(self) -> SharedStrings:
        """The shared strings of all sheets."""
        if "sharedStrings" not in self._parts:
            return SharedStrings()
        with self.open(self._parts["sharedStrings"]) as file:
            return read_shared_strings(file, self._should_stop)

    def measure(self, sheet: Sheet) -> Sheet:
        """Return the sheet with its numbers of rows and columns, if its first bytes state them."""
        with self.open(sheet.part) as file:
            found = _DIMENSIONS.search(file.read(_HEAD))
        if found is None:
            return sheet
        left, top, right, bottom = found.groups()
        rows, columns = int(bottom) - int(top) + 1, column_index(right.decode()) - column_index(left.decode()) + 1
        return replace(sheet, rows=rows, columns=columns) if 0 < rows <= MAX_ROWS and columns > 0 else sheet

    def visible_first(self) -> list[Sheet]:
        """Return the visible sheets, then the hidden ones."""
        return sorted(self.sheets, key=lambda sheet: sheet.hidden)

    def write(self, sheet: Sheet, target: Path, enough: int | None = None) -> tuple[Finding, ...] | None:
        """Write a sheet as CSV text; return findings, or None if it has no value.

        With `enough`, writing stops after that many bytes.
        """
        limits = self._limits if enough is None else replace(self._limits, enough=enough)
        with self.open(sheet.part) as file:
            rows = read_rows(file, self.strings, self.styles, self.since_1904, self._should_stop)
            return write_grid(rows, target, self._size, limits)

    @contextmanager
    def open(self, part: str) -> Iterator[IO[bytes]]:
        """Yield an open part of the workbook; raises `DataError` if it is too large or damaged."""
        try:
            entry = self._archive.getinfo(part)
        except KeyError as error:
            raise DamagedWorkbook from error
        # `zipfile` never unpacks more than the directory states.
        require_no_bomb(entry.file_size, entry.compress_size, self._limits)
        if entry.file_size > self._limits.workbook:
            raise SheetTooLarge(limit=self._limits.workbook)
        if entry.flag_bits & 0x1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DamagedWorkbook
        try:
            with self._archive.open(entry) as file:
                yield file
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise DamagedWorkbook from error

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return the relationships of a part by their id.

        Each is the type of the other part, and its name in the archive.
        """
        folder, name = posixpath.split(part)
        found: dict[str, tuple[str, str]] = {}

        def start(element: str, attributes: dict[str, str]) -> None:
            if element == "Relationship" and attributes.get("TargetMode") != "External":
                kind = attributes.get("Type", "").rpartition("/")[2]
                other = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
                found.setdefault(attributes.get("Id", ""), (kind, other))

        with self.open(posixpath.join(folder, "_rels", f"{name}.rels")) as file:
            read_xml(file, start, _ignore, self._should_stop)
        return found

    def _read_sheets(self, main: str, parts: dict[str, str]) -> tuple[Sheet, ...]:
        sheets: list[Sheet] = []

        def start(element: str, attributes: dict[str, str]) -> None:
            if element == "workbookPr":
                self.since_1904 = attributes.get("date1904", "0") in ("1", "true")
            elif element == "sheet":
                key = next((value for name, value in attributes.items() if name.endswith(":id")), "")
                # A chart sheet has no cells.
                if key in parts:
                    hidden = attributes.get("state", "visible") != "visible"
                    sheets.append(Sheet(name=attributes.get("name", ""), part=parts[key], hidden=hidden))

        with self.open(main) as file:
            read_xml(file, start, _ignore, self._should_stop)
        if not sheets:
            raise DamagedWorkbook
        return tuple(sheets)

    def _read_styles(self, part: str) -> dict[str, DateStyle]:
        codes: dict[str, str] = {}
        formats: list[str] = []
        inside = False

        def start(element: str, attributes: dict[str, str]) -> None:
            nonlocal inside
            if element == "numFmt":
                codes.setdefault(attributes.get("numFmtId", ""), attributes.get("formatCode", ""))
            elif element == "cellXfs":
                inside = True
            elif element == "xf" and inside:
                formats.append(attributes.get("numFmtId", "0"))

        def end(element: str) -> None:
            nonlocal inside
            inside = inside and element != "cellXfs"

        with self.open(part) as file:
            read_xml(file, start, end, self._should_stop)
        styles = {key: date_style(int(key) if key.isdecimal() else 0, codes.get(key)) for key in set(formats)}
        return {str(position): style for position, key in enumerate(formats) if (style := styles[key]) is not None}


def _ignore(_: str) -> None:
    """Do nothing at the end of an element."""
