"""The first lines of a file and the rows they become, without reading all of it."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from core.data.columns import LINE
from core.data.dataset import Dataset
from core.errors.model import PlumblineError
from core.findings.ingest.rows import ROW_NUMBER
from core.ingest.containers.excel.workbook import Sheet
from core.ingest.containers.limits import Limits
from core.ingest.containers.open_any import list_sheets, open_as_text
from core.ingest.layout.decode import TextSource, detect_encoding
from core.ingest.reader import read_table
from core.recipe.model import IngestSettings
from core.text.visible import visible_text

MOST_LINES = MOST_COLUMNS = 60
_BYTES = 200_000
# Bytes to unpack or write as text: more than are shown, so no line is cut.
_ENOUGH = 1_000_000
_MAX_LINE = 500
_MIN_LINES = 8
_MAX_BYTES = 32_000_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Preview:
    """The first lines of a file, and the rows they become.

    `problem` is the error of reading them. If only the time is missing, `rows` are present as well. If the table begins further
    down, there are neither rows nor a problem. `rows` are in the order of the file, with their line numbers in the column `LINE`.
    `sheets` are those of a workbook, and `sheet` is the name of the one shown. Characters that cannot be seen, such as
    direction marks, are written out.
    """

    lines: tuple[str, ...] = ()
    rows: pd.DataFrame | None = None
    dataset: Dataset | None = None
    problem: PlumblineError | None = None
    sheets: tuple[Sheet, ...] = ()
    sheet: str | None = None


def preview_file(source: Path, settings: IngestSettings, most_lines: int = MOST_LINES) -> Preview:
    """Return the first lines and rows of a file.

    Only the first 200 kB are read, so the types of columns may differ from those of the whole file. A long table is not pivoted.
    """
    preview = Preview()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            preview = replace(preview, sheets=list_sheets(source))
            plain = open_as_text(source, Path(scratch), settings.sheet, limits=Limits(enough=_ENOUGH))
            text = detect_encoding(plain.path, settings.encoding)
            head = _head(text)
            is_below = settings.header_line is not None and settings.header_line > head.count(b"\n")
            lines = tuple(
                visible_text(line[:_MAX_LINE]) for line in head[: 40 * _BYTES].decode().split("\n")[:most_lines]
            )
            preview = replace(preview, lines=lines, sheet=plain.member if preview.sheets else None)
            if is_below and head.count(b"\n") >= most_lines:
                return preview
            file = Path(scratch) / "head.csv"
            file.write_bytes(head)
            settings = settings.model_copy(update={"encoding": None, "pivot": False})
            try:
                dataset = read_table(file, settings, Path(scratch) / "head")
            except PlumblineError as error:
                preview = replace(preview, problem=error)
                settings = settings.model_copy(update={"time_column": ROW_NUMBER, "series_column": None})
                dataset = read_table(file, settings, Path(scratch) / "head")
            names = [column.name for column in dataset.columns][:MOST_COLUMNS]
            rows = dataset.read([LINE, *names]).sort_values(LINE).head(most_lines).reset_index(drop=True)
            for name in (name for name in names if pd.api.types.is_string_dtype(rows[name])):
                rows[name] = rows[name].str.slice(0, _MAX_LINE).map(visible_text, na_action="ignore")
        except PlumblineError as error:
            return replace(preview, problem=preview.problem or error)
    return replace(preview, rows=rows, dataset=replace(dataset, encoding=text.encoding, format=plain.format.value))


def _head(text: TextSource) -> bytes:
    """Return the first lines: about 200 kB, or more if the first eight lines are longer."""
    head = b""
    for block in text.blocks(_BYTES):
        head += block.data
        if head.count(b"\n") >= _MIN_LINES or len(head) > _MAX_BYTES:
            break
    return head
