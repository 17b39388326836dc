"""The calendar of a market, learned from time stamps: its sessions by weekday, and the bars that come next."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.data.blocks import block_slices
from core.data.daylight import RULES, Clock
from core.data.sessions import DAILY, DAY, Layout, lay_out_bars

WEEK = 7 * DAY
MOST_RUNS = 2_000
MOST_BARS = 7 * 24 * 3600
# 1970-01-01 was a Thursday; a week starts on Monday.
_EPOCH = 3 * DAY
_RECENT_WEEKS = 60
# Of each weekday, this many of its last days show its session.
_RECENT_DAYS = 8
_USUAL = 0.5
# Of the expected bars, this share must exist, and of the bars this share must be expected.
_STEADY = 0.7
_FEWEST_DAILY = 10
_ESTABLISHED = 20


@dataclass(frozen=True, kw_only=True)
class Run:
    """Bars at equal steps: `count` of them from `first`, `step` apart, in microseconds from Monday 00:00."""

    first: int
    count: int
    step: int


@dataclass(frozen=True, kw_only=True)
class MarketCalendar:
    """The times of bars in a usual week on the market's clock. Holidays are not known.

    `days` is how many trading days it was learned from.

    Examples
    --------
    >>> hour = 3_600_000_000
    >>> hours = tuple(Run(first=24 * day * hour + 19 * hour // 2, count=7, step=hour) for day in range(5))
    >>> market = MarketCalendar(clock=Clock(), runs=hours, days=60)
    >>> [str(time)[:16] for time in market.next_times(np.datetime64("2024-03-01T14:30"), 2)]
    ['2024-03-01T15:30', '2024-03-04T09:30']
    """

    clock: Clock
    runs: tuple[Run, ...]
    days: int

    @property
    def is_established(self) -> bool:
        """Whether four weeks of trading show the calendar."""
        return self.days >= _ESTABLISHED

    def is_consistent(self) -> bool:
        """Return whether the runs are in order, inside a week, and few enough to use."""
        if not 0 < len(self.runs) <= MOST_RUNS or sum(run.count for run in self.runs) > MOST_BARS:
            return False
        after = 0
        for run in self.runs:
            last = run.first + (run.count - 1) * run.step
            if run.count < 1 or run.step < 1 or run.first < after or last >= WEEK:
                return False
            after = last + 1
        return {self.clock.market, self.clock.stamps} <= {*RULES, None}

    @cached_property
    def _bars(self) -> np.ndarray:
        return np.concatenate([run.first + run.step * np.arange(run.count, dtype=np.int64) for run in self.runs])

    def next_times(self, last: np.datetime64, count: int) -> np.ndarray:
        """Return the times of the next `count` bars after `last`, shape (count,) datetime64[us]."""
        ahead = self._count_up_to(np.array([last], "datetime64[us]"))[0] + np.arange(count)
        weeks, places = np.divmod(ahead, len(self._bars))
        return self.clock.unshift(weeks * WEEK + self._bars[places] - _EPOCH)

    def count_between(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Return how many bars are due strictly between pairs of time stamps, shape (n,) int64."""
        return self._count_up_to(after - np.timedelta64(1, "us")) - self._count_up_to(before)

    def _count_up_to(self, stamps: np.ndarray) -> np.ndarray:
        """Return how many bars are due from the first week of 1970 up to each time stamp, shape (n,) int64."""
        stamps = stamps.astype("datetime64[us]")
        weeks, rest = np.divmod(stamps.view(np.int64) + self.clock.shift(stamps) + _EPOCH, WEEK)
        return weeks * len(self._bars) + np.searchsorted(self._bars, rest, side="right")


def learn_calendar(times: np.ndarray) -> MarketCalendar | None:
    """Return the calendar of the market from the bars of one series.

    None if bars are slower than daily, there are too few, or they follow no weekly pattern. A weekday that the data are too
    short to show is taken as a trading day, unless it is a weekend of a market that pauses. Daily
    bars need ten days. `times`, shape (rows,), is datetime64[us], sorted, without NaT.
    """
    layout = lay_out_bars(times)
    if layout is None or (layout.step >= DAILY and len(layout.days) < _FEWEST_DAILY):
        return None
    recent = layout.days > layout.days[-1] - 7 * _RECENT_WEEKS
    days, present = layout.days[recent], layout.present[recent]
    weekdays = (days + 3) % 7
    due, seen = np.zeros((7, len(layout.slots)), dtype=bool), 0
    for weekday in _trading_weekdays(layout, days):
        own = np.flatnonzero(weekdays == weekday)
        rows = own[-_RECENT_DAYS:] if len(own) > 1 else np.arange(len(days))[-_RECENT_DAYS:]
        due[weekday] = present[rows].mean(axis=0) >= _USUAL
        seen += int(present[own].sum(axis=0)[due[weekday]].sum())
    complete = _count_due(days, due)
    if not seen or seen < _STEADY * complete or seen < _STEADY * present.sum():
        return None
    bars = np.flatnonzero(due)
    places, slots = np.divmod(bars, len(layout.slots))
    runs = _to_runs(np.sort((places * DAY + layout.slots[slots] + layout.anchor) % WEEK))
    return MarketCalendar(clock=layout.clock, runs=runs, days=len(layout.days)) if len(runs) <= MOST_RUNS else None


def learn_calendars_by_name(times: np.ndarray, series: np.ndarray | None) -> dict[str, MarketCalendar]:
    """Return the calendar of each series that has one, by its name.

    `times`, datetime64[us], and `series`, the names or None for a single series, which is then named "", have shape (rows,) and
    are sorted by series and time.
    """
    found = {}
    for rows in block_slices(series, len(times)):
        own = times[rows]
        calendar = learn_calendar(own[~np.isnat(own)])
        if calendar is not None:
            found["" if series is None else str(series[rows.start])] = calendar
    return found


def _count_due(days: np.ndarray, due: np.ndarray) -> int:
    """Return how many bars are due in the weeks with bars, from the first to the last day, holidays included."""
    span = np.arange(days[0], days[-1] + 1)
    span = span[np.isin((span + 3) // 7, (days + 3) // 7)]
    return int(np.bincount((span + 3) % 7, minlength=7) @ due.sum(axis=1))


def _trading_weekdays(layout: Layout, days: np.ndarray) -> np.ndarray:
    """Return the weekdays on which trading days usually start."""
    traded = np.bincount((days + 3) % 7, minlength=7)
    passed = np.bincount((np.arange(days[0], days[-1] + 1) + 3) % 7, minlength=7)
    usual = traded >= _USUAL * traded.max()
    # One week cannot show whether a weekday that lacks bars was a holiday.
    unknown = (traded == 0) & (passed < 2)
    middle = (np.arange(7) * DAY + layout.anchor + int(np.median(layout.slots))) // DAY % 7
    pauses = layout.slots[0] + DAY - layout.slots[-1] > 1.5 * layout.step
    assumed = (middle < 5) | ((passed == 0) & (not pauses))
    return np.flatnonzero(np.where(unknown, assumed, usual & (traded > 0)))


def _to_runs(bars: np.ndarray) -> tuple[Run, ...]:
    """Return sorted numbers as runs of equal steps."""
    runs: list[Run] = []
    place = 0
    steps = np.diff(bars)
    ends = np.r_[np.flatnonzero(steps[1:] != steps[:-1]) + 1, len(bars) - 1]
    while place < len(bars):
        # The last bar before a change of step ends the run, unless it is the first bar of the next one.
        end = int(ends[np.searchsorted(ends, place, side="right")]) if place < len(bars) - 1 else place
        step = int(steps[place]) if end > place else 1
        runs.append(Run(first=int(bars[place]), count=end - place + 1, step=step))
        place = end + 1
    return tuple(runs)
