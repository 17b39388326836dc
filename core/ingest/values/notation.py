"""What a cell of text can be: missing, infinite, true or false, a number, or a date."""

import re

from core.ingest.values.digits import western_cell
from core.ingest.values.months import PATTERN

NULL_WORDS = frozenset(
    {"", "na", "n/a", "n.a.", "#n/a", "#na", "#n/a n/a", "nan", "-nan", "null", "none", "nil", "<na>", "nat", "missing"}
    | {"-", "--", "---", "–", "—", ".", "..", ":", "?", "nd", "n.d.", "(null)", "\\n"}
    | {"#value!", "#ref!", "#div/0!", "#num!", "#name?", "#null!", "#error!"}
)
# In a column of text, NA may be Namibia and NAN a ticker: only words that are never names count as missing there.
TEXT_NULL_WORDS = frozenset({"", "null", "n/a", "#n/a", "<na>", "(null)"})
INFINITE_WORDS = frozenset({"inf", "infinity", "+inf", "+infinity", "-inf", "-infinity", "∞", "+∞", "-∞"})
TRUE_WORDS = frozenset({"true", "yes", "t", "y"})
FALSE_WORDS = frozenset({"false", "no", "f", "n"})

CURRENCY = (
    r"(?:[A-Z]{0,2}[$]|[€£¥₹₩₽₺฿₪₫₱₴₦]|Rs\.?|kr\.?|zł|Kč|Ft|RM|Rp\.?"
    r"|(?:USD|EUR|GBP|JPY|CHF|CNY|CNH|CAD|AUD|NZD|INR|BRL|MXN|SEK|NOK|DKK|PLN|CZK|HUF|TRY|RUB|ILS|KRW|HKD|TWD|SGD|THB|IDR|MYR"
    r"|PHP|ZAR))"
)
UNIT = r"(?:%|bps|(?:[mM]io|[mM]rd|[tT]sd)\.?|[kK]|[mM]n?|[bB]n?|[tT]n?)"
SPACES = " \u00a0\u202f\u2009"
NUMBER = (
    rf"^(?P<open>\()?(?P<sign>[-+−])?(?P<before>{CURRENCY})?[{SPACES}]?(?P<sign2>[-+−])?"
    rf"(?P<body>[0-9](?:[0-9.,'’{SPACES}]*[0-9.,])?|[.,][0-9]+)(?P<exponent>[eE][-+]?[0-9]+)?"
    rf"[{SPACES}]?(?P<unit>{UNIT})?[{SPACES}]?(?P<behind>{CURRENCY})?(?P<close>\))?(?P<trail>-)?$"
)
_CLOCK = r"[0-9]{1,2}(?:[:.][0-9]{2})?(?:[:.][0-9]{2})?(?:[.,][0-9]{1,9})?[ -]?(?:[AaPp]\.?[Mm]\.?)?"
ZONE = r"(?:(?:UTC|GMT)?[-+][0-9]{1,2}:?(?:[0-9]{2})?|Z|z|UTC|GMT|[A-Z][A-Za-z_]+/[A-Za-z_/+-]+)"
_TAIL = rf"(?:[T ,_]+{_CLOCK}(?:\s?{ZONE})?(?:\[[\w/+-]+\])?)?"
_MONTH = rf"(?:{PATTERN})[^\W\d_]{{0,7}}\.?"
_OF = "[-/., ]*(?:de )?"
_DATE = re.compile(
    r"^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}[., ]+)?(?:"
    rf"[0-9]{{4}}([-/. ])[0-9]{{1,2}}\1[0-9]{{1,2}}{_TAIL}"
    rf"|[0-9]{{1,2}}([-/. ])[0-9]{{1,2}}\2(?:[0-9]{{4}}|[0-9]{{2}}){_TAIL}"
    rf"|[0-9]{{1,2}}{_OF}{_MONTH}{_OF}(?:[0-9]{{4}}|[0-9]{{2}}){_TAIL}"
    rf"|{_MONTH}[-/. ]?[0-9]{{1,2}}(?:st|nd|rd|th)?,? +[0-9]{{4}}{_TAIL}"
    rf"|{_MONTH}{_OF}(?:[0-9]{{4}}|[0-9]{{2}})"
    rf"|[0-9]{{4}}[-/. ]?{_MONTH}(?:[-/. ][0-9]{{1,2}})?"
    r"|[0-9]{4}[-/: ]?[mM]?[-/:]?[0-9]{2}"
    r"|[0-9]{1,2}/[0-9]{4}"
    r"|[0-9]{4}[-/: ]?q[1-4]|q[1-4][-/ ]?[0-9]{4}"
    r"|[0-9]{4}-?w[0-9]{1,2}(?:-?[1-7])?"
    rf"|[0-9]{{4}}[年년] ?[0-9]{{1,2}}[月월](?: ?[0-9]{{1,2}}[日일])?{_TAIL}"
    rf"|[0-9]{{8}}[T _]+{_CLOCK}(?:\s?{ZONE})?"
    r"|[0-9]{8}[T _]?[0-9]{4,6}(?:Z)?"
    r")$",
    re.IGNORECASE,
)
_NUMBER = re.compile(NUMBER)
_POINTED = re.compile(r"^[-+]?[0-9]+\.[0-9]+$")
_WITH_SIGNS = re.compile(r"^\D{0,4}\d[\d.,]*[.,]\d+\s?\D{0,4}$")


def is_null(text: str) -> bool:
    """Return whether the cell is a word for a missing value."""
    return text.strip().lower() in NULL_WORDS


def is_number_like(text: str) -> bool:
    """Return whether the cell looks like a number in any notation.

    Examples
    --------
    >>> [is_number_like(text) for text in ("1.5", "($1,200.50)", "12,09M", "-inf", "A12")]
    [True, True, True, True, False]
    """
    text = text.strip()
    return _NUMBER.match(text) is not None or text.lower() in INFINITE_WORDS


def holds_decimal(text: str) -> bool:
    """Return whether the cell holds a decimal number between characters of unknown meaning.

    Examples
    --------
    >>> [holds_decimal(text) for text in ("5.3 p", "~1,5", "A12", "Series 1.5 of 2")]
    [True, True, False, False]
    """
    return _WITH_SIGNS.match(text.strip()) is not None


def is_date_like(text: str) -> bool:
    """Return whether the cell looks like a date or time stamp; digits only do not.

    Examples
    --------
    >>> [is_date_like(text) for text in ("2024-01-31 09:30", "31.01.2024", "Nov-63", "2020Q1", "1.5", "20240131")]
    [True, True, True, True, False, False]
    """
    text = text.strip()
    return not text.isdigit() and _DATE.match(text) is not None


def look_of(text: str) -> str:
    """Return the type of a cell as a letter: `d` date, `n` number, `t` text.

    A missing value is an empty string.
    """
    # A fast path: most cells are such numbers, and no date is.
    if _POINTED.match(text):
        return "n"
    if is_null(text):
        return ""
    text = western_cell(text)
    if is_date_like(text):
        return "d"
    return "n" if is_number_like(text) else "t"
