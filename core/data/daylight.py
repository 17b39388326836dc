"""Daylight saving time of a market against that of its time stamps, by rule."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Rule = Literal["US", "EU", "AU"]

RULES: tuple[Rule, ...] = ("US", "EU", "AU")
HOUR = 3_600_000_000
# Outside these years no rule is applied.
_FIRST, _LAST = 1967, 2199
_SUNDAY = 6


@dataclass(frozen=True, kw_only=True)
class Clock:
    """The daylight saving time of a market and of its time stamps.

    `market` is the rule that the exchange follows, `stamps` that of the zone in which the time stamps are written. None is no
    daylight saving time, as in Tokyo or in UTC. Local time stamps need neither: both clocks change together.

    Examples
    --------
    >>> Clock(market="US").shift(np.array(["2024-03-08T14:30", "2024-03-11T13:30"], "datetime64[us]")) // HOUR
    array([0, 1])
    """

    market: Rule | None = None
    stamps: Rule | None = None

    def shift(self, stamps: np.ndarray) -> np.ndarray:
        """Return what to add to time stamps to keep the sessions at the same time of day all year.

        `stamps`, shape (n,), is datetime64; the result is int64 microseconds, shape (n,). It is constant over a date: the
        clocks change on a Sunday, before the markets that pause at weekends open.
        """
        if self.market == self.stamps or not len(stamps):
            return np.zeros(len(stamps), dtype=np.int64)
        days = stamps.astype("datetime64[D]").astype(np.int64)
        first, last = _first_day(_FIRST), _first_day(_LAST + 1)
        low, high = np.clip([days.min(), days.max()], first, last)
        dates = np.arange(low, high + 1)
        hours = _is_summer(dates, self.market).astype(np.int64) - _is_summer(dates, self.stamps)
        return HOUR * hours[np.clip(days, low, high) - low]

    def unshift(self, shifted: np.ndarray) -> np.ndarray:
        """Return the time stamps, datetime64[us], whose shifted times, int64 microseconds, are given."""
        first = shifted - self.shift(shifted.view("datetime64[us]"))
        return (shifted - self.shift(first.view("datetime64[us]"))).view("datetime64[us]")


def _first_day(year: int) -> int:
    return int(np.datetime64(str(year), "D").astype(np.int64))


def _is_summer(days: np.ndarray, rule: Rule | None) -> np.ndarray:
    """Return on which dates, int64 days since 1970, daylight saving time is in force at noon UTC."""
    if rule is None:
        return np.zeros(len(days), dtype=bool)
    years = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    if rule == "US":
        begin = np.where(years >= 2007, _sunday(years, 3, 2), _sunday(years, 4, 1))
        begin = np.where(years < 1987, _sunday(years, 5, 0), begin)
        end = np.where(years >= 2007, _sunday(years, 11, 1), _sunday(years, 11, 0))
        return (begin <= days) & (days < end)
    if rule == "EU":
        end = np.where(years >= 1996, _sunday(years, 11, 0), _sunday(years, 10, 0))
        return (_sunday(years, 4, 0) <= days) & (days < end)
    # In the south the summer spans the turn of the year.
    end = np.where(years >= 2008, _sunday(years, 4, 1), _sunday(years, 4, 0))
    begin = np.where(years >= 2008, _sunday(years, 10, 1), _sunday(years, 11, 0))
    return (days < end) | (begin <= days)


def _sunday(years: np.ndarray, month: int, number: int) -> np.ndarray:
    """Return the n-th Sunday of a month as days since 1970; 0 is the last Sunday before the month."""
    first = (12 * (years - 1970) + month - 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    weekday = (first + 3) % 7
    return first + (_SUNDAY - weekday) % 7 + 7 * (number - 1)
