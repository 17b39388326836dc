"""Excel's day numbers as ISO text, and which number formats display one as a date or a time of day."""

import re
from datetime import datetime, timedelta
from typing import Literal

DateStyle = Literal["date", "clock"]

# Built-in formats, including the East Asian ones.
_CLOCKS = frozenset({18, 19, 20, 21, 32, 33, 45, 47, 55, 56})
_DATES = frozenset({*range(14, 18), 22, *range(27, 32), *range(34, 37), *range(50, 55), 57, 58})
# Quoted or escaped characters, colours and conditions in brackets, and padding.
_NOT_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_DURATION = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_DAY = 86_400_000


def date_style(number: int, code: str | None) -> DateStyle | None:
    """Return how a number format displays a day number, or None if it displays a number or a duration ([h]:mm).

    `number` identifies a built-in format if there is no format `code`.

    Examples
    --------
    >>> date_style(14, None), date_style(164, "yyyy-mm-dd"), date_style(165, "h:mm AM/PM")
    ('date', 'date', 'clock')
    >>> date_style(10, None), date_style(164, '0.00" days"'), date_style(165, "[h]:mm"), date_style(0, "General")
    (None, None, None, None)
    """
    if code is None:
        return "date" if number in _DATES else "clock" if number in _CLOCKS else None
    positive = code.split(";")[0]
    calm = _NOT_CODE.sub("", positive).lower()
    if calm == "general" or _DURATION.search(positive):
        return None
    if any(mark in calm for mark in "yd") or ("m" in calm and not any(mark in calm for mark in "hs")):
        return "date"
    return "clock" if any(mark in calm for mark in "hs") else None


def date_text(number: str, style: DateStyle, since_1904: bool) -> str:
    """Return a day number as ISO text, without the time of day at midnight; any other text is returned unchanged.

    Day 0 and day 60 of the 1900 calendar do not exist and are written as Excel displays them.

    Parameters
    ----------
    number
        The value of the cell, in days.
    style
        Whether the cell displays a date or a time of day.
    since_1904
        Whether the workbook counts days from 1904 instead of 1900.

    Examples
    --------
    >>> date_text("45293", "date", False), date_text("45293.6875578704", "date", False), date_text("43831", "date", True)
    ('2024-01-02', '2024-01-02 16:30:05', '2024-01-02')
    >>> date_text("0.395833333333333", "clock", False), date_text("60", "date", False)
    ('09:30:00', '1900-02-29')
    """
    try:
        serial = float(number)
    except ValueError:
        return number
    if not 0 <= serial < (2_957_004 if since_1904 else 2_958_466):
        return number
    days, milliseconds = divmod(round(serial * _DAY), _DAY)
    seconds, fraction = divmod(milliseconds, 1000)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{f'.{fraction:03}' if fraction else ''}"
    if style == "clock" and serial < 1:
        return clock
    if since_1904:
        date = f"{datetime(1904, 1, 1) + timedelta(days=days):%Y-%m-%d}"
    elif days in (0, 60):
        date = "1900-01-00" if days == 0 else "1900-02-29"
    else:
        # The non-existent 29 February 1900 makes later day numbers one too high.
        date = f"{datetime(1899, 12, 31 if days < 60 else 30) + timedelta(days=days):%Y-%m-%d}"
    return f"{date} {clock}" if milliseconds else date
