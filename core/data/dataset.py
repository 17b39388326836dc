"""The data set: the user's file as a Parquet table, with a description beside it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.data.columns import LINE, Column
from core.errors.columns import UnknownColumn
from core.findings.model import Finding

BAD_CELLS_FILE = "bad_cells.csv"
PART_PREFIX = "table-"
_BUFFER = 1 << 16

TimeSource = Literal["column", "counted", "confirmed"]


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A file as it was read: its columns, roles, layout and findings.

    Attributes
    ----------
    folder
        Holds the table as Parquet files `table-0000.parquet` and on, each with some columns and all rows (among them `LINE`,
        the line of each row in the user's file), `dataset.json` and `bad_cells.csv`.
    fingerprint
        The SHA-256 of the file.
    key
        Identifies the file together with the settings that it was read with.
    columns
        In file order.
    time_column
        Not among `columns` if the file has no time column.
    time_source
        "column" if a time column orders the rows; "counted" if rows have artificial time stamps that the user has not yet
        confirmed; "confirmed" if the user asked for row numbers or a counter as time.
    frequency
        A pandas offset alias, None if time stamps are unevenly spaced.
    start, end
        The first and the last time stamp.
    header_rows
        How many lines make up the column names.
    skipped_rows
        How many lines before and after the table were skipped.
    format
        The type of the file, such as text or Excel.
    pivoted_by
        The column of the file whose series became columns; `LINE` is then the first row of each time stamp.
    header_line
        The first line of the header.
    day_order
        Which of day and month comes first in ambiguous dates, and how that was found.
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
    time_source: TimeSource = "column"
    format: str = "text"
    pivoted_by: str | None = None
    header_line: int | None = None
    day_order: str | None = None

    @property
    def is_counted(self) -> bool:
        """Whether row numbers or a counter order the rows.

        Nothing then proves that they are in time order.
        """
        return self.time_source != "column"

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> Column:
        """Return the column of this name.

        Raises `RecipeError` with the nearest name if there is none.
        """
        if name not in self._by_name:
            raise UnknownColumn(column=name, columns=list(self._by_name))
        return self._by_name[name]

    def read(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the named columns as a frame sorted by series and time.

        None reads the user's columns and the time column.

        Numbers and booleans are float64 with NaN for missing cells, integers without gaps int64, times datetime64[us], text
        str. Infinities and codes for missing values are not removed. `LINE` can be requested by name.
        """
        if columns is None:
            columns = [name for name in self._files if name != LINE]
        for name in columns:
            if name not in self._files:
                raise UnknownColumn(column=name, columns=list(self._by_name))
        by_file = self._by_file(dict.fromkeys(columns))
        if not by_file:
            return pd.DataFrame(index=range(self.rows))
        # Not `pq.read_table`, which first imports half of Arrow.
        read = [pq.ParquetFile(file).read(names).select(names).to_pandas() for file, names in by_file.items()]
        frame = pd.concat(read, axis=1) if len(read) > 1 else read[0]
        booleans = [name for name in frame.columns if frame[name].dtype == bool]
        return frame.astype(dict.fromkeys(booleans, "float64"))[list(columns)]

    def read_columns(self, columns: Sequence[str], at_once: int) -> Iterator[list[pa.ChunkedArray]]:
        """Yield the named columns, at most `at_once` at a time; none is kept in memory here."""
        opened: tuple[Path, pq.ParquetFile] | None = None
        for begin in range(0, len(columns), at_once):
            held: dict[str, pa.ChunkedArray] = {}
            for file, names in self._by_file(columns[begin : begin + at_once]).items():
                if opened is None or opened[0] != file:
                    opened = file, pq.ParquetFile(file, pre_buffer=False)
                held |= zip(names, opened[1].read(names, use_threads=False).select(names).columns, strict=True)
            yield [held.pop(name) for name in columns[begin : begin + at_once]]

    def read_stretches(self, columns: Sequence[str], rows: int) -> Iterator[list[pa.Array]]:
        """Yield the named columns, at most `rows` rows at a time.

        Memory does not grow with the number of rows.
        """
        by_file = self._by_file(columns)
        parts = [
            # A small buffer: otherwise whole stored row groups are held beside the values.
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
        """The file of each column, in the order of the table."""
        return {
            name: file
            for file in sorted(self.folder.glob(f"{PART_PREFIX}*.parquet"))
            for name in pq.read_schema(file).names
        }
