"""Figures of a month, a week or a day that stand in every row of it, from the first on."""

from dataclasses import dataclass

import numpy as np

# From the shortest: in daily rows a figure of a month steps with some weeks too, and not with most of them.
_PERIODS = {"day": "D", "week": "W", "month": "M", "quarter": "M", "year": "Y"}
_QUARTER = 3
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

    `first` marks where a series begins. What only counts, as the number of the month does, is known beforehand and is no figure.

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
    for period, unit in _PERIODS.items():
        turns = _turns(times, period, unit) & same
        together = np.count_nonzero(steps & turns)
        if together >= _ON_TURNS * np.count_nonzero(steps) and together >= _OF_TURNS * np.count_nonzero(turns):
            rows = int(np.median(np.diff(np.flatnonzero(turns))))
            return PeriodFigure(period, rows) if rows >= _FEWEST_ROWS else None
    return None


def _turns(times: np.ndarray, period: str, unit: str) -> np.ndarray:
    """Return whether each row but the first lies in another period than the row before it."""
    shifted = times + _TO_MONDAY if period == "week" else times
    number = shifted.astype(f"datetime64[{unit}]").astype(np.int64)
    if period == "quarter":
        number //= _QUARTER
    return number[1:] != number[:-1]


def _counts(steps: np.ndarray) -> bool:
    """Return whether most steps are one and the same."""
    return bool(np.unique(np.round(steps, 9), return_counts=True)[1].max() > _COUNTED * len(steps))
