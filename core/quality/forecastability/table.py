"""The columns and rows that the map of predictability is measured on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.data.eras import Era
from core.quality.column.profile import ColumnProfile
from core.quality.forecastability.timeline import Timeline
from core.quality.numerics.blocks import Rows

# The cells bound the time that the map takes.
_MOST_COLUMNS, _MOST_ROWS, _MOST_CELLS = 1_000, 20_000, 2_500_000


def choose_columns(numeric: Sequence[str], target: str | None) -> list[str]:
    """Return the numeric columns that the map is about: all, or the target and the first of a very wide table."""
    if len(numeric) <= _MOST_COLUMNS:
        return list(numeric)
    others = [name for name in numeric if name != target]
    first = set(others[: _MOST_COLUMNS - (target in numeric)])
    return [name for name in numeric if name == target or name in first]


def choose_rows(rows: Rows, columns: int) -> np.ndarray:
    """Return the places of the rows that the map is measured on, int64: the last ones of train and validation."""
    places = np.flatnonzero((rows.era == Era.TRAIN) | (rows.era == Era.VALIDATION))
    most = max(1, min(_MOST_ROWS, _MOST_CELLS // max(1, columns)))
    if len(places) <= most:
        return places
    if rows.in_order:
        return places[-most:]
    times = rows.times[places]
    # Whole time stamps, and rather fewer rows than too many.
    return places[times > np.partition(times, -most - 1)[-most - 1]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Table:
    """The columns of the map over its rows: profiles by name, and values (columns, n), float64, NaN for bad cells.

    `is_train` (n,) bool marks the rows of the train era. `left_out` more columns are beyond the limit.
    """

    profiles: Mapping[str, ColumnProfile]
    values: np.ndarray
    timeline: Timeline
    is_train: np.ndarray
    left_out: int = 0


def lay_out_table(
    profiles: Mapping[str, ColumnProfile], values: np.ndarray, rows: Rows, places: np.ndarray, left_out: int
) -> Table:
    """Return the table of some columns, `values` (columns, n), over the rows at `places` (n,)."""
    series = np.cumsum(rows.first)[places]
    is_panel = len(series) and series[0] != series[-1]
    stamps = np.unique(rows.times[places], return_inverse=True)[1] if is_panel else np.arange(len(places))
    return Table(
        profiles=profiles,
        values=values,
        timeline=Timeline(series=series, stamps=stamps),
        is_train=rows.train[places],
        left_out=left_out,
    )
