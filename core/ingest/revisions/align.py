"""Two readings of the same data laid on each other: which row is which, and which cells differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.columns import LINE, Column, Kind
from core.data.dataset import Dataset
from core.ingest.series.order import series_label

# Two spellings of one number may differ in the last bits.
SAME = 1e-12
_CELLS_READ = 1_000_000
_MOST_COLUMNS_READ = 5_000


@dataclass(frozen=True, eq=False, kw_only=True)
class RowKeys:
    """One entry a row: its time, and its series as a place among `names` (None where there are no series)."""

    times: np.ndarray
    series: np.ndarray
    names: np.ndarray | None
    lines: np.ndarray

    def labels(self, rows: np.ndarray) -> np.ndarray:
        """Return the names of the series of some rows, None where there are none."""
        return np.full(len(rows), None) if self.names is None else self.names[self.series[rows]]


@dataclass(frozen=True, eq=False, kw_only=True)
class RowMatch:
    """Which rows of the old data are which of the new: `pairs_old` and `pairs_new`; the others are `gone` or `added`."""

    old: RowKeys
    new: RowKeys
    pairs_old: np.ndarray
    pairs_new: np.ndarray
    gone: np.ndarray
    added: np.ndarray


@dataclass(frozen=True, eq=False, kw_only=True)
class Difference:
    """The cells of a column that differ: `at` are places among the pairs of rows; `is_old`, `is_new` tell who has a value."""

    column: str
    at: np.ndarray
    old: np.ndarray
    new: np.ndarray
    is_old: np.ndarray
    is_new: np.ndarray

    def take(self, which: np.ndarray) -> "Difference":
        """Return some of the cells."""
        return Difference(
            column=self.column,
            at=self.at[which],
            old=self.old[which],
            new=self.new[which],
            is_old=self.is_old[which],
            is_new=self.is_new[which],
        )


def _read_rows(dataset: Dataset) -> RowKeys:
    series = dataset.series_column
    frame = dataset.read([dataset.time_column, LINE, *([series] if series else [])])
    times = frame[dataset.time_column].to_numpy("datetime64[us]")
    lines = frame[LINE].to_numpy(np.int64)
    if series is None:
        return RowKeys(times=times, series=np.zeros(len(frame), dtype=np.int64), names=None, lines=lines)
    codes, names = pd.factorize(frame[series])
    labels = [name if isinstance(name, str) else series_label(name) for name in names.to_numpy()]
    return RowKeys(times=times, series=codes, names=np.array(labels, dtype=object), lines=lines)


def match_rows(old: Dataset, new: Dataset) -> RowMatch:
    """Return which rows are the same: those of one series and time, the n-th of them to the n-th."""
    then, now = _read_rows(old), _read_rows(new)
    # Series by name in both, on one count; without series there is one name that no series can have.
    names = [np.array([None], dtype=object) if rows.names is None else rows.names for rows in (then, now)]
    known, _ = pd.factorize(np.concatenate(names), use_na_sentinel=False)
    codes = (known[: len(names[0])][then.series], known[len(names[0]) :][now.series])
    series = np.concatenate(codes)
    times = np.concatenate([then.times, now.times]).astype(np.int64)
    is_new = np.repeat([False, True], [len(then.times), len(now.times)])
    repeats = np.concatenate([_count_repeats(*keys) for keys in zip(codes, (then.times, now.times), strict=True)])
    order = np.lexsort((is_new, repeats, times, series))
    same = np.ones(max(0, len(order) - 1), dtype=bool)
    for key in (series, times, repeats):
        same &= np.diff(key[order]) == 0
    first = np.flatnonzero(same)
    pairs_old, pairs_new = order[first], order[first + 1] - len(then.times)
    by_row = np.argsort(pairs_new)
    lonely = [np.ones(len(rows.times), dtype=bool) for rows in (then, now)]
    lonely[0][pairs_old], lonely[1][pairs_new] = False, False
    return RowMatch(
        old=then,
        new=now,
        pairs_old=pairs_old[by_row],
        pairs_new=pairs_new[by_row],
        gone=np.flatnonzero(lonely[0]),
        added=np.flatnonzero(lonely[1]),
    )


def _count_repeats(series: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return how many rows of the same series and time stand before each row; equal ones stand together in a data set."""
    again = (np.diff(series, prepend=-1) == 0) & (np.diff(times.astype(np.int64), prepend=0) == 0)
    places = np.arange(len(series))
    return places - np.maximum.accumulate(np.where(again, 0, places))


def common_columns(old: Dataset, new: Dataset) -> list[tuple[Column, Column]]:
    """Return the columns that both hold, old and new, but for those that match the rows."""
    roles = {old.time_column, old.series_column, new.time_column, new.series_column}
    known = {column.name: column for column in old.columns}
    return [(known[column.name], column) for column in new.columns if column.name in known and column.name not in roles]


def family_of(*kinds: Kind) -> str | None:
    """Return how cells of these kinds can be compared: as numbers, text or times; None where they cannot."""
    families = {
        "number" if kind.is_numeric else "time" if kind == Kind.TIME else "text" for kind in kinds if kind != Kind.EMPTY
    }
    return next(iter(families), "number") if len(families) < 2 else None


def find_differences(
    old: Dataset, new: Dataset, match: RowMatch, common: Sequence[tuple[Column, Column]]
) -> Iterator[Difference]:
    """Yield the columns with cells that differ in rows which both hold, read a few columns at a time."""
    at_once = int(np.clip(_CELLS_READ // max(1, old.rows, new.rows), 1, _MOST_COLUMNS_READ))
    for begin in range(0, len(common), at_once):
        part = common[begin : begin + at_once]
        names = [now.name for _, now in part]
        frames = old.read(names), new.read(names)
        for then, now in part:
            family = family_of(then.kind, now.kind)
            if family is None:
                continue
            cells = (_cells(frame[now.name], family) for frame in frames)
            values = [column[rows] for column, rows in zip(cells, (match.pairs_old, match.pairs_new), strict=True)]
            at = np.flatnonzero(_differ(*values, family))
            if len(at):
                before, after = values[0][at], values[1][at]
                yield Difference(
                    column=now.name, at=at, old=before, new=after, is_old=~pd.isna(before), is_new=~pd.isna(after)
                )


def _cells(column: pd.Series, family: str) -> np.ndarray:
    is_empty = column.dtype == np.float64
    if family == "number":
        return column.to_numpy() if column.dtype == np.int64 else column.to_numpy(np.float64, na_value=np.nan)
    if family == "time":
        return np.full(len(column), np.datetime64("NaT", "us")) if is_empty else column.to_numpy("datetime64[us]")
    return np.full(len(column), None) if is_empty else column.to_numpy(object, na_value=None)


def _differ(old: np.ndarray, new: np.ndarray, family: str) -> np.ndarray:
    differ = old != new
    if "f" in (old.dtype.kind, new.dtype.kind):
        differ &= ~(np.isnan(old) & np.isnan(new))
        at = np.flatnonzero(differ)
        before, after = old[at].astype(np.float64), new[at].astype(np.float64)
        with np.errstate(invalid="ignore", over="ignore"):
            near = np.abs(after - before) <= SAME * np.maximum(np.abs(before), np.abs(after))
        differ[at] = ~near | ~np.isfinite(before) | ~np.isfinite(after)
    elif family == "time":
        differ &= ~(np.isnat(old) & np.isnat(new))
    return differ
