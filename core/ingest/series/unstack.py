"""Long columns, in which several series are stacked, as columns of one series each."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.columns import Kind
from core.ingest.values.infer import InferredColumn
from core.ingest.values.numbers import Numbers
from core.ingest.values.sentinels import Extremes, find_extremes, find_sentinels, shared_sentinels
from core.ingest.values.spill import Values, take_rows
from core.progress import ShouldStop, require_going

_EXACT = 2**53
_NO_ROWS = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False, kw_only=True)
class Grid:
    """The time stamp and the series of each row that is used.

    All arrays but `stamps` are int64.

    `rows`, shape (n,), are positions in the file, sorted by series and time. `stamp_of_row`, shape (n,), are their positions
    among `stamps`, the distinct time stamps. `starts`, shape (series + 1,), is where each series begins among the rows, and
    where the last one ends. `first_rows` holds the first row of the file of each stamp. `repeated` are rows that a later row
    of the same stamp and series replaces.
    """

    rows: np.ndarray
    stamp_of_row: np.ndarray
    starts: np.ndarray
    stamps: np.ndarray
    first_rows: np.ndarray
    repeated: np.ndarray

    @property
    def series(self) -> int:
        """How many series there are."""
        return len(self.starts) - 1

    @property
    def series_of_row(self) -> np.ndarray:
        """The number of the series of each row that is used, shape (n,), int64."""
        return np.repeat(np.arange(self.series), np.diff(self.starts))

    def mask(self, rows: int) -> np.ndarray:
        """Return whether each row of the file is used, shape (rows,), bool."""
        used = np.zeros(rows, dtype=bool)
        used[self.rows] = True
        return used


class LongColumns:
    """Columns of values in which several series are stacked.

    The values read last are kept in memory.

    `columns` are by their position in the file. `codes`, shape (rows of the file,), int64, is the number of the series of each
    row, -1 if it has none.
    """

    def __init__(self, columns: dict[int, InferredColumn], codes: np.ndarray, grid: Grid) -> None:
        self.columns = columns
        self.grid = grid
        used = grid.mask(len(codes))
        # Series without any used row have no number.
        known = codes[grid.rows[grid.starts[:-1]]]
        self._series = np.where(used, np.searchsorted(known, codes), -1)
        # Two columns are in use at a time: one per thread that writes.
        self.values = lru_cache(maxsize=2)(self._values)

    def _values(self, position: int) -> Values:
        return self.columns[position].values

    def split(self, rows: np.ndarray) -> list[np.ndarray]:
        """Return positions of rows of the file, shape (n,), int64, by series.

        Rows that are not used are dropped.
        """
        series = self._series[rows]
        order = np.argsort(series, kind="stable")
        cuts = np.searchsorted(series[order], np.arange(self.grid.series + 1))
        return [rows[order[begin:end]] for begin, end in zip(cuts, cuts[1:], strict=False)]


@dataclass(frozen=True, eq=False, kw_only=True)
class SeriesCells:
    """The cells of one series in a long column, read when they are needed."""

    store: LongColumns
    position: int
    series: int
    kind: Kind

    def rows(self) -> np.ndarray:
        """Return the row of the file of each cell, shape (stamps,), int64; -1 if there is none."""
        grid = self.store.grid
        here = slice(grid.starts[self.series], grid.starts[self.series + 1])
        rows = np.full(len(grid.stamps), -1, dtype=np.int64)
        rows[grid.stamp_of_row[here]] = grid.rows[here]
        return rows

    def load(self) -> Values:
        """Return the cells, one per time stamp; integers with a gap become floats."""
        rows = self.rows()
        if self.kind == Kind.EMPTY:
            return np.full(len(rows), np.nan)
        found = take_rows(self.store.values(self.position), rows)
        if not isinstance(found, np.ndarray) or (rows < 0).any():
            return found
        whole = self.kind == Kind.INTEGER and found.dtype.kind == "f" and bool((np.abs(found) < _EXACT).all())
        return found.astype(np.int64) if whole else found


@dataclass(frozen=True, eq=False, kw_only=True)
class LongSummary:
    """What a long column holds.

    `has_values`, shape (series,), bool, is whether a series has a cell in it. `is_fixed` is whether it is text that is
    constant within each series. `sentinels` are its codes for missing values; `extremes` is None unless it can hold such codes.
    """

    position: int
    has_values: np.ndarray
    is_fixed: bool = False
    sentinels: tuple[float, ...] = ()
    extremes: Extremes | None = None


def summarise_long(store: LongColumns, position: int, by_rule: bool, should_stop: ShouldStop) -> LongSummary:
    """Return what a long column holds.

    Parameters
    ----------
    position
        The position of the column in the file.
    by_rule
        Whether to search for codes for missing values.
    """
    require_going(should_stop)
    column, grid = store.columns[position], store.grid
    values, series = store.values(position), grid.series_of_row
    if isinstance(values, pa.Array):
        text = values.take(pa.array(grid.rows)).dictionary_encode()
        cells = pc.fill_null(text.indices, -1).to_numpy(zero_copy_only=False)
        series, cells = series[cells >= 0], cells[cells >= 0]
        changes = (np.diff(cells) != 0) & (np.diff(series) == 0)
        has_values = np.bincount(series, minlength=grid.series) > 0
        return LongSummary(position=position, has_values=has_values, is_fixed=not changes.any())
    used = values[grid.rows]
    present = ~(np.isnat(used) if used.dtype.kind == "M" else np.isnan(used))
    has_values = np.bincount(series[present], minlength=grid.series) > 0
    has_values |= np.array([len(rows) > 0 for rows in store.split(column.unparseable)])
    if column.kind not in (Kind.NUMBER, Kind.INTEGER):
        return LongSummary(position=position, has_values=has_values)
    finite = used[np.isfinite(used)]
    return LongSummary(
        position=position,
        has_values=has_values,
        sentinels=find_sentinels(finite) if by_rule else (),
        extremes=find_extremes(finite),
    )


def unstack_column(long: LongSummary, store: LongColumns, everywhere: tuple[float, ...]) -> Iterator[InferredColumn]:
    """Yield one column per series, each with the cells of its own that need a finding.

    Parameters
    ----------
    everywhere
        Codes for missing values that were found in any column of the file.
    """
    column, stamps = store.columns[long.position], len(store.grid.stamps)
    sentinels = long.sentinels
    if long.extremes is not None:
        sentinels = tuple({*sentinels, *shared_sentinels(long.extremes, everywhere)})
    numbers = column.numbers or Numbers(values=_NO_ROWS)
    rounded = store.split(_inexact_as_float(store.values(long.position)))
    affected = [
        store.split(rows) for rows in (column.unparseable, column.nonconforming, numbers.overflow, numbers.imprecise)
    ]
    for series, (unparseable, nonconforming, overflow, imprecise) in enumerate(zip(*affected, strict=True)):
        kind = column.kind if long.has_values[series] else Kind.EMPTY
        if store.grid.starts[series + 1] - store.grid.starts[series] < stamps:
            imprecise = np.union1d(imprecise, rounded[series])
        yield InferredColumn(
            kind=kind,
            data=SeriesCells(store=store, position=long.position, series=series, kind=kind),
            unparseable=unparseable,
            nonconforming=nonconforming,
            numbers=Numbers(values=_NO_ROWS, overflow=overflow, imprecise=imprecise),
            has_leading_zeros=column.has_leading_zeros and kind != Kind.EMPTY,
            sentinels=sentinels,
        )


def _inexact_as_float(values: Values) -> np.ndarray:
    """Return the positions of integers that a float cannot hold, shape (n,), int64."""
    if isinstance(values, pa.Array) or values.dtype != np.int64:
        return _NO_ROWS
    large = np.flatnonzero((values > _EXACT) | (values < -_EXACT))
    return large[[int(float(number)) != number for number in values[large].tolist()]]
