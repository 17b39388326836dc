"""Tests of dependence between two series, by shifting one in a circle against the other.

A shift keeps the memory of both series and breaks what ties them together. The p-value is the share of shifts that come as
far as the data do. Where none does, a tail with the shifts' own spread carries on, because a thousand shifts cannot tell
p = 1e-3 from p = 1e-9, and many features need the difference.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import fft, special

_SEED = 20_240_101
# Shifts of series with a memory resemble each other, so that their spread is known only roughly: a heavier tail than normal.
_TAIL_FREEDOM = 30
_MOST_CLASSES, _ROWS_A_CLASS = 10, 10
_SHIFTS_AT_ONCE = 80


@dataclass(frozen=True, eq=False, kw_only=True)
class Ranks:
    """The order that sorts a feature, the feature's lowest ranks and the highest ranks of the rest (they differ in ties)."""

    order: np.ndarray
    of_x: np.ndarray
    of_rest: np.ndarray


@cache
def choose_shifts(rows: int, count: int) -> np.ndarray:
    """Return at most `count` different shifts, the same ones for the same numbers.

    Examples
    --------
    >>> len(choose_shifts(500, 100))
    100
    """
    allowed = np.arange(1, rows)
    if len(allowed) <= count:
        return allowed
    return np.sort(np.random.default_rng(_SEED).choice(allowed, size=count, replace=False))


def at_every_shift(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the mean of x[t] * y[t + s], in a circle, for every shift s; of several x, a matrix of rows, for each.

    Examples
    --------
    >>> at_every_shift(np.array([1.0, 0.0, 0.0]), np.array([3.0, 6.0, 9.0])).round(9)
    array([1., 2., 3.])
    """
    rows = x.shape[-1]
    size = fft.next_fast_len(rows, real=True)
    if size > rows:
        # Lengths with large prime factors take several times as long as twice the length without.
        size = fft.next_fast_len(2 * rows - 1, real=True)
    found = fft.irfft(np.conj(fft.rfft(x, size)) * fft.rfft(y, size), size)
    if size > rows:
        found[..., 1:rows] += found[..., size - rows + 1 :]
    return found[..., :rows] / rows


def shift_correlation(together: np.ndarray) -> float:
    """Return the p-value of Pearson's correlation of two standardised series, `together` at every shift.

    Examples
    --------
    >>> x = np.sin(np.arange(200.0) ** 2)
    >>> shift_correlation(at_every_shift(x, x)) < 1e-6
    True
    """
    found = np.abs(together)
    found /= _size(found[1:])
    return _p_value(found[0], found[1:], tails=2)


def shift_lead(together: np.ndarray, memory: float) -> tuple[float, float]:
    """Return how a standardised feature correlates with the next row of the other series, and the p-value against every shift.

    They are `together` at every shift. What the other series' own last value foretells, by its `memory`, the correlation of
    neighbours, is taken out: a feature that only moves with a series of long memory would seem to lead it.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=400)
    >>> x = (x - x.mean()) / x.std()
    >>> correlation, p_value = shift_lead(at_every_shift(x, np.roll(x, 1)), 0.0)
    >>> correlation > 0.9, p_value < 1e-6
    (True, True)
    """
    left = np.sqrt(max(1 - memory**2, 1e-12))
    beyond = (together - memory * np.roll(together, 1)) / left
    others = np.abs(beyond[2:])
    size = _size(others)
    return float(beyond[1]), _p_value(abs(beyond[1]) / size, others / size, tails=2)


def shift_dependence(
    x: np.ndarray, rest: np.ndarray, ranks: Ranks, shifts: np.ndarray, few_values: bool
) -> tuple[float, float]:
    """Return the p-value of any relation between a standardised feature and what a straight line leaves of the target.

    With it comes the share of the rest's variance between classes of the feature. Four things are looked at together: the means
    of the rest in those classes, Chatterjee's xi, and the correlations of the size of the rest with the feature and with its
    size. The largest of them, each in units of its spread over the shifts, is compared with the largest one after each shift.
    Of a target that takes few values the rest depends on the feature by its make, in order and size: there the means alone
    are looked at.
    """
    at = np.r_[0, shifts]
    shares = _class_means(ranks.of_x, rest)
    means = np.sqrt(shares[at])
    table = [means - means[1:].mean()]
    if not few_values:
        size, rest_size = np.abs(x) - np.abs(x).mean(), np.abs(rest) - np.abs(rest).mean()
        table += [*np.abs(at_every_shift(np.stack([x, size]), rest_size))[:, at]]
        steps = _rank_steps(ranks, at)
        table.append(steps[1:].mean() - steps)
    largest = np.max([found / _size(found[1:]) for found in table], axis=0)
    return _p_value(largest[0], largest[1:], tails=1 if few_values else 6), float(shares[0])


def _class_means(ranks: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Return the share of the rest's variance between classes of the feature of about equal size, for every shift.

    The feature is given by its lowest ranks, so that equal values share a class; the rest has a mean of zero.
    """
    rows = len(ranks)
    classes = (ranks - 1) * min(_MOST_CLASSES, rows // _ROWS_A_CLASS) // rows
    within = (classes == np.unique(classes)[:, None]).astype(np.float64)
    sums = at_every_shift(within, rest) * rows
    return (sums * sums / within.sum(axis=1, keepdims=True)).sum(axis=0) / (rest * rest).sum()


def _rank_steps(ranks: Ranks, at: np.ndarray) -> np.ndarray:
    """Return the sum of |r[i + 1] - r[i]| over the rest's ranks r in the feature's order, for each shift: small for large xi."""
    of_rest = ranks.of_rest.astype(np.int32)
    shifted = sliding_window_view(np.r_[of_rest, of_rest[:-1]], len(of_rest))
    found = np.empty(len(at))
    for begin in range(0, len(at), _SHIFTS_AT_ONCE):
        some = slice(begin, begin + _SHIFTS_AT_ONCE)
        # One row a row of the data, so that the order takes whole rows at once, which stay in the cache.
        ordered = np.take(np.ascontiguousarray(shifted[at[some]].T), ranks.order, axis=0)
        steps = np.subtract(ordered[1:], ordered[:-1])
        found[some] = np.abs(steps, out=steps).sum(axis=0, dtype=np.int64)
    return found


def _size(values: np.ndarray) -> float:
    size = float(np.sqrt(np.mean(values * values)))
    return size if size > 0 else np.inf


def _p_value(found: float, shifted: np.ndarray, tails: int) -> float:
    """Return the chance of a value as large as `found`, all in units of the shifts' spread."""
    reached = int(np.count_nonzero(shifted >= found))
    counted = (1 + reached) / (1 + len(shifted))
    return counted if reached else min(counted, tails * float(special.stdtr(_TAIL_FREEDOM, -found)))
