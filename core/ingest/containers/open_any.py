"""Any supported file opened as CSV text: archives are unpacked, workbooks and Parquet files written as text."""

from dataclasses import dataclass
from pathlib import Path

from core.errors.files import NestedArchive
from core.findings.model import Finding
from core.ingest.containers.excel.workbook import Sheet, read_sheets, workbook_to_text
from core.ingest.containers.formats import Format, recognise
from core.ingest.containers.limits import Limits
from core.ingest.containers.parquet import parquet_to_text
from core.ingest.containers.unpack import unpack
from core.progress import ShouldStop, never_stop


@dataclass(frozen=True, kw_only=True)
class PlainText:
    """The CSV text of the user's file.

    `path` is the user's own file if that is text already. `format` is the format of the user's file. `delimiter` is None unless
    the text was written here. `member` is the name of the sheet, or of the file within a ZIP archive, without invisible characters.
    """

    path: Path
    format: Format
    findings: tuple[Finding, ...] = ()
    delimiter: str | None = None
    member: str | None = None


def list_sheets(source: Path) -> tuple[Sheet, ...]:
    """Return the sheets of an Excel workbook, or () for any other file and for archives."""
    return read_sheets(source) if recognise(source) is Format.EXCEL else ()


def open_as_text(
    source: Path,
    scratch: Path,
    sheet: str | None = None,
    should_stop: ShouldStop = never_stop,
    limits: Limits = Limits(),
) -> PlainText:
    """Return the file as CSV text.

    Raises `DataError` on a file that holds no table, is damaged beyond repair or is too large once unpacked, `RecipeError` on an
    unknown sheet, `Stopped` on request.

    Parameters
    ----------
    source
        The user's file.
    scratch
        A folder for the files that are written; the caller removes it.
    sheet
        The sheet of a workbook, or None to choose the first one that looks like a table.
    should_stop
        Whether to stop.
    limits
        Limits on the size of the text.
    """
    found = inner = recognise(source)
    path, member = source, None
    findings: tuple[Finding, ...] = ()
    if found.is_packed:
        unpacked = unpack(source, found, scratch, limits, should_stop)
        path, findings, member = unpacked.path, unpacked.findings, unpacked.member
        inner = recognise(path)
        if inner.is_packed:
            raise NestedArchive(outer=found, inner=inner)
    if inner is Format.TEXT:
        return PlainText(path=path, format=found, findings=findings, delimiter=None, member=member)
    target = scratch / "table.csv"
    if inner is Format.EXCEL:
        member, more = workbook_to_text(path, target, sheet, limits, should_stop)
    else:
        more = parquet_to_text(path, target, limits, should_stop)
    if path is not source:
        path.unlink()
    return PlainText(path=target, format=found, findings=(*findings, *more), delimiter=",", member=member)
