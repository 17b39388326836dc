"""Text to time stamps, a column at a time, by one rule for the column; zones become UTC."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.ingest.values.months import ENGLISH, PATTERN, month_numbers
from core.ingest.values.notation import ZONE

Order = Literal["day first", "month first"]

_CLOCK = (
    r"(?:(?P<h>[0-9]{1,2})(?::?(?P<mi>[0-9]{2}))?(?::?(?P<s>[0-9]{2}))?(?:[.,](?P<f>[0-9]{1,9}))?"
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
# Without a clock to ask, the century of a two-digit year is decided here: up to this one it is 20yy, after it 19yy.
_LAST_SHORT_YEAR = 30


@dataclass(frozen=True, eq=False, kw_only=True)
class Times:
    """Time stamps of a column, NaT where a cell is none, and what had to be assumed to read them.

    `order` is set where day and month are both numbers; `proof` says what decided it: "setting", "range" (a number above
    12), "marks" (points between the numbers), "sequence" (only this order gives an even run of dates), or "" for an
    assumption; `proving` is the position of a cell that proves it by a "range". `foreign_months` are beginnings of
    names that are not English. `zoned` and `naive` count cells with and without a zone in a column that has zones.
    """

    values: np.ndarray
    form: str
    order: Order | None = None
    proof: str = ""
    zoned: int = 0
    naive: np.ndarray | None = None
    short_years: bool = False
    truncated: bool = False
    foreign_months: tuple[str, ...] = ()
    proving: int | None = None

    @property
    def assumed(self) -> bool:
        """Whether the order of day and month is not proved."""
        return self.order is not None and not self.proof


def read_times(text: pa.Array, day_first: bool | None = None, usual_order: Order = "month first") -> Times:
    """Return the time stamps of a column of text; nulls stay, other text that is no time becomes NaT too.

    `day_first` settles 03/04/2020; without it a number above 12 proves the order, then points (31.12.2020 is never written
    month first), then the evenness of the dates in file order; where all fail, `usual_order` is assumed.

    Examples
    --------
    >>> read_times(pa.array(["2024-03-01T11:30:00+01:00"])).values.astype(str).tolist()
    ['2024-03-01T10:30:00.000000']
    >>> read_times(pa.array(["Nov-63", "Dec-63"])).values.astype("datetime64[D]").astype(str).tolist()
    ['1963-11-01', '1963-12-01']
    """
    try:
        return Times(values=pc.cast(text, pa.timestamp("us")).to_numpy(zero_copy_only=False), form="ISO")
    except pa.ArrowInvalid:
        pass
    best: tuple[str, pa.Array] | None = None
    most = -1
    sample = text.drop_null().slice(0, 300)
    for form, pattern in _FORMS:
        matched = pc.sum(pc.match_substring_regex(sample, pattern)).as_py() or 0
        if matched > most:
            best, most = (form, pattern), matched
    form, pattern = best
    return _from_parts(_Parts(pc.extract_regex(text, pattern)), form, day_first, usual_order)


class _Parts:
    """The pieces that a form finds in each cell, as numbers; a piece that the form lacks is 0 everywhere."""

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


def _from_parts(parts: _Parts, form: str, day_first: bool | None, usual_order: Order) -> Times:
    year, short = _full_years(parts)
    clock, good_clock, truncated = _clock(parts)
    proving = None
    if form == "day and month":
        a, b = parts.number("a"), parts.number("b")
        dates = {"day first": _dates(year, b, a), "month first": _dates(year, a, b)}
        order, proof = _settle_order(a, b, dates, parts, day_first, usual_order)
        days, foreign = dates[order], ()
        if proof == "range":
            # Some days above 12 are none of the calendar, as 30/02 is: a true one proves it rather.
            large = ((a if order == "day first" else b) > 12) & parts.found
            true = large & ~np.isnat(days)
            proving = int(np.argmax(true if true.any() else large))
    else:
        order, proof, foreign = None, "", ()
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
    values[~parts.found | ~good_clock] = np.datetime64("NaT", "us")
    values, zoned, naive = _to_utc(values, parts)
    return Times(
        values=values,
        form=form,
        order=order,
        proof=proof,
        zoned=zoned,
        naive=naive,
        short_years=short,
        truncated=truncated,
        foreign_months=foreign,
        proving=proving,
    )


def _dates(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Return the days as datetime64[D], NaT for one that no calendar has."""
    good = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (year > 0)
    months = ((year - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    dates = months.astype("datetime64[D]") + np.clip(day, 1, 31) - 1
    dates[~good | (dates.astype("datetime64[M]") != months)] = np.datetime64("NaT", "us")
    return dates


def _days_of_weeks(year: np.ndarray, parts: _Parts) -> np.ndarray:
    """Return the days of the ISO weeks, the Monday where none is named; NaT for a week that no year has."""
    week = parts.number("w")
    day = np.where(parts.size("wd") > 0, parts.number("wd"), 1)
    fourth = _dates(year, np.ones_like(year), np.full_like(year, 4))  # in the first week of every year
    monday = fourth - (fourth.astype("int64") + 3) % 7
    days = monday + (week - 1) * 7 + day - 1
    days[(week < 1) | (week > 53)] = np.datetime64("NaT", "us")
    return days


def _full_years(parts: _Parts) -> tuple[np.ndarray, bool]:
    """Return years of four digits; two-digit ones run on without a jump where the file is in order of time.

    The newest of them is placed by `_LAST_SHORT_YEAR`; going back from it, 00 is followed by 99 of the century before.
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
    good = (hour <= 24) & (minute < 60) & (second <= 60)
    if (half := parts.text("ap")) is not None:
        half = pc.utf8_lower(pc.fill_null(half, "")).to_numpy(zero_copy_only=False)
        good &= (half == "") | ((hour >= 1) & (hour <= 12))
        hour = np.where(half == "p", hour % 12 + 12, np.where(half == "a", hour % 12, hour))
    fraction, digits = parts.number("f"), parts.size("f")
    nanoseconds = fraction * 10 ** (9 - np.clip(digits, 0, 9))
    microseconds = ((hour * 60 + minute) * 60 + second) * 1_000_000 + nanoseconds // 1000
    return microseconds.astype("timedelta64[us]"), good, bool((nanoseconds % 1000).any())


def _settle_order(
    a: np.ndarray,
    b: np.ndarray,
    dates: dict[Order, np.ndarray],
    parts: _Parts,
    day_first: bool | None,
    usual_order: Order,
) -> tuple[Order, str]:
    if day_first is not None:
        return ("day first" if day_first else "month first"), "setting"
    first_large, second_large = ((number > 12) & parts.found & (number <= 31) for number in (a, b))
    if first_large.sum() != second_large.sum():
        return ("day first" if first_large.sum() > second_large.sum() else "month first"), "range"
    separators = pc.unique(parts.text("sep").drop_null()).to_pylist()
    if separators == ["."]:
        return "day first", "marks"
    unevenness = {order: _unevenness(days) for order, days in dates.items()}
    day, month = unevenness["day first"], unevenness["month first"]
    if min(day, month) <= 3 and max(day, month) >= 4 * max(1.0, min(day, month)):
        return ("day first" if day < month else "month first"), "sequence"
    return usual_order, ""


def _unevenness(days: np.ndarray) -> float:
    """Return the largest step between dates in file order over the middle one; infinite where they go to and fro."""
    steps = np.diff(days[~np.isnat(days)].astype("int64"))
    steps = steps[steps != 0]
    if len(steps) < 2:
        return 1.0
    if not ((steps > 0).all() or (steps < 0).all()):
        return float("inf")
    return float(abs(steps).max() / np.median(abs(steps)))


def _to_utc(values: np.ndarray, parts: _Parts) -> tuple[np.ndarray, int, np.ndarray | None]:
    zones = parts.text("z")
    if zones is None:
        return values, 0, None
    offsets = np.zeros(len(values), dtype="timedelta64[m]")
    zoned = np.zeros(len(values), dtype=bool)
    for zone in pc.unique(zones).to_pylist():
        if not zone:
            continue
        chosen = pc.fill_null(pc.equal(zones, zone), False).to_numpy(zero_copy_only=False)
        zoned |= chosen
        if "/" in zone:
            local = values[chosen]
            offsets[chosen] = (local - _place_to_utc(local, zone)).astype("timedelta64[m]")
        elif zone[0] in "+-":
            digits = zone[1:].replace(":", "")
            minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
            offsets[chosen] = np.timedelta64(minutes if zone[0] == "+" else -minutes, "m")
    if not zoned.any():
        return values, 0, None
    return values - offsets, int(zoned.sum()), np.flatnonzero(~zoned & ~np.isnat(values))


def _place_to_utc(values: np.ndarray, place: str) -> np.ndarray:
    """Return the clock of a place, such as America/New_York, in UTC; NaT where nobody knows the place.

    Of an hour that comes twice in autumn the first is meant; one that spring leaves out is the hour after it.
    """
    stamps = pd.DatetimeIndex(values)
    try:
        known = stamps.tz_localize(place, ambiguous=np.ones(len(stamps), dtype=bool), nonexistent="shift_forward")
    except (KeyError, ValueError):
        return np.full(len(values), np.datetime64("NaT", "us"))
    return known.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")
