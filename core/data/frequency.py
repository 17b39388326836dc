"""How the time stamps of a series follow each other: their frequency, and where some are missing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_REGULAR = 0.6
_DAY = np.timedelta64(1, "D")
_HOLIDAYS = 3
_AT_ONCE = 1 << 18


@dataclass(frozen=True, eq=False, kw_only=True)
class SamplingFrequency:
    """`frequency` is a pandas offset alias, None where the steps are uneven; `gaps` are the rows right after a gap.

    `missing` is the length of each gap.
    """

    frequency: str | None
    gaps: np.ndarray
    missing: np.ndarray


def find_frequency(times: np.ndarray, series: np.ndarray | None) -> SamplingFrequency:
    """Return the frequency of stamps sorted within series; nothing is measured across series.

    A gap is a step much longer than this data's own usual step. Where no stamp falls on a weekend, weekends do not count,
    and up to three further days without a stamp, as at Christmas, are holidays.
    """
    steps = _Steps(times, series)
    lengths = steps.lengths()
    if not len(lengths):
        return SamplingFrequency(frequency=None, gaps=np.empty(0, np.int64), missing=np.empty(0, "timedelta64[us]"))
    lengths.view(np.int64).sort()
    usual = np.median(lengths[(len(lengths) - 1) // 2 : len(lengths) // 2 + 1])
    frequency = _frequency(steps, lengths, usual)
    del lengths
    is_gap = _gap_test(steps, usual)
    found = [(part.ends[gaps], part.lengths[gaps]) for part in steps.parts() for gaps in [is_gap(part)]]
    gaps, missing = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    return SamplingFrequency(frequency=frequency, gaps=gaps, missing=missing)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Part:
    """Some steps: the stamps before and after each, their lengths, and which rows they end at."""

    before: np.ndarray
    after: np.ndarray
    lengths: np.ndarray
    ends: np.ndarray


@dataclass(frozen=True, eq=False)
class _Steps:
    """The steps forward within each series, looked at a part at a time: all at once would be many times the stamps."""

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
        """Return the lengths of all steps."""
        lengths, count = np.empty(max(0, len(self.times) - 1), "timedelta64[us]"), 0
        for part in self.parts():
            lengths[count : count + len(part.lengths)] = part.lengths
            count += len(part.lengths)
        return lengths[:count]

    def share(self, test: Callable[[_Part], np.ndarray]) -> float:
        """Return the share of the looked-at steps that pass the test, NaN where it looks at none."""
        passed = [test(part) for part in self.parts()]
        looked_at = sum(map(len, passed))
        return sum(map(np.count_nonzero, passed)) / looked_at if looked_at else np.nan


def _days(stamps: np.ndarray) -> np.ndarray:
    return stamps.astype("datetime64[D]")


def _on_weekends(stamps: np.ndarray) -> np.ndarray:
    return (_days(stamps).astype(np.int64) + 3) % 7 >= 5


def _is_often(weekends: float) -> bool:
    return bool(weekends > 0.02)


def works_on_weekends(stamps: np.ndarray) -> bool:
    """Return whether more than a stray stamp falls on a Saturday or Sunday."""
    return _is_often(_on_weekends(stamps).mean())


def _work_on_weekends(steps: _Steps) -> bool:
    return _is_often(steps.share(lambda part: _on_weekends(part.after)))


def _days_passed(part: _Part, weekends: bool) -> np.ndarray:
    """Return how many days each step passes, without Saturdays and Sundays unless they count."""
    before, after = _days(part.before), _days(part.after)
    days = (after - before).astype(np.int64)
    if not weekends:
        overnight = days > 0
        days[overnight] = np.busday_count(before[overnight], after[overnight])
    return days


def _skip_weekends(steps: _Steps) -> bool:
    """Return whether weekends were passed over, which a few days within one week cannot show."""
    passed = steps.share(lambda part: _days_passed(part, True) > _days_passed(part, False))
    return passed > 0 and not _work_on_weekends(steps)


def _gap_test(steps: _Steps, usual: np.timedelta64) -> Callable[[_Part], np.ndarray]:
    """Return the test that tells which steps are gaps."""
    if usual >= 5 * _DAY:
        return lambda part: part.lengths > 1.6 * usual
    weekends = _work_on_weekends(steps)
    if usual >= np.timedelta64(12, "h"):
        daily = weekends and steps.share(lambda part: _days_passed(part, weekends) == 1) >= 0.9
        most = 1 + (0 if daily else _HOLIDAYS)
        return lambda part: _days_passed(part, weekends) > most
    if weekends:
        # Where no step passes a night the share is NaN, which is not large.
        through = steps.share(lambda part: part.lengths[_days_passed(part, True) > 0] <= 1.5 * usual)
        if through >= 0.9:
            return lambda part: part.lengths > 1.5 * usual

    def passes_nights(part: _Part) -> np.ndarray:
        days = _days_passed(part, weekends)
        return np.where(days > 0, days > 1 + _HOLIDAYS, part.lengths > 3 * usual)

    return passes_nights


def _frequency(steps: _Steps, lengths: np.ndarray, usual: np.timedelta64) -> str | None:
    """Return the frequency, given the lengths of the steps in the order of their size."""
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
        weekday = sum(np.bincount((_days(part.after).astype(np.int64) + 3) % 7, minlength=7) for part in steps.parts())
        return f"W-{names[weekday.argmax()]}"
    for unit, alias in (("D", "D"), ("h", "h"), ("m", "min"), ("s", "s"), ("ms", "ms"), ("us", "us")):
        count = common / np.timedelta64(1, unit)
        if count.is_integer():
            return alias if count == 1 else f"{int(count)}{alias}"
    return None


def _calendar_frequency(steps: _Steps) -> str | None:
    passed = np.concatenate([(_months(part.after) - _months(part.before)).astype(np.int64) for part in steps.parts()])
    values, counts = np.unique(passed, return_counts=True)
    common = int(values[counts.argmax()])
    if counts.max() < _REGULAR * len(passed) or common not in (1, 2, 3, 6, 12):
        return None
    del passed
    place = _place_in_month(steps)
    if place is None:
        return None
    business, place = ("B" if len(place) > 1 else ""), place[-1]
    of_year = sum(np.bincount(_months(part.after).astype(np.int64) % 12, minlength=12) for part in steps.parts())
    last = int(of_year.argmax())
    month = _MONTHS[last]
    if common == 12:
        return f"{business}Y{place}-{month}"
    if common == 3:
        anchors = ("JAN", "FEB", "MAR") if place == "S" else ("OCT", "NOV", "DEC")
        return f"{business}Q{place}-{anchors[last % 3]}"
    return f"{business}M{place}" if common == 1 else f"{common}{business}M{place}"


def _months(stamps: np.ndarray) -> np.ndarray:
    return stamps.astype("datetime64[M]")


def _place_in_month(steps: _Steps) -> str | None:
    """Return S or E for the first or last day of months, BS or BE for their first or last working day, else None."""
    places: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "S": _days,
        "E": lambda months: _days(months + 1) - 1,
        "BS": lambda months: np.busday_offset(_days(months), 0, roll="forward"),
        "BE": lambda months: np.busday_offset(_days(months + 1) - 1, 0, roll="backward"),
    }
    shares = {
        place: steps.share(lambda part, day_of=day_of: _days(part.after) == day_of(_months(part.after)))
        for place, day_of in places.items()
    }
    best = max(shares, key=lambda place: shares[place])
    return best if shares[best] >= 0.8 else None
