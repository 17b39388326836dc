"""The cells of long columns, where several series stand below each other, as columns of one series each."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.columns import Kind
from core.ingest.values.infer import Judged
from core.ingest.values.numbers import Numbers
from core.ingest.values.sentinels import Ends, find_ends, find_sentinels, share_sentinels
from core.ingest.values.spill import Values
from core.progress import ShouldStop, require_going

_EXACT = 2**53
_NOWHERE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False, kw_only=True)
class Grid:
    """Where each row that is taken goes.

    `rows` are positions in the file, sorted by series and time, `at` their places among the `stamps`; `starts` tells where
    each series begins among them, and where the last one ends. `first` is the first of the rows of each stamp, `repeated`
    are the rows that a later one of the same stamp and series replaces.
    """

    rows: np.ndarray
    at: np.ndarray
    starts: np.ndarray
    stamps: np.ndarray
    first: np.ndarray
    repeated: np.ndarray

    @property
    def series(self) -> int:
        """How many series there are."""
        return len(self.starts) - 1

    @property
    def group(self) -> np.ndarray:
        """The number of the series of each row that is taken."""
        return np.repeat(np.arange(self.series), np.diff(self.starts))

    def mark(self, rows: int) -> np.ndarray:
        """Return for each row of the file whether it is taken."""
        taken = np.zeros(rows, dtype=bool)
        taken[self.rows] = True
        return taken


class LongColumns:
    """The long columns and where their cells go; the values looked at last stay at hand."""

    def __init__(self, columns: dict[int, Judged], codes: np.ndarray, grid: Grid) -> None:
        self.columns = columns
        self.grid = grid
        taken = grid.mark(len(codes))
        # The numbers of the series that have rows, in the order of their names.
        known = codes[grid.rows[grid.starts[:-1]]]
        self._series = np.where(taken, np.searchsorted(known, codes), -1)
        # One for each thread that writes.
        self.values = lru_cache(maxsize=2)(self._values)

    def _values(self, place: int) -> Values:
        return self.columns[place].values

    def split(self, rows: np.ndarray) -> list[np.ndarray]:
        """Return the rows of the file of each series; those that are not taken are left out."""
        series = self._series[rows]
        order = np.argsort(series, kind="stable")
        cuts = np.searchsorted(series[order], np.arange(self.grid.series + 1))
        return [rows[order[begin:end]] for begin, end in zip(cuts, cuts[1:], strict=False)]


@dataclass(frozen=True, eq=False, kw_only=True)
class CellsOfSeries:
    """Where the cells of a wide column wait: in a long column, among those of other series."""

    store: LongColumns
    place: int
    series: int
    kind: Kind

    def places(self) -> np.ndarray:
        """Return the row of the file of each cell; -1 where there is none."""
        grid = self.store.grid
        here = slice(grid.starts[self.series], grid.starts[self.series + 1])
        places = np.full(len(grid.stamps), -1, dtype=np.int64)
        places[grid.at[here]] = grid.rows[here]
        return places

    def load(self) -> Values:
        """Return the cells, one a time stamp; a column of whole numbers with a gap becomes one of floats."""
        places = self.places()
        if self.kind == Kind.EMPTY:
            return np.full(len(places), np.nan)
        values, gaps = self.store.values(self.place), places < 0
        if isinstance(values, pa.Array):
            return values.take(pa.array(places, mask=gaps))
        found = values[places]
        if gaps.any():
            return np.where(gaps, np.datetime64("NaT", "us") if found.dtype.kind == "M" else np.nan, found)
        whole = self.kind == Kind.INTEGER and found.dtype.kind == "f" and bool((np.abs(found) < _EXACT).all())
        return found.astype(np.int64) if whole else found


@dataclass(frozen=True, eq=False, kw_only=True)
class Look:
    """What a long column holds: `filled` tells which series have a cell in it, `codes` stand for a missing value.

    `is_fixed` says that it is text which never changes within a series; `ends` are there where it may hold codes.
    """

    place: int
    filled: np.ndarray
    is_fixed: bool = False
    codes: tuple[float, ...] = ()
    ends: Ends | None = None


def look_at(store: LongColumns, place: int, by_rule: bool, should_stop: ShouldStop) -> Look:
    """Return what a long column holds; with `by_rule`, codes for a missing value are looked for in it."""
    require_going(should_stop)
    column, grid = store.columns[place], store.grid
    values, group = store.values(place), grid.group
    if isinstance(values, pa.Array):
        text = values.take(pa.array(grid.rows)).dictionary_encode()
        cells = pc.fill_null(text.indices, -1).to_numpy(zero_copy_only=False)
        group, cells = group[cells >= 0], cells[cells >= 0]
        changes = (np.diff(cells) != 0) & (np.diff(group) == 0)
        return Look(place=place, filled=np.bincount(group, minlength=grid.series) > 0, is_fixed=not changes.any())
    taken = values[grid.rows]
    present = ~(np.isnat(taken) if taken.dtype.kind == "M" else np.isnan(taken))
    filled = np.bincount(group[present], minlength=grid.series) > 0
    filled |= np.array([len(rows) > 0 for rows in store.split(column.unparseable)])
    if column.kind not in (Kind.NUMBER, Kind.INTEGER):
        return Look(place=place, filled=filled)
    good = taken[np.isfinite(taken)]
    codes = find_sentinels(good) if by_rule else ()
    return Look(place=place, filled=filled, codes=codes, ends=find_ends(good))


def spread(look: Look, store: LongColumns, everywhere: tuple[float, ...]) -> Iterator[Judged]:
    """Yield the columns that a long one becomes, one a series, each with what is odd in its own cells."""
    column, stamps = store.columns[look.place], len(store.grid.stamps)
    codes = look.codes if look.ends is None else tuple({*look.codes, *share_sentinels(look.ends, everywhere)})
    numbers = column.numbers or Numbers(values=_NOWHERE)
    rounded = store.split(_inexact(store.values(look.place)))
    odd = [store.split(rows) for rows in (column.unparseable, column.strangers, numbers.overflow, numbers.imprecise)]
    for series, (unparseable, strangers, overflow, imprecise) in enumerate(zip(*odd, strict=True)):
        kind = column.kind if look.filled[series] else Kind.EMPTY
        if store.grid.starts[series + 1] - store.grid.starts[series] < stamps:
            imprecise = np.union1d(imprecise, rounded[series])
        yield Judged(
            kind=kind,
            held=CellsOfSeries(store=store, place=look.place, series=series, kind=kind),
            unparseable=unparseable,
            strangers=strangers,
            numbers=Numbers(values=_NOWHERE, overflow=overflow, imprecise=imprecise),
            is_code=column.is_code and kind != Kind.EMPTY,
            codes=codes,
        )


def _inexact(values: Values) -> np.ndarray:
    """Return where a whole number is too large for a float, which a column with gaps holds."""
    if isinstance(values, pa.Array) or values.dtype != np.int64:
        return _NOWHERE
    large = np.flatnonzero((values > _EXACT) | (values < -_EXACT))
    return large[[int(float(number)) != number for number in values[large].tolist()]]
