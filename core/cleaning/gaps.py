"""How far apart the rows of a series stand, in usual steps, and where a gap is so long that it parts them."""

from dataclasses import dataclass

import numpy as np

from core.data.frequency import works_on_weekends

_DAY = 86_400_000_000
_WEEKEND_FREE = 5 * _DAY
_DAILY = _DAY // 2


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The usual step between rows of one series, learned from the train era.

    `step` is in microseconds. `weekends` says whether rows fall on weekends; where not, weekends are no gap. `a_day` is the
    number of rows of a usual day where nights have none, else 0.
    """

    step: int
    weekends: bool
    a_day: int

    def count_steps(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Return how many usual steps lie from each time stamp to a later one.

        Examples
        --------
        >>> friday, tuesday = np.array(["2024-01-05"], "datetime64[us]"), np.array(["2024-01-09"], "datetime64[us]")
        >>> Calendar(step=86_400_000_000, weekends=False, a_day=0).count_steps(friday, tuesday)
        array([2.])
        """
        span = (after - before).astype("timedelta64[us]").astype(np.float64)
        if self.step >= _WEEKEND_FREE:
            return span / self.step
        first, last = before.astype("datetime64[D]"), after.astype("datetime64[D]")
        passed = (last - first).astype(np.int64)
        days = passed if self.weekends else np.busday_count(first, last)
        if self.step >= _DAILY:
            return days / max(1, round(self.step / _DAY))
        if not self.a_day:
            return (span - _DAY * (passed - days)) / self.step
        return np.where(passed == 0, span / self.step, 1.0 + self.a_day * np.maximum(days - 1, 0))


def learn_calendar(times: np.ndarray, series: np.ndarray) -> Calendar | None:
    """Return the calendar of rows sorted by series and time, or None where no series has two time stamps."""
    steps = np.diff(times).astype("timedelta64[us]").astype(np.int64)
    inside = (series[1:] == series[:-1]) & ~np.isnat(times[1:]) & ~np.isnat(times[:-1]) & (steps > 0)
    if not inside.any():
        return None
    before, after, steps = times[:-1][inside], times[1:][inside], steps[inside]
    usual = int(np.median(steps))
    weekends = works_on_weekends(after)
    if usual >= _DAILY:
        return Calendar(step=usual, weekends=weekends, a_day=0)
    dates = after.astype("datetime64[D]")
    overnight = dates > before.astype("datetime64[D]")
    whole_nights = not overnight.any() or (steps[overnight] <= 1.5 * usual).mean() >= 0.5
    _, rows = np.unique(np.stack([series[1:][inside], dates.astype(np.int64)]), axis=1, return_counts=True)
    return Calendar(step=usual, weekends=weekends, a_day=0 if whole_nights else int(np.median(rows)))


def cut_at_gaps(times: np.ndarray, blocks: np.ndarray, calendar: Calendar | None, max_gap: int) -> np.ndarray:
    """Return the numbers of the blocks, from 0, cut further wherever more than `max_gap` usual steps lie between two rows."""
    if not max_gap or calendar is None or len(times) < 2:
        return blocks
    known = ~np.isnat(times)
    same = (blocks[1:] == blocks[:-1]) & known[1:] & known[:-1]
    long = np.zeros(len(same), dtype=bool)
    # Half a step of tolerance: months are not equally long.
    long[same] = calendar.count_steps(times[:-1][same], times[1:][same]) > max_gap + 0.5
    return np.cumsum(np.r_[0, (blocks[1:] != blocks[:-1]) | long], dtype=np.int64)
