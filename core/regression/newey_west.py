"""Errors of Newey and West (1987), which bear unequal variance and memory, and never look from one series into another."""

import math

import numpy as np


def choose_lags(wanted: int | None, rows: int, horizon: int, blocks: np.ndarray) -> int:
    """Return the lags asked for, else 4 (n / 100)^(2/9) and at least `horizon - 1`; always fewer than the longest series.

    Source of the rule: Newey and West (1994). Outcomes over `horizon` rows share `horizon - 1` of them with the next.

    Examples
    --------
    >>> choose_lags(None, 1000, 1, np.zeros(1000, dtype=int)), choose_lags(None, 1000, 21, np.zeros(1000, dtype=int))
    (6, 20)
    """
    lags = max(math.floor(4 * (rows / 100) ** (2 / 9)), horizon - 1) if wanted is None else wanted
    return min(lags, int(np.bincount(blocks).max()) - 1)


class NeweyWest:
    """Measures the standard deviation of the sum of autocorrelated terms, one a row; Bartlett weights.

    The variance of a coefficient is that of the sum of what each row adds to it (its influence), so that one pass over the
    lags gives its error without the matrices of the sandwich formula. The numbers are those of statsmodels' `HAC` and
    `hac-panel` without a correction for small samples.
    """

    def __init__(self, blocks: np.ndarray, lags: int) -> None:
        self._weights = 1 - np.arange(1, lags + 1) / (lags + 1)
        # With as many empty places as lags between two series, a product over a lag never joins them.
        self._place = np.arange(len(blocks)) + lags * np.cumsum(np.r_[0, np.diff(blocks) != 0])
        self._padded = np.zeros(self._place[-1] + 1)

    def error(self, terms: np.ndarray) -> float:
        """Return the standard deviation of the sum of `terms`, which have mean 0; at least 0."""
        padded = self._padded
        padded[self._place] = terms
        variance = padded @ padded
        for lag, weight in enumerate(self._weights[: len(padded) - 1], start=1):
            variance += 2 * weight * (padded[lag:] @ padded[:-lag])
        return math.sqrt(max(float(variance), 0.0))


def normal_p_value(score: float) -> float:
    """Return the two-sided p-value of a score with a normal distribution.

    Examples
    --------
    >>> normal_p_value(1.96)
    0.05
    """
    return math.erfc(abs(score) / math.sqrt(2))
