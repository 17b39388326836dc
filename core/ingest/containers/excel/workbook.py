"""Excel workbooks to CSV text: one sheet, row n of it on line n, every value as the workbook holds it.

Read here and not by a library: the quick one (calamine) gives an error cell (#N/A) as an empty one, and a file of 2 KB whose
two cells stand in the far corners makes it ask for 550 GB and abort; the other (openpyxl) takes twice as long.
"""

import difflib
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from core.errors.model import DataError, RecipeError
from core.findings.model import Finding, Remedy, Severity, legacy_finding
from core.ingest.containers.excel.choose_sheet import BEST, grade_sheet
from core.ingest.containers.excel.dates import Shown, shown_as
from core.ingest.containers.excel.grid import write_grid
from core.ingest.containers.excel.sheet_xml import (
    MOST_ROWS,
    Texts,
    column_place,
    damaged,
    read_rows,
    read_texts,
    read_xml,
)
from core.ingest.containers.limits import Limits, require_no_bomb
from core.ingest.containers.zips import open_zip
from core.progress import ShouldStop, never_stop
from core.text.escape import plain_text

# A sheet says near its top from where to where its cells reach; one that says "A1" may be empty, or may not have counted.
_OPENING = 4096
_BEGINNING = 100_000
_REACH = re.compile(rb'<(?:\w+:)?dimension\s+ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet of cells, and the part of the archive that holds it; `rows` and `columns` are known where the sheet tells them."""

    name: str
    part: str
    hidden: bool
    rows: int | None = None
    columns: int | None = None


def read_sheets(source: Path, limits: Limits = Limits()) -> tuple[Sheet, ...]:
    """Return the sheets of an Excel workbook in its own order, without reading them; raises `DataError` if it is damaged."""
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
    """Write a sheet of an Excel workbook as CSV text; return its name, and what there is to say about it.

    Without `sheet` the first one that holds a table is taken, a hidden one last; where none does, the first with a value.
    Hidden rows are read too.

    Raises `RecipeError` on the name of a sheet that is not there, `DataError` on a workbook that is damaged, empty or a bomb.
    """
    with open_zip(source) as archive:
        workbook = _Workbook(archive, source.stat().st_size, limits, should_stop)
        if sheet is not None:
            chosen, passed = _sheet_named(sheet, workbook.sheets), ()
        else:
            chosen, passed = _choose_sheet(workbook, target)
        found = None if chosen is None else workbook.write(chosen, target)
        if found is not None:
            others = [] if sheet is not None else [other for other in workbook.sheets if other is not chosen]
            return plain_text(chosen.name), (*_say_choice(chosen, others, passed), *found)
    if sheet is not None:
        raise DataError(f"The sheet {plain_text(sheet)!r} holds no value.", "Choose another sheet.")
    raise DataError("The Excel workbook holds no value in any sheet.", "Choose a workbook with a table.")


def _choose_sheet(workbook: "_Workbook", scratch: Path) -> tuple[Sheet | None, tuple[Sheet, ...]]:
    """Return the sheet that looks most like a table, the first of them, and those with a value before it that look less so.

    Of each the beginning is written to `scratch` to be looked at.
    """
    if len(workbook.sheets) == 1:
        return workbook.sheets[0], ()
    graded: list[tuple[int, Sheet]] = []
    for sheet in workbook.in_order():
        if workbook.write(sheet, scratch, _BEGINNING) is not None:
            graded.append((grade_sheet(scratch.read_bytes()), sheet))
            if graded[-1][0] == BEST:
                break
    if not graded:
        return None, ()
    chosen = max(graded, key=lambda each: (each[0] > 0 and not each[1].hidden, each[0]))[1]
    before = [sheet for _, sheet in graded]
    return chosen, tuple(before[: before.index(chosen)])


def _sheet_named(name: str, sheets: tuple[Sheet, ...]) -> Sheet:
    """Return the sheet of this name, whatever its case, as in Excel."""
    by_name = {sheet.name.casefold(): sheet for sheet in reversed(sheets)}
    if name.casefold() in by_name:
        return by_name[name.casefold()]
    near = difflib.get_close_matches(name.casefold(), list(by_name), n=1, cutoff=0.5)
    named = ", ".join(repr(plain_text(sheet.name)) for sheet in sheets[:8])
    raise RecipeError(
        f"There is no sheet {plain_text(name)!r} in this workbook.",
        f"The nearest name is {plain_text(by_name[near[0]].name)!r}."
        if near
        else f"Its sheets are {named}{', …' if len(sheets) > 8 else ''}.",
    )


def _say_choice(taken: Sheet, others: list[Sheet], passed: tuple[Sheet, ...]) -> list[Finding]:
    if not others:
        return []
    named = ", ".join(repr(plain_text(other.name)) for other in others[:8])
    why = f" {plain_text(passed[0].name)!r} stands before it and looks less like a table." if passed else ""
    return [
        legacy_finding(
            "sheet-chosen",
            Severity.INFO,
            f"The sheet {plain_text(taken.name)!r} was read",
            f"The workbook also holds {named}{', …' if len(others) > 8 else ''}.{why}",
            remedy=Remedy(
                label=f"Read {plain_text(others[0].name, most=40)!r}",
                section="ingest",
                field="sheet",
                value=others[0].name,
            )
            if len(others) == 1
            else None,
        )
    ]


class _Workbook:
    """The parts of a workbook that its sheets need: their names, the shared texts, and which styles show dates."""

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
    def styles(self) -> dict[str, Shown]:
        """The cell styles, by the number that cells name, that show a date or a time of day."""
        return self._read_styles(self._parts["styles"]) if "styles" in self._parts else {}

    @cached_property
    def texts(self) -> Texts:
        """The texts that the cells of all sheets share."""
        if "sharedStrings" not in self._parts:
            return Texts()
        with self.open(self._parts["sharedStrings"]) as file:
            return read_texts(file, self._should_stop)

    def measure(self, sheet: Sheet) -> Sheet:
        """Return the sheet with its rows and columns, where its first lines tell them."""
        with self.open(sheet.part) as file:
            found = _REACH.search(file.read(_OPENING))
        if found is None:
            return sheet
        left, top, right, bottom = found.groups()
        rows, columns = int(bottom) - int(top) + 1, column_place(right.decode()) - column_place(left.decode()) + 1
        return replace(sheet, rows=rows, columns=columns) if 0 < rows <= MOST_ROWS and columns > 0 else sheet

    def in_order(self) -> list[Sheet]:
        """Return the sheets in the order in which they are tried."""
        return sorted(self.sheets, key=lambda sheet: sheet.hidden)

    def write(self, sheet: Sheet, target: Path, enough: int | None = None) -> tuple[Finding, ...] | None:
        """Write a sheet as CSV text, or its beginning where so many bytes are enough; return what there is to say of it.

        None where it holds no value.
        """
        limits = self._limits if enough is None else replace(self._limits, enough=enough)
        with self.open(sheet.part) as file:
            rows = read_rows(file, self.texts, self.styles, self.since_1904, self._should_stop)
            return write_grid(rows, target, self._size, limits)

    @contextmanager
    def open(self, part: str) -> Iterator[BinaryIO]:
        """Give a part of the workbook as it comes out of the archive; raises `DataError` if it is too large or damaged."""
        try:
            entry = self._archive.getinfo(part)
        except KeyError as error:
            raise damaged() from error
        # What comes out is never more than the directory says, so that it can be judged before.
        require_no_bomb(entry.file_size, entry.compress_size, self._limits)
        if entry.file_size > self._limits.workbook:
            raise DataError(
                f"A sheet of this Excel workbook is larger, unpacked, than {self._limits.workbook / 1e9:,.3g} GB.",
                "Save the sheet as CSV.",
            )
        if entry.flag_bits & 0x1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged()
        try:
            with self._archive.open(entry) as file:
                yield file
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise damaged() from error

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return what a part leans on: for each key the kind of the other part and its name in the archive."""
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
                # A sheet that is one chart has no cells.
                if key in parts:
                    hidden = attributes.get("state", "visible") != "visible"
                    sheets.append(Sheet(name=attributes.get("name", ""), part=parts[key], hidden=hidden))

        with self.open(main) as file:
            read_xml(file, start, _ignore, self._should_stop)
        if not sheets:
            raise damaged()
        return tuple(sheets)

    def _read_styles(self, part: str) -> dict[str, Shown]:
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
        looks = {key: shown_as(int(key) if key.isdecimal() else 0, codes.get(key)) for key in set(formats)}
        return {str(place): look for place, key in enumerate(formats) if (look := looks[key]) is not None}


def _ignore(_: str) -> None:
    """Hear the end of an element that has no meaning there."""
