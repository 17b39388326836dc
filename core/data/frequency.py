"""Sampling frequency of time stamps, and the gaps in them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from core.data.missing_bars import SessionHoles, find_missing_bars

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_REGULAR = 0.6
_DAY = np.timedelta64(1, "D")
_DAILY = np.timedelta64(12, "h")
_UNITS = (
    (np.timedelta64(1, "D"), "D"),
    (np.timedelta64(1, "h"), "h"),
    (np.timedelta64(1, "m"), "min"),
    (np.timedelta64(1, "s"), "s"),
    (np.timedelta64(1, "ms"), "ms"),
    (np.timedelta64(1, "us"), "us"),
)
_HOLIDAYS = 3
_AT_ONCE = 1 << 18


@dataclass(frozen=True, eq=False, kw_only=True)
class SamplingFrequency:
    """The frequency of a data set, and its gaps.

    `frequency` is a pandas offset alias, None if the steps are uneven. `gaps`, shape (n,), int64, are the positions of the
    first rows after a gap, and `missing`, timedelta64[us], the length of each gap. `holes` are the bars that trading
    sessions lack besides.
    """

    frequency: str | None
    gaps: np.ndarray
    missing: np.ndarray
    holes: SessionHoles


def find_frequency(times: np.ndarray, series: np.ndarray | None) -> SamplingFrequency:
    """Return the frequency and the gaps of time stamps.

    A gap is a step much longer than the median step of these data. If no time stamp falls on a weekend, weekends do not count,
    and up to three further days without a time stamp, as at Christmas, are holidays. The usual pause of a session is no gap.

    Parameters
    ----------
    times
        Shape (rows,), datetime64[us].
    series
        Shape (rows,): the series of each row. None: a single series.
    """
    steps = _Steps(times, series)
    lengths = steps.lengths()
    if not len(lengths):
        return SamplingFrequency(
            frequency=None,
            gaps=np.empty(0, np.int64),
            missing=np.empty(0, "timedelta64[us]"),
            holes=SessionHoles(),
        )
    lengths.view(np.int64).sort()
    usual = np.median(lengths[(len(lengths) - 1) // 2 : len(lengths) // 2 + 1])
    frequency = _frequency(steps, lengths, usual)
    del lengths
    through = usual < _DAILY and _runs_through(steps, usual)
    is_gap = _gap_test(steps, usual, through)
    found = [(part.ends[gaps], part.lengths[gaps]) for part in steps.parts() for gaps in [is_gap(part)]]
    gaps, missing = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    if usual >= _DAILY or through:
        return SamplingFrequency(frequency=frequency, gaps=gaps, missing=missing, holes=SessionHoles())
    sessions = find_missing_bars(times, series, gaps)
    gaps, missing = gaps[~sessions.pauses], missing[~sessions.pauses]
    holes = sessions.holes.take(~np.isin(sessions.holes.rows, gaps))
    return SamplingFrequency(frequency=frequency, gaps=gaps, missing=missing, holes=holes)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Part:
    """Some steps, shape (n,) each: time stamps before and after, lengths, and end rows."""

    before: np.ndarray
    after: np.ndarray
    lengths: np.ndarray
    ends: np.ndarray


@dataclass(frozen=True, eq=False)
class _Steps:
    """The positive steps within each series.

    They are computed in parts: all at once would take many times the memory of the time stamps.
    """

    times: np.ndarray
    series: np.ndarray | None

    def parts(self) -> Iterator[_Part]:
        """Yield the steps in the order of the rows."""
        for first in range(1, len(self.times), _AT_ONCE):
            ends = np.arange(first, min(first + _AT_ONCE, len(self.times)))
            here, above = slice(first, first + len(ends)), slice(first - 1, first - 1 + len(ends))
            before, after = self.times[above], self.times[here]
            lengths = after - before
            inside = lengths > np.timedelta64(0, "us")
            if self.series is not None:
                inside &= self.series[here] == self.series[above]
            whole = _Part(before=before, after=after, lengths=lengths, ends=ends)
            yield (
                whole
                if inside.all()
                else _Part(before=before[inside], after=after[inside], lengths=lengths[inside], ends=ends[inside])
            )

    def lengths(self) -> np.ndarray:
        """Return the lengths of all steps, shape (n,), timedelta64[us]."""
        lengths, count = np.empty(max(0, len(self.times) - 1), "timedelta64[us]"), 0
        for part in self.parts():
            lengths[count : count + len(part.lengths)] = part.lengths
            count += len(part.lengths)
        return lengths[:count]

    def share(self, test: Callable[[_Part], np.ndarray]) -> float:
        """Return the share of steps that pass the test, NaN if there are none."""
        passed = [test(part) for part in self.parts()]
        steps = sum(map(len, passed))
        return sum(map(np.count_nonzero, passed)) / steps if steps else np.nan


def _days(stamps: np.ndarray) -> np.ndarray:
    return stamps.astype("datetime64[D]")


def _on_weekends(stamps: np.ndarray) -> np.ndarray:
    return (_days(stamps).astype(np.int64) + 3) % 7 >= 5


def _is_often(weekends: float) -> bool:
    return bool(weekends > 0.02)


def works_on_weekends(stamps: np.ndarray) -> bool:
    """Return whether more than 2% of the time stamps fall on a Saturday or Sunday.

    `stamps`, shape (n,), is datetime64.
    """
    return _is_often(_on_weekends(stamps).mean())


def _work_on_weekends(steps: _Steps) -> bool:
    return _is_often(steps.share(lambda part: _on_weekends(part.after)))


def _days_passed(part: _Part, weekends: bool) -> np.ndarray:
    """Return how many days each step spans, shape (n,), int64.

    Saturdays and Sundays count only with `weekends`.
    """
    before, after = _days(part.before), _days(part.after)
    days = (after - before).astype(np.int64)
    if not weekends:
        overnight = days > 0
        days[overnight] = np.busday_count(before[overnight], after[overnight])
    return days


def _skip_weekends(steps: _Steps) -> bool:
    """Return whether steps skip weekends; a few days within one week cannot show that."""
    passed = steps.share(lambda part: _days_passed(part, True) > _days_passed(part, False))
    return passed > 0 and not _work_on_weekends(steps)


def _runs_through(steps: _Steps, usual: np.timedelta64) -> bool:
    """Return whether bars go on through nights and weekends."""
    if not _work_on_weekends(steps):
        return False
    # If no step spans a night, the share is NaN, and the comparison is false.
    return steps.share(lambda part: part.lengths[_days_passed(part, True) > 0] <= 1.5 * usual) >= 0.9


def _gap_test(steps: _Steps, usual: np.timedelta64, through: bool) -> Callable[[_Part], np.ndarray]:
    """Return the test of which steps are gaps; `through` is whether bars go on at night and at weekends."""
    if usual >= 5 * _DAY:
        return lambda part: part.lengths > 1.6 * usual
    weekends = _work_on_weekends(steps)
    if usual >= _DAILY:
        daily = weekends and steps.share(lambda part: _days_passed(part, weekends) == 1) >= 0.9
        most = 1 + (0 if daily else _HOLIDAYS)
        return lambda part: _days_passed(part, weekends) > most
    if through:
        return lambda part: part.lengths > 1.5 * usual

    def is_gap_of_days(part: _Part) -> np.ndarray:
        days = _days_passed(part, weekends)
        return np.where(days > 0, days > 1 + _HOLIDAYS, part.lengths > 3 * usual)

    return is_gap_of_days


def _frequency(steps: _Steps, lengths: np.ndarray, usual: np.timedelta64) -> str | None:
    """Return the frequency, given the sorted lengths of the steps."""
    if usual >= 27 * _DAY:
        return _calendar_frequency(steps)
    begins = np.concatenate(([0], np.flatnonzero(lengths[1:] != lengths[:-1]) + 1))
    counts = np.diff(begins, append=len(lengths))
    if counts.max() < _REGULAR * len(lengths):
        return None
    common = lengths[begins[counts.argmax()]]
    if common == _DAY:
        return "B" if _skip_weekends(steps) else "D"
    if common == 7 * _DAY:
        names = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
        weekdays = np.zeros(7, dtype=np.int64)
        for part in steps.parts():
            weekdays += np.bincount((_days(part.after).astype(np.int64) + 3) % 7, minlength=7)
        return f"W-{names[int(weekdays.argmax())]}"
    for unit, alias in _UNITS:
        count = float(common / unit)
        if count.is_integer():
            return alias if count == 1 else f"{int(count)}{alias}"
    return None


def _calendar_frequency(steps: _Steps) -> str | None:
    months = np.concatenate([(_months(part.after) - _months(part.before)).astype(np.int64) for part in steps.parts()])
    values, counts = np.unique(months, return_counts=True)
    common = int(values[counts.argmax()])
    if counts.max() < _REGULAR * len(months) or common not in (1, 2, 3, 6, 12):
        return None
    del months
    anchor = _month_anchor(steps)
    if anchor is None:
        return None
    business, edge = ("B" if len(anchor) > 1 else ""), anchor[-1]
    months_of_year = np.zeros(12, dtype=np.int64)
    for part in steps.parts():
        months_of_year += np.bincount(_months(part.after).astype(np.int64) % 12, minlength=12)
    last = int(months_of_year.argmax())
    month = _MONTHS[last]
    if common == 12:
        return f"{business}Y{edge}-{month}"
    if common == 3:
        anchors = ("JAN", "FEB", "MAR") if edge == "S" else ("OCT", "NOV", "DEC")
        return f"{business}Q{edge}-{anchors[last % 3]}"
    return f"{business}M{edge}" if common == 1 else f"{common}{business}M{edge}"


def _months(stamps: np.ndarray) -> np.ndarray:
    return stamps.astype("datetime64[M]")


def _month_anchor(steps: _Steps) -> str | None:
    """Return at which day of the month most time stamps are, or None.

    S or E is the first or last day, BS or BE the first or last business day.
    """
    anchors: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "S": _days,
        "E": lambda months: _days(months + 1) - 1,
        "BS": lambda months: np.busday_offset(_days(months), 0, roll="forward"),
        "BE": lambda months: np.busday_offset(_days(months + 1) - 1, 0, roll="backward"),
    }

    def share_on(day_of: Callable[[np.ndarray], np.ndarray]) -> float:
        return steps.share(lambda part: _days(part.after) == day_of(_months(part.after)))

    shares = {anchor: share_on(day_of) for anchor, day_of in anchors.items()}
    best = max(shares, key=lambda anchor: shares[anchor])
    return best if shares[best] >= 0.8 else None
