"""Numbers, percentages, p-values, dates and lists as text. Written once: every sentence and figure uses these."""

import math
from collections.abc import Sequence

import numpy as np

ABSENT = "–"


def format_number(value: float | None) -> str:
    """Return a number with three significant digits and its thousands separated; a count is written whole.

    Examples
    --------
    >>> format_number(1234567), format_number(18432.7), format_number(0.012345), format_number(-3e-07), format_number(None)
    ('1,234,567', '18,400', '0.0123', '-3e-7', '–')
    """
    if value is None or not math.isfinite(value):
        return ABSENT
    if isinstance(value, int) or value == 0:
        return f"{value:,.0f}"
    size = math.floor(math.log10(abs(value)))
    if not -5 < size < 15:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{float(mantissa):g}e{int(exponent)}"
    rounded = round(value, 2 - size)
    digits = max(0, 2 - math.floor(math.log10(abs(rounded))))
    text = f"{rounded:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if digits else text


def format_correlation(value: float | None) -> str:
    """Return a correlation with three decimals, so the numbers of a column align.

    Examples
    --------
    >>> format_correlation(0.99994), format_correlation(-0.0407), format_correlation(-3.6e-05), format_correlation(None)
    ('1.000', '-0.041', '0.000', '–')
    """
    return ABSENT if value is None or not math.isfinite(value) else f"{value:z.3f}"


def format_p(p_value: float | None) -> str:
    """Return a p-value as it is read aloud.

    Examples
    --------
    >>> format_p(0.03), format_p(0.00004), format_p(0.4321), format_p(None)
    ('p = 0.03', 'p < 0.001', 'p = 0.43', 'p not known')
    """
    if p_value is None or not math.isfinite(p_value):
        return "p not known"
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.2g}"


def format_percent(share: float | None) -> str:
    """Return a share as a percentage; what is not quite all or nothing is not rounded to it.

    Examples
    --------
    >>> format_percent(0.12345), format_percent(1.0), format_percent(0.99999), format_percent(None)
    ('12.3%', '100%', '99.9%', '–')
    """
    if share is None or not math.isfinite(share):
        return ABSENT
    percent = min(100 * share, 99.9) if share < 1 else 100 * share
    return f"{format_number(float(percent))}%"


def format_count(number: int, thing: str) -> str:
    """Return how many there are of a thing, in the singular or the plural.

    Examples
    --------
    >>> format_count(1, "row"), format_count(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def format_error(value: float) -> str:
    """Return an error with four significant digits, thousands separated, never in powers of ten unless it is tiny.

    Examples
    --------
    >>> format_error(1234567.8), format_error(26.6971), format_error(0.000123456)
    ('1,234,568', '26.70', '0.0001235')
    """
    if value == 0 or abs(value) < 1e-6:
        return f"{value:.3g}"
    return f"{value:,.{max(0, 3 - math.floor(math.log10(abs(value))))}f}"


def format_value(value: float | None) -> str:
    """Return a value of the data, such as a price, with all its digits and its thousands separated.

    Examples
    --------
    >>> format_value(1831.37), format_value(2774270000.0), format_value(0.004974), format_value(None)
    ('1,831.37', '2,774,270,000', '0.004974', '–')
    """
    return ABSENT if value is None or not math.isfinite(value) else f"{value:,.12g}"


def format_distance(scales: float) -> str:
    """Return how far a scaled value is from the centre of its column.

    Examples
    --------
    >>> format_distance(85.0), format_distance(float("inf"))
    ('85 scales from the centre', 'infinite or NaN')
    """
    return f"{format_number(scales)} scales from the centre" if scales < float("inf") else "infinite or NaN"


def format_time(stamp: np.datetime64 | str) -> str:
    """Return a time stamp in ISO format to the second; a midnight is written as a date.

    Examples
    --------
    >>> format_time(np.datetime64("2024-01-31")), format_time("2024-01-31T16:30:00.000000")
    ('2024-01-31', '2024-01-31 16:30:00')
    """
    text = str(np.datetime64(stamp).astype("datetime64[s]"))
    return text.removesuffix("T00:00:00").replace("T", " ")


def format_duration(seconds: float) -> str:
    """Return a duration in minutes and seconds.

    Examples
    --------
    >>> format_duration(7.9), format_duration(3725)
    ('0:07', '62:05')
    """
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def format_estimate(seconds: float) -> str:
    """Return a duration that is only estimated, in whole seconds or minutes.

    Examples
    --------
    >>> format_estimate(7.9), format_estimate(173)
    ('8 s', '3 min')
    """
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def format_ordinal(number: int) -> str:
    """Return a place in an order, from 1.

    Examples
    --------
    >>> [format_ordinal(number) for number in (1, 2, 3, 4, 11, 22)]
    ['1st', '2nd', '3rd', '4th', '11th', '22nd']
    """
    ending = "th" if number // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def format_list(names: Sequence[str], most: int = 10) -> str:
    """Return names separated by commas, and how many more there are.

    Examples
    --------
    >>> format_list(["a", "b"]), format_list(["a", "b", "c", "d"], most=2)
    ('a, b', 'a, b and 2 more')
    """
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")
