"""How the rows of a data set stand: which begin a series, which are train, when each was, and blocks of their values."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from core.data.columns import LINE, Column, Kind
from core.data.dataset import Dataset
from core.data.eras import Era, Eras, distinct_stamps
from core.quality.numerics.statistics import BadCells

MOST_PERIODS = 60
# What fits a processor's cache is described three times as fast as what is large.
_CELLS_A_BLOCK, _MOST_COLUMNS = 400_000, 1_000
_CELLS_A_STRETCH = 400_000
_ROWS_AT_ONCE = 262_144


@dataclass(frozen=True, eq=False, kw_only=True)
class Rows:
    """One entry a row, in table order: series after series, each in order of time.

    `first` marks where a series begins; `era` is the `Era` of each row, -1 without a time; `period` is the place in
    `periods`, the beginnings of at most 60 equal spans of time (-1 without a time); `stamps` are the distinct times.
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
        """Whether every row has a time and none is earlier than the row before it, as in data of one series."""
        return bool(not np.isnat(self.times).any() and (self.times[1:] >= self.times[:-1]).all())

    @cached_property
    def by_era(self) -> "Caches":
        """The era of each row, for counting."""
        return _lay_on_shelves(self.era, len(Era))

    @cached_property
    def by_period(self) -> "Caches":
        """The period of each row, for counting."""
        return _lay_on_shelves(self.period, len(self.periods))

    def count_between(self, first: np.datetime64, last: np.datetime64) -> int:
        """Return how many rows have a time from the first to the last."""
        begin, end = self._sorted_times.searchsorted(first), self._sorted_times.searchsorted(last, "right")
        return int(end - begin)

    @cached_property
    def _sorted_times(self) -> np.ndarray:
        return self.times if self.in_order else np.sort(self.times)

    @cached_property
    def train(self) -> np.ndarray:
        """Whether a row belongs to the train era."""
        return self.era == Era.TRAIN

    @cached_property
    def _train_span(self) -> slice | None:
        """The train rows as a slice, where they stand together, as those of one series do."""
        places = np.flatnonzero(self.train)
        together = len(places) and places[-1] - places[0] + 1 == len(places)
        return slice(places[0], places[-1] + 1) if together else None

    def of_train(self, values: np.ndarray) -> np.ndarray:
        """Return the values of the train rows, which run along the last axis; it may share their memory."""
        return values[..., self.train if self._train_span is None else self._train_span]

    @cached_property
    def train_times(self) -> np.ndarray:
        """The time of each train row."""
        return self.of_train(self.times)

    @cached_property
    def train_stamps(self) -> np.ndarray:
        """The distinct times of the train era."""
        return distinct_stamps(self.train_times)

    @cached_property
    def train_first(self) -> np.ndarray:
        """Where a series begins among the train rows."""
        return self.of_train(self.first)


@dataclass(frozen=True, eq=False, kw_only=True)
class Block:
    """Values of some columns as a matrix, one row a column, NaN for every bad cell; and what was bad.

    `infinite` and `sentinel` mark those cells; None where a block has none. Text and dates come as numbers of equal value
    for equal text.
    """

    columns: tuple[Column, ...]
    values: np.ndarray
    missing: np.ndarray
    infinite: np.ndarray | None
    sentinel: np.ndarray | None

    @cached_property
    def bad_places(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """The column and the row of each missing, infinite and sentinel cell, column by column in order of the rows."""
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
        """Return how many cells of each column are bad in each period."""
        return sum(self._count(at, rows.by_period) for at in self.bad_places)[:, :-1]

    def _count(self, at: tuple[np.ndarray, np.ndarray], caches: "Caches") -> np.ndarray:
        (column, row), places = at, len(caches.sizes)
        found = np.bincount(column * places + caches.of_row[row], minlength=len(self.columns) * places)
        return found.reshape(len(self.columns), places)


@dataclass(frozen=True, eq=False)
class Caches:
    """Where each row is counted, and how many rows are counted in each place; the last is that of rows without a time."""

    of_row: np.ndarray
    sizes: np.ndarray


def _lay_on_shelves(of_row: np.ndarray, places: int) -> Caches:
    """Return where rows are counted that are numbered by place, -1 for one without a time."""
    counted = of_row % np.int8(places + 1)
    return Caches(counted, np.array([np.count_nonzero(counted == place) for place in range(places + 1)]))


@dataclass(frozen=True, eq=False, kw_only=True)
class BadByEra:
    """Numbers of bad cells by reason: one row a column; train, validation, test and rows without a time."""

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
    """Return the time of each row, as datetime64[us]."""
    return _read_column(dataset, dataset.time_column).astype("datetime64[us]", copy=False)


def lay_out_rows(dataset: Dataset, eras: Eras) -> Rows:
    """Return how the rows stand, read from the time, series and line columns alone."""
    times = read_times(dataset)
    first = np.arange(len(times)) == 0
    if dataset.series_column:
        (names,) = next(dataset.read_columns([dataset.series_column], 1))
        codes = _number_texts(names).fill_null(-1).to_numpy()
        first[1:] |= codes[1:] != codes[:-1]
    stamps = distinct_stamps(times)
    edges, periods = _cut_periods(stamps)
    era, period = np.empty((2, len(times)), dtype=np.int8)
    # Some at a time: whole arrays of ten million intermediate results would take as much memory as the columns.
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
    """Yield the columns' values in blocks of a size that the processor likes."""
    at_once = int(np.clip(_CELLS_A_BLOCK // max(rows, 1), 1, _MOST_COLUMNS))
    blocks = dataset.read_columns([column.name for column in columns], at_once)
    for begin, cells in zip(range(0, len(columns), at_once), blocks, strict=True):
        some = tuple(columns[begin : begin + at_once])
        yield _make_block(some, _as_matrix(some, cells, rows))


def _as_matrix(columns: Sequence[Column], cells: list[pa.ChunkedArray], rows: int) -> np.ndarray:
    """Return the values of columns; the list is emptied on the way, so that they are not held twice."""
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
            _write_numbers(line, _number_texts(cells.pop()).chunks)
    return values


@dataclass(frozen=True, eq=False, kw_only=True)
class Stretch:
    """The cells of some columns of numbers from the row `begin` up to `end`, as they are kept."""

    begin: int
    end: int
    columns: Sequence[Column]
    cells: Sequence[pa.Array]

    def values(self) -> np.ndarray:
        """Return the values as a matrix, one row a column, with NaN for a bad one."""
        values = np.empty((len(self.columns), self.end - self.begin))
        for line, column, held in zip(values, self.columns, self.cells, strict=True):
            _write_numbers(line, [held])
            if column.sentinels:
                line[np.isin(line, column.sentinels)] = np.nan
        infinite = np.isinf(values)
        if infinite.any():
            values[infinite] = np.nan
        return values


def read_stretches(dataset: Dataset, columns: Sequence[Column]) -> Iterator[Stretch]:
    """Yield columns of numbers a stretch of rows at a time."""
    rows = max(1, _CELLS_A_STRETCH // max(1, len(columns)))
    begin = 0
    for cells in dataset.read_stretches([column.name for column in columns], rows):
        end = begin + len(cells[0])
        yield Stretch(begin=begin, end=end, columns=columns, cells=cells)
        begin = end


def _write_numbers(line: np.ndarray, chunks: Iterable[pa.Array]) -> None:
    begin = 0
    for chunk in chunks:
        line[begin : begin + len(chunk)] = chunk.to_numpy(zero_copy_only=False)
        begin += len(chunk)


def _number_texts(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the same number for the same text, null for none."""
    numbered = cells.dictionary_encode()
    return pa.chunked_array([chunk.indices for chunk in numbered.chunks], pa.int32())


def _make_block(columns: tuple[Column, ...], values: np.ndarray) -> Block:
    missing = np.isnan(values)
    infinite = np.isinf(values)
    some_infinite = bool(infinite.any())
    if some_infinite:
        values[infinite] = np.nan
    sentinel = None
    if any(column.sentinels for column in columns):
        sentinel = np.array([np.isin(line, column.sentinels) for line, column in zip(values, columns, strict=True)])
        values[sentinel] = np.nan
    return Block(
        columns=columns, values=values, missing=missing, infinite=infinite if some_infinite else None, sentinel=sentinel
    )


def _cut_periods(stamps: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return where at most 60 equal spans of time begin, and how that is written."""
    count = min(MOST_PERIODS, len(stamps))
    if not count:
        return stamps, ()
    span = max(int((stamps[-1] - stamps[0]).astype(np.int64)), 1)
    edges = stamps[0] + np.array([-(-place * span // count) for place in range(count)], dtype="timedelta64[us]")
    unit = "D" if span / count >= 86_400e6 else "s"
    return edges, tuple(np.datetime_as_string(edges, unit=unit).tolist())
