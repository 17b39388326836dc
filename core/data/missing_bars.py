"""Bars that a session lacks against the sessions of the days around it: holes, late starts and early ends."""

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from core.data.blocks import block_slices
from core.data.daylight import HOUR
from core.data.sessions import DAILY, DAY, Layout, lay_out_bars

Place = Literal["inside", "start", "end"]

# A bar is expected if this share of the trading days around has it, of at least `_FEWEST`; and this share of the same weekday.
_DAYS, _FEWEST, _USUAL = 20, 3, 0.85
_WEEKS, _FEWEST_WEEKS, _USUAL_WEEKDAY = 8, 2, 0.5
_RARE_WEEKDAY = 0.2
# If more bars or days lack some, bars without trades are left out as a rule, and nothing is missing.
_MOST_MISSING, _MOST_SHORT = 0.1, 0.1
# A recurring half day ends at least this much earlier, or falls within these days of the same date of another year.
_HALF_DAY = HOUR * 3 // 2
_SAME_DATE = 4


@dataclass(frozen=True, eq=False, kw_only=True)
class SessionHoles:
    """Where sessions lack bars; all arrays have shape (places,).

    `rows` int64 are the positions of the first row after the missing bars, `counts` int64 how many are missing, `first` and `last`
    datetime64[us] the times of the first and the last missing one. `kinds` is "inside", "start" if a session starts late, or "end"
    if it ends early.
    """

    rows: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    counts: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    first: np.ndarray = field(default_factory=lambda: np.empty(0, "datetime64[us]"))
    last: np.ndarray = field(default_factory=lambda: np.empty(0, "datetime64[us]"))
    kinds: np.ndarray = field(default_factory=lambda: np.empty(0, dtype="U6"))

    def of(self, kind: Place) -> "SessionHoles":
        """Return those of one kind."""
        return self.take(self.kinds == kind)

    def take(self, which: np.ndarray) -> "SessionHoles":
        """Return those that a mask marks, shape (places,) bool."""
        return SessionHoles(
            rows=self.rows[which],
            counts=self.counts[which],
            first=self.first[which],
            last=self.last[which],
            kinds=self.kinds[which],
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Sessions:
    """The missing bars of a data set, and which of its long steps are explained by its sessions.

    `pauses`, shape (long steps,) bool, marks usual pauses, such as a lunch break or a night, also if the session before ended
    early or that after started late.
    """

    holes: SessionHoles
    pauses: np.ndarray


def find_missing_bars(times: np.ndarray, series: np.ndarray | None, long_steps: np.ndarray) -> Sessions:
    """Return the bars missing from sessions of intraday bars, and the pauses of the sessions.

    Holidays are not known, so a day without bars lacks none. A day that ends early lacks none if it is a half day: another day,
    of any series, ended at the same time, or one at the same date of another year ended early. The first session may start late
    and the last end early.

    Parameters
    ----------
    times
        Shape (rows,), datetime64[us], sorted by series and time, without NaT.
    series
        Shape (rows,): the series of each row. None: a single series.
    long_steps
        Shape (long steps,), int64, sorted: the rows after steps that may be pauses, none of them the first of a series.
    """
    pauses = np.zeros(len(long_steps), dtype=bool)
    found = []
    for rows in block_slices(series, len(times)):
        layout = lay_out_bars(times[rows])
        if layout is not None and layout.step < DAILY:
            first, last = np.searchsorted(long_steps, [rows.start, rows.stop])
            own, pauses[first:last] = _judge(layout, rows.start, long_steps[first:last])
            found.append(own)
    holes = _leave_half_days(found)
    pauses[np.isin(long_steps, holes.of("inside").rows)] = False
    return Sessions(holes=holes, pauses=pauses)


@dataclass(frozen=True, eq=False, kw_only=True)
class _SeriesHoles:
    """The holes of one series, arrays of shape (holes,): `days` and `lasts` are the trading day and the time of its last bar.

    `step` is that of the bars in microseconds. `days_judged` and `slots` are how many days and times of day there are.
    """

    missing: SessionHoles
    days: np.ndarray
    lasts: np.ndarray
    step: int
    days_judged: int
    slots: int

    @property
    def lost(self) -> np.ndarray:
        """How much of the session each hole takes, in microseconds."""
        return self.missing.counts * self.step


def _judge(layout: Layout, offset: int, long_steps: np.ndarray) -> tuple[_SeriesHoles, np.ndarray]:
    """Return the holes of one series, whose first row is at `offset`, and which of its long steps are pauses."""
    lacks, expected, judged, goes_on = _expect(layout)
    days, slots, present = layout.days, layout.slots, layout.present
    first = present.argmax(axis=1)
    last = _last(present)
    # The data may begin and end within a session.
    lacks[0, : first[0]] = False
    lacks[-1, last[-1] + 1 :] = False
    rank, slot = np.nonzero(lacks)
    kinds = np.full(len(rank), "inside", dtype="U6")
    joined = np.diff(days) == 1
    after_day, before_day = np.r_[False, joined] & goes_on, np.r_[joined, False] & goes_on
    kinds[(slot < first[rank]) & ~after_day[rank]] = "start"
    kinds[(slot > last[rank]) & ~before_day[rank]] = "end"

    local = days[rank] * DAY + slots[slot]
    rows = np.searchsorted(layout.local, local)
    begins = np.flatnonzero(np.r_[True, (rows[1:] != rows[:-1]) | (kinds[1:] != kinds[:-1])]) if len(rows) else rows
    counts = np.diff(begins, append=len(rows))
    stamps = layout.clock.unshift(local + layout.anchor)
    missing = SessionHoles(
        rows=rows[begins] + offset,
        counts=counts,
        first=stamps[begins],
        last=stamps[begins + counts - 1],
        kinds=kinds[begins],
    )
    holes = _SeriesHoles(
        missing=missing,
        days=days[rank[begins]],
        lasts=slots[last[rank[begins]]],
        step=layout.step,
        days_judged=int(judged.sum()),
        slots=len(slots),
    )
    kept = np.ones(len(missing.rows), dtype=bool)
    if missing.counts.sum() > _MOST_MISSING * expected:
        kept[:] = False
        judged[:] = False
    for kind in ("start", "end"):
        if np.count_nonzero(missing.kinds == kind) > max(_MOST_SHORT * holes.days_judged, 1):
            kept &= missing.kinds != kind
    holes = replace(holes, missing=missing.take(kept), days=holes.days[kept], lasts=holes.lasts[kept])
    return holes, _are_pauses(layout, judged, long_steps - offset)


def _are_pauses(layout: Layout, judged: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return before which rows the series pauses, without a trading day in between, shape (n,) bool.

    `judged`, shape (days,), marks the days whose session is known.
    """
    trades = np.isin(np.arange(7), np.concatenate([np.empty(0, int), *_group_weekdays(layout)]))
    idle = _count_weekdays(layout.days[:-1] + 1, layout.days[1:], trades) == 0
    known, follows = np.append(judged, False), np.r_[False, idle, False]
    after, before = _rank(layout, rows), _rank(layout, rows - 1)
    return known[after] & known[before] & ((after == before) | ((after == before + 1) & follows[after]))


def _rank(layout: Layout, rows: np.ndarray) -> np.ndarray:
    """Return the place of the trading day of each of some rows, that after the last if the day is not laid out."""
    day = layout.local[rows] // DAY
    place = np.searchsorted(layout.days, day)
    found = layout.days[np.minimum(place, len(layout.days) - 1)] == day
    return np.where(found, place, len(layout.days))


def _count_weekdays(first: np.ndarray, last: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Return how many of some weekdays there are from one day to before another, shape (n,).

    `which`, shape (7,) bool, marks the weekdays, Monday first.
    """
    before = np.r_[0, np.cumsum(which)]
    counts = [(days + 3) // 7 * before[7] + before[(days + 3) % 7] for days in (first, last)]
    return counts[1] - counts[0]


def _expect(layout: Layout) -> tuple[np.ndarray, int, np.ndarray, np.ndarray]:
    """Return what each day lacks, how many bars are expected, which days are judged, and which sessions never close.

    The shapes are (days, slots), (), (days,) and (days,). A day is compared with the days before it and with those after it, and
    judged by those that it matches better: sessions may change.
    """
    present, weekdays = layout.present, layout.weekdays
    lacks, judged, goes_on = np.zeros_like(present), np.zeros(len(present), bool), np.zeros(len(present), bool)
    expected = 0
    for members in _group_weekdays(layout):
        mine = np.flatnonzero(np.isin(weekdays, members))
        sides = _surrounding(present[mine], _DAYS, _FEWEST, _USUAL)
        for weekday in members:
            own = np.flatnonzero(weekdays[mine] == weekday)
            for (usual, known), (weekly, weekly_known) in zip(
                sides, _surrounding(present[mine[own]], _WEEKS, _FEWEST_WEEKS, _USUAL_WEEKDAY), strict=True
            ):
                usual[own] &= weekly | ~weekly_known[:, None]
                known[own] &= usual[own].any(axis=1)
        (before, known_before), (after, known_after) = sides
        lacking_before, lacking_after = before & ~present[mine], after & ~present[mine]
        fewer_after = lacking_after.sum(axis=1) < lacking_before.sum(axis=1)
        by_after = known_after & (~known_before | fewer_after)
        lacking = np.where(by_after[:, None], lacking_after, lacking_before)
        known = known_before | known_after
        lacks[mine] = lacking & known[:, None]
        judged[mine] = known
        usual = np.where(by_after[:, None], after, before)
        expected += int(usual[known].sum())
        shut = DAY - (layout.slots[_last(usual)] - layout.slots[usual.argmax(axis=1)])
        goes_on[mine] = known & (shut <= 1.5 * layout.step)
    return lacks, expected, judged, goes_on


def _last(marks: np.ndarray) -> np.ndarray:
    """Return the last marked column of each row, shape (rows,)."""
    return marks.shape[1] - 1 - marks[:, ::-1].argmax(axis=1)


def _group_weekdays(layout: Layout) -> list[list[int]]:
    """Return the weekdays that usually trade, those with the same hours together."""
    traded = np.bincount(layout.weekdays, minlength=7)
    groups: dict[tuple[int, int], list[int]] = {}
    for weekday in np.flatnonzero((traded > 0) & (traded >= _RARE_WEEKDAY * traded.max())):
        own = layout.present[layout.weekdays == weekday]
        hours = int(np.bincount(own.argmax(axis=1)).argmax()), int(np.bincount(_last(own)).argmax())
        groups.setdefault(hours, []).append(int(weekday))
    return list(groups.values())


def _surrounding(present: np.ndarray, days: int, fewest: int, usual: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return which bars the days before each day usually have, and whether these are enough days; the same for those after.

    `present` has the shape (days, slots); the shapes of each pair are (days, slots) and (days,).
    """
    count = len(present)
    sums = np.zeros((count + 1, present.shape[1]), dtype=np.int32)
    np.cumsum(present, axis=0, out=sums[1:])
    here = np.arange(count)
    sides = []
    for begin, end in ((np.maximum(here - days, 0), here), (here + 1, np.minimum(here + 1 + days, count))):
        length = end - begin
        sides.append((sums[end] - sums[begin] >= (usual * np.maximum(length, 1))[:, None], length >= fewest))
    return sides


def _leave_half_days(found: list[_SeriesHoles]) -> SessionHoles:
    """Return the holes of all series but for the days that end early by custom."""
    if not found:
        return SessionHoles()
    missing = [holes.missing for holes in found]
    whole = SessionHoles(
        rows=np.concatenate([each.rows for each in missing]),
        counts=np.concatenate([each.counts for each in missing]),
        first=np.concatenate([each.first for each in missing]),
        last=np.concatenate([each.last for each in missing]),
        kinds=np.concatenate([each.kinds for each in missing]),
    )
    days = np.concatenate([holes.days for holes in found])
    lasts = np.concatenate([holes.lasts for holes in found])
    lost = np.concatenate([holes.lost for holes in found])
    by_custom = np.zeros(len(days), dtype=bool)
    for kind in ("start", "end"):
        own = np.flatnonzero(whole.kinds == kind)
        by_custom[own] = _recur_yearly(days[own])
    ends = np.flatnonzero((whole.kinds == "end") & (lost >= _HALF_DAY))
    times, which, times_seen = np.unique(lasts[ends], return_inverse=True, return_counts=True)
    if len(times):
        # Ends that fall anywhere coincide by chance: a custom is seen clearly more often.
        chance = len(ends) / max(1, max(series.slots for series in found) - 1)
        by_custom[ends] |= (times_seen >= max(2.0, chance + 1.5 * chance**0.5))[which]
    return whole.take(~by_custom)


def _recur_yearly(days: np.ndarray) -> np.ndarray:
    """Return which days, int64 since 1970, are near the same date of another one's year, shape (n,)."""
    if not len(days):
        return np.zeros(0, dtype=bool)
    distinct, which = np.unique(days, return_inverse=True)
    apart = np.abs(distinct[:, None] - distinct)
    years = np.rint(apart / 365.25)
    near = (years > 0) & (np.abs(apart - 365.25 * years) <= _SAME_DATE)
    return near.any(axis=1)[which]
