"""Tests of dependence between two series by circular shifts of one against the other.

A shift keeps the autocorrelation of both series and breaks their relation. The p-value is the share of shifts whose
statistic is at least as large as the observed one. If none is, the tail of a t distribution scaled by the shifts continues
it, because some hundred shifts cannot tell p = 1e-3 from p = 1e-9, and corrections for many features need the difference.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import fft, special

_SEED = 20_240_101
# Shifts of autocorrelated series are alike, so their standard deviation is uncertain: heavier tails than the normal's.
_TAIL_FREEDOM = 30
_MOST_CLASSES, _ROWS_A_CLASS = 10, 10
_SHIFTS_AT_ONCE = 80


@dataclass(frozen=True, eq=False, kw_only=True)
class Ranks:
    """Ranks of a feature and of a residual, int64, shape (rows,).

    `order` sorts the feature. Of tied values, `feature` holds the lowest rank and `residual` the highest.
    """

    order: np.ndarray
    feature: np.ndarray
    residual: np.ndarray


@cache
def choose_shifts(rows: int, count: int) -> np.ndarray:
    """Return at most `count` different shifts, int64, sorted; always the same for the same arguments.

    Examples
    --------
    >>> len(choose_shifts(500, 100))
    100
    """
    allowed = np.arange(1, rows)
    if len(allowed) <= count:
        return allowed
    return np.sort(np.random.default_rng(_SEED).choice(allowed, size=count, replace=False))


def correlate_at_shifts(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the circular cross-correlation: the mean of x[t] * y[t + s] for every shift s, float64, shape of `x`.

    `x` has shape (rows,) or (several, rows), `y` has shape (rows,). If both are standardised, these are correlations.

    Examples
    --------
    >>> correlate_at_shifts(np.array([1.0, 0.0, 0.0]), np.array([3.0, 6.0, 9.0])).round(9)
    array([1., 2., 3.])
    """
    rows = x.shape[-1]
    size = fft.next_fast_len(rows, real=True)
    if size > rows:
        # Zero padding to a fast length: lengths with large prime factors are several times slower.
        size = fft.next_fast_len(2 * rows - 1, real=True)
    found = fft.irfft(np.conj(fft.rfft(x, size)) * fft.rfft(y, size), size)
    if size > rows:
        found[..., 1:rows] += found[..., size - rows + 1 :]
    return found[..., :rows] / rows


def evaluate_correlation(shifted: np.ndarray) -> float:
    """Return the p-value of the Pearson correlation of two standardised series.

    `shifted` is their correlation at every shift, shape (rows,).

    Examples
    --------
    >>> x = np.sin(np.arange(200.0) ** 2)
    >>> evaluate_correlation(correlate_at_shifts(x, x)) < 1e-6
    True
    """
    found = np.abs(shifted)
    found /= _root_mean_square(found[1:])
    return _p_value(found[0], found[1:], tails=2)


def evaluate_lead(shifted: np.ndarray, autocorrelation: float, clustering: float = 1.0) -> tuple[float, float]:
    """Return the partial correlation of a feature with the target's next row, and its p-value.

    It is partial to the target's own last value: a feature that only moves with an autocorrelated target would otherwise
    seem to lead it. Other shifts pair calm rows with volatile ones, so they vary less than the tested one if both are volatile
    at the same time; their spread is widened by that.

    Parameters
    ----------
    shifted
        The correlation of feature and target at every shift, shape (rows,).
    autocorrelation
        The target's at lag one.
    clustering
        The mean product of the squares of the standardised feature and of the target's next row; 1 without common volatility.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=400)
    >>> x = (x - x.mean()) / x.std()
    >>> correlation, p_value = evaluate_lead(correlate_at_shifts(x, np.roll(x, 1)), 0.0)
    >>> correlation > 0.9, p_value < 1e-6
    (True, True)
    """
    unexplained = np.sqrt(max(1 - autocorrelation**2, 1e-12))
    partial = (shifted - autocorrelation * np.roll(shifted, 1)) / unexplained
    others = np.abs(partial[2:])
    size = _root_mean_square(others)
    found = abs(partial[1]) / (size * np.sqrt(max(clustering, 1.0)))
    return float(partial[1]), _p_value(found, others / size, tails=2)


def evaluate_dependence(
    x: np.ndarray, residual: np.ndarray, ranks: Ranks, shifts: np.ndarray, few_values: bool
) -> tuple[float, float]:
    """Test whether the residual of a linear fit still depends on the feature, in whatever shape.

    Four statistics are combined: the residual's means within classes of the feature, Chatterjee's xi, and the correlations
    of the residual's size with the feature and with the feature's size. The largest, each in units of its root mean square
    over the shifts, is compared with the largest after each shift.

    Parameters
    ----------
    x
        The standardised feature, shape (rows,).
    residual
        What the linear fit leaves of the standardised target, shape (rows,), mean 0.
    ranks
        Ranks of both.
    shifts
        The shifts to compare with, int64.
    few_values
        Whether the target takes few values. Then the order and size of the residual depend on the feature by construction,
        so only the means within classes are tested.

    Returns
    -------
    tuple
        The p-value, and the share of the residual's variance between classes of the feature.
    """
    at = np.r_[0, shifts]
    shares = _between_class_shares(ranks.feature, residual)
    means = np.sqrt(shares[at])
    table = [means - means[1:].mean()]
    if not few_values:
        size, residual_size = np.abs(x) - np.abs(x).mean(), np.abs(residual) - np.abs(residual).mean()
        table += [*np.abs(correlate_at_shifts(np.stack([x, size]), residual_size))[:, at]]
        steps = _rank_steps(ranks, at)
        table.append(steps[1:].mean() - steps)
    largest = np.max([found / _root_mean_square(found[1:]) for found in table], axis=0)
    return _p_value(largest[0], largest[1:], tails=1 if few_values else 6), float(shares[0])


def _between_class_shares(ranks: np.ndarray, residual: np.ndarray) -> np.ndarray:
    """Return the share of the residual's variance between classes of the feature for every shift, shape (rows,).

    Classes are about equally large; the feature is given by its lowest ranks, so equal values share a class.
    """
    rows = len(ranks)
    classes = (ranks - 1) * min(_MOST_CLASSES, rows // _ROWS_A_CLASS) // rows
    within = (classes == np.unique(classes)[:, None]).astype(np.float64)
    sums = correlate_at_shifts(within, residual) * rows
    return (sums * sums / within.sum(axis=1, keepdims=True)).sum(axis=0) / (residual * residual).sum()


def _rank_steps(ranks: Ranks, at: np.ndarray) -> np.ndarray:
    """Return the sum of |r[i + 1] - r[i]| over the residual's ranks r in the feature's order, per shift: small for large xi."""
    residual = ranks.residual.astype(np.int32)
    shifted = sliding_window_view(np.r_[residual, residual[:-1]], len(residual))
    found = np.empty(len(at))
    for begin in range(0, len(at), _SHIFTS_AT_ONCE):
        some = slice(begin, begin + _SHIFTS_AT_ONCE)
        # One row per row of the data: the order then moves whole rows, which stay in the cache.
        ordered = np.take(np.ascontiguousarray(shifted[at[some]].T), ranks.order, axis=0)
        steps = np.subtract(ordered[1:], ordered[:-1])
        found[some] = np.abs(steps, out=steps).sum(axis=0, dtype=np.int64)
    return found


def _root_mean_square(values: np.ndarray) -> float:
    size = float(np.sqrt(np.mean(values * values)))
    return size if size > 0 else np.inf


def _p_value(found: float, shifted: np.ndarray, tails: int) -> float:
    """Return the chance of a value as large as `found`; both are in units of the shifts' root mean square."""
    reached = int(np.count_nonzero(shifted >= found))
    counted = (1 + reached) / (1 + len(shifted))
    return counted if reached else min(counted, tails * float(special.stdtr(_TAIL_FREEDOM, -found)))
