"""Numbers that are dates in disguise: epoch seconds to nanoseconds, 20240131, 202401, years, and counters."""

import re

import numpy as np

YEARS, EXCEL = "years", "Excel day numbers"

_EPOCHS = (("seconds", 1), ("milliseconds", 1_000), ("microseconds", 1_000_000), ("nanoseconds", 1_000_000_000))
_FROM, _TO = 315_532_800, 4_102_444_800  # 1980 to 2100, in seconds
_TIME_NAME = re.compile(
    r"(?:^|[^a-z])(date|datum|data|fecha|time|timestamp|datetime|ts|unix|epoch|month|yyyymm|yyyymmdd|period|day|s|ms|us|ns)"
    r"(?:$|[^a-z])|(?:date|time|stamp|epoch)$|^(?:date|time|unix|epoch)"
)


def names_time(name: str) -> bool:
    """Return whether a column name speaks of time.

    Examples
    --------
    >>> names_time("sasdate"), names_time("open time"), names_time("close")
    (True, True, False)
    """
    return _TIME_NAME.search(name.strip().lower()) is not None


def decode_time_numbers(values: np.ndarray, name: str) -> tuple[np.ndarray, str] | None:
    """Return the time stamps that whole numbers stand for and the name of their code, or None if they are only numbers.

    The column's name must speak of time, or the numbers must run in even steps, as a traded volume never does.

    Examples
    --------
    >>> stamps, code = decode_time_numbers(np.array([1704067200000]), "ms")
    >>> str(stamps[0]), code
    ('2024-01-01T00:00:00.000000', 'epoch milliseconds')
    """
    good = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    if not len(good) or not np.isfinite(good).all() or (good != np.floor(good)).any():
        return None
    low, high = good.min(), good.max()
    code = next((unit for unit, scale in _EPOCHS if _FROM * scale <= low and high < _TO * scale), None)
    if code is not None and (names_time(name) or _runs_evenly(good)):
        return _from_epoch(values, dict(_EPOCHS)[code]), f"epoch {code}"
    if low >= 16000101 and high <= 22001231:
        stamps = _from_digits(values, with_day=True)
    elif low >= 160001 and high <= 220012:
        stamps = _from_digits(values, with_day=False)
    else:
        return None
    valid = not np.isnat(stamps[~np.isnan(values)]).any()
    if valid and (names_time(name) or (len(good) >= 12 and _is_monotonic(good))):
        return stamps, "YYYYMMDD" if low > 1e7 else "YYYYMM"
    return None


def decode_years(values: np.ndarray, name: str) -> np.ndarray | None:
    """Return the first days of the years in a column that is named after years (or dates), or None."""
    good = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    if not len(good) or not re.search(r"year|^date$|^time$|jahr|año|^ano$", name.strip().lower()):
        return None
    if (good != np.floor(good)).any() or good.min() < 1500 or good.max() > 2200:
        return None
    years = np.where(np.isnan(values), 0, values).astype(np.int64)
    stamps = (years - 1970).astype("datetime64[Y]").astype("datetime64[us]")
    stamps[np.isnan(values)] = np.datetime64("NaT")
    return stamps


def decode_excel(values: np.ndarray, name: str) -> np.ndarray | None:
    """Return the stamps of Excel's day numbers (45292 is 2024-01-01) in a column that is named after dates, or None."""
    good = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    if not len(good) or "date" not in name.lower() or good.min() < 20_000 or good.max() > 80_000:
        return None
    seconds = np.round(np.where(np.isnan(values), 0, values) * 86_400).astype("timedelta64[s]")
    stamps = np.datetime64("1899-12-30", "us") + seconds
    stamps[np.isnan(values)] = np.datetime64("NaT")
    return stamps


def count_rows(values: np.ndarray) -> np.ndarray:
    """Return a stamp for each count: n stands n seconds after 1970, so that order and steps are kept."""
    counts = np.where(np.isnan(values), 0, values).astype(np.int64)
    stamps = counts.astype("datetime64[s]").astype("datetime64[us]")
    stamps[np.isnan(values)] = np.datetime64("NaT")
    return stamps


def _from_epoch(values: np.ndarray, scale: int) -> np.ndarray:
    missing = np.isnan(values)
    whole = np.where(missing, 0, values).astype(np.int64)
    micros = whole * (1_000_000 // scale) if scale <= 1_000_000 else whole // (scale // 1_000_000)
    stamps = micros.astype("datetime64[us]")
    stamps[missing] = np.datetime64("NaT")
    return stamps


def _from_digits(values: np.ndarray, with_day: bool) -> np.ndarray:
    missing = np.isnan(values)
    whole = np.where(missing, 0, values).astype(np.int64)
    whole, day = (whole // 100, whole % 100) if with_day else (whole, np.ones_like(whole))
    year, month = whole // 100, whole % 100
    good = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & ~missing
    months = ((year - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + np.clip(day, 1, 31) - 1
    days[~good | (days.astype("datetime64[M]") != months)] = np.datetime64("NaT")
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
