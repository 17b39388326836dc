"""What a newer file of the same data changed: rows and columns that came or went, and history that was restated."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.columns import Kind
from core.data.dataset import Dataset
from core.ingest.revisions.align import (
    Difference,
    RowKeys,
    RowMatch,
    common_columns,
    family_of,
    find_differences,
    match_rows,
)
from core.ingest.series.order import series_label

_MOST_EXAMPLES = 10
_EXACT = 2**53

Value = float | str | None


@dataclass(frozen=True)
class RowGroup:
    """Some rows: how many, and their first time stamps, at most ten, each once."""

    count: int
    first: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class KindChange:
    """A column that holds something else now; cells are `compared` unless numbers, text and times would be mixed."""

    column: str
    old: Kind
    new: Kind
    compared: bool


@dataclass(frozen=True, kw_only=True)
class RestatedCell:
    """A cell that differs: None is a missing value. `line` is the line in the new file."""

    time: str
    series: str | None
    line: int
    old: Value
    new: Value


@dataclass(frozen=True, kw_only=True)
class ColumnRevision:
    """The cells of one column that differ in rows which both files hold.

    `restated` had another value, `filled` had none, `emptied` have none any more. `largest` is the largest change relative to
    the old value, None where no restated number was other than 0. `first` is the earliest time stamp, and the examples are the
    earliest cells.
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
    """What lies between two data sets, old and new.

    Rows are matched by series and time, the n-th of one stamp to the n-th. `added_after` came after the old end, `added_inside`
    within the old span, `added_before` before the old start. `columns` are those with cells that differ, in the order of the
    new file. `series_column` is that of the old data and that of the new: where one has none, no row matches.
    """

    rows: tuple[int, int]
    matched: int
    added_after: RowGroup
    added_inside: RowGroup
    added_before: RowGroup
    gone: RowGroup
    series_column: tuple[str | None, str | None]
    series_gone: tuple[str, ...]
    series_new: tuple[str, ...]
    columns_gone: tuple[str, ...]
    columns_new: tuple[str, ...]
    kinds: tuple[KindChange, ...]
    columns: tuple[ColumnRevision, ...]

    @property
    def added(self) -> int:
        """How many rows are new."""
        return self.added_after.count + self.added_inside.count + self.added_before.count


def compare_datasets(old: Dataset, new: Dataset) -> FileChanges:
    """Return what changed from one data set to the next.

    Cells are equal as they are stored, a missing one to a missing one; floats also where they differ by less than 1e-12 of
    their size. Read column by column: memory follows the rows.
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
        gone=_group(match.old.times[match.gone]),
        series_column=(old.series_column, new.series_column),
        series_gone=_missing_from(match.old, match.new),
        series_new=_missing_from(match.new, match.old),
        columns_gone=_names_missing_from(old, new),
        columns_new=_names_missing_from(new, old),
        kinds=tuple(
            KindChange(
                column=then.name, old=then.kind, new=now.kind, compared=family_of(then.kind, now.kind) is not None
            )
            for then, now in common
            if then.kind != now.kind
        ),
        columns=tuple(columns),
    )


def restated_cells(old: Dataset, new: Dataset, limit: int = 100_000) -> pd.DataFrame:
    """Return the cells that differ in rows which both hold, at most `limit`: time, series, column, old, new.

    Column after column in the order of the new file, and within one in the order of its rows.
    """
    match = match_rows(old, new)
    parts, left = [], limit
    for difference in find_differences(old, new, match, common_columns(old, new)):
        some = difference.take(np.arange(min(left, len(difference.at))))
        rows = match.pairs_new[some.at]
        columns = {"time": match.new.times[rows], "series": match.new.labels(rows), "column": some.column}
        parts.append(pd.DataFrame(columns | {"old": some.old.astype(object), "new": some.new.astype(object)}))
        left -= len(some.at)
        if left <= 0:
            break
    if not parts:
        return pd.DataFrame(columns=["time", "series", "column", "old", "new"])
    return pd.concat(parts, ignore_index=True)


def _describe(difference: Difference, match: RowMatch) -> ColumnRevision:
    rows = match.pairs_new[difference.at]
    times = match.new.times[rows]
    earliest = np.argsort(times, kind="stable")[:_MOST_EXAMPLES]
    shown = difference.take(earliest)
    labels = match.new.labels(rows[earliest])
    told = zip(times[earliest], labels, match.new.lines[rows[earliest]], shown.old, shown.new, strict=True)
    return ColumnRevision(
        column=difference.column,
        restated=int(np.count_nonzero(difference.is_old & difference.is_new)),
        filled=int(np.count_nonzero(~difference.is_old)),
        emptied=int(np.count_nonzero(~difference.is_new)),
        largest=_largest(difference),
        first=series_label(times[earliest[0]]),
        examples=tuple(
            RestatedCell(time=series_label(time), series=label, line=int(line), old=_value(old), new=_value(new))
            for time, label, line, old, new in told
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


def _value(cell: object) -> Value:
    """Return a cell as it can be written to JSON and read back: what a float does not tell exactly is text."""
    if pd.isna(cell):
        return None
    if isinstance(cell, np.datetime64):
        return series_label(cell)
    if isinstance(cell, str):
        return cell
    exact = np.isfinite(cell) and (not isinstance(cell, np.integer) or abs(int(cell)) <= _EXACT)
    return float(cell) if exact else str(cell)


def _group(times: np.ndarray) -> RowGroup:
    return RowGroup(len(times), tuple(series_label(time) for time in np.unique(times)[:_MOST_EXAMPLES]))


def _names_missing_from(here: Dataset, there: Dataset) -> tuple[str, ...]:
    known = {column.name for column in there.columns}
    return tuple(column.name for column in here.columns if column.name not in known)


def _missing_from(here: RowKeys, there: RowKeys) -> tuple[str, ...]:
    if here.names is None or there.names is None:
        return ()
    known = set(there.names)
    return tuple(sorted(name for name in here.names if name not in known))
