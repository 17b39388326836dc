"""Digits of other scripts, such as ٣ or ３, and the marks among them, as those that numbers and dates are read by."""

import unicodedata
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

# Decimal and thousands mark and percent sign of Arabic, and the wide forms that stand beside wide digits.
_MARKS = str.maketrans("٫٬٪．，％－＋／：", ".,%.,%-+/:")
_OTHER_DIGIT = r"[^\P{Nd}0-9]"


def western_digits(text: pa.Array) -> pa.Array | None:
    """Return the column with the digits 0 to 9 in place of those of other scripts, or None where it holds none of these.

    Examples
    --------
    >>> western_digits(pa.array(["١٢٫٥", "３", None])).to_pylist(), western_digits(pa.array(["12.5", "é"]))
    (['12.5', '3', None], None)
    """
    if pc.all(pc.string_is_ascii(text)).as_py() or not pc.any(pc.match_substring_regex(text, _OTHER_DIGIT)).as_py():
        return None
    cells = text.dictionary_encode()
    changed = pa.array(map(western_cell, cells.dictionary.to_pylist()), pa.string())
    # Arrow may know newer scripts than Python does.
    return None if changed.equals(cells.dictionary) else changed.take(cells.indices)


def western_cell(text: str) -> str:
    """Return one cell with the digits 0 to 9; one without other digits stays as it is."""
    if text.isascii():
        return text
    changed = text.translate(_digits())
    return text if changed == text else changed.translate(_MARKS)


@cache
def _digits() -> dict[int, str]:
    points = (point for point in range(0x660, 0x20000) if unicodedata.category(chr(point)) == "Nd")
    return {point: str(unicodedata.digit(chr(point))) for point in points}
