"""Prices of Treasury futures and bonds in 32nds: `110'165` is 110 and 16.5 thirty-seconds."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_QUOTE = r"^(?P<whole>-?[0-9]{1,3})['’](?P<parts>[0-2][0-9]|3[01])(?P<part>[0257+]?)$"
_QUARTERS = {"": 0.0, "0": 0.0, "2": 0.25, "5": 0.5, "7": 0.75, "+": 0.5}
_FEWEST = 5


def find_32nds(text: pa.Array) -> str:
    """Return a cell that can hardly be a number with thousands, if every cell may be a price in 32nds, else "".

    Examples
    --------
    >>> find_32nds(pa.array(["110'000", "110'010", "110'022", "110'165", "110'317"]))
    "110'022"
    >>> find_32nds(pa.array(["1'000", "1'250", "1'480", "1'500", "2'000"]))
    ''
    """
    present = text.drop_null()
    if len(present) < _FEWEST or not (_are_quotes(present.slice(0, _FEWEST)) and _are_quotes(present)):
        return ""
    part = pc.struct_field(pc.extract_regex(present, _QUOTE), "part")
    found = present.filter(pc.not_equal(part, "0"))
    return str(found[0].as_py()) if len(found) else ""


def _are_quotes(text: pa.Array) -> bool:
    return bool(pc.all(pc.match_substring_regex(text, _QUOTE)).as_py())


def read_32nds(text: pa.Array) -> np.ndarray:
    """Return prices in 32nds as decimals, float64 (rows,); NaN for other text.

    The third digit counts quarters of a 32nd (2, 5 and 7 are 1/4, 1/2 and 3/4), a plus is one half.

    References
    ----------
    CME Group, Treasury futures price quotation.

    Examples
    --------
    >>> read_32nds(pa.array(["110'165", "110'16+", "99'00", "n"])).tolist()
    [110.515625, 110.515625, 99.0, nan]
    """
    found = pc.extract_regex(text, _QUOTE)
    whole, parts, part = (pc.struct_field(found, name).to_pylist() for name in ("whole", "parts", "part"))
    values = np.full(len(text), np.nan)
    for row, (number, ticks, quarter) in enumerate(zip(whole, parts, part, strict=True)):
        if number is not None:
            size = abs(int(number)) + (int(ticks) + _QUARTERS[quarter]) / 32
            values[row] = -size if number.startswith("-") else size
    return values
