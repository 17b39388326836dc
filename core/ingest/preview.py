"""The first lines of a file, as they stand there and as they will be understood, without waiting for the whole of it."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from core.data.columns import LINE
from core.data.dataset import Dataset
from core.errors.model import PlumblineError
from core.ingest.containers.excel.workbook import Sheet
from core.ingest.containers.limits import Limits
from core.ingest.containers.open_any import list_sheets, open_as_text
from core.ingest.layout.decode import TextSource, find_text
from core.ingest.reader import read_table
from core.ingest.series.no_time import ROW_NUMBER
from core.recipe.model import IngestSettings

MOST_LINES = MOST_COLUMNS = 60
_BYTES = 200_000
# What is unpacked or written as text for it: more than is looked at, so that no line is cut.
_ENOUGH = 1_000_000
_LONGEST_LINE = 500
_FEWEST_LINES = 8
_LARGEST = 32_000_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Preview:
    """The first lines of a file, and the rows that they become; `problem` says what stands against it.

    Where that is no more than a missing time, the rows are there all the same; where the table begins further down, they are
    not, and there is no problem.
    `rows` stand in the order of the file and tell their line in the column `LINE`. `sheets` are those of a workbook, and
    `sheet` is the name of the one that is shown.
    """

    lines: tuple[str, ...] = ()
    rows: pd.DataFrame | None = None
    dataset: Dataset | None = None
    problem: PlumblineError | None = None
    sheets: tuple[Sheet, ...] = ()
    sheet: str | None = None


def preview_file(source: Path, settings: IngestSettings, most_lines: int = MOST_LINES) -> Preview:
    """Return the first lines and rows of a file; only its first 200 kB are looked at, so that kinds may still change.

    Series stay below each other, as in the file.
    """
    seen = Preview()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            seen = replace(seen, sheets=list_sheets(source))
            plain = open_as_text(source, Path(scratch), settings.sheet, limits=Limits(enough=_ENOUGH))
            text = find_text(plain.path, settings.encoding)
            head = _head(text)
            is_below = settings.header_line is not None and settings.header_line > head.count(b"\n")
            lines = tuple(line[:_LONGEST_LINE] for line in head[: 40 * _BYTES].decode().split("\n")[:most_lines])
            seen = replace(seen, lines=lines, sheet=plain.member if seen.sheets else None)
            if is_below and head.count(b"\n") >= most_lines:
                return seen
            file = Path(scratch) / "head.csv"
            file.write_bytes(head)
            settings = settings.model_copy(update={"encoding": None, "pivot": False})
            try:
                dataset = read_table(file, settings, Path(scratch) / "head")
            except PlumblineError as error:
                seen = replace(seen, problem=error)
                settings = settings.model_copy(update={"time_column": ROW_NUMBER, "series_column": None})
                dataset = read_table(file, settings, Path(scratch) / "head")
            names = [column.name for column in dataset.columns][:MOST_COLUMNS]
            rows = dataset.read([LINE, *names]).sort_values(LINE).head(most_lines).reset_index(drop=True)
            for name in (name for name in names if pd.api.types.is_string_dtype(rows[name])):
                rows[name] = rows[name].str.slice(0, _LONGEST_LINE)
        except PlumblineError as error:
            return replace(seen, problem=seen.problem or error)
    return replace(seen, rows=rows, dataset=replace(dataset, encoding=text.encoding, format=plain.format.value))


def _head(text: TextSource) -> bytes:
    """Return the first lines of the text: about 200 kB, or as much as the first few lines take where they are longer."""
    head = b""
    for block in text.blocks(_BYTES):
        head += block.data
        if head.count(b"\n") >= _FEWEST_LINES or len(head) > _LARGEST:
            break
    return head
