"""What a newer file changed: rows and columns added or removed, restated history."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.columns import Kind
from core.data.dataset import Dataset
from core.data.series_label import series_label
from core.findings.ingest.revisions import CellValue, RowGroup
from core.ingest.revisions.align import (
    Difference,
    RowKeys,
    RowMatch,
    common_columns,
    comparable_type,
    find_differences,
    match_rows,
)

_MOST_EXAMPLES = 10
_EXACT = 2**53


@dataclass(frozen=True, kw_only=True)
class KindChange:
    """A column that changed type.

    Its cells are `compared` unless that would mix numbers, text and times.
    """

    column: str
    old: Kind
    new: Kind
    compared: bool


@dataclass(frozen=True, kw_only=True)
class RestatedCell:
    """A cell that differs; a missing value is None. `line` is the line in the new file."""

    time: str
    series: str | None
    line: int
    old: CellValue
    new: CellValue


@dataclass(frozen=True, kw_only=True)
class ColumnRevision:
    """The cells of one column that differ in rows of both files.

    `restated` cells had another value, `filled` ones were missing, `emptied` ones are missing now. `largest` is the largest
    change relative to the old value, None if no restated cell has a non-zero old number. `first` is the earliest time stamp,
    and the examples are the earliest cells.
    """

    column: str
    restated: int
    filled: int
    emptied: int
    largest: float | None
    first: str
    examples: tuple[RestatedCell, ...]

    @property
    def cells(self) -> int:
        """How many cells differ."""
        return self.restated + self.filled + self.emptied


@dataclass(frozen=True, kw_only=True)
class FileChanges:
    """The changes from an old to a new data set. Pairs are (old, new).

    Rows are matched by series and time stamp, the n-th of a stamp to the n-th. `added_after` are new rows after the old end,
    `added_inside` within the old range, `added_before` before the old start. `columns` are those with cells that differ, in
    the order of the new file. If only one data set has a `series_column`, no row matches.
    """

    rows: tuple[int, int]
    matched: int
    added_after: RowGroup
    added_inside: RowGroup
    added_before: RowGroup
    removed: RowGroup
    series_column: tuple[str | None, str | None]
    series_removed: tuple[str, ...]
    series_new: tuple[str, ...]
    columns_removed: tuple[str, ...]
    columns_new: tuple[str, ...]
    kinds: tuple[KindChange, ...]
    columns: tuple[ColumnRevision, ...]

    @property
    def added(self) -> int:
        """How many rows are new."""
        return self.added_after.count + self.added_inside.count + self.added_before.count


def compare_datasets(old: Dataset, new: Dataset) -> FileChanges:
    """Return the changes from the old to the new data set.

    Cells are compared as they are stored, and two missing values are equal. Floats are equal within a relative 1e-12. Columns
    are read a few at a time, so memory grows with the rows only.
    """
    match = match_rows(old, new)
    before, after = match.old.times.min(), match.old.times.max()
    times = match.new.times[match.added]
    common = common_columns(old, new)
    columns = (_describe(difference, match) for difference in find_differences(old, new, match, common))
    return FileChanges(
        rows=(old.rows, new.rows),
        matched=len(match.pairs_old),
        added_after=_group(times[times > after]),
        added_inside=_group(times[(times >= before) & (times <= after)]),
        added_before=_group(times[times < before]),
        removed=_group(match.old.times[match.removed]),
        series_column=(old.series_column, new.series_column),
        series_removed=_series_only_in(match.old, match.new),
        series_new=_series_only_in(match.new, match.old),
        columns_removed=_columns_only_in(old, new),
        columns_new=_columns_only_in(new, old),
        kinds=tuple(
            KindChange(
                column=then.name, old=then.kind, new=now.kind, compared=comparable_type(then.kind, now.kind) is not None
            )
            for then, now in common
            if then.kind != now.kind
        ),
        columns=tuple(columns),
    )


def restated_cells(old: Dataset, new: Dataset, limit: int = 100_000) -> pd.DataFrame:
    """Return the cells that differ in rows of both data sets, at most `limit`.

    The columns are time, series, column, old and new. Cells are sorted by column, in the order of the new file, and by row.

    Parameters
    ----------
    limit
        The maximum number of cells; the rest is left out.
    """
    match = match_rows(old, new)
    parts, left = [], limit
    for difference in find_differences(old, new, match, common_columns(old, new)):
        some = difference.take(np.arange(min(left, len(difference.pairs))))
        rows = match.pairs_new[some.pairs]
        columns = {"time": match.new.times[rows], "series": match.new.labels(rows), "column": some.column}
        parts.append(pd.DataFrame(columns | {"old": some.old.astype(object), "new": some.new.astype(object)}))
        left -= len(some.pairs)
        if left <= 0:
            break
    if not parts:
        return pd.DataFrame(columns=["time", "series", "column", "old", "new"])
    return pd.concat(parts, ignore_index=True)


def _describe(difference: Difference, match: RowMatch) -> ColumnRevision:
    rows = match.pairs_new[difference.pairs]
    times = match.new.times[rows]
    earliest = np.argsort(times, kind="stable")[:_MOST_EXAMPLES]
    shown = difference.take(earliest)
    labels = match.new.labels(rows[earliest])
    cells = zip(times[earliest], labels, match.new.lines[rows[earliest]], shown.old, shown.new, strict=True)
    return ColumnRevision(
        column=difference.column,
        restated=int(np.count_nonzero(difference.has_old & difference.has_new)),
        filled=int(np.count_nonzero(~difference.has_old)),
        emptied=int(np.count_nonzero(~difference.has_new)),
        largest=_largest(difference),
        first=series_label(times[earliest[0]]),
        examples=tuple(
            RestatedCell(time=series_label(time), series=label, line=int(line), old=_value(old), new=_value(new))
            for time, label, line, old, new in cells
        ),
    )


def _largest(difference: Difference) -> float | None:
    if difference.old.dtype.kind not in "if":
        return None
    old, new = difference.old.astype(np.float64), difference.new.astype(np.float64)
    known = np.isfinite(old) & np.isfinite(new) & (old != 0)
    with np.errstate(over="ignore"):
        change = np.abs((new[known] - old[known]) / old[known])
    change = change[np.isfinite(change)]
    return float(change.max()) if len(change) else None


def _value(cell: "str | float | np.integer | np.floating | np.datetime64 | None") -> CellValue:
    """Return a cell as JSON can hold it.

    An integer that a float cannot hold exactly becomes text.
    """
    if cell is None or pd.isna(cell):
        return None
    if isinstance(cell, np.datetime64):
        return series_label(cell)
    if isinstance(cell, str):
        return cell
    if isinstance(cell, np.integer):
        return float(cell) if abs(int(cell)) <= _EXACT else str(cell)
    return float(cell) if np.isfinite(cell) else str(cell)


def _group(times: np.ndarray) -> RowGroup:
    return RowGroup(len(times), tuple(series_label(time) for time in np.unique(times)[:_MOST_EXAMPLES]))


def _columns_only_in(here: Dataset, there: Dataset) -> tuple[str, ...]:
    known = {column.name for column in there.columns}
    return tuple(column.name for column in here.columns if column.name not in known)


def _series_only_in(here: RowKeys, there: RowKeys) -> tuple[str, ...]:
    if here.names is None or there.names is None:
        return ()
    known = set(there.names)
    return tuple(sorted(name for name in here.names if name not in known))
