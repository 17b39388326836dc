"""Text to numbers, one column at a time, in plain or formatted notation."""

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.findings.ingest.cells import Notation
from core.ingest.values.notation import INFINITE_WORDS, NULL_WORDS, NUMBER, SPACES

DecimalMark = Literal[".", ","]


def _no_rows() -> np.ndarray:
    return np.empty(0, dtype=np.int64)


_FIRST = 20
_AT_ONCE = 1 << 18
# 18 digits and a point; leading zeros, of which a float has at most as many as this, are not significant.
_LONG_NUMBER = 19
_MOST_ZEROS = 400
_SIGNIFICANT_18 = r"[1-9](?:\.?[0-9]){17,}"


def _spellings(words: frozenset[str]) -> pa.Array:
    return pa.array(
        sorted({spelt for word in words for spelt in (word, word.upper(), word.title(), word.capitalize())})
    )


NULL_SPELLINGS = pa.array(sorted({*_spellings(NULL_WORDS).to_pylist(), "NaN", "#N/A N/A", "-NaN", "NaT"}))
_INFINITIES = _spellings(INFINITE_WORDS)
_SCALES = {
    "%": 1e-2,
    "bps": 1e-4,
    "k": 1e3,
    "tsd": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "mio": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "mrd": 1e9,
    "t": 1e12,
    "tn": 1e12,
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Numbers:
    """A column of numbers, shape (rows,).

    They are int64 if every cell is a whole number, else float64 with NaN for missing cells.

    `unparseable`, `overflow` and `imprecise` are int64 row positions: of text that is no number, of numbers too large for a
    float (now infinite), and of numbers with more digits than a float keeps. `notations` are those that were converted.
    `flagged` are the cells with a flag that was left out, `flags` the flags with their counts. `thirty_seconds` is a
    cell if all may be prices in 32nds, else ""; `apostrophes` whether apostrophes separate the thousands.
    """

    values: np.ndarray
    unparseable: np.ndarray = field(default_factory=_no_rows)
    overflow: np.ndarray = field(default_factory=_no_rows)
    imprecise: np.ndarray = field(default_factory=_no_rows)
    notations: frozenset[Notation] = frozenset()
    flagged: np.ndarray = field(default_factory=_no_rows)
    flags: tuple[tuple[str, int], ...] = ()
    thirty_seconds: str = ""
    apostrophes: bool = False

    def without_values(self) -> "Numbers":
        """Return how the column was read, with its values released."""
        return replace(self, values=_no_rows())


def blank_nulls(text: pa.Array) -> pa.Array:
    """Return the column without outer spaces, with null for words that mean missing.

    A column in which nothing changes is returned itself, because a copy of long text is large.
    """
    parts = [text.slice(first, _AT_ONCE) for first in range(0, len(text), _AT_ONCE)]
    blanked = [_blank(part) for part in parts]
    if all(new is part for new, part in zip(blanked, parts, strict=True)):
        return text
    return blanked[0] if len(blanked) == 1 else pa.concat_arrays(blanked)


def _blank(text: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(text)
    is_missing = pc.is_in(trimmed, value_set=NULL_SPELLINGS)
    if pc.any(is_missing).as_py():
        return pc.if_else(is_missing, pa.scalar(None, pa.string()), trimmed)
    return text if trimmed.equals(text) else trimmed


def positions(mask: pa.Array) -> np.ndarray:
    """Return the positions at which an Arrow mask is true, shape (n,), int64.

    Null counts as false.
    """
    return np.flatnonzero(pc.fill_null(mask, False).to_numpy(zero_copy_only=False))


def read_plain(text: pa.Array) -> Numbers | None:
    """Return the numbers of a column in plain notation (`-1.5e3`), else None.

    `text` has nulls for missing cells, as `blank_nulls` leaves it.
    """
    floats = _cast(text, pa.float64())
    if floats is None:
        return None
    values = floats.to_numpy(zero_copy_only=False)
    if text.null_count == 0 and (whole := _cast(text, pa.int64())) is not None:
        return Numbers(values=whole.to_numpy())
    overflow = np.flatnonzero(np.isinf(values))
    if len(overflow):
        overflow = overflow[~pc.is_in(text.take(pa.array(overflow)), value_set=_INFINITIES).to_numpy(False)]
    return Numbers(values=values, overflow=overflow, imprecise=_imprecise(text, values))


def _cast(text: pa.Array, kind: pa.DataType) -> pa.Array | None:
    """Return the text as numbers of this type, or None if any cell is not a number."""
    try:
        # First a few cells: Arrow formats a message for every invalid one.
        pc.cast(text.slice(0, _FIRST), kind)
        return pc.cast(text, kind)
    except pa.ArrowInvalid:
        return None


def has_leading_zeros(text: pa.Array) -> bool:
    """Return whether whole numbers are codes with leading zeros.

    All cells have one length, or at least 5% have leading zeros.

    Examples
    --------
    >>> has_leading_zeros(pa.array(["000123", "00042"])), has_leading_zeros(pa.array(["0", "10"]))
    (True, False)
    """
    leading = pc.sum(pc.match_substring_regex(text, "^0[0-9]")).as_py() or 0
    if not leading or not pc.all(pc.match_substring_regex(text, "^[0-9]+$")).as_py():
        return False
    sizes = pc.min_max(pc.binary_length(text)).as_py()
    return sizes["min"] == sizes["max"] or leading * 20 >= len(text) - text.null_count


def prove_decimal(text: pa.Array) -> DecimalMark | None:
    """Return the decimal separator that the cells of a column prove, or None.

    A separator is decimal if it is not followed by three digits, is to the right of the other one, or follows a single 0. One
    that is repeated within a number separates thousands.

    Examples
    --------
    >>> prove_decimal(pa.array(["1.234,5"])), prove_decimal(pa.array(["1,234"])), prove_decimal(pa.array(["0.123"]))
    (',', None, '.')
    """
    # The point of an abbreviation such as Rs. or Mio. is not a separator.
    core = pc.replace_substring_regex(text, r"\pL\.|[^0-9.,]", "")
    points, commas = (_count_proofs(core, mark, other) for mark, other in ((r"\.", ","), (",", r"\.")))
    if points == commas:
        return None
    return "." if points > commas else ","


def read_formatted(text: pa.Array, decimal: DecimalMark) -> Numbers:
    """Return the numbers of a column in formatted notation.

    Thousands separators, currencies, percent, suffixes and accounting parentheses are read.

    5.5% is 0.055, 12.09M is 12090000, (300.25) is -300.25. Cells that are not numbers are NaN and unparseable.

    Examples
    --------
    >>> read_formatted(pa.array(["$1,200.50", "($300.25)", "5.5%", "?"]), ".").values.tolist()
    [1200.5, -300.25, 0.055, nan]
    """
    parts = pc.extract_regex(text, NUMBER)
    body, sign, sign2 = (pc.struct_field(parts, name) for name in ("body", "sign", "sign2"))
    thousands = "," if decimal == "." else r"\."
    mark = r"\." if decimal == "." else ","
    grouped = (
        rf"(?:[0-9]{{1,3}}(?:{thousands}[0-9]{{2,3}})*{thousands}[0-9]{{3}}|[0-9]{{1,3}}(?:['’{SPACES}][0-9]{{3}})+)"
    )
    regular = pc.match_substring_regex(body, rf"^(?:(?:[0-9]+|{grouped})(?:{mark}[0-9]*)?|{mark}[0-9]+)$")
    digits = pc.replace_substring_regex(pc.if_else(regular, body, None), f"[{thousands}'’{SPACES}]", "")
    digits = pc.replace_substring(digits, ",", ".") if decimal == "," else digits
    numerals = pc.binary_join_element_wise(digits, pc.struct_field(parts, "exponent"), "")
    values = np.array(pc.cast(numerals, pa.float64()).to_numpy(zero_copy_only=False))
    open_, close, trail = (pc.equal(pc.struct_field(parts, name), sign) for name, sign in _BRACKETS)
    negative = [pc.is_in(part, value_set=pa.array(["-", "−"])) for part in (sign, sign2)]
    minus = np.sum([_as_mask(part) for part in (*negative, open_, trail)], axis=0)
    values[minus % 2 == 1] *= -1
    half_open = _as_mask(open_) != _as_mask(close)
    values[half_open | (minus > 1)] = np.nan
    unit = pc.utf8_rtrim(pc.utf8_lower(pc.struct_field(parts, "unit")), ".")
    scaled = _as_mask(pc.greater(pc.binary_length(unit), 0))
    seen_units = [name for name in pc.unique(unit).to_pylist() if name]
    for name in seen_units:
        chosen = _as_mask(pc.equal(unit, name))
        # Division gives exactly 0.055 for 5.5%; multiplication by 0.01 does not.
        values[chosen] = (
            values[chosen] / round(1 / _SCALES[name]) if _SCALES[name] < 1 else values[chosen] * _SCALES[name]
        )
    infinite = pc.is_in(text, value_set=_INFINITIES)
    if pc.any(infinite).as_py():
        below = _as_mask(pc.starts_with(text, "-"))
        values[_as_mask(infinite)] = np.inf
        values[_as_mask(infinite) & below] = -np.inf
    missing = text.is_null().to_numpy(zero_copy_only=False)
    notations = set()
    if pc.any(pc.match_substring_regex(text, rf"[0-9]{thousands}[0-9]{{3}}|[0-9]['’{SPACES}][0-9]{{3}}")).as_py():
        notations.add(Notation.THOUSANDS)
    currencies = {name for side in ("before", "behind") for name in pc.unique(pc.struct_field(parts, side)).to_pylist()}
    if len(currencies - {None, ""}) > 1:
        notations.add(Notation.CURRENCIES)
    elif currencies - {None, ""}:
        notations.add(Notation.CURRENCY)
    if _as_mask(open_).any():
        notations.add(Notation.PARENTHESES)
    if _as_mask(trail).any():
        notations.add(Notation.TRAILING_MINUS)
    if "%" in seen_units:
        plain = ~np.isnan(values) & (values != 0) & ~scaled
        notations.add(Notation.SOME_PERCENT if plain.any() else Notation.PERCENT)
    if "bps" in seen_units:
        notations.add(Notation.BASIS_POINTS)
    if scaled.any() and any(name not in ("%", "bps") for name in seen_units):
        notations.add(Notation.SUFFIXES)
    return Numbers(
        values=values,
        unparseable=np.flatnonzero(np.isnan(values) & ~missing),
        overflow=np.flatnonzero(np.isinf(values) & ~_as_mask(infinite)),
        imprecise=_imprecise(numerals, values),
        notations=frozenset(notations),
        apostrophes=bool(pc.any(pc.match_substring_regex(body, "['’]")).as_py()),
    )


_BRACKETS = (("open", "("), ("close", ")"), ("trail", "-"))


def _as_mask(mask: pa.Array) -> np.ndarray:
    filled: np.ndarray = pc.fill_null(mask, False).to_numpy(zero_copy_only=False)
    return filled


def _count_proofs(core: pa.Array, mark: str, other: str) -> int:
    proof = (
        rf"^[0-9]*{mark}(?:[0-9]{{0,2}}|[0-9]{{4,}})$"
        rf"|{other}[0-9]{{3}}{mark}[0-9]*$"
        rf"|^0{mark}[0-9]+$"
        rf"|^[0-9]{{1,3}}(?:{other}[0-9]{{3}}){{2,}}$"
        rf"|^[0-9]{{4,}}{mark}[0-9]+$"
    )
    return int(pc.sum(pc.match_substring_regex(core, proof)).as_py() or 0)


def _is_exact(value: float, whole: str) -> bool:
    """Return whether the value is exactly that of these digits.

    They may be too many for `int`.
    """
    digits = whole.lstrip("+-0")
    return len(digits) < 16 or (bool(np.isfinite(value)) and len(digits) < 400 and abs(int(value)) == int(digits))


def _imprecise(text: pa.Array, values: np.ndarray) -> np.ndarray:
    """Return the positions of numbers that a float cannot hold, shape (n,), int64.

    They have 18 significant digits, or are whole numbers beyond 2^53.
    """
    longest = pc.max(pc.binary_length(text)).as_py() or 0
    if longest < 16:
        return _no_rows()
    many = positions(pc.match_substring_regex(text, _SIGNIFICANT_18))
    whole = positions(pc.match_substring_regex(text, r"^[-+]?[0-9]{16,}$"))
    changed = [
        row
        for row, digits in zip(whole.tolist(), text.take(pa.array(whole)).to_pylist(), strict=True)
        if not _is_exact(values[row], digits)
    ]
    kept_whole = np.setdiff1d(whole, np.array(changed, dtype=np.int64))
    return np.union1d(np.setdiff1d(many, kept_whole), np.array(changed, dtype=np.int64)).astype(np.int64)


def may_hold_long_numbers(text: bytes) -> bool:
    """Return whether the text may hold a number of 18 significant digits with a point.

    A float keeps 17.

    Such a number is a run of at least 19 characters, which contains four aligned words of four bytes: a quick first test.
    """
    characters = np.frombuffer(text, dtype=np.uint8)
    # Pieces that fit the cache are tested ten times as fast.
    pieces = (characters[begin : begin + _AT_ONCE + _LONG_NUMBER] for begin in range(0, len(characters), _AT_ONCE))
    if not any(map(_holds_four_words, pieces)):
        return False
    ends = np.append(np.flatnonzero(_are_no_digits(characters)), len(characters))
    starts = np.append(0, ends[:-1] + 1)
    long = ends - starts >= _LONG_NUMBER
    starts, ends = starts[long], ends[long]
    pointed = np.zeros(len(starts), dtype=bool)
    for _ in range(_MOST_ZEROS):
        if not len(starts):
            return False
        first = characters[starts]
        pointed |= first == ord(".")
        if ((first != ord(".")) & (first != ord("0"))).any():
            return True
        starts += 1
        long = ends - starts + pointed >= _LONG_NUMBER
        starts, ends, pointed = starts[long], ends[long], pointed[long]
    return True


def _holds_four_words(characters: np.ndarray) -> bool:
    """Return whether four consecutive words of four bytes are only digits and points."""
    words = _are_no_digits(characters[: len(characters) - len(characters) % 4]).view(np.uint32) == 0
    pairs = words[1:] & words[:-1]
    return bool((pairs[2:] & pairs[:-2]).any())


def _are_no_digits(characters: np.ndarray) -> np.ndarray:
    """Return which bytes are neither digits nor points, shape (n,), bool."""
    return characters - np.uint8(ord(".")) > ord("9") - ord(".")
