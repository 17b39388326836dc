"""Bars laid out by trading day and time of day, on a clock by which the sessions do not move."""

from collections.abc import Iterator
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
_AT_ONCE = 1 << 18


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
    steps = np.diff(stamps[-_AT_ONCE:])
    steps = steps[steps > 0]
    step = int(np.median(steps)) if len(steps) else 0
    if not 0 < step < _SLOWEST or stamps[-1] - stamps[0] < (_FEWEST_DAYS - 1) * DAY:
        return None
    if _is_irregular(stamps[:_AT_ONCE]):
        return None
    clock = _find_clock(times)
    local = clock.shift(times)
    local += stamps
    values, counts = _count(local, DAY)
    anchor = _find_anchor(local, values, counts, step)
    local -= anchor
    values = (values - anchor) % DAY
    days = np.unique(_distinct(local, DAY))
    usual = counts >= max(2, min(10, len(days) // 10))
    slots, kept = np.sort(values[usual]), counts[usual].sum()
    # A table much larger than the rows shows that the times of day do not recur.
    if len(days) < _FEWEST_DAYS or kept < _REGULAR * len(stamps) or len(days) * len(slots) > 20 * len(stamps) + 100_000:
        return None
    present = np.zeros((len(days), len(slots)), dtype=bool)
    for part in _parts(local):
        day, offset = np.divmod(part, DAY)
        place = np.minimum(np.searchsorted(slots, offset), len(slots) - 1)
        known = slots[place] == offset
        present[np.searchsorted(days, day[known]), place[known]] = True
    # Stray bars at unusual times show no day.
    shown = present.any(axis=1)
    return Layout(
        clock=clock, anchor=anchor, step=step, days=days[shown], slots=slots, present=present[shown], local=local
    )


def _parts(rows: np.ndarray) -> Iterator[np.ndarray]:
    """Yield parts of an array: working on all of it at once would take many times its memory."""
    for first in range(0, len(rows), _AT_ONCE):
        yield rows[first : first + _AT_ONCE]


def _distinct(stamps: np.ndarray, length: int) -> np.ndarray:
    """Return the periods of some length that sorted times fall into, with few repeats."""
    found = []
    for part in _parts(stamps):
        periods = part // length
        found.append(periods[np.r_[True, periods[1:] != periods[:-1]]])
    return np.concatenate(found)


def _is_irregular(stamps: np.ndarray) -> bool:
    """Return whether times of day do not recur, as those of trades; this is quicker than a layout."""
    if not (stamps % _SECOND).any() or stamps[-1] - stamps[0] < _FEWEST_DAYS * DAY:
        return False
    return bool(len(np.unique(stamps % DAY)) > len(stamps) / 2)


def _count(local: np.ndarray, period: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct times within a period, such as a day, sorted, and how many rows have each."""
    seconds = period // _SECOND
    counts = np.zeros(seconds, dtype=np.int64)
    for part in _parts(local):
        whole, rest = np.divmod(part, _SECOND)
        if rest.any():
            return np.unique(local % period, return_counts=True)
        counts += np.bincount(whole % seconds, minlength=seconds)
    found = np.flatnonzero(counts)
    return found * _SECOND, counts[found]


def _find_clock(times: np.ndarray) -> Clock:
    """Return the clock by which the times of day vary least, without daylight saving time if none is clearly better."""
    quarters = np.unique(_distinct(times.view(np.int64), _QUARTER))
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


def _find_anchor(local: np.ndarray, slots: np.ndarray, counts: np.ndarray, step: int) -> int:
    """Return at which time of day a trading day begins: in the longest daily pause, else after the longest weekly one.

    `slots` are the times of day of bars, and `counts` how many rows have each. 0 if trading never pauses.
    """
    if step >= DAILY:
        return int((slots[counts.argmax()] + DAY // 2) % DAY)
    slots = slots[counts >= _OFTEN * counts.max()]
    pauses = np.diff(slots, append=slots[0] + DAY)
    longest = int(pauses.argmax())
    if pauses[longest] > 1.5 * step:
        return int((slots[longest] + (step + pauses[longest]) // 2) % DAY)
    week = 7 * DAY
    slots, counts = _count(local, week)
    slots = slots[counts >= _OFTEN * counts.max()]
    pauses = np.diff(slots, append=slots[0] + week)
    longest = int(pauses.argmax())
    return int(slots[(longest + 1) % len(slots)] % DAY) if pauses[longest] > 1.5 * step else 0
