"""The rows of a data set by series, era and period, and the values of its columns in blocks and chunks."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pyarrow as pa

from core.data.columns import LINE, Column, Kind
from core.data.dataset import Dataset
from core.data.eras import Era, Eras, distinct_stamps
from core.quality.numerics.statistics import BadCells

MOST_PERIODS = 60
# Blocks that fit the cache are described three times as fast as larger ones.
_CELLS_A_BLOCK, _MOST_COLUMNS = 400_000, 1_000
_CELLS_A_CHUNK = 400_000
_ROWS_AT_ONCE = 262_144


@dataclass(frozen=True, eq=False, kw_only=True)
class Rows:
    """The rows of a data set in table order: by series, then by time. Arrays have shape (rows,), unless noted.

    `times` are datetime64[us]; `first` (bool) marks the first row of each series; `era` (int8) is each row's `Era`, and
    `period` (int8) the index of its period, both -1 without a time; `lines` (int) are the lines of the user's file.
    `periods` are the first dates of at most 60 equal spans of time; `stamps` (n,) are the distinct times, sorted.
    """

    times: np.ndarray
    first: np.ndarray
    era: np.ndarray
    lines: np.ndarray
    period: np.ndarray
    periods: tuple[str, ...]
    stamps: np.ndarray

    @cached_property
    def in_order(self) -> bool:
        """Whether every row has a time, and none is earlier than the row before; true for a single series."""
        return bool(not np.isnat(self.times).any() and (self.times[1:] >= self.times[:-1]).all())

    @cached_property
    def by_era(self) -> "RowGroups":
        """The rows grouped by era."""
        return _group_rows(self.era, len(Era))

    @cached_property
    def by_period(self) -> "RowGroups":
        """The rows grouped by period."""
        return _group_rows(self.period, len(self.periods))

    def count_between(self, first: np.datetime64, last: np.datetime64) -> int:
        """Return how many rows have a time from the first to the last, both included."""
        begin, end = self._sorted_times.searchsorted(first), self._sorted_times.searchsorted(last, "right")
        return int(end - begin)

    @cached_property
    def _sorted_times(self) -> np.ndarray:
        return self.times if self.in_order else np.sort(self.times)

    @cached_property
    def train(self) -> np.ndarray:
        """Which rows belong to the train era, bool, shape (rows,)."""
        return self.era == Era.TRAIN

    @cached_property
    def _train_slice(self) -> slice | None:
        """The train rows as a slice if they are consecutive, as in a single series."""
        places = np.flatnonzero(self.train)
        is_consecutive = len(places) and places[-1] - places[0] + 1 == len(places)
        return slice(places[0], places[-1] + 1) if is_consecutive else None

    def of_train(self, values: np.ndarray) -> np.ndarray:
        """Return the train rows of values, shape (..., rows); the result may be a view."""
        return values[..., self.train if self._train_slice is None else self._train_slice]

    @cached_property
    def train_times(self) -> np.ndarray:
        """The time of each train row, datetime64[us], shape (train rows,)."""
        return self.of_train(self.times)

    @cached_property
    def train_stamps(self) -> np.ndarray:
        """The distinct times of the train era, datetime64[us], sorted."""
        return distinct_stamps(self.train_times)

    @cached_property
    def train_first(self) -> np.ndarray:
        """Which train rows are the first of their series, bool, shape (train rows,)."""
        return self.of_train(self.first)


@dataclass(frozen=True, eq=False, kw_only=True)
class Block:
    """Some columns as a matrix, and which of their cells are bad.

    `values` are float64, shape (columns, rows), NaN for every bad cell; text and dates are coded as numbers. `missing`,
    `infinite` and `sentinel` are bool masks of the same shape; the last two are None if a block has none.
    """

    columns: tuple[Column, ...]
    values: np.ndarray
    missing: np.ndarray
    infinite: np.ndarray | None
    sentinel: np.ndarray | None

    @cached_property
    def bad_places(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """The column and the row, int64, of each missing, infinite and sentinel cell, sorted."""
        none = (np.array([], dtype=np.int64),) * 2
        rows = self.values.shape[1]
        return tuple(
            none if mask is None else divmod(np.flatnonzero(mask), max(rows, 1))
            for mask in (self.missing, self.infinite, self.sentinel)
        )

    def count_bad(self, rows: Rows) -> "BadByEra":
        """Return the numbers of bad cells of each column by era."""
        missing, infinite, sentinel = (self._count(at, rows.by_era) for at in self.bad_places)
        return BadByEra(missing=missing, infinite=infinite, sentinel=sentinel)

    def count_by_period(self, rows: Rows) -> np.ndarray:
        """Return the number of bad cells of each column in each period, int64, shape (columns, periods)."""
        return np.sum([self._count(at, rows.by_period) for at in self.bad_places], axis=0)[:, :-1]

    def _count(self, at: tuple[np.ndarray, np.ndarray], groups: "RowGroups") -> np.ndarray:
        (column, row), count = at, len(groups.sizes)
        found = np.bincount(column * count + groups.of_row[row], minlength=len(self.columns) * count)
        return found.reshape(len(self.columns), count)


@dataclass(frozen=True, eq=False)
class RowGroups:
    """The group of each row, shape (rows,), and the size of each group; the last group has the rows without a time."""

    of_row: np.ndarray
    sizes: np.ndarray


def _group_rows(number: np.ndarray, groups: int) -> RowGroups:
    """Group rows by their number, -1 for a row without a time."""
    of_row = number % np.int8(groups + 1)
    return RowGroups(of_row, np.array([np.count_nonzero(of_row == group) for group in range(groups + 1)]))


@dataclass(frozen=True, eq=False, kw_only=True)
class BadByEra:
    """Numbers of bad cells by reason, int64, shape (columns, 4): train, validation, test, and rows without a time."""

    missing: np.ndarray
    infinite: np.ndarray
    sentinel: np.ndarray

    @property
    def all(self) -> BadCells:
        """The numbers over all rows."""
        return BadCells(
            missing=self.missing.sum(axis=1), infinite=self.infinite.sum(axis=1), sentinel=self.sentinel.sum(axis=1)
        )

    def of(self, era: Era) -> BadCells:
        """Return the numbers in one era."""
        return BadCells(missing=self.missing[:, era], infinite=self.infinite[:, era], sentinel=self.sentinel[:, era])


def read_times(dataset: Dataset) -> np.ndarray:
    """Return the time of each row, datetime64[us], shape (rows,)."""
    return _read_column(dataset, dataset.time_column).astype("datetime64[us]", copy=False)


def lay_out_rows(dataset: Dataset, eras: Eras) -> Rows:
    """Read the rows of a data set; only its time, series and line columns are read."""
    times = read_times(dataset)
    first = np.arange(len(times)) == 0
    if dataset.series_column:
        (names,) = next(dataset.read_columns([dataset.series_column], 1))
        codes = _encode_texts(names).fill_null(-1).to_numpy()
        first[1:] |= codes[1:] != codes[:-1]
    stamps = distinct_stamps(times)
    edges, periods = _cut_periods(stamps)
    era, period = np.empty((2, len(times)), dtype=np.int8)
    # In parts: intermediate arrays of ten million rows would take as much memory as the columns.
    for begin in range(0, len(times), _ROWS_AT_ONCE):
        part = slice(begin, begin + _ROWS_AT_ONCE)
        known = ~np.isnat(times[part])
        era[part] = np.where(known, eras.label(times[part]), -1)
        period[part] = np.where(known, edges.searchsorted(times[part], side="right") - 1, -1)
    lines = _read_column(dataset, LINE)
    small = lines.astype(np.int32) if lines.max(initial=0) <= np.iinfo(np.int32).max else lines
    return Rows(times=times, first=first, era=era, lines=small, period=period, periods=periods, stamps=stamps)


def _read_column(dataset: Dataset, name: str) -> np.ndarray:
    (cells,) = next(dataset.read_columns([name], 1))
    return cells.to_numpy()


def read_blocks(dataset: Dataset, columns: Sequence[Column], rows: int) -> Iterator[Block]:
    """Yield the columns in cache-sized blocks.

    Parameters
    ----------
    dataset
        The data set.
    columns
        The columns to read.
    rows
        The number of rows; a block has all of them.
    """
    at_once = int(np.clip(_CELLS_A_BLOCK // max(rows, 1), 1, _MOST_COLUMNS))
    blocks = dataset.read_columns([column.name for column in columns], at_once)
    for begin, cells in zip(range(0, len(columns), at_once), blocks, strict=True):
        some = tuple(columns[begin : begin + at_once])
        yield _make_block(some, _as_matrix(some, cells, rows))


def _as_matrix(columns: Sequence[Column], cells: list[pa.ChunkedArray], rows: int) -> np.ndarray:
    """Return the columns as a matrix; `cells` is emptied on the way, so they are not in memory twice."""
    values = np.empty((len(columns), rows))
    cells.reverse()
    for line, column in zip(values, columns, strict=True):
        if column.kind.is_numeric:
            _write_numbers(line, cells.pop().chunks)
        elif column.kind == Kind.EMPTY:
            cells.pop()
            line[:] = np.nan
        elif column.kind == Kind.TIME:
            _write_numbers(line, cells.pop().cast(pa.int64()).chunks)
        else:
            _write_numbers(line, _encode_texts(cells.pop()).chunks)
    return values


@dataclass(frozen=True, eq=False, kw_only=True)
class RowChunk:
    """The cells of some numeric columns from row `begin` up to row `end`, as stored."""

    begin: int
    end: int
    columns: Sequence[Column]
    cells: Sequence[pa.Array]

    def values(self) -> np.ndarray:
        """Return the values, float64, shape (columns, end - begin); NaN for every bad cell."""
        values = np.empty((len(self.columns), self.end - self.begin))
        for line, column, cells in zip(values, self.columns, self.cells, strict=True):
            _write_numbers(line, [cells])
            if column.sentinels:
                line[np.isin(line, column.sentinels)] = np.nan
        is_infinite = np.isinf(values)
        if is_infinite.any():
            values[is_infinite] = np.nan
        return values


def read_chunks(dataset: Dataset, columns: Sequence[Column]) -> Iterator[RowChunk]:
    """Yield numeric columns in chunks of rows."""
    rows = max(1, _CELLS_A_CHUNK // max(1, len(columns)))
    begin = 0
    for cells in dataset.read_stretches([column.name for column in columns], rows):
        end = begin + len(cells[0])
        yield RowChunk(begin=begin, end=end, columns=columns, cells=cells)
        begin = end


def _write_numbers(line: np.ndarray, chunks: Iterable[pa.Array]) -> None:
    begin = 0
    for chunk in chunks:
        line[begin : begin + len(chunk)] = chunk.to_numpy(zero_copy_only=False)
        begin += len(chunk)


def _encode_texts(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return int32 codes, equal for equal texts; null stays null."""
    encoded = cells.dictionary_encode()
    return pa.chunked_array([chunk.indices for chunk in encoded.chunks], pa.int32())


def _make_block(columns: tuple[Column, ...], values: np.ndarray) -> Block:
    missing = np.isnan(values)
    infinite = np.isinf(values)
    has_infinite = bool(infinite.any())
    if has_infinite:
        values[infinite] = np.nan
    sentinel = None
    if any(column.sentinels for column in columns):
        sentinel = np.array([np.isin(line, column.sentinels) for line, column in zip(values, columns, strict=True)])
        values[sentinel] = np.nan
    return Block(
        columns=columns, values=values, missing=missing, infinite=infinite if has_infinite else None, sentinel=sentinel
    )


def _cut_periods(stamps: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the starts of at most 60 equal spans of time, datetime64[us] and as ISO dates or times."""
    count = min(MOST_PERIODS, len(stamps))
    if not count:
        return stamps, ()
    span = max(int((stamps[-1] - stamps[0]).astype(np.int64)), 1)
    edges = stamps[0] + np.array([-(-place * span // count) for place in range(count)], dtype="timedelta64[us]")
    unit: Literal["D", "s"] = "D" if span / count >= 86_400e6 else "s"
    return edges, tuple(np.datetime_as_string(edges, unit=unit).tolist())
