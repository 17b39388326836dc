"""Times written as numbers: epochs, 20240131, 1990.01, years, Excel day numbers."""

import re

import numpy as np

from core.findings.ingest.rows import TimeCode

_EPOCHS = (
    (TimeCode.SECONDS, 1),
    (TimeCode.MILLISECONDS, 1_000),
    (TimeCode.MICROSECONDS, 1_000_000),
    (TimeCode.NANOSECONDS, 1_000_000_000),
)
_FROM, _TO = 315_532_800, 4_102_444_800  # 1980 to 2100, in seconds
_FIRST_YEAR, _LAST_YEAR = -9_223_372_800, 9_223_372_800  # 1677 to 2262, in seconds
_DIGITS = ((TimeCode.DAYS, 16000101, 22001231, True), (TimeCode.MONTHS, 160001, 220012, False))
_MOSTLY = 0.95
# Dates in English, German, Dutch, Swedish, French, Spanish, Portuguese, Italian, Polish, Czech, Hungarian, Danish, Turkish,
# Finnish, Russian, Chinese, Japanese and Korean.
_DATES = r"date|datum|fecha|data|dato|dátum|tarih|päivä|päivämäärä|дата|日期|日付|날짜|일자|时间|時間"
_DATE_NAME = re.compile(rf"(?:^|[^\w])(?:{_DATES})(?:$|[^\w])|date|^(?:{_DATES})(?:$|[^a-z])")
_TIME_NAME = re.compile(
    rf"(?:^|[^a-z])({_DATES}|time|timestamp|datetime|ts|unix|epoch|month|yyyymm|yyyymmdd|period|day|s|ms|us|ns)"
    r"(?:$|[^a-z])|(?:date|time|stamp|epoch)$|^(?:date|time|unix|epoch)"
)


def is_time_name(name: str) -> bool:
    """Return whether a column is named after time.

    Examples
    --------
    >>> is_time_name("sasdate"), is_time_name("open time"), is_time_name("close")
    (True, True, False)
    """
    return _TIME_NAME.search(name.strip().lower()) is not None


def decode_time_numbers(values: np.ndarray, name: str) -> tuple[np.ndarray, TimeCode, int | None] | None:
    """Return the times that numbers encode, their code, and the row of its first change, or None.

    The column must be named after time, or its numbers must have even steps, which a volume never has. Times are
    datetime64[us], shape (rows,). A number that does not fit the code of at least 95% of the others is NaT. The unit of an
    epoch may change within a column, say from milliseconds to microseconds: each number is decoded by its size, and the code
    is that of the first. The row of the first change is None if there is none.

    Examples
    --------
    >>> stamps, code, _ = decode_time_numbers(np.array([1704067200000]), "ms")
    >>> str(stamps[0]), str(code)
    ('2024-01-01T00:00:00.000000', 'epoch milliseconds')
    """
    valid = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    named = is_time_name(name)
    if not len(valid) or not np.isfinite(valid).all():
        return None
    # Seconds and milliseconds may have decimals.
    whole = bool((valid == np.floor(valid)).all())
    if not whole and not (named and _is_monotonic(valid)):
        return None
    if (epochs := _decode_epochs(values, valid, whole, named)) is not None:
        return epochs
    for code, low, high, with_day in _DIGITS if whole else ():
        inside = (valid >= low) & (valid <= high)
        if _are_most(inside):
            stamps = _from_digits(values, with_day)
            is_valid = _are_most(~np.isnat(stamps[~np.isnan(values)]))
            return (
                (stamps, code, None)
                if is_valid and (named or (len(valid) >= 12 and _is_monotonic(valid[inside])))
                else None
            )
    return None


def _decode_epochs(
    values: np.ndarray, valid: np.ndarray, whole: bool, named: bool
) -> tuple[np.ndarray, TimeCode, int | None] | None:
    """Decode each number by its size; the numbers of 1980 to 2100 in different units do not overlap."""
    units = _EPOCHS if whole else _EPOCHS[:2]
    unit = np.full(len(valid), -1)
    for number, (_, scale) in enumerate(units):
        unit[(valid >= _FROM * scale) & (valid < _TO * scale)] = number
    inside = unit >= 0
    if not _are_most(inside):
        return None
    used = [int(number) for number in np.unique(unit[inside])]
    stamps = np.full(len(valid), np.datetime64("NaT", "us"))
    for number in used:
        stamps[unit == number] = _from_epoch(valid[unit == number], units[number][1])
    if not named and not _runs_evenly(stamps[inside].astype(np.int64)):
        return None
    first = int(unit[np.argmax(inside)])
    present = np.flatnonzero(~np.isnan(values)) if values.dtype.kind == "f" else np.arange(len(values))
    if len(used) > 1:
        _drop_strays(stamps, unit)
        changed = inside & (unit != first) & ~np.isnat(stamps)
        change = int(present[np.argmax(changed)]) if changed.any() else None
    else:
        # One unit: its numbers may reach back beyond 1980, but a lone 0 is a missing time, not 1970.
        change, stamps = None, _from_epoch(valid, units[first][1])
        years = stamps.astype("datetime64[Y]").astype(np.int64)
        if not ((years > 0) & (years < 10)).any():
            stamps[years == 0] = np.datetime64("NaT", "us")
    decoded = np.full(len(values), np.datetime64("NaT", "us"))
    decoded[present] = stamps
    return decoded, units[first][0], change


def _drop_strays(stamps: np.ndarray, unit: np.ndarray) -> None:
    """Clear stamps in rare units that are out of the order of the others: their numbers are no times."""
    usual = np.bincount(unit[unit >= 0]).argmax()
    rest = (unit >= 0) & (unit != usual)
    of_usual = stamps[unit == usual].astype(np.int64)
    if not _is_monotonic(of_usual):
        return
    sign = 1 if of_usual[-1] >= of_usual[0] else -1
    ordered = np.where(unit == usual, sign * stamps.astype(np.int64), np.iinfo(np.int64).min)
    before = np.maximum.accumulate(ordered)
    after = np.minimum.accumulate(np.where(unit == usual, ordered, np.iinfo(np.int64).max)[::-1])[::-1]
    here = sign * stamps.astype(np.int64)
    stamps[rest & ((here < before) | (here > after))] = np.datetime64("NaT", "us")


def _are_most(fitting: np.ndarray) -> bool:
    """Return whether at least 95% of the numbers fit; the others are invalid or far off."""
    return bool(fitting.mean() >= _MOSTLY)


def decode_years(values: np.ndarray, name: str) -> np.ndarray | None:
    """Return the first day of each year, datetime64[us], shape (rows,), or None.

    The column must be named after years or dates.
    """
    valid = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    if not len(valid) or not re.search(r"year|^date$|^time$|jahr|año|^ano$", name.strip().lower()):
        return None
    if (valid != np.floor(valid)).any() or valid.min() < 1500 or valid.max() > 2200:
        return None
    years = np.where(np.isnan(values), 0, values).astype(np.int64)
    stamps = (years - 1970).astype("datetime64[Y]").astype("datetime64[us]")
    stamps[np.isnan(values)] = np.datetime64("NaT", "us")
    return stamps


def decode_year_months(values: np.ndarray, name: str) -> np.ndarray | None:
    """Return the months of 1990.01 to 1990.12, or of 1990.000 to 1990.917, or None.

    The column must be named after time.

    Times are datetime64[us], shape (rows,), the first of each month.

    Examples
    --------
    >>> decode_year_months(np.array([1871.09, 1871.1]), "Date").astype("datetime64[M]").astype(str).tolist()
    ['1871-09', '1871-10']
    >>> decode_year_months(np.array([1990.917, 1991.0]), "time").astype("datetime64[M]").astype(str).tolist()
    ['1990-12', '1991-01']
    """
    missing = np.isnan(values)
    valid = values[~missing]
    if not len(valid) or not is_time_name(name) or valid.min() < 1500 or valid.max() > 2200 or not _is_monotonic(valid):
        return None
    years = np.floor(valid)
    behind = valid - years
    for shares, first, exact in ((100, 0, 1e-4), (12, 1, 0.02)):
        months = np.rint(behind * shares)
        if (abs(behind * shares - months) <= exact).all() and (months + first >= 1).all() and (months <= 12).all():
            stamps = np.full(len(values), np.datetime64("NaT", "us"))
            stamps[~missing] = ((years - 1970) * 12 + months + first - 1).astype(np.int64).astype("datetime64[M]")
            return stamps
    return None


def decode_excel(values: np.ndarray, name: str) -> np.ndarray | None:
    """Return the times of Excel's day numbers (45292 is 2024-01-01), or None.

    The column must be named after dates.

    Times are datetime64[us], shape (rows,).
    """
    valid = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    if not len(valid) or not _DATE_NAME.search(name.strip().lower()) or valid.min() < 20_000 or valid.max() > 80_000:
        return None
    seconds = np.round(np.where(np.isnan(values), 0, values) * 86_400).astype("timedelta64[s]")
    stamps = np.datetime64("1899-12-30", "us") + seconds
    stamps[np.isnan(values)] = np.datetime64("NaT", "us")
    return stamps


# Codes that are recognised by the name of the column alone, in the order in which they are tried.
DECODERS_BY_NAME = (
    (decode_years, TimeCode.YEARS),
    (decode_year_months, TimeCode.YEAR_MONTHS),
    (decode_excel, TimeCode.EXCEL),
)


def count_rows(values: np.ndarray) -> np.ndarray:
    """Return an artificial time per count, shape (rows,), datetime64[us]; NaT for NaN.

    The time of a count n is 1970-01-01 plus n seconds.
    """
    counts = np.where(np.isnan(values), 0, values).astype(np.int64)
    stamps = counts.astype("datetime64[s]").astype("datetime64[us]")
    stamps[np.isnan(values)] = np.datetime64("NaT", "us")
    return stamps


def are_counts(stamps: np.ndarray) -> bool:
    """Return whether times are those of `count_rows`.

    They are by the second and before 1980, from which there are no quotes by the second.

    Such times, shape (n,), datetime64, are shown as row numbers.

    Examples
    --------
    >>> are_counts(count_rows(np.arange(900.0))), are_counts(np.array(["1970-01-01", "1970-01-02"], "datetime64[us]"))
    (True, False)
    """
    seconds = stamps[~np.isnat(stamps)].astype("datetime64[s]").astype(np.int64)
    if not len(seconds) or seconds.min() < 0 or seconds.max() >= _FROM:
        return False
    return bool((seconds % 60 != 0).any())


def _from_epoch(values: np.ndarray, scale: int) -> np.ndarray:
    missing = np.isnan(values) | (values < _FIRST_YEAR * scale) | (values >= _LAST_YEAR * scale)
    filled = np.where(missing, 0, values)
    if filled.dtype.kind == "f" and (filled != np.floor(filled)).any():
        micros = np.round(filled * (1_000_000 / scale)).astype(np.int64)
    else:
        whole = filled.astype(np.int64)
        micros = whole * (1_000_000 // scale) if scale <= 1_000_000 else whole // (scale // 1_000_000)
    stamps = micros.astype("datetime64[us]")
    stamps[missing] = np.datetime64("NaT", "us")
    return stamps


def _from_digits(values: np.ndarray, with_day: bool) -> np.ndarray:
    missing = np.isnan(values) | (values < 0) | (values > 99_991_231)
    whole = np.where(missing, 0, values).astype(np.int64)
    whole, day = (whole // 100, whole % 100) if with_day else (whole, np.ones_like(whole))
    year, month = whole // 100, whole % 100
    valid = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & ~missing
    months = ((year - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + np.clip(day, 1, 31) - 1
    days[~valid | (days.astype("datetime64[M]") != months)] = np.datetime64("NaT", "us")
    return days.astype("datetime64[us]")


def _is_monotonic(values: np.ndarray) -> bool:
    steps = np.diff(values)
    return bool((steps >= 0).all() or (steps <= 0).all())


def _runs_evenly(values: np.ndarray) -> bool:
    steps = np.diff(values)
    if len(steps) < 9 or not _is_monotonic(values):
        return False
    _, counts = np.unique(steps, return_counts=True)
    return bool(counts.max() * 2 >= len(steps))
