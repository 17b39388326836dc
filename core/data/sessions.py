"""Bars laid out by trading day and time of day, on a clock by which the sessions do not move."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from core.data.daylight import HOUR, RULES, Clock

DAY = 24 * HOUR
DAILY = 12 * HOUR
_SLOWEST = 5 * DAY
_QUARTER = HOUR // 4
_QUARTERS = DAY // _QUARTER
_SECOND = 1_000_000
# The least difference between two clocks, in quarter hours of a week that vary under one and not under the other.
_UNCERTAIN = 0.05
_FEWEST_DAYS = 3
# Of the rows, this share must be at a time of day at which others are.
_REGULAR = 0.7
_OFTEN = 0.1


@dataclass(frozen=True, eq=False, kw_only=True)
class Layout:
    """Which bars each trading day of a series has.

    A trading day lasts 24 hours from `anchor`, microseconds after midnight on `clock`, in the longest daily pause. `days`, shape
    (days,) int64, are the days with bars since 1970-01-01, `slots`, shape (slots,) int64, the usual times of bars in microseconds
    from the start of the trading day, and `present`, shape (days, slots), marks which bars there are. `step` is the median step in
    microseconds, `local`, shape (rows,) int64, the time of each row in microseconds, counted like the days.
    """

    clock: Clock
    anchor: int
    step: int
    days: np.ndarray
    slots: np.ndarray
    present: np.ndarray
    local: np.ndarray

    @property
    def weekdays(self) -> np.ndarray:
        """The weekday of each trading day's start, 0 for Monday, shape (days,)."""
        return (self.days + 3) % 7


def lay_out_bars(times: np.ndarray) -> Layout | None:
    """Return the bars of one series by trading day and time of day.

    None if there are fewer than three days, the bars are slower than daily, or their times of day do not recur.

    Parameters
    ----------
    times
        Shape (rows,), datetime64[us], sorted, without NaT.
    """
    stamps = times.view(np.int64)
    steps = np.diff(stamps)
    steps = steps[steps > 0]
    step = int(np.median(steps)) if len(steps) else 0
    if not 0 < step < _SLOWEST or stamps[-1] - stamps[0] < (_FEWEST_DAYS - 1) * DAY:
        return None
    del steps
    clock = _find_clock(times)
    local = stamps + clock.shift(times)
    anchor = _find_anchor(local, step)
    local -= anchor
    day = local // DAY
    days = day[np.r_[True, day[1:] != day[:-1]]]
    days = np.unique(days)
    values, counts = _count(local % DAY)
    slots = values[counts >= max(2, min(10, len(days) // 10))]
    kept = counts[counts >= max(2, min(10, len(days) // 10))].sum()
    # A table much larger than the rows shows that the times of day do not recur.
    if len(days) < _FEWEST_DAYS or kept < _REGULAR * len(stamps) or len(days) * len(slots) > 20 * len(stamps) + 100_000:
        return None
    present = np.zeros((len(days), len(slots)), dtype=bool)
    place = np.minimum(np.searchsorted(slots, local % DAY), len(slots) - 1)
    usual = slots[place] == local % DAY
    present[np.searchsorted(days, day[usual]), place[usual]] = True
    return Layout(clock=clock, anchor=anchor, step=step, days=days, slots=slots, present=present, local=local)


def _count(offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct times of day, sorted, and how many rows have each."""
    if (offsets % _SECOND == 0).all():
        counts = np.bincount(offsets // _SECOND)
        found = np.flatnonzero(counts)
        return found * _SECOND, counts[found]
    return np.unique(offsets, return_counts=True)


def _find_clock(times: np.ndarray) -> Clock:
    """Return the clock by which the times of day vary least, without daylight saving time if none is clearly better."""
    quarters = times.view(np.int64) // _QUARTER
    quarters = quarters[np.r_[True, quarters[1:] != quarters[:-1]]]
    stamps = (quarters * _QUARTER).view("datetime64[us]")
    plain, error = _uncertainty(quarters)
    needed = max(_UNCERTAIN, 2 * error)
    if plain < needed:
        return Clock()
    best, least = Clock(), plain
    for market, written in product((*RULES, None), (None, *RULES)):
        if market != written:
            clock = Clock(market=market, stamps=written)
            uncertainty, _ = _uncertainty(quarters + clock.shift(stamps) // _QUARTER)
            if uncertainty < least:
                best, least = clock, uncertainty
    return best if plain - least > needed else Clock()


def _uncertainty(quarters: np.ndarray) -> tuple[float, float]:
    """Return the variance of the presence of bars, summed over the quarter hours of a week, and its standard error.

    `quarters`, shape (n,) int64, counts distinct quarter hours since 1970.
    """
    days = quarters // _QUARTERS
    # The first and the last day may be cut.
    whole = (days > days[0]) & (days < days[-1])
    quarters, days = quarters[whole], days[whole]
    weekdays = (days + 3) % 7
    present = np.bincount(weekdays * _QUARTERS + quarters % _QUARTERS, minlength=7 * _QUARTERS).reshape(7, _QUARTERS)
    traded = np.maximum(np.bincount((np.unique(days) + 3) % 7, minlength=7), 1)[:, None]
    share = present / traded
    variance = share * (1 - share)
    return float(variance.sum()), float(np.sqrt((variance * (1 - 2 * share) ** 2 / traded).sum()))


def _find_anchor(local: np.ndarray, step: int) -> int:
    """Return at which time of day a trading day begins: in the longest daily pause, else after the longest weekly one.

    0 if trading never pauses.
    """
    slots, counts = _count(local % DAY)
    if step >= DAILY:
        return int((slots[counts.argmax()] + DAY // 2) % DAY)
    slots = slots[counts >= _OFTEN * counts.max()]
    pauses = np.diff(slots, append=slots[0] + DAY)
    longest = int(pauses.argmax())
    if pauses[longest] > 1.5 * step:
        return int((slots[longest] + (step + pauses[longest]) // 2) % DAY)
    week = 7 * DAY
    slots, counts = _count((local + 3 * DAY) % week)
    slots = slots[counts >= _OFTEN * counts.max()]
    pauses = np.diff(slots, append=slots[0] + week)
    longest = int(pauses.argmax())
    return int(slots[(longest + 1) % len(slots)] % DAY) if pauses[longest] > 1.5 * step else 0
