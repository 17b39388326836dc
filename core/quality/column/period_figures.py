"""Columns that repeat one figure per day, week, month, quarter or year in every row of that period."""

from dataclasses import dataclass

import numpy as np

# Shortest first: in daily rows a monthly figure also changes on the first day of some weeks, but not of most.
_PERIODS = {"day": "D", "week": "W", "month": "M", "quarter": "M", "year": "Y"}
_QUARTER = 3
_CYCLES = {"day": 7, "month": 12, "quarter": 4}
# numpy's weeks start on the Thursday of the epoch; calendar weeks start on Monday.
_TO_MONDAY = np.timedelta64(3, "D")
_FEWEST_CHANGES, _FEWEST_ROWS = 12, 3
# At least these shares: of the changes that are on the first row of a period, of such rows that have a change, and of the
# changes by one and the same amount that make a column a counter.
_CHANGES_ON_STARTS, _STARTS_WITH_CHANGE, _COUNTER_SHARE = 0.98, 0.5, 0.7


@dataclass(frozen=True)
class PeriodFigure:
    """The `period` that each figure of a column belongs to: day, week, month, quarter or year; and its usual number of rows."""

    period: str
    rows: int


def find_period_figure(values: np.ndarray, times: np.ndarray, first: np.ndarray) -> PeriodFigure | None:
    """Return the period whose first rows are those in which a column changes; None if there is none.

    A column that only counts periods, or repeats with each week or year, is known in advance, so it is no figure.

    Parameters
    ----------
    values
        Train values, float64, shape (rows,); NaN marks bad cells.
    times
        The time of each row, datetime64[us], shape (rows,).
    first
        The first row of each series, bool, shape (rows,).

    Examples
    --------
    >>> days = np.arange("2024-01-01", "2026-01-01", dtype="datetime64[D]").astype("datetime64[us]")
    >>> month = days.astype("datetime64[M]").astype(int)
    >>> find_period_figure(np.sin(month * 1.7), days, np.arange(len(days)) == 0)
    PeriodFigure(period='month', rows=31)
    """
    valid = ~(np.isnan(values) | np.isnat(times))
    values, times, series = values[valid], times[valid], np.cumsum(first)[valid]
    same = series[1:] == series[:-1]
    changes = (values[1:] != values[:-1]) & same
    if np.count_nonzero(changes) < _FEWEST_CHANGES or _is_counter(np.diff(values)[changes]):
        return None
    for period in _PERIODS:
        number = _number_periods(times, period)
        starts = (number[1:] != number[:-1]) & same
        both = np.count_nonzero(changes & starts)
        least = max(_CHANGES_ON_STARTS * np.count_nonzero(changes), _STARTS_WITH_CHANGE * np.count_nonzero(starts))
        if both >= least:
            rows = int(np.median(np.diff(np.flatnonzero(starts))))
            is_known = period in _CYCLES and _is_cyclical(values, number % _CYCLES[period])
            return PeriodFigure(period, rows) if rows >= _FEWEST_ROWS and not is_known else None
    return None


def _number_periods(times: np.ndarray, period: str) -> np.ndarray:
    """Return the number of each row's period since 1970, int64."""
    shifted = times + _TO_MONDAY if period == "week" else times
    number = shifted.astype(f"datetime64[{_PERIODS[period]}]").astype(np.int64)
    return number // _QUARTER if period == "quarter" else number


def _is_cyclical(values: np.ndarray, places: np.ndarray) -> bool:
    """Return whether each place in a cycle has a single value."""
    return len(np.unique(np.column_stack([places, values]), axis=0)) == len(np.unique(places))


def _is_counter(changes: np.ndarray) -> bool:
    """Return whether most changes are equal."""
    return bool(np.unique(np.round(changes, 9), return_counts=True)[1].max() > _COUNTER_SHARE * len(changes))
