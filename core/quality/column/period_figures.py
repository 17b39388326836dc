"""Figures of a month, a week or a day that stand in every row of it, from the first on."""

from dataclasses import dataclass

import numpy as np

# From the shortest: in daily rows a figure of a month steps with some weeks too, and not with most of them.
_PERIODS = {"day": "D", "week": "W", "month": "M", "quarter": "M", "year": "Y"}
_QUARTER = 3
_CYCLES = {"day": 7, "month": 12, "quarter": 4}
# numpy's weeks begin on the Thursday of the epoch, those of people on a Monday.
_TO_MONDAY = np.timedelta64(3, "D")
_FEWEST, _FEWEST_ROWS = 12, 3
_ON_TURNS, _OF_TURNS, _COUNTED = 0.98, 0.5, 0.7


@dataclass(frozen=True)
class PeriodFigure:
    """The `period` that each figure of a column stands for, a day, week, month, quarter or year, and its usual number of rows."""

    period: str
    rows: int


def find_period_figure(values: np.ndarray, times: np.ndarray, first: np.ndarray) -> PeriodFigure | None:
    """Return the period with whose first row the figures of a column change, NaN for bad ones; None where there is none.

    `first` marks where a series begins. What only counts, as the number of the month does, or comes again with each week or year
    is known beforehand and is no figure.

    Examples
    --------
    >>> days = np.arange("2024-01-01", "2026-01-01", dtype="datetime64[D]").astype("datetime64[us]")
    >>> month = days.astype("datetime64[M]").astype(int)
    >>> find_period_figure(np.sin(month * 1.7), days, np.arange(len(days)) == 0)
    PeriodFigure(period='month', rows=31)
    """
    good = ~(np.isnan(values) | np.isnat(times))
    values, times, series = values[good], times[good], np.cumsum(first)[good]
    same = series[1:] == series[:-1]
    steps = (values[1:] != values[:-1]) & same
    if np.count_nonzero(steps) < _FEWEST or _counts(np.diff(values)[steps]):
        return None
    for period in _PERIODS:
        number = _number_periods(times, period)
        turns = (number[1:] != number[:-1]) & same
        together = np.count_nonzero(steps & turns)
        if together >= _ON_TURNS * np.count_nonzero(steps) and together >= _OF_TURNS * np.count_nonzero(turns):
            rows = int(np.median(np.diff(np.flatnonzero(turns))))
            known = period in _CYCLES and _comes_again(values, number % _CYCLES[period])
            return PeriodFigure(period, rows) if rows >= _FEWEST_ROWS and not known else None
    return None


def _number_periods(times: np.ndarray, period: str) -> np.ndarray:
    """Return which period each row lies in, counted from 1970."""
    shifted = times + _TO_MONDAY if period == "week" else times
    number = shifted.astype(f"datetime64[{_PERIODS[period]}]").astype(np.int64)
    return number // _QUARTER if period == "quarter" else number


def _comes_again(values: np.ndarray, places: np.ndarray) -> bool:
    """Return whether each place in a cycle has one value alone."""
    return len(np.unique(np.column_stack([places, values]), axis=0)) == len(np.unique(places))


def _counts(steps: np.ndarray) -> bool:
    """Return whether most steps are one and the same."""
    return bool(np.unique(np.round(steps, 9), return_counts=True)[1].max() > _COUNTED * len(steps))
