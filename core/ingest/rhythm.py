"""How the time stamps of a series follow each other: their frequency, and where some are missing."""

from dataclasses import dataclass

import numpy as np

_REGULAR = 0.6
_DAY = np.timedelta64(1, "D")
_HOLIDAYS = 3


@dataclass(frozen=True, eq=False)
class Rhythm:
    """`frequency` is a pandas offset alias, None where the steps are uneven; `gaps` are the rows right after a gap.

    `missing` is the length of each gap.
    """

    frequency: str | None
    gaps: np.ndarray
    missing: np.ndarray


def find_rhythm(times: np.ndarray, series: np.ndarray | None) -> Rhythm:
    """Return the rhythm of stamps sorted within series; nothing is measured across series.

    A gap is a step much longer than this data's own usual step. Where no stamp falls on a weekend, weekends do not count,
    and up to three further days without a stamp, as at Christmas, are holidays.
    """
    steps = np.diff(times)
    inside = steps > np.timedelta64(0, "us")
    if series is not None:
        inside &= series[1:] == series[:-1]
    if not inside.any():
        return Rhythm(None, np.empty(0, np.int64), np.empty(0, "timedelta64[us]"))
    ends = np.flatnonzero(inside) + 1
    before, after, steps = times[ends - 1], times[ends], steps[inside]
    is_gap = _gaps(before, after, steps)
    return Rhythm(_frequency(before, after, steps), ends[is_gap], steps[is_gap])


def _days(stamps: np.ndarray) -> np.ndarray:
    return stamps.astype("datetime64[D]")


def works_on_weekends(stamps: np.ndarray) -> bool:
    """Return whether more than a stray stamp falls on a Saturday or Sunday."""
    weekday = (_days(stamps).astype(np.int64) + 3) % 7
    return bool((weekday >= 5).mean() > 0.02)


def _skips_weekends(before: np.ndarray, after: np.ndarray) -> bool:
    """Return whether weekends were passed over, which a few days within one week cannot show."""
    passed = (_days(after) - _days(before)).astype(np.int64) > np.busday_count(_days(before), _days(after))
    return bool(passed.any()) and not works_on_weekends(after)


def _gaps(before: np.ndarray, after: np.ndarray, steps: np.ndarray) -> np.ndarray:
    usual = np.median(steps)
    weekends = works_on_weekends(after)
    if usual >= 5 * _DAY:
        return steps > 1.6 * usual
    days = (_days(after) - _days(before)).astype(np.int64)
    if not weekends:
        days = np.busday_count(_days(before), _days(after))
    if usual >= np.timedelta64(12, "h"):
        daily = weekends and (days == 1).mean() >= 0.9
        return days > 1 + (0 if daily else _HOLIDAYS)
    overnight = days > 0
    if weekends and overnight.any() and (steps[overnight] <= 1.5 * usual).mean() >= 0.9:
        return steps > 1.5 * usual
    return np.where(overnight, days > 1 + _HOLIDAYS, steps > 3 * usual)


def _frequency(before: np.ndarray, after: np.ndarray, steps: np.ndarray) -> str | None:
    months = (after.astype("datetime64[M]") - before.astype("datetime64[M]")).astype(np.int64)
    usual = np.median(steps)
    if usual >= 27 * _DAY:
        return _calendar_frequency(after, months)
    values, counts = np.unique(steps, return_counts=True)
    if counts.max() < _REGULAR * len(steps):
        return None
    common = values[counts.argmax()]
    if common == _DAY:
        return "B" if _skips_weekends(before, after) else "D"
    if common == 7 * _DAY:
        names = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
        weekday = np.bincount((_days(after).astype(np.int64) + 3) % 7, minlength=7).argmax()
        return f"W-{names[weekday]}"
    for unit, alias in (("D", "D"), ("h", "h"), ("m", "min"), ("s", "s"), ("ms", "ms"), ("us", "us")):
        count = common / np.timedelta64(1, unit)
        if count.is_integer():
            return alias if count == 1 else f"{int(count)}{alias}"
    return None


def _calendar_frequency(after: np.ndarray, months: np.ndarray) -> str | None:
    values, counts = np.unique(months, return_counts=True)
    common = int(values[counts.argmax()])
    if counts.max() < _REGULAR * len(months) or common not in (1, 2, 3, 6, 12):
        return None
    place = _place_in_month(after)
    if place is None:
        return None
    business, place = ("B" if len(place) > 1 else ""), place[-1]
    last = int(np.bincount(after.astype("datetime64[M]").astype(np.int64) % 12).argmax())
    month = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")[last]
    if common == 12:
        return f"{business}Y{place}-{month}"
    if common == 3:
        anchors = ("JAN", "FEB", "MAR") if place == "S" else ("OCT", "NOV", "DEC")
        return f"{business}Q{place}-{anchors[last % 3]}"
    return f"{business}M{place}" if common == 1 else f"{common}{business}M{place}"


def _place_in_month(stamps: np.ndarray) -> str | None:
    """Return S or E for the first or last day of months, BS or BE for their first or last working day, else None."""
    first = stamps.astype("datetime64[M]").astype("datetime64[D]")
    last = (stamps.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    places = {
        "S": first,
        "E": last,
        "BS": np.busday_offset(first, 0, roll="forward"),
        "BE": np.busday_offset(last, 0, roll="backward"),
    }
    shares = {place: float((_days(stamps) == days).mean()) for place, days in places.items()}
    best = max(shares, key=lambda place: shares[place])
    return best if shares[best] >= 0.8 else None
