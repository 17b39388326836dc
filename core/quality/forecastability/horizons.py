"""Which horizons a data set is asked about, and how many rows one season has."""

from dataclasses import dataclass

import numpy as np

_DAY = np.timedelta64(1, "D")
_HOUR = np.timedelta64(1, "h")
_MONTHS = {"Y": 12, "Q": 3}


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """The horizons of the map in rows, ascending, and the rows of a season; None if there is none.

    A season is a week of daily rows, a year of weekly, monthly or quarterly ones, and a day of faster ones.
    """

    horizons: tuple[int, ...]
    season: int | None


def find_rhythm(frequency: str | None, stamps: np.ndarray) -> Rhythm:
    """Return the horizons and the season of rows of a frequency.

    Parameters
    ----------
    frequency
        A pandas offset alias; None if the rows are unevenly spaced.
    stamps
        The distinct times, datetime64[us], sorted.

    Examples
    --------
    >>> find_rhythm("B", np.array([], "datetime64[us]")).horizons
    (1, 5, 21)
    >>> find_rhythm("h", np.arange("2024-01-01", "2024-01-09", dtype="datetime64[h]"))
    Rhythm(horizons=(1, 24, 120), season=24)
    """
    if frequency is None:
        return Rhythm(horizons=(1, 5, 21), season=None)
    if frequency == "B":
        return Rhythm(horizons=(1, 5, 21), season=5)
    if frequency == "D":
        return Rhythm(horizons=(1, 7, 30), season=7)
    if frequency.startswith("W-"):
        return Rhythm(horizons=(1, 4, 13), season=52)
    if (months := _count_months(frequency)) is not None:
        year = 12 // months
        return Rhythm(horizons=tuple(sorted({1, max(1, year // 4), year})), season=year if year > 1 else None)
    return _intraday(stamps)


def _count_months(frequency: str) -> int | None:
    """Return the months of one row of a calendar frequency: 3 for "BQE-DEC"; None for other frequencies."""
    alias = frequency.partition("-")[0]
    letters = alias.lstrip("0123456789").removeprefix("B")
    if letters not in ("MS", "ME", "QS", "QE", "YS", "YE"):
        return None
    several = int(alias[: len(alias) - len(alias.lstrip("0123456789"))] or 1)
    return min(12, several * _MONTHS.get(letters[0], 1))


def _intraday(stamps: np.ndarray) -> Rhythm:
    steps = np.diff(stamps)
    if not len(steps) or np.median(steps) >= _DAY:
        return Rhythm(horizons=(1, 5, 21), season=None)
    _, counts = np.unique(stamps.astype("datetime64[D]"), return_counts=True)
    day = int(np.median(counts))
    hour = max(1, int(_HOUR / np.median(steps)))
    horizons = (1, day, 5 * day) if hour == 1 else (1, hour, day)
    return Rhythm(horizons=tuple(sorted(set(horizons))), season=day if day > 1 else None)
