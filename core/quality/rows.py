"""How the rows of a data set stand: which begin a series, which are train, when each was, and blocks of their values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from core.ingest.dataset import LINE, Column, Dataset, Kind
from core.ingest.eras import Era, Eras
from core.quality.statistics import BadCells

MOST_PERIODS = 60
_CELLS_READ = 1_200_000
# A block that fits a processor's cache is described three times as fast as a large one.
_CELLS_DESCRIBED = 400_000
_CELLS_A_STRETCH = 400_000
_MOST_COLUMNS_READ, _MOST_COLUMNS_DESCRIBED = 5_000, 1_000


@dataclass(frozen=True, eq=False)
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
    def by_era(self) -> "Shelves":
        """The era of each row, for counting."""
        return _lay_on_shelves(self.era, len(Era))

    @cached_property
    def by_period(self) -> "Shelves":
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
    def train_stamps(self) -> np.ndarray:
        """The distinct times of the train era."""
        return np.unique(self.times[self.train])

    @cached_property
    def train_first(self) -> np.ndarray:
        """Where a series begins among the train rows."""
        return self.first[self.train]


@dataclass(frozen=True, eq=False)
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
        return tuple(
            none if mask is None else np.nonzero(mask) for mask in (self.missing, self.infinite, self.sentinel)
        )

    def count_bad(self, rows: Rows) -> "BadByEra":
        """Return the numbers of bad cells of each column by era."""
        return BadByEra(*(self._count(at, rows.by_era) for at in self.bad_places))

    def count_by_period(self, rows: Rows) -> np.ndarray:
        """Return how many cells of each column are bad in each period."""
        return sum(self._count(at, rows.by_period) for at in self.bad_places)[:, :-1]

    def _count(self, at: tuple[np.ndarray, np.ndarray], shelves: "Shelves") -> np.ndarray:
        (column, row), places = at, len(shelves.sizes)
        found = np.bincount(column * places + shelves.of_row[row], minlength=len(self.columns) * places)
        return found.reshape(len(self.columns), places)


@dataclass(frozen=True, eq=False)
class Shelves:
    """Where each row is counted, and how many rows are counted in each place; the last is that of rows without a time."""

    of_row: np.ndarray
    sizes: np.ndarray


def _lay_on_shelves(of_row: np.ndarray, places: int) -> Shelves:
    """Return where rows are counted that are numbered by place, -1 for one without a time."""
    counted = of_row % (places + 1)
    return Shelves(counted, np.bincount(counted, minlength=places + 1))


@dataclass(frozen=True, eq=False)
class BadByEra:
    """Numbers of bad cells by reason: one row a column; train, validation, test and rows without a time."""

    missing: np.ndarray
    infinite: np.ndarray
    sentinel: np.ndarray

    @property
    def all(self) -> BadCells:
        """The numbers over all rows."""
        return BadCells(*(counts.sum(axis=1) for counts in (self.missing, self.infinite, self.sentinel)))

    def of(self, era: Era) -> BadCells:
        """Return the numbers in one era."""
        return BadCells(*(counts[:, era] for counts in (self.missing, self.infinite, self.sentinel)))


def lay_out_rows(dataset: Dataset, eras: Eras) -> Rows:
    """Return how the rows stand, read from the time, series and line columns alone."""
    names = [dataset.time_column, LINE] + ([dataset.series_column] if dataset.series_column else [])
    frame = dataset.read(names)
    times = frame[dataset.time_column].to_numpy("datetime64[us]")
    first = np.zeros(len(frame), dtype=bool)
    first[:1] = True
    if dataset.series_column:
        codes = pd.factorize(frame[dataset.series_column], use_na_sentinel=True)[0]
        first[1:] |= codes[1:] != codes[:-1]
    known = ~np.isnat(times)
    stamps = np.unique(times[known])
    period, periods = _cut_periods(times, stamps)
    era = np.where(known, eras.label(times), np.int8(-1))
    return Rows(times, first, era, frame[LINE].to_numpy(np.int64), period, periods, stamps)


def read_blocks(dataset: Dataset, columns: Sequence[Column], rows: int) -> Iterator[Block]:
    """Yield the columns' values in blocks of a size that the processor likes."""
    read_at_once = int(np.clip(_CELLS_READ // max(rows, 1), 1, _MOST_COLUMNS_READ))
    described_at_once = int(np.clip(_CELLS_DESCRIBED // max(rows, 1), 1, _MOST_COLUMNS_DESCRIBED))
    for begin in range(0, len(columns), read_at_once):
        part = columns[begin : begin + read_at_once]
        frame = dataset.read([column.name for column in part])
        for at in range(0, len(part), described_at_once):
            some = tuple(part[at : at + described_at_once])
            yield _make_block(some, _as_matrix(frame.iloc[:, at : at + described_at_once], some))


def read_stretches(dataset: Dataset, columns: Sequence[Column]) -> Iterator[np.ndarray]:
    """Yield the values of columns of numbers a stretch of rows at a time: a matrix, one row a column, NaN for a bad cell."""
    if not columns:
        return
    rows = max(1, _CELLS_A_STRETCH // len(columns))
    for cells in dataset.read_stretches([column.name for column in columns], rows):
        values = np.empty((len(columns), len(cells[0])))
        for line, held in zip(values, cells, strict=True):
            line[:] = held.to_numpy(zero_copy_only=False)
        yield _make_block(tuple(columns), values).values


def _as_matrix(frame: pd.DataFrame, columns: tuple[Column, ...]) -> np.ndarray:
    if all(column.kind.is_numeric for column in columns):
        return np.array(frame.to_numpy(np.float64, na_value=np.nan).T, order="C")
    values = np.empty((len(columns), len(frame)))
    for place, column in enumerate(columns):
        values[place] = _as_numbers(frame[column.name], column.kind)
    return values


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
    return Block(columns, values, missing, infinite if some_infinite else None, sentinel)


def _as_numbers(cells: pd.Series, kind: Kind) -> np.ndarray:
    if kind.is_numeric:
        return cells.to_numpy(np.float64, na_value=np.nan)
    codes = pd.factorize(cells)[0].astype(np.float64)
    codes[codes < 0] = np.nan
    return codes


def _cut_periods(times: np.ndarray, stamps: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    if len(stamps) == 0:
        return np.full(len(times), -1), ()
    count = min(MOST_PERIODS, len(stamps))
    begin, span = stamps[0], max(int((stamps[-1] - stamps[0]).astype(np.int64)), 1)
    since = np.where(np.isnat(times), 0, (times - begin).astype(np.int64))
    period = np.minimum((since / span * count).astype(np.int64), count - 1)
    edges = begin + (np.arange(count) * (span / count)).astype("timedelta64[us]")
    unit = "D" if span / count >= 86_400e6 else "s"
    return np.where(np.isnat(times), -1, period), tuple(np.datetime_as_string(edges, unit=unit).tolist())
