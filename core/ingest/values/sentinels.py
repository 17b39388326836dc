"""Codes for missing values, such as -99.99 or -123321, found by rule."""

from dataclasses import dataclass

import numpy as np

from core.ingest.values.spill import Values

_MIN_REPEATS = 3
_MIN_DISTINCT = 10
_FEW_ZEROS, _FAR_FROM_ZERO = 0.05, 0.2
_MOST_ZEROS, _USUAL_STEPS = 0.1, 10
_NEAR, _RUNS_LOOKED_AT = 50, 50
_NONE = np.empty(0, dtype=np.int64)


def find_sentinels(finite: np.ndarray) -> tuple[float, ...]:
    """Return the codes for missing values in a column, found by rule.

    There is at most one below and one above the other values.

    A code is the smallest or largest value, occurs at least three times, and is far from the others: by more than their range
    if it consists of nines, and by more than ten times their range if it is another whole number.

    `finite`, shape (n,), are the finite values of the column.

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
        if len(finite) < _MIN_DISTINCT:
            break
        sentinel = float(pick(finite))
        if not _may_be_sentinel(sentinel):
            continue
        is_sentinel = finite == sentinel
        if np.count_nonzero(is_sentinel) < _MIN_REPEATS:
            continue
        rest = finite[~is_sentinel]
        if len(rest) < _MIN_DISTINCT:
            continue
        low, high = float(rest.min()), float(rest.max())
        distance = low - sentinel if sentinel < low else sentinel - high
        if (
            distance > (1 if _is_nines(sentinel) else 10) * (high - low)
            and len(np.unique(rest[:1000])) >= _MIN_DISTINCT
        ):
            found.append(sentinel)
            finite = rest
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class Extremes:
    """The smallest and largest finite value of a column, and how often each occurs.

    `count` is the number of finite values.
    """

    low: float
    low_count: int
    high: float
    high_count: int
    count: int

    def counts(self) -> dict[float, int]:
        """Return how often each extreme occurs."""
        return {self.low: self.low_count, self.high: self.high_count}


def find_extremes(finite: np.ndarray) -> Extremes:
    """Return the extremes of finite values, shape (n,).

    A value that cannot be a code for missing has a count of 0.
    """
    if not len(finite):
        return Extremes(low=np.inf, low_count=0, high=-np.inf, high_count=0, count=0)
    low, high = float(finite.min()), float(finite.max())
    low_count, high_count = (
        int(np.count_nonzero(finite == value)) if _may_be_sentinel(value) else 0 for value in (low, high)
    )
    return Extremes(low=low, low_count=low_count, high=high, high_count=high_count, count=len(finite))


def shared_sentinels(extremes: Extremes, sentinels: tuple[float, ...]) -> tuple[float, ...]:
    """Return which codes of other columns repeat as the smallest or largest value of this one.

    Examples
    --------
    >>> shared_sentinels(find_extremes(np.array([-123321.0, -123321, 1, -1, 1])), (-123321.0, 999.0))
    (-123321.0,)
    """
    count = extremes.counts()
    return tuple(sentinel for sentinel in sentinels if 2 <= count.get(sentinel, 0) < extremes.count)


def find_doubtful_zeros(values: Values, extremes: Extremes | None) -> np.ndarray:
    """Return the positions of implausible zeros, shape (n,), int64.

    All others are positive, and either far above 0, as prices are over a short time, or far above it in the rows beside each
    run of zeros, as in a price that has grown a hundredfold and then has no data.

    Examples
    --------
    >>> prices = np.where(np.arange(40) % 4, np.arange(100.0, 140.0), 0)
    >>> len(find_doubtful_zeros(prices, find_extremes(prices)))
    0
    >>> prices = np.arange(100.0, 140.0)
    >>> prices[7] = 0
    >>> find_doubtful_zeros(prices, find_extremes(prices)).tolist()
    [7]
    """
    if extremes is None or extremes.low != 0:
        return _NONE
    numbers = np.asarray(values)
    finite = numbers[np.isfinite(numbers)]
    others, zeros = finite[finite != 0], np.flatnonzero(numbers == 0)
    if len(others) < _MIN_DISTINCT or len(np.unique(others[:1000])) < _MIN_DISTINCT:
        return _NONE
    few = len(zeros) <= _FEW_ZEROS * len(others)
    far = few and others.min() >= _FAR_FROM_ZERO * np.median(others)
    return zeros if far or _drops_to_zero(finite) else _NONE


def _drops_to_zero(finite: np.ndarray) -> bool:
    """Return whether few values, shape (n,), are 0, and each run of zeros is ten usual steps away from the values beside it.

    A step is usual in absolute terms, so an interest rate may fall to 0, and relative to the value, so a volume may. Steps are
    those near the run; of many runs some are looked at.
    """
    is_zero = finite == 0
    if np.count_nonzero(is_zero) > _MOST_ZEROS * len(finite):
        return False
    positive = finite[~is_zero]
    edges = np.flatnonzero(is_zero[:-1] != is_zero[1:])
    # The place among the positive values of the one that borders on each edge.
    beside = np.cumsum(~is_zero)[edges] - is_zero[edges + 1]
    for place in beside[:: 1 + len(beside) // _RUNS_LOOKED_AT]:
        near = positive[max(0, place - _NEAR) : place + _NEAR]
        steps = np.abs(np.diff(near))
        moved = steps > 0
        if not moved.any() or positive[place] < _USUAL_STEPS * np.median(steps[moved]):
            return False
        if _USUAL_STEPS * np.median(steps[moved] / np.maximum(near[1:], near[:-1])[moved]) > 1:
            return False
    return len(beside) > 0


def find_doubtful_sentinel(values: Values, extremes: Extremes | None) -> np.ndarray:
    """Return the positions of a repeated, only negative value, shape (n,), int64.

    Such as a volume of -999.

    Examples
    --------
    >>> volumes = np.where(np.arange(40) % 9, np.arange(40.0) * 50, -999)
    >>> find_doubtful_sentinel(volumes, find_extremes(volumes)).tolist()
    [0, 9, 18, 27, 36]
    """
    if extremes is None or extremes.low >= 0 or extremes.low_count < _MIN_REPEATS:
        return _NONE
    numbers = np.asarray(values)
    others = numbers[np.isfinite(numbers) & (numbers != extremes.low)]
    if len(others) < _MIN_DISTINCT or others.min() < 0 or len(np.unique(others[:1000])) < _MIN_DISTINCT:
        return _NONE
    return np.flatnonzero(numbers == extremes.low)


def mark_sentinels(values: np.ndarray, sentinels: tuple[float, ...]) -> np.ndarray:
    """Return which values, shape (n,), are codes for missing values, shape (n,), bool."""
    mask = np.zeros(len(values), dtype=bool)
    for sentinel in sentinels:
        mask |= values == sentinel
    return mask


def _may_be_sentinel(value: float) -> bool:
    return value != 0 and ((value.is_integer() and abs(value) >= 99) or _is_nines(value))


def _is_nines(value: float) -> bool:
    digits = f"{abs(value):.10g}".replace(".", "")
    return len(digits) >= 2 and set(digits) == {"9"}
