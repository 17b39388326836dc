"""Where columns wait while a file is read: in memory, or on disk, so that memory does not follow the size of the file."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa

Values = np.ndarray | pa.Array | pa.ChunkedArray
_MOST_FILES = 256


def is_arrow_numbers(values: Values) -> bool:
    """Return whether the values are numbers in an Arrow array, with nulls where there is none."""
    return not isinstance(values, np.ndarray) and values.type == pa.float64()


class Waiting(Protocol):
    """Values that are made, or fetched, when they are asked for."""

    def load(self) -> Values:
        """Return the values."""


@dataclass(frozen=True)
class OnDisk:
    """Values that lie in a file of their own."""

    file: Path

    def load(self) -> Values:
        """Return the values."""
        if self.file.suffix == ".npy":
            return np.load(self.file, allow_pickle=False)
        with pa.OSFile(str(self.file)) as source, pa.ipc.open_file(source) as reader:
            return reader.get_batch(0).column(0)


def in_one_piece(values: Values) -> np.ndarray | pa.Array:
    """Return the values in one array, which Arrow may hold in several."""
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def keep(values: Values, folder: Path | None, name: str) -> Values | OnDisk:
    """Return the values as they are, or, given a folder, the file that now holds them."""
    if folder is None:
        return values
    if isinstance(values, np.ndarray):
        file = folder / f"{name}.npy"
        np.save(file, values, allow_pickle=False)
        return OnDisk(file)
    file = folder / f"{name}.arrow"
    batch = pa.record_batch([in_one_piece(values)], names=["values"])
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return OnDisk(file)


class Columns:
    """Columns that grow by rows and are read back one at a time; in memory, or in files of the folder."""

    def __init__(self, count: int, folder: Path | None) -> None:
        self._chunks: list[list[pa.Array]] = [[] for _ in range(count)]
        self._folder = folder
        # Columns of a group share a file: one file a column would be too many to hold open.
        self._group_size = -(-count // _MOST_FILES)
        self._writers: list[pa.ipc.RecordBatchStreamWriter] = []
        # A file that holds one column is read once; of larger groups the two that two threads are at stay at hand.
        self._read = lru_cache(maxsize=2)(self._read_group) if self._group_size > 1 else self._read_group

    def add(self, columns: Sequence[pa.Array]) -> None:
        """Add rows below: one array a column."""
        if self._folder is None:
            for chunks, column in zip(self._chunks, columns, strict=True):
                chunks.append(column)
            return
        groups = [columns[first : first + self._group_size] for first in range(0, len(columns), self._group_size)]
        batches = [pa.record_batch(list(group), names=list(map(str, range(len(group))))) for group in groups]
        if not self._writers:
            self._writers = [
                pa.ipc.new_stream(str(self._file(group)), batch.schema) for group, batch in enumerate(batches)
            ]
        for writer, batch in zip(self._writers, batches, strict=True):
            writer.write_batch(batch)

    def close(self) -> None:
        """Make what was added readable; no rows can be added any more."""
        for writer in self._writers:
            writer.close()

    def release(self, place: int) -> None:
        """Let a column go that waits in memory."""
        self._chunks[place] = []

    def waiting(self, place: int) -> Waiting | None:
        """Return a column that lies on disk, to be read when it is asked for, or None where it is in memory."""
        return _InFiles(self, place) if self._writers else None

    def column(self, place: int) -> pa.Array | pa.ChunkedArray:
        """Return a column, text as one array."""
        chunks = self._chunks[place]
        if self._writers:
            group, within = divmod(place, self._group_size)
            chunks = self._read(group)[within]
        if chunks and chunks[0].type == pa.float64():
            return pa.chunked_array(chunks)
        return pa.concat_arrays(chunks) if chunks else pa.array([], pa.string())

    def _read_group(self, group: int) -> list[list[pa.Array]]:
        # Mapped, not read: the many small pieces of a column that was read would stay with the process.
        with pa.memory_map(str(self._file(group))) as source, pa.ipc.open_stream(source) as reader:
            return [column.chunks for column in reader.read_all().columns]

    def _file(self, group: int) -> Path:
        return self._folder / f"cells-{group}.arrow"


@dataclass(frozen=True, eq=False)
class _InFiles:
    """A column in the files of all columns."""

    columns: Columns
    place: int

    def load(self) -> Values:
        """Return the values."""
        return self.columns.column(self.place)
