"""Month names in languages in which the first letters identify the month."""

import pyarrow as pa
import pyarrow.compute as pc

ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# German, French, Spanish, Portuguese, Italian, Dutch, Danish, Swedish.
_OTHERS = (
    ("jän", "ene", "gen"),
    ("fév", "fev"),
    ("mär", "mrz", "maa", "mrt"),
    ("avr", "abr"),
    ("mai", "mei", "mag", "maj"),
    ("juin", "giu"),
    ("juil", "lug"),
    ("aoû", "aou", "ago"),
    ("set",),
    ("okt", "out", "ott"),
    (),
    ("déc", "dez", "dic"),
)
_BEGINNINGS = [*ENGLISH, *(name for month in _OTHERS for name in month)]
_MONTHS = [*range(1, 13), *(number for number, month in enumerate(_OTHERS, 1) for _ in month)]
PATTERN = "|".join(_BEGINNINGS)


def month_number(beginning: str) -> int:
    """Return the month, 1 to 12, whose name begins with these lower-case letters."""
    return _MONTHS[_BEGINNINGS.index(beginning)]


def month_numbers(names: pa.Array) -> pa.Array:
    """Return the months, 1 to 12, of the first letters of their names; null for others.

    Examples
    --------
    >>> month_numbers(pa.array(["Dec", "DÉC", "juil", "x"])).to_pylist()
    [12, 12, 7, None]
    """
    return pc.take(pa.array(_MONTHS), pc.index_in(pc.utf8_lower(names), value_set=pa.array(_BEGINNINGS)))
