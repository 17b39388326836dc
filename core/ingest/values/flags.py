"""Flags of statistical offices behind numbers: `100.5 p` is a provisional 100.5."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_MOST_FLAGS = 8
_FLAGGED = (
    r"^(?P<number>[-+]?[0-9][0-9.,]*|:)"
    r"(?:\s+(?P<letters>[A-Za-z]{1,3})|\s*(?P<mark>\*{1,3}|[†‡])|\s*\((?P<note>[A-Za-z])\))$"
)
# Letters that are a unit or a currency if they follow a number.
_UNITS = frozenset({"k", "m", "mn", "b", "bn", "t", "tn", "bps", "tsd", "mio", "mrd"})
_CURRENCY_SIZE = 3


@dataclass(frozen=True, eq=False, kw_only=True)
class Flagged:
    """Cells without their flags.

    `text` has shape (rows,); a colon, which means missing, is null if it has a flag. `rows`, shape (n,), int64, are the flagged
    cells, `counts` how often each flag occurs.
    """

    text: pa.Array
    rows: np.ndarray
    counts: Mapping[str, int]


def strip_flags(text: pa.Array) -> Flagged | None:
    """Return a column of numbers without flags, or None if it has none.

    `text` has shape (rows,), with nulls for missing cells. Letters that may be a unit, such as b for billion, are flags if other
    letters of the column are, or if the numbers before them are as large as those without letters.

    Examples
    --------
    >>> strip_flags(pa.array(["100.5 p", "99.7", "99.9", "99.8", ": c"])).text.to_pylist()
    ['100.5', '99.7', '99.9', '99.8', None]
    >>> strip_flags(pa.array(["12.5 M", "980 K"])) is None
    True
    """
    parts = pc.extract_regex(text, _FLAGGED)
    flagged = ~parts.is_null().to_numpy(zero_copy_only=False)
    if not flagged.any():
        return None
    rows = np.flatnonzero(flagged)
    found = parts.take(pa.array(rows))
    number = pc.struct_field(found, "number")
    flags = [
        next(text for text in texts if text)
        for texts in zip(
            *(pc.struct_field(found, name).to_pylist() for name in ("letters", "mark", "note")), strict=True
        )
    ]
    present = len(text) - text.null_count
    kinds = set(flags)
    if len(kinds) > _MOST_FLAGS or 2 * len(rows) > present or not _are_flags(text, flagged, number, kinds):
        return None
    bare = pc.if_else(pc.equal(number, ":"), pa.scalar(None, pa.string()), number)
    kept = pc.replace_with_mask(text, pa.array(flagged), bare)
    return Flagged(text=kept, rows=rows, counts={flag: flags.count(flag) for flag in sorted(kinds)})


def _are_flags(text: pa.Array, flagged: np.ndarray, number: pa.Array, kinds: set[str]) -> bool:
    """Return whether the letters are flags, not units or currencies."""
    if any(len(kind) == _CURRENCY_SIZE and kind.isupper() for kind in kinds):
        return False
    if any(kind.lower() not in _UNITS for kind in kinds):
        return True
    plain = pc.filter(text, pa.array(~flagged)).drop_null()
    sizes = [_typical_size(cells) for cells in (plain, number)]
    return 2 * len(number) < len(plain) and bool(sizes[0] > 0) and 0.1 < sizes[1] / sizes[0] < 10


def _typical_size(cells: pa.Array) -> float:
    """Return the median of the absolute numbers, read with any decimal mark; 0 if no cell is a number."""
    digits = pc.replace_substring(pc.replace_substring_regex(cells, r"^[-+]", ""), ",", ".")
    numbers = digits.filter(pc.match_substring_regex(digits, r"^[0-9]+(?:\.[0-9]*)?$"))
    return float(np.median(pc.cast(numbers, pa.float64()).to_numpy())) if len(numbers) else 0.0
