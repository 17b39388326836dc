"""Newey-West (1987) standard errors, which never join rows of two series."""

import math

import numpy as np


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

    The variance of a coefficient is that of the sum of each row's influence on it, so one pass over the lags replaces the
    matrices of the sandwich formula. The numbers equal those of statsmodels' `HAC` and `hac-panel` without small-sample
    correction. `blocks` int64 (n,): the block of each row; rows of two blocks are never multiplied.
    """

    def __init__(self, blocks: np.ndarray, lags: int) -> None:
        self._weights = 1 - np.arange(1, lags + 1) / (lags + 1)
        # Blocks are separated by `lags` zeros, so no product at a lag joins two of them.
        self._position = np.arange(len(blocks)) + lags * np.cumsum(np.r_[0, np.diff(blocks) != 0])
        self._padded = np.zeros(self._position[-1] + 1)

    def std_of_sum(self, terms: np.ndarray) -> float:
        """Return the standard deviation of the sum of `terms`, float64 (n,) with mean 0."""
        padded = self._padded
        padded[self._position] = terms
        variance = float(padded @ padded)
        for lag, weight in enumerate(self._weights[: len(padded) - 1], start=1):
            variance += 2 * weight * float(padded[lag:] @ padded[:-lag])
        return math.sqrt(max(variance, 0.0))


def normal_p_value(z: float) -> float:
    """Return the two-sided p-value of a standard normal statistic.

    Examples
    --------
    >>> normal_p_value(1.96)
    0.05
    """
    return math.erfc(abs(z) / math.sqrt(2))
