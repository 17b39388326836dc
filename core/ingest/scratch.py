"""Where columns wait while a file is read: in memory, or on disk, so that memory does not follow the size of the file."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa

Values = np.ndarray | pa.Array
_GROUP_BYTES = 48 << 20


def is_arrow_numbers(values: Values) -> bool:
    """Return whether the values are numbers in an Arrow array, with nulls where there is none."""
    return isinstance(values, pa.Array) and values.type == pa.float64()


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


def keep(values: Values, folder: Path | None, name: str) -> Values | OnDisk:
    """Return the values as they are, or, given a folder, the file that now holds them."""
    if folder is None:
        return values
    if isinstance(values, np.ndarray):
        file = folder / f"{name}.npy"
        np.save(file, values, allow_pickle=False)
        return OnDisk(file)
    file = folder / f"{name}.arrow"
    batch = pa.record_batch([values], names=["values"])
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return OnDisk(file)


class Columns:
    """Columns that grow by rows and are read back one at a time; in memory, or in one file of the folder."""

    def __init__(self, count: int, folder: Path | None) -> None:
        self._chunks: list[list[pa.Array]] = [[] for _ in range(count)]
        self._file = None if folder is None else folder / "cells.arrow"
        self._writer: pa.ipc.RecordBatchFileWriter | None = None
        self._group_size = count
        self._bytes = 0
        self._read = lru_cache(maxsize=2)(self._read_group)

    def add(self, columns: Sequence[pa.Array]) -> None:
        """Add rows below: one array a column."""
        if self._file is None:
            for chunks, column in zip(self._chunks, columns, strict=True):
                chunks.append(column)
            return
        batch = pa.record_batch(list(columns), names=[str(place) for place in range(len(columns))])
        if self._writer is None:
            self._writer = pa.ipc.new_file(str(self._file), batch.schema)
        self._bytes += batch.nbytes
        self._writer.write_batch(batch)

    def close(self) -> None:
        """Make what was added readable; no rows can be added any more."""
        if self._writer is not None:
            self._writer.close()
        share = _GROUP_BYTES / max(1, self._bytes)
        self._group_size = max(1, min(len(self._chunks), int(len(self._chunks) * share)))

    def take(self, place: int) -> pa.Array:
        """Return a column for the last time: in memory it is let go."""
        column = self.column(place)
        self._chunks[place] = []
        return column

    def column(self, place: int) -> pa.Array:
        """Return a column as one array."""
        if self._file is None or self._writer is None:
            chunks = self._chunks[place]
            return pa.concat_arrays(chunks) if chunks else pa.array([], pa.string())
        # Columns side by side are read together, since the file is passed over once for each reading.
        group = place // self._group_size
        return pa.concat_arrays(self._read(group)[place - group * self._group_size])

    def _read_group(self, group: int) -> list[list[pa.Array]]:
        first = group * self._group_size
        fields = list(range(first, min(first + self._group_size, len(self._chunks))))
        options = pa.ipc.IpcReadOptions(included_fields=fields, use_threads=False)
        found: list[list[pa.Array]] = [[] for _ in fields]
        with pa.OSFile(str(self._file)) as source, pa.ipc.open_file(source, options=options) as reader:
            for number in range(reader.num_record_batches):
                for chunks, column in zip(found, reader.get_batch(number).columns, strict=True):
                    chunks.append(column)
        return found
