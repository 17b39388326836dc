"""Columns while a file is read: in memory, or on disk for large files."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
import pyarrow as pa

Values: TypeAlias = np.ndarray | pa.Array | pa.ChunkedArray
_MOST_FILES = 256


def is_arrow_numbers(values: Values) -> bool:
    """Return whether the values are numbers in an Arrow array, in which missing ones are null."""
    return not isinstance(values, np.ndarray) and bool(values.type == pa.float64())


class DeferredValues(Protocol):
    """Values that are computed or read when they are needed."""

    def load(self) -> Values:
        """Return the values."""


@dataclass(frozen=True)
class SpilledValues:
    """Values in a file of their own."""

    file: Path

    def load(self) -> Values:
        """Return the values."""
        if self.file.suffix == ".npy":
            array: np.ndarray = np.load(self.file, allow_pickle=False)
            return array
        with pa.OSFile(str(self.file)) as source, pa.ipc.open_file(source) as reader:
            return reader.get_batch(0).column(0)


def combine_chunks(values: Values) -> np.ndarray | pa.Array:
    """Return the values in one array, if Arrow holds them in several chunks."""
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def take_rows(values: Values, rows: np.ndarray) -> Values:
    """Return the values of these rows, int64 (n,); -1 is a missing value, which turns whole numbers into floats."""
    gaps = rows < 0
    if not isinstance(values, np.ndarray):
        return values.take(pa.array(rows, mask=gaps))
    found = values[rows]
    if not gaps.any():
        return found
    return np.where(gaps, np.datetime64("NaT", "us") if found.dtype.kind == "M" else np.nan, found)


def spill(values: Values, folder: Path, name: str) -> SpilledValues:
    """Write the values into a file of the folder, and return that file.

    Parameters
    ----------
    name
        The name of the file, without its ending.
    """
    if isinstance(values, np.ndarray):
        file = folder / f"{name}.npy"
        np.save(file, values, allow_pickle=False)
        return SpilledValues(file)
    file = folder / f"{name}.arrow"
    batch = pa.record_batch([combine_chunks(values)], names=["values"])
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return SpilledValues(file)


class ColumnBuffer:
    """Columns to which rows are appended, and which are read back one at a time.

    They are in memory, or in files of the folder.
    """

    def __init__(self, count: int, folder: Path | None) -> None:
        self._chunks: list[list[pa.Array]] = [[] for _ in range(count)]
        self._folder = folder
        # The columns of a group share a file: one file per column would be too many open files.
        self._group_size = -(-count // _MOST_FILES)
        self._writers: list[pa.ipc.RecordBatchStreamWriter] = []
        # A file of one column is read once. Of larger groups, keep the two that the two threads are reading.
        self._read = lru_cache(maxsize=2)(self._read_group) if self._group_size > 1 else self._read_group

    def add(self, columns: Sequence[pa.Array]) -> None:
        """Append rows: one array per column."""
        if self._folder is None:
            for chunks, column in zip(self._chunks, columns, strict=True):
                chunks.append(column)
            return
        groups = [columns[first : first + self._group_size] for first in range(0, len(columns), self._group_size)]
        batches = [pa.record_batch(list(group), names=list(map(str, range(len(group))))) for group in groups]
        if not self._writers:
            self._writers = [
                pa.ipc.new_stream(str(self._file(self._folder, group)), batch.schema)
                for group, batch in enumerate(batches)
            ]
        for writer, batch in zip(self._writers, batches, strict=True):
            writer.write_batch(batch)

    def close(self) -> None:
        """Close the files for reading; no rows can be appended afterwards."""
        for writer in self._writers:
            writer.close()

    def release(self, position: int) -> None:
        """Free the memory of a column."""
        self._chunks[position] = []

    def deferred(self, position: int) -> DeferredValues | None:
        """Return a column on disk, which is read when it is needed, or None if it is in memory."""
        return _BufferedColumn(self, position) if self._writers else None

    def column(self, position: int) -> pa.Array | pa.ChunkedArray:
        """Return a column; text is one array."""
        chunks = self._chunks[position]
        if self._writers:
            group, within = divmod(position, self._group_size)
            chunks = self._read(group)[within]
        if chunks and chunks[0].type == pa.float64():
            return pa.chunked_array(chunks)
        return pa.concat_arrays(chunks) if chunks else pa.array([], pa.string())

    def _read_group(self, group: int) -> list[list[pa.Array]]:
        if self._folder is None:
            raise ValueError("columns in memory have no files")
        # Mapped, not read: the process would keep the memory of the many small pieces of a column that was read.
        with pa.memory_map(str(self._file(self._folder, group))) as source, pa.ipc.open_stream(source) as reader:
            return [column.chunks for column in reader.read_all().columns]

    @staticmethod
    def _file(folder: Path, group: int) -> Path:
        return folder / f"cells-{group}.arrow"


@dataclass(frozen=True, eq=False)
class _BufferedColumn:
    """A column in the files of a buffer."""

    columns: ColumnBuffer
    position: int

    def load(self) -> Values:
        """Return the values."""
        return self.columns.column(self.position)
