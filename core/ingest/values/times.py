"""Text to time stamps, in one format per column; times of several zones are converted to UTC."""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.findings.ingest.cells import DayOrder
from core.ingest.values.months import ENGLISH, PATTERN, month_numbers
from core.ingest.values.notation import ZONE

OrderProof = Literal["setting", "range", "marks", "sequence", "assumed"]

_CLOCK = (
    r"(?:(?P<h>[0-9]{1,2})(?:[:.]?(?P<mi>[0-9]{2}))?(?:[:.]?(?P<s>[0-9]{2}))?(?:[.,](?P<f>[0-9]{1,9}))?"
    r"[ -]?(?:(?P<ap>[AaPp])\.?[Mm]\.?)?)"
)
_TAIL = rf"(?:[T ,_]+{_CLOCK}(?:\s?(?P<z>{ZONE}))?(?:\[[\w/+-]+\])?)?$"
_WEEKDAY = r"^(?i:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}[., ]+)?"
_MONTH = rf"(?P<mon>(?i:{PATTERN}))\pL{{0,7}}\.?"
_OF = "[-/., ]*(?:de )?"
_YEAR = r"(?P<y>[0-9]{4}|[0-9]{2})"
_FORMS: tuple[tuple[str, str], ...] = (
    ("year-month-day", rf"{_WEEKDAY}(?P<y>[0-9]{{4}})[-/. ](?P<m>[0-9]{{1,2}})[-/. ](?P<d>[0-9]{{1,2}}){_TAIL}"),
    ("day and month", rf"{_WEEKDAY}(?P<a>[0-9]{{1,2}})(?P<sep>[-/. ])(?P<b>[0-9]{{1,2}})[-/. ]{_YEAR}{_TAIL}"),
    ("short year-month-day", rf"^(?P<y>[0-9]{{2}})[-/. ](?P<m>[0-9]{{1,2}})[-/. ](?P<d>[0-9]{{1,2}}){_TAIL}"),
    ("day month-name year", rf"{_WEEKDAY}(?P<d>[0-9]{{1,2}}){_OF}{_MONTH}{_OF}{_YEAR}{_TAIL}"),
    (
        "month-name day year",
        rf"{_WEEKDAY}{_MONTH}[-/. ]?(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?,? +(?P<y>[0-9]{{4}}){_TAIL}",
    ),
    ("month-name year", rf"^{_MONTH}{_OF}{_YEAR}$"),
    ("year month-name", rf"^(?P<y>[0-9]{{4}})[-/. ]?{_MONTH}(?:[-/. ](?P<d>[0-9]{{1,2}}))?$"),
    ("year quarter", r"^(?P<y>[0-9]{4})[-/: ]?[qQ](?P<q>[1-4])$"),
    ("quarter year", r"^[qQ](?P<q>[1-4])[-/ ]?(?P<y>[0-9]{4})$"),
    ("year-week-day", r"^(?P<y>[0-9]{4})-?[wW](?P<w>[0-9]{1,2})(?:-?(?P<wd>[1-7]))?$"),
    (
        "year月day",
        rf"^(?P<y>[0-9]{{4}})[年년] ?(?P<m>[0-9]{{1,2}})[月월](?: ?(?P<d>[0-9]{{1,2}})[日일])?{_TAIL}",
    ),
    ("month/year", r"^(?P<m>[0-9]{1,2})/(?P<y>[0-9]{4})$"),
    ("year-month", r"^(?P<y>[0-9]{4})[-/:mM ]{1,2}(?P<m>[0-9]{1,2})$"),
    (
        "yyyymmdd and clock",
        r"^(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})[T _]*"
        r"(?P<h>[0-9]{1,2}):?(?P<mi>[0-9]{2}):?(?P<s>[0-9]{2})?(?:[.,](?P<f>[0-9]{1,9}))?"
        rf"\s?(?P<z>{ZONE})?$",
    ),
)
_HOUR, _DAY = 3_600_000_000, 86_400_000_000  # microseconds
_HOURS_AND_MINUTES = re.compile(r"[-+]([0-9]{1,2}?):?([0-9]{2})?")
# The century of a two-digit year: up to this one it is 20yy, after it 19yy. Fixed, so results do not depend on the date.
_LAST_SHORT_YEAR = 30


@dataclass(frozen=True, eq=False, kw_only=True)
class Times:
    """Time stamps of a column, and what was assumed to read them.

    `values`, shape (rows,), are datetime64[us], NaT for other text.

    `order` is set if day and month are both numbers. `proof` is what decided it: "setting", "range" (a number above 12; the
    row `proving` shows it), "marks" (points between the numbers), "sequence" (only this order gives evenly spaced dates) or
    "assumed". `foreign_months` are first letters of month names that are not English. `zoned` is how many cells have a time
    zone, and `zone` the one that the times are kept in, "" for UTC; `naive` are the rows without one in a column that has zones.
    """

    values: np.ndarray
    form: str
    order: DayOrder | None = None
    proof: OrderProof | None = None
    zoned: int = 0
    zone: str = ""
    naive: np.ndarray | None = None
    short_years: bool = False
    truncated: bool = False
    foreign_months: tuple[str, ...] = ()
    proving: int | None = None


def read_times(text: pa.Array, day_first: bool | None = None, usual_order: DayOrder = "month first") -> Times:
    """Return the time stamps of a column of text, NaT for null and other text.

    The order of 03/04/2020 is decided by `day_first`, then by a number above 12, then by points (31.12.2020 is never written
    month first), then by the dates being evenly spaced in file order.

    Parameters
    ----------
    text
        Shape (rows,), without words for missing values.
    day_first
        The order that the settings give.
    usual_order
        The order to assume if nothing decides it.

    Examples
    --------
    >>> read_times(pa.array(["2024-03-01T11:30:00+01:00", "2024-03-01T11:30:00+05:00"])).values.astype("datetime64[m]").tolist()
    [datetime.datetime(2024, 3, 1, 10, 30), datetime.datetime(2024, 3, 1, 6, 30)]
    >>> read_times(pa.array(["Nov-63", "Dec-63"])).values.astype("datetime64[D]").astype(str).tolist()
    ['1963-11-01', '1963-12-01']
    """
    try:
        return Times(values=pc.cast(text, pa.timestamp("us")).to_numpy(zero_copy_only=False), form="ISO")
    except pa.ArrowInvalid:
        pass
    best, most = _FORMS[0], -1
    sample = text.drop_null().slice(0, 300)
    for form, pattern in _FORMS:
        matched = pc.sum(pc.match_substring_regex(sample, pattern)).as_py() or 0
        if matched > most:
            best, most = (form, pattern), matched
    form, pattern = best
    if form == "day and month" and _begins_with_years(sample):
        form, pattern = next(each for each in _FORMS if each[0] == "short year-month-day")
    return _from_parts(_Parts(pc.extract_regex(text, pattern)), form, day_first, usual_order)


def _begins_with_years(sample: pa.Array) -> bool:
    """Return whether the first of three numbers is a two-digit year in half of the dates: no day is above 31."""
    large = pc.sum(
        pc.match_substring_regex(sample, r"^(?:3[2-9]|[4-9][0-9])[-/. ][0-9]{1,2}[-/. ][0-9]{1,2}(?:[^0-9]|$)")
    )
    return 2 * (large.as_py() or 0) > len(sample)


class _Parts:
    """The parts of a date that a form finds in each cell, shape (rows,).

    A part that the form lacks is 0.
    """

    def __init__(self, parts: pa.StructArray) -> None:
        self._parts = parts
        self.found = ~parts.is_null().to_numpy(zero_copy_only=False)
        self._names = {field.name for field in parts.type}

    def text(self, name: str) -> pa.Array | None:
        return pc.struct_field(self._parts, name) if name in self._names else None

    def number(self, name: str) -> np.ndarray:
        text = self.text(name)
        if text is None:
            return np.zeros(len(self._parts), dtype=np.int64)
        filled = pc.if_else(pc.equal(pc.fill_null(text, ""), ""), "0", pc.fill_null(text, "0"))
        return pc.cast(filled, pa.int64()).to_numpy()

    def size(self, name: str) -> np.ndarray:
        text = self.text(name)
        if text is None:
            return np.zeros(len(self._parts), dtype=np.int64)
        return pc.fill_null(pc.binary_length(text), 0).to_numpy(zero_copy_only=False)


def _from_parts(parts: _Parts, form: str, day_first: bool | None, usual_order: DayOrder) -> Times:
    year, short = _full_years(parts)
    clock, valid_clock, truncated = _clock(parts)
    proving = None
    order: DayOrder | None = None
    proof: OrderProof | None = None
    foreign: tuple[str, ...] = ()
    if form == "day and month":
        a, b = parts.number("a"), parts.number("b")
        dates: dict[DayOrder, np.ndarray] = {"day first": _dates(year, b, a), "month first": _dates(year, a, b)}
        order, proof = _find_day_order(a, b, dates, parts, day_first, usual_order)
        days = dates[order]
        if proof == "range":
            # Prefer a valid date as the proof: 30/02 has a number above 12, but does not exist.
            large = ((a if order == "day first" else b) > 12) & parts.found
            valid = large & ~np.isnat(days)
            proving = int(np.argmax(valid if valid.any() else large))
    else:
        month = parts.number("m")
        if (names := parts.text("mon")) is not None:
            month = pc.fill_null(month_numbers(names), 0).to_numpy(zero_copy_only=False)
            foreign = tuple(
                name for name in pc.unique(pc.utf8_lower(names)).to_pylist() if name and name not in ENGLISH
            )
        if parts.text("q") is not None:
            month = parts.number("q") * 3 - 2
        day = np.where(parts.size("d") > 0, parts.number("d"), 1)
        days = _dates(year, month, day) if parts.text("w") is None else _days_of_weeks(year, parts)
    values = days.astype("datetime64[us]") + clock
    values[~parts.found | ~valid_clock] = np.datetime64("NaT", "us")
    zoned = _settle_zone(values, parts)
    return Times(
        values=zoned.values,
        form=form,
        order=order,
        proof=proof,
        zoned=zoned.count,
        zone=zoned.zone,
        naive=zoned.naive,
        short_years=short,
        truncated=truncated,
        foreign_months=foreign,
        proving=proving,
    )


def _dates(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Return the days as datetime64[D], NaT if a day does not exist."""
    valid = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (year > 0)
    months = ((year - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    dates = months.astype("datetime64[D]") + np.clip(day, 1, 31) - 1
    dates[~valid | (dates.astype("datetime64[M]") != months)] = np.datetime64("NaT", "us")
    return dates


def _days_of_weeks(year: np.ndarray, parts: _Parts) -> np.ndarray:
    """Return the days of ISO weeks, Monday if none is given, as datetime64[D].

    A week that does not exist is NaT.
    """
    week = parts.number("w")
    day = np.where(parts.size("wd") > 0, parts.number("wd"), 1)
    fourth = _dates(year, np.ones_like(year), np.full_like(year, 4))  # in the first week of every year
    monday = fourth - (fourth.astype("int64") + 3) % 7
    days = monday + (week - 1) * 7 + day - 1
    days[(week < 1) | (week > 53)] = np.datetime64("NaT", "us")
    return days


def _full_years(parts: _Parts) -> tuple[np.ndarray, bool]:
    """Return four-digit years, and whether any has two digits in the file.

    If the file is in time order, two-digit years run on without a jump: `_LAST_SHORT_YEAR` decides the century of the newest,
    and going back from it, 00 is followed by 99 of the previous century.
    """
    year = parts.number("y").copy()
    short = (parts.size("y") == 2) & parts.found
    if not short.any():
        return year, False
    brief = year[short]
    full = brief + np.where(brief <= _LAST_SHORT_YEAR, 2000, 1900)
    steps = np.diff(brief)
    ascending = (steps[abs(steps) < 50] > 0).sum() >= (steps[abs(steps) < 50] < 0).sum()
    wraps = steps < -50 if ascending else steps > 50
    against = steps > 50 if ascending else steps < -50
    if wraps.sum() == 1 and not against.any():
        newest = full[-1] if ascending else full[0]
        century = newest - newest % 100
        passed = np.concatenate(([0], np.cumsum(wraps)))
        behind = passed[-1] - passed if ascending else passed
        full = century - 100 * behind + brief
    year[short] = full
    return year, True


def _clock(parts: _Parts) -> tuple[np.ndarray, np.ndarray, bool]:
    hour, minute, second = parts.number("h"), parts.number("mi"), parts.number("s")
    valid = (hour <= 24) & (minute < 60) & (second <= 60)
    if (half := parts.text("ap")) is not None:
        half = pc.utf8_lower(pc.fill_null(half, "")).to_numpy(zero_copy_only=False)
        valid &= (half == "") | ((hour >= 1) & (hour <= 12))
        hour = np.where(half == "p", hour % 12 + 12, np.where(half == "a", hour % 12, hour))
    fraction, digits = parts.number("f"), parts.size("f")
    nanoseconds = fraction * 10 ** (9 - np.clip(digits, 0, 9))
    microseconds = ((hour * 60 + minute) * 60 + second) * 1_000_000 + nanoseconds // 1000
    return microseconds.astype("timedelta64[us]"), valid, bool((nanoseconds % 1000).any())


def _find_day_order(
    a: np.ndarray,
    b: np.ndarray,
    dates: dict[DayOrder, np.ndarray],
    parts: _Parts,
    day_first: bool | None,
    usual_order: DayOrder,
) -> tuple[DayOrder, OrderProof]:
    if day_first is not None:
        return ("day first" if day_first else "month first"), "setting"
    first_large, second_large = ((number > 12) & parts.found & (number <= 31) for number in (a, b))
    if first_large.sum() != second_large.sum():
        return ("day first" if first_large.sum() > second_large.sum() else "month first"), "range"
    separators = parts.text("sep")
    if separators is not None and pc.unique(separators.drop_null()).to_pylist() == ["."]:
        return "day first", "marks"
    unevenness = {order: _unevenness(days) for order, days in dates.items()}
    day, month = unevenness["day first"], unevenness["month first"]
    if min(day, month) <= 3 and max(day, month) >= 4 * max(1.0, min(day, month)):
        return ("day first" if day < month else "month first"), "sequence"
    return usual_order, "assumed"


def _unevenness(days: np.ndarray) -> float:
    """Return the largest step between dates in file order over the median step.

    It is infinite if the dates are not monotonic.
    """
    steps = np.diff(days[~np.isnat(days)].astype("int64"))
    steps = steps[steps != 0]
    if len(steps) < 2:
        return 1.0
    if not ((steps > 0).all() or (steps < 0).all()):
        return float("inf")
    return float(abs(steps).max() / np.median(abs(steps)))


@dataclass(frozen=True, eq=False, kw_only=True)
class _Zoned:
    """Times of a column with zones: `values` in one zone; `zone` names it if it is not UTC."""

    values: np.ndarray
    count: int = 0
    naive: np.ndarray | None = None
    zone: str = ""


def _settle_zone(values: np.ndarray, parts: _Parts) -> _Zoned:
    """Return times in the zone of the file if it has one, else in UTC.

    A zone may have two offsets an hour apart, in summer and in winter. A market that trades while the clock is changed has an
    hour twice, so its times are in UTC; so are those of a column of several zones, or with times that have none.
    """
    zones = parts.text("z")
    if zones is None:
        return _Zoned(values=values)
    offsets = np.zeros(len(values), dtype="timedelta64[m]")
    zoned = np.zeros(len(values), dtype=bool)
    names = [zone for zone in pc.unique(zones).to_pylist() if zone]
    for zone in names:
        chosen = pc.fill_null(pc.equal(zones, zone), False).to_numpy(zero_copy_only=False)
        zoned |= chosen
        if "/" in zone:
            local = values[chosen]
            offsets[chosen] = (local - _place_to_utc(local, zone)).astype("timedelta64[m]")
        elif (offset := zone.removeprefix("UTC").removeprefix("GMT")) and offset[0] in "+-":
            found = _HOURS_AND_MINUTES.fullmatch(offset)
            if found is not None:
                sign = 1 if offset[0] == "+" else -1
                offsets[chosen] = np.timedelta64(sign * (int(found[1]) * 60 + int(found[2] or 0)), "m")
    if not zoned.any():
        return _Zoned(values=values)
    utc, count = values - offsets, int(zoned.sum())
    naive = np.flatnonzero(~zoned & ~np.isnat(values))
    if len(naive) or not _is_one_zone(utc, offsets, zoned):
        return _Zoned(values=utc, count=count, naive=naive)
    is_utc = not offsets[zoned].astype(np.int64).any()
    return _Zoned(values=values, count=count, naive=naive, zone="UTC" if is_utc else " or ".join(sorted(names)))


def _is_one_zone(utc: np.ndarray, offsets: np.ndarray, zoned: np.ndarray) -> bool:
    """Return whether all times are of one zone whose clock is never changed while there are bars."""
    known = zoned & ~np.isnat(utc)
    stamps, minutes = utc[known], offsets[known].astype(np.int64)
    if not len(minutes) or np.ptp(minutes) > 60:
        return False
    order = np.argsort(stamps, kind="stable")
    steps, changes = np.diff(stamps[order]), np.diff(minutes[order]) != 0
    if not changes.any():
        return True
    usual = np.median(steps[steps > np.timedelta64(0, "us")].astype(np.int64))
    return bool((steps[changes].astype(np.int64) > max(usual, _HOUR)).all() or usual >= _DAY)


def _place_to_utc(values: np.ndarray, zone: str) -> np.ndarray:
    """Return local times of a zone, such as America/New_York, in UTC.

    They are NaT if the zone is unknown.

    An hour that occurs twice in autumn is read as the first; an hour skipped in spring is read as the next one.
    """
    stamps = pd.DatetimeIndex(values)
    try:
        known = stamps.tz_localize(zone, ambiguous=np.ones(len(stamps), dtype=bool), nonexistent="shift_forward")
    except (KeyError, ValueError):
        return np.full(len(values), np.datetime64("NaT", "us"))
    utc: np.ndarray = known.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")
    return utc
