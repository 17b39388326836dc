"""The first lines of a file, as they stand there and as they will be understood, without waiting for the whole of it."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core.errors import PlumblineError
from core.ingest.content import find_text
from core.ingest.dataset import LINE, Dataset
from core.ingest.formats import Format, recognise
from core.ingest.opening import open_as_text
from core.ingest.reader import read_table
from core.recipe import IngestSettings

_BYTES = 200_000
_LONGEST_LINE = 500
_LARGEST_PACKED = 5_000_000


@dataclass(frozen=True, eq=False)
class Preview:
    """The first lines of a file, and the rows that they become; `problem` says in their place why they become none.

    `rows` stand in the order of the file and tell their line in the column `LINE`.
    """

    lines: tuple[str, ...]
    rows: pd.DataFrame | None = None
    dataset: Dataset | None = None
    problem: PlumblineError | None = None


def preview_file(source: Path, settings: IngestSettings, most_lines: int = 60, most_columns: int = 60) -> Preview:
    """Return the first lines and rows of a file; only its first 200 kB are looked at, so that kinds may still change.

    Of what must be unpacked first, and is large, nothing is shown. Series stay below each other, as in the file.
    """
    lines: tuple[str, ...] = ()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            if recognise(source) is not Format.TEXT and source.stat().st_size > _LARGEST_PACKED:
                return Preview(lines)
            plain = open_as_text(source, Path(scratch), settings.sheet)
            head = next(find_text(plain.path, settings.encoding).blocks(_BYTES)).data
            lines = tuple(line[:_LONGEST_LINE] for line in head[: 40 * _BYTES].decode().split("\n")[:most_lines])
            file = Path(scratch) / "head.csv"
            file.write_bytes(head)
            settings = settings.model_copy(update={"encoding": None, "pivot": False})
            dataset = read_table(file, settings, Path(scratch) / "head")
            names = [column.name for column in dataset.columns][:most_columns]
            rows = dataset.read([LINE, *names]).sort_values(LINE).head(most_lines).reset_index(drop=True)
        except PlumblineError as error:
            return Preview(lines, problem=error)
    return Preview(lines, rows, dataset)
