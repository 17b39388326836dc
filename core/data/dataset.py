"""The data set: what was read from the user's file, kept as a Parquet table with a description beside it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.data.columns import LINE, Column
from core.errors.columns import UnknownColumn
from core.findings.model import Finding

BAD_CELLS_FILE = "bad_cells.csv"
PART_PREFIX = "table-"
_BUFFER = 1 << 16


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A file as it was read: its columns, roles, layout and findings.

    `folder` holds the table as Parquet files `table-0000.parquet` and on, each of some columns and all rows (`LINE`, the line
    of each row in the user's file, is among them), `dataset.json` and `bad_cells.csv`. `fingerprint` is the SHA-256 of the
    file; `key` names the file together with the settings it was read by. `columns` stand in file order. `header_rows` counts
    the lines that make the names, `skipped_rows` those before and after the table. Where the file tells no time,
    `time_column` is not among `columns`: it counts the rows. `format` is the kind of the file, such as text or Excel.
    `pivoted_by` is the column of the file whose series became columns of their own; `LINE` is that of the first row of each
    time stamp then. `header_line` is the first line of the header, `day_order` says which of day and month was found to come
    first, and how.
    """

    folder: Path
    fingerprint: str
    key: str
    rows: int
    columns: tuple[Column, ...]
    time_column: str
    series_column: str | None
    frequency: str | None
    start: str
    end: str
    encoding: str
    delimiter: str
    decimal: str
    header_rows: int
    skipped_rows: int
    findings: tuple[Finding, ...]
    format: str = "text"
    pivoted_by: str | None = None
    header_line: int | None = None
    day_order: str | None = None

    @property
    def is_counted(self) -> bool:
        """Whether no column tells the time: a count alone orders the rows, and nothing proves that it is the order of time."""
        return any(finding.code in ("no-time-column", "time-counted") for finding in self.findings)

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> Column:
        """Return the column of this name; raises `RecipeError` with the nearest name if there is none."""
        if name not in self._by_name:
            raise UnknownColumn(column=name, columns=list(self._by_name))
        return self._by_name[name]

    def read(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the named columns (None: the user's and the time column) as a frame sorted by series and time.

        Numbers and booleans come as float64 with NaN for a missing cell, integers without gaps as int64, time as
        datetime64[us], text as str. Infinities and sentinel codes are still in it. `LINE` can be asked for by name.
        """
        if columns is None:
            columns = [name for name in self._files if name != LINE]
        for name in columns:
            if name not in self._files:
                raise UnknownColumn(column=name, columns=list(self._by_name))
        by_file = self._by_file(dict.fromkeys(columns))
        if not by_file:
            return pd.DataFrame(index=range(self.rows))
        # Not by `read_table`, which loads half of Arrow first.
        read = [pq.ParquetFile(file).read(names).select(names).to_pandas() for file, names in by_file.items()]
        frame = pd.concat(read, axis=1) if len(read) > 1 else read[0]
        truths = [name for name in frame.columns if frame[name].dtype == bool]
        return frame.astype(dict.fromkeys(truths, "float64"))[list(columns)]

    def read_columns(self, columns: Sequence[str], at_once: int) -> Iterator[list[pa.ChunkedArray]]:
        """Yield the named columns, which are kept, so many at a time; nothing here holds on to them."""
        opened: tuple[Path, pq.ParquetFile] | None = None
        for begin in range(0, len(columns), at_once):
            held: dict[str, pa.ChunkedArray] = {}
            for file, names in self._by_file(columns[begin : begin + at_once]).items():
                if opened is None or opened[0] != file:
                    opened = file, pq.ParquetFile(file, pre_buffer=False)
                held |= zip(names, opened[1].read(names, use_threads=False).select(names).columns, strict=True)
            yield [held.pop(name) for name in columns[begin : begin + at_once]]

    def read_stretches(self, columns: Sequence[str], rows: int) -> Iterator[list[pa.Array]]:
        """Yield the named columns, which are kept, so many rows at a time: memory then does not follow the number of rows."""
        by_file = self._by_file(columns)
        parts = [
            # Else whole groups of rows, as they are stored, would be held beside the values.
            pq.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER).iter_batches(
                rows, columns=names, use_threads=False
            )
            for file, names in by_file.items()
        ]
        for batches in zip(*parts, strict=True):
            held = {name: batch[name] for batch, names in zip(batches, by_file.values(), strict=True) for name in names}
            yield [held[name] for name in columns]

    def _by_file(self, columns: Iterable[str]) -> dict[Path, list[str]]:
        by_file: dict[Path, list[str]] = {}
        for name in columns:
            by_file.setdefault(self._files[name], []).append(name)
        return by_file

    @cached_property
    def _files(self) -> dict[str, Path]:
        """Which file holds which column, in the order of the table."""
        return {
            name: file
            for file in sorted(self.folder.glob(f"{PART_PREFIX}*.parquet"))
            for name in pq.read_schema(file).names
        }
