"""Codes that stand for a missing value, such as -99.99 or -123321: found by rule, and said."""

from dataclasses import dataclass

import numpy as np

from core.ingest.values.spill import Values

_MIN_REPEATS = 3
_MIN_DISTINCT = 10
_FEW_ZEROS, _FAR_FROM_ZERO = 0.05, 0.2


def find_sentinels(good: np.ndarray) -> tuple[float, ...]:
    """Return the codes among the finite values of a column, at most one below and one above the other values.

    A code is the smallest or largest value, comes at least three times, and lies far outside of the others: further than
    their whole range where it is made of nines, further than ten times their range where it is another whole number.

    Examples
    --------
    >>> returns = np.linspace(-1, 1, 50)
    >>> find_sentinels(np.concatenate([returns, [-99.99] * 4]))
    (-99.99,)
    >>> find_sentinels(np.concatenate([returns, [-99.99]]))
    ()
    """
    found = []
    for pick in (np.min, np.max):
        if len(good) < _MIN_DISTINCT:
            break
        code = float(pick(good))
        if not _may_be_code(code):
            continue
        is_code = good == code
        if np.count_nonzero(is_code) < _MIN_REPEATS:
            continue
        rest = good[~is_code]
        if len(rest) < _MIN_DISTINCT:
            continue
        low, high = float(rest.min()), float(rest.max())
        distance = low - code if code < low else code - high
        if distance > (1 if _is_nines(code) else 10) * (high - low) and len(np.unique(rest[:1000])) >= _MIN_DISTINCT:
            found.append(code)
            good = rest
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class Ends:
    """The smallest and the largest of the finite values of a column, with how often each comes, and the count of all."""

    low: float
    low_count: int
    high: float
    high_count: int
    count: int

    def counts(self) -> dict[float, int]:
        """Return how often the ends come."""
        return {self.low: self.low_count, self.high: self.high_count}


def find_ends(good: np.ndarray) -> Ends:
    """Return the ends of finite values; one that can be no code is counted as 0, as are the ends of nothing."""
    if not len(good):
        return Ends(low=np.inf, low_count=0, high=-np.inf, high_count=0, count=0)
    low, high = float(good.min()), float(good.max())
    low_count, high_count = (int(np.count_nonzero(good == end)) if _may_be_code(end) else 0 for end in (low, high))
    return Ends(low=low, low_count=low_count, high=high, high_count=high_count, count=len(good))


def share_sentinels(ends: Ends, codes: tuple[float, ...]) -> tuple[float, ...]:
    """Return which of the codes, found in other columns of the file, repeat as the smallest or largest value of this one.

    Examples
    --------
    >>> share_sentinels(find_ends(np.array([-123321.0, -123321, 1, -1, 1])), (-123321.0, 999.0))
    (-123321.0,)
    """
    count = ends.counts()
    return tuple(code for code in codes if 2 <= count.get(code, 0) < ends.count)


def find_zeros(values: Values, ends: Ends | None) -> np.ndarray:
    """Return where a column is 0 that cannot be: few values are, and all others lie far above, as prices do.

    Examples
    --------
    >>> prices = np.where(np.arange(40) % 4, np.arange(100.0, 140.0), 0)
    >>> len(find_zeros(prices, find_ends(prices)))
    0
    >>> prices = np.arange(100.0, 140.0)
    >>> prices[7] = 0
    >>> find_zeros(prices, find_ends(prices)).tolist()
    [7]
    """
    if ends is None or ends.low != 0:
        return np.empty(0, dtype=np.int64)
    numbers = np.asarray(values)
    others = numbers[np.isfinite(numbers) & (numbers != 0)]
    zeros = np.flatnonzero(numbers == 0)
    few = len(others) >= _MIN_DISTINCT and len(zeros) <= _FEW_ZEROS * len(others)
    if not few or others.min() < _FAR_FROM_ZERO * np.median(others) or len(np.unique(others[:1000])) < _MIN_DISTINCT:
        return np.empty(0, dtype=np.int64)
    return zeros


def find_doubtful(values: Values, ends: Ends | None) -> np.ndarray:
    """Return where a column holds the only negative number that it has, again and again, such as a volume of -999.

    Examples
    --------
    >>> volumes = np.where(np.arange(40) % 9, np.arange(40.0) * 50, -999)
    >>> find_doubtful(volumes, find_ends(volumes)).tolist()
    [0, 9, 18, 27, 36]
    """
    if ends is None or ends.low >= 0 or ends.low_count < _MIN_REPEATS:
        return np.empty(0, dtype=np.int64)
    numbers = np.asarray(values)
    others = numbers[np.isfinite(numbers) & (numbers != ends.low)]
    if len(others) < _MIN_DISTINCT or others.min() < 0 or len(np.unique(others[:1000])) < _MIN_DISTINCT:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(numbers == ends.low)


def mark_sentinels(values: np.ndarray, codes: tuple[float, ...]) -> np.ndarray:
    """Return which values are one of the codes."""
    mask = np.zeros(len(values), dtype=bool)
    for code in codes:
        mask |= values == code
    return mask


def _may_be_code(value: float) -> bool:
    return value != 0 and ((value.is_integer() and abs(value) >= 99) or _is_nines(value))


def _is_nines(code: float) -> bool:
    digits = f"{abs(code):.10g}".replace(".", "")
    return len(digits) >= 2 and set(digits) == {"9"}
