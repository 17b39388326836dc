"""Digits of other scripts, such as ٣ or ３, and their separators, as ASCII characters."""

import unicodedata
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

# Decimal and thousands separator and percent sign of Arabic, and full-width forms.
_MARKS = str.maketrans("٫٬٪．，％－＋／：", ".,%.,%-+/:")
_OTHER_DIGIT = r"[^\P{Nd}0-9]"


def western_digits(text: pa.Array) -> pa.Array | None:
    """Return the column with digits of other scripts as 0 to 9, or None if it has none.

    Examples
    --------
    >>> western_digits(pa.array(["١٢٫٥", "３", None])).to_pylist(), western_digits(pa.array(["12.5", "é"]))
    (['12.5', '3', None], None)
    """
    if pc.all(pc.string_is_ascii(text)).as_py() or not pc.any(pc.match_substring_regex(text, _OTHER_DIGIT)).as_py():
        return None
    cells = text.dictionary_encode()
    changed = pa.array(map(western_cell, cells.dictionary.to_pylist()), pa.string())
    # Arrow may know newer scripts than Python.
    return None if changed.equals(cells.dictionary) else changed.take(cells.indices)


def western_cell(text: str) -> str:
    """Return one cell with the digits 0 to 9; a cell without other digits is not changed."""
    if text.isascii():
        return text
    changed = text.translate(_digits())
    return text if changed == text else changed.translate(_MARKS)


@cache
def _digits() -> dict[int, str]:
    points = (point for point in range(0x660, 0x20000) if unicodedata.category(chr(point)) == "Nd")
    return {point: str(unicodedata.digit(chr(point))) for point in points}
