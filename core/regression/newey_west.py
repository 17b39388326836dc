"""Newey-West (1987) standard errors, which never join rows of two series."""

import math

import numpy as np
from scipy.special import stdtr, stdtrit


def choose_lags(requested: int | None, rows: int, horizon: int, blocks: np.ndarray) -> int:
    """Return the number of HAC lags: `requested`, or by the rule of Newey and West (1994).

    The rule is 4 (n / 100)^(2/9), and at least `horizon - 1`, by which outcomes overlap. Never more than the rows of the
    longest block less one.

    Parameters
    ----------
    requested
        The lags in the recipe, or None.
    rows
        How many samples are fitted.
    horizon
        The horizon in rows.
    blocks
        int64 (n,), the block of each row, from 0.

    Examples
    --------
    >>> choose_lags(None, 1000, 1, np.zeros(1000, dtype=int)), choose_lags(None, 1000, 21, np.zeros(1000, dtype=int))
    (6, 20)
    """
    lags = max(math.floor(4 * (rows / 100) ** (2 / 9)), horizon - 1) if requested is None else requested
    return min(lags, int(np.bincount(blocks).max()) - 1)


class NeweyWest:
    """Standard deviations of sums of autocorrelated terms, with Bartlett weights.

    The variance of a coefficient is that of the sum of each row's influence on it, which replaces the matrices of the
    sandwich formula. Bartlett's weights are those of overlapping sums of `lags` + 1 terms, so two passes over the terms
    suffice, whatever the lags. The numbers equal those of statsmodels' `HAC` and `hac-panel` without small-sample
    correction. `blocks` int64 (n,): the block of each row; rows of two blocks are never multiplied.
    """

    def __init__(self, blocks: np.ndarray, lags: int) -> None:
        self._width = lags + 1
        # Zeros around the blocks, so no sum joins two of them and each term is in `lags` + 1 sums.
        ends = np.flatnonzero(np.diff(blocks) != 0) + 1
        position = np.arange(len(blocks)) + lags * (1 + np.searchsorted(ends, np.arange(len(blocks)), side="right"))
        self._position: slice | np.ndarray = position if len(ends) else slice(lags, lags + len(blocks))
        self._padded = np.zeros(position[-1] + 1 + self._width)
        self._total = np.zeros(len(self._padded) + 1)
        self._sums = np.empty(len(self._total) - self._width)

    def std_of_sum(self, terms: np.ndarray) -> float:
        """Return the standard deviation of the sum of `terms`, float64 (n,) with mean 0."""
        if self._width == 1:
            return math.sqrt(float(terms @ terms))
        self._padded[self._position] = terms
        np.cumsum(self._padded, out=self._total[1:])
        sums = np.subtract(self._total[self._width :], self._total[: -self._width], out=self._sums)
        return math.sqrt(float(sums @ sums) / self._width)


def t_p_value(t: float, freedom: int) -> float:
    """Return the two-sided p-value of a t statistic.

    Examples
    --------
    >>> round(t_p_value(2.228, 10), 3)
    0.05
    """
    return 2 * float(stdtr(freedom, -abs(t)))


def t_quantile(freedom: int) -> float:
    """Return the half-width of a 95% interval in standard errors.

    Examples
    --------
    >>> round(t_quantile(10), 3)
    2.228
    """
    return float(stdtrit(freedom, 0.975))
