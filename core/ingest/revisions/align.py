"""Alignment of two readings of the same data: matching rows and differing cells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from core.data.columns import LINE, Column, Kind
from core.data.dataset import Dataset
from core.data.series_label import series_label

# Two spellings of one number may differ in the last bits.
SAME = 1e-12
_CELLS_READ = 1_000_000
_MOST_COLUMNS_READ = 5_000

CellType = Literal["number", "time", "text"]


@dataclass(frozen=True, eq=False, kw_only=True)
class RowKeys:
    """The key of each row: its time stamp and its series.

    All arrays but `names` have shape (rows,).

    `times` is datetime64[us]. `series`, int64, are positions among `names`, which is None if there are no series.
    `lines`, int64, are the line numbers in the file.
    """

    times: np.ndarray
    series: np.ndarray
    names: np.ndarray | None
    lines: np.ndarray

    def labels(self, rows: np.ndarray) -> np.ndarray:
        """Return the names of the series of some rows, shape (n,), object.

        They are None if there are no series.
        """
        return np.full(len(rows), None) if self.names is None else self.names[self.series[rows]]


@dataclass(frozen=True, eq=False, kw_only=True)
class RowMatch:
    """Which old and new rows correspond. All arrays are int64 row positions.

    Row `pairs_old[i]` is row `pairs_new[i]` of the new data. `removed` are old rows and `added` new rows without a partner.
    """

    old: RowKeys
    new: RowKeys
    pairs_old: np.ndarray
    pairs_new: np.ndarray
    removed: np.ndarray
    added: np.ndarray


@dataclass(frozen=True, eq=False, kw_only=True)
class Difference:
    """The cells of a column that differ, shape (n,) each.

    `pairs`, int64, are positions among the pairs of rows. `has_old` and `has_new`, bool, are whether a value is not missing.
    """

    column: str
    pairs: np.ndarray
    old: np.ndarray
    new: np.ndarray
    has_old: np.ndarray
    has_new: np.ndarray

    def take(self, cells: np.ndarray) -> "Difference":
        """Return the cells at these positions, shape (m,), int64."""
        return Difference(
            column=self.column,
            pairs=self.pairs[cells],
            old=self.old[cells],
            new=self.new[cells],
            has_old=self.has_old[cells],
            has_new=self.has_new[cells],
        )


def _read_keys(dataset: Dataset) -> RowKeys:
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
    """Return which rows correspond: those of the same series and time stamp.

    If a time stamp repeats, its n-th row corresponds to the n-th.
    """
    before, after = _read_keys(old), _read_keys(new)
    # Number the series of both by name; None, which is no series name, means data without series.
    names = [np.array([None], dtype=object) if keys.names is None else keys.names for keys in (before, after)]
    known, _ = pd.factorize(np.concatenate(names), use_na_sentinel=False)
    codes = (known[: len(names[0])][before.series], known[len(names[0]) :][after.series])
    series = np.concatenate(codes)
    times = np.concatenate([before.times, after.times]).astype(np.int64)
    is_new = np.repeat([False, True], [len(before.times), len(after.times)])
    repeats = np.concatenate([_count_repeats(*keys) for keys in zip(codes, (before.times, after.times), strict=True)])
    order = np.lexsort((is_new, repeats, times, series))
    same = np.ones(max(0, len(order) - 1), dtype=bool)
    for key in (series, times, repeats):
        same &= np.diff(key[order]) == 0
    first = np.flatnonzero(same)
    pairs_old, pairs_new = order[first], order[first + 1] - len(before.times)
    by_row = np.argsort(pairs_new)
    is_removed, is_added = (np.ones(len(keys.times), dtype=bool) for keys in (before, after))
    is_removed[pairs_old], is_added[pairs_new] = False, False
    return RowMatch(
        old=before,
        new=after,
        pairs_old=pairs_old[by_row],
        pairs_new=pairs_new[by_row],
        removed=np.flatnonzero(is_removed),
        added=np.flatnonzero(is_added),
    )


def _count_repeats(series: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return how many rows of the same series and time stamp precede each row.

    Such rows are adjacent in a data set.
    """
    again = (np.diff(series, prepend=-1) == 0) & (np.diff(times.astype(np.int64), prepend=0) == 0)
    rows = np.arange(len(series))
    return rows - np.maximum.accumulate(np.where(again, 0, rows))


def common_columns(old: Dataset, new: Dataset) -> list[tuple[Column, Column]]:
    """Return the pairs of columns (old, new) that both data sets have.

    Time and series columns are not among them.
    """
    roles = {old.time_column, old.series_column, new.time_column, new.series_column}
    known = {column.name: column for column in old.columns}
    return [(known[column.name], column) for column in new.columns if column.name in known and column.name not in roles]


def comparable_type(*kinds: Kind) -> CellType | None:
    """Return the type as which cells of these kinds can be compared; None if they cannot."""
    types: set[CellType] = {
        "number" if kind.is_numeric else "time" if kind == Kind.TIME else "text" for kind in kinds if kind != Kind.EMPTY
    }
    return next(iter(types), "number") if len(types) < 2 else None


def find_differences(
    old: Dataset, new: Dataset, match: RowMatch, common: Sequence[tuple[Column, Column]]
) -> Iterator[Difference]:
    """Yield the columns with cells that differ in rows of both data sets.

    Only a few columns are read at a time.

    Parameters
    ----------
    match
        The rows that correspond.
    common
        The columns to compare, old and new.
    """
    at_once = int(np.clip(_CELLS_READ // max(1, old.rows, new.rows), 1, _MOST_COLUMNS_READ))
    for begin in range(0, len(common), at_once):
        part = common[begin : begin + at_once]
        names = [after.name for _, after in part]
        old_frame, new_frame = old.read(names), new.read(names)
        for before, after in part:
            cell_type = comparable_type(before.kind, after.kind)
            if cell_type is None:
                continue
            old_cells = _cells(old_frame[after.name], cell_type)[match.pairs_old]
            new_cells = _cells(new_frame[after.name], cell_type)[match.pairs_new]
            pairs = np.flatnonzero(_differ(old_cells, new_cells, cell_type))
            if len(pairs):
                old_cells, new_cells = old_cells[pairs], new_cells[pairs]
                yield Difference(
                    column=after.name,
                    pairs=pairs,
                    old=old_cells,
                    new=new_cells,
                    has_old=~pd.isna(old_cells),
                    has_new=~pd.isna(new_cells),
                )


def _cells(column: pd.Series, cell_type: CellType) -> np.ndarray:
    is_empty = column.dtype == np.float64
    cells: np.ndarray
    match cell_type:
        case "number":
            is_integer = column.dtype == np.int64
            cells = column.to_numpy() if is_integer else column.to_numpy(np.float64, na_value=np.nan)
        case "time":
            no_times = np.full(len(column), np.datetime64("NaT", "us"))
            cells = no_times if is_empty else column.to_numpy("datetime64[us]")
        case "text":
            cells = np.full(len(column), None) if is_empty else column.to_numpy(object, na_value=None)
    return cells


def _differ(old: np.ndarray, new: np.ndarray, cell_type: CellType) -> np.ndarray:
    differ: np.ndarray = old != new
    if "f" in (old.dtype.kind, new.dtype.kind):
        differ &= ~(np.isnan(old) & np.isnan(new))
        cells = np.flatnonzero(differ)
        before, after = old[cells].astype(np.float64), new[cells].astype(np.float64)
        with np.errstate(invalid="ignore", over="ignore"):
            near = np.abs(after - before) <= SAME * np.maximum(np.abs(before), np.abs(after))
        differ[cells] = ~near | ~np.isfinite(before) | ~np.isfinite(after)
    elif cell_type == "time":
        differ &= ~(np.isnat(old) & np.isnat(new))
    return differ
