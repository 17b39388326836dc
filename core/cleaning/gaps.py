"""Gaps between rows in sampling intervals, and splitting of series at long gaps."""

from dataclasses import dataclass

import numpy as np

from core.data.frequency import works_on_weekends

_DAY = 86_400_000_000
_WEEKEND_FREE = 5 * _DAY
_DAILY = _DAY // 2


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The sampling interval of a series, learned from the train era.

    `step` is the interval in microseconds. If `weekends` is False, no rows fall on weekends and weekends are not a gap.
    `rows_per_day` is the typical number of rows per day if there are none overnight, else 0.
    """

    step: int
    weekends: bool
    rows_per_day: int

    def count_steps(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Return the number of sampling intervals between pairs of time stamps.

        Both arrays are datetime64[us], shape (n,), without NaT, `after` not before `before`; the result is float64, shape (n,).

        Examples
        --------
        >>> friday, tuesday = np.array(["2024-01-05"], "datetime64[us]"), np.array(["2024-01-09"], "datetime64[us]")
        >>> Calendar(step=86_400_000_000, weekends=False, rows_per_day=0).count_steps(friday, tuesday)
        array([2.])
        """
        span = (after - before).astype("timedelta64[us]").astype(np.float64)
        if self.step >= _WEEKEND_FREE:
            return span / self.step
        first, last = before.astype("datetime64[D]"), after.astype("datetime64[D]")
        calendar_days = (last - first).astype(np.int64)
        days = calendar_days if self.weekends else np.busday_count(first, last)
        if self.step >= _DAILY:
            return days / max(1, round(self.step / _DAY))
        if not self.rows_per_day:
            return (span - _DAY * (calendar_days - days)) / self.step
        return np.where(calendar_days == 0, span / self.step, 1.0 + self.rows_per_day * np.maximum(days - 1, 0))


def learn_calendar(times: np.ndarray, series: np.ndarray) -> Calendar | None:
    """Return the sampling interval of rows sorted by series and time.

    `times` is datetime64[us], NaT allowed, and `series` int64, both of shape (n,). None if no series has two time stamps.
    """
    steps = np.diff(times).astype("timedelta64[us]").astype(np.int64)
    inside = (series[1:] == series[:-1]) & ~np.isnat(times[1:]) & ~np.isnat(times[:-1]) & (steps > 0)
    if not inside.any():
        return None
    before, after, steps = times[:-1][inside], times[1:][inside], steps[inside]
    usual = int(np.median(steps))
    weekends = works_on_weekends(after)
    if usual >= _DAILY:
        return Calendar(step=usual, weekends=weekends, rows_per_day=0)
    dates = after.astype("datetime64[D]")
    overnight = dates > before.astype("datetime64[D]")
    around_the_clock = not overnight.any() or (steps[overnight] <= 1.5 * usual).mean() >= 0.5
    _, rows = np.unique(np.stack([series[1:][inside], dates.astype(np.int64)]), axis=1, return_counts=True)
    return Calendar(step=usual, weekends=weekends, rows_per_day=0 if around_the_clock else int(np.median(rows)))


def split_at_gaps(times: np.ndarray, blocks: np.ndarray, calendar: Calendar | None, max_gap: int) -> np.ndarray:
    """Return block numbers with a new block after each long gap.

    Parameters
    ----------
    times : datetime64[us], shape (n,), sorted within each block; NaT splits nothing
    blocks : int64, shape (n,), the block of each row so far
    calendar : the sampling interval; None splits nothing
    max_gap : in sampling intervals; 0 splits nothing

    Returns
    -------
    int64, shape (n,), counted from 0
    """
    if not max_gap or calendar is None or len(times) < 2:
        return blocks
    known = ~np.isnat(times)
    same = (blocks[1:] == blocks[:-1]) & known[1:] & known[:-1]
    long = np.zeros(len(same), dtype=bool)
    # Half an interval of tolerance: months differ in length.
    long[same] = calendar.count_steps(times[:-1][same], times[1:][same]) > max_gap + 0.5
    return np.cumsum(np.r_[0, (blocks[1:] != blocks[:-1]) | long], dtype=np.int64)
