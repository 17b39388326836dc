"""Any file that holds a table, opened as CSV text: what is packed is unpacked, what is no text is written as text."""

from dataclasses import dataclass
from pathlib import Path

from core.findings.model import Finding
from core.ingest.containers.excel.workbook import Sheet, read_sheets, workbook_to_text
from core.ingest.containers.formats import Format, recognise
from core.ingest.containers.limits import Limits
from core.ingest.containers.parquet import parquet_to_text
from core.ingest.containers.unpack import nested, unpack
from core.progress import ShouldStop, never_stop


@dataclass(frozen=True, kw_only=True)
class PlainText:
    """A file of CSV text in the place of the user's file, and how it came about.

    `path` is the user's own file where that is text already. `format` is what the user's file is. `delimiter` is known only
    where the text was written here. `member` names the sheet, or the file within a ZIP archive, ready to be shown.
    """

    path: Path
    format: Format
    findings: tuple[Finding, ...] = ()
    delimiter: str | None = None
    member: str | None = None


def list_sheets(source: Path) -> tuple[Sheet, ...]:
    """Return the sheets of an Excel workbook; of any other file, or of one in an archive, none."""
    return read_sheets(source) if recognise(source) is Format.EXCEL else ()


def open_as_text(
    source: Path,
    scratch: Path,
    sheet: str | None = None,
    should_stop: ShouldStop = never_stop,
    limits: Limits = Limits(),
) -> PlainText:
    """Return the file as CSV text; what must be written for it goes into the folder `scratch`, which the caller removes.

    Raises `DataError` on what holds no table, is damaged beyond use or too large unpacked, `RecipeError` on the name of a
    sheet that is not there, `Stopped` on request.
    """
    found = inner = recognise(source)
    path, findings, member = source, (), None
    if found.is_packed:
        unpacked = unpack(source, found, scratch, limits, should_stop)
        path, findings, member = unpacked.path, unpacked.findings, unpacked.member
        inner = recognise(path)
        if inner.is_packed:
            raise nested(found, inner)
    if inner is Format.TEXT:
        return PlainText(path=path, format=found, findings=findings, delimiter=None, member=member)
    target = scratch / "table.csv"
    if inner is Format.EXCEL:
        member, told = workbook_to_text(path, target, sheet, limits, should_stop)
    else:
        told = parquet_to_text(path, target, limits, should_stop)
    if path is not source:
        path.unlink()
    return PlainText(path=target, format=found, findings=(*findings, *told), delimiter=",", member=member)
