"""Statistics of a series of gains: t, Sharpe ratio with its error, drawdown, and a bootstrap of their sum."""

import numpy as np
from scipy import stats

DRAWS = 500
_SEED = 20_240_101


def block_length(count: int) -> int:
    """Return n^(1/3) rounded up: the lags of Newey-West and the rows of a bootstrap block of n gains.

    Examples
    --------
    >>> block_length(1000), block_length(2)
    (10, 2)
    """
    return int(np.ceil(round(count ** (1 / 3), 9)))


def newey_west_t(values: np.ndarray) -> float | None:
    """Return the Newey-West t statistic of the mean of values, float64 (n,).

    None if there are fewer than three values, or they do not vary.

    References
    ----------
    Newey and West (1987), A simple, positive semi-definite, heteroskedasticity and autocorrelation consistent covariance
    matrix, Econometrica 55.
    """
    count = len(values)
    if count < 3 or np.ptp(values) == 0:
        return None
    centred, lags = values - values.mean(), min(block_length(count), count - 1)
    variance = float(centred @ centred)
    for lag in range(1, lags + 1):
        variance += 2 * (1 - lag / (lags + 1)) * float(centred[lag:] @ centred[:-lag])
    return float(values.sum() / np.sqrt(variance)) if variance > 0 else None


def sharpe_ratio(gains: np.ndarray) -> tuple[float, float] | None:
    """Return the Sharpe ratio of gains, float64 (n,), by period, and its standard error.

    None if there are fewer than three gains, or they do not vary. The error allows for skewness and fat tails; it assumes no
    autocorrelation.

    References
    ----------
    Mertens (2002), Comments on variance of the IID estimator in Lo (2002). Bailey and López de Prado (2012), The Sharpe ratio
    efficient frontier, J. Risk 15.
    """
    if len(gains) < 3 or np.ptp(gains) == 0:
        return None
    ratio = float(gains.mean() / gains.std(ddof=1))
    return ratio, sharpe_error(ratio, len(gains), float(stats.skew(gains)), float(stats.kurtosis(gains, fisher=False)))


def sharpe_error(ratio: float, count: int, skewness: float = 0.0, kurtosis: float = 3.0) -> float:
    """Return the standard error of a Sharpe ratio by period, estimated from `count` gains.

    Parameters
    ----------
    ratio
        The Sharpe ratio by period.
    count
        Number of gains.
    skewness, kurtosis
        Those of the gains; a normal distribution has 0 and 3.

    Examples
    --------
    >>> round(sharpe_error(1.5, 61), 3)
    0.188
    """
    variance = 1 + ratio**2 / 2 - skewness * ratio + (kurtosis - 3) / 4 * ratio**2
    return float(np.sqrt(max(variance, 0.0) / (count - 1)))


def drawdowns(gains: np.ndarray) -> np.ndarray:
    """Return by how much the sum of gains, float64 (n,), is below its highest value so far, which is at least 0.

    Examples
    --------
    >>> drawdowns(np.array([-1.0, 3.0, -1.0, -2.0, 4.0]))
    array([1., 0., 1., 3., 0.])
    """
    equity = np.cumsum(gains)
    return np.maximum(np.maximum.accumulate(equity), 0.0) - equity


def bootstrap_sums(gains: np.ndarray, draws: int = DRAWS) -> tuple[np.ndarray, np.ndarray]:
    """Resample gains in blocks; return the last row of each block, int64 (m,), and the sums up to it, (draws, m).

    A circular block bootstrap with blocks of `block_length` rows. Always the same draws. Sums of blocks are differences of
    cumulative sums, so the work is that of n^(2/3) numbers a draw.

    References
    ----------
    Politis and Romano (1992), A circular block-resampling procedure for stationary data.

    Parameters
    ----------
    gains
        float64 (n,), n > 0, in time order.
    draws
        Number of resampled series.
    """
    count = len(gains)
    length = block_length(count)
    ends = np.minimum(np.arange(length, count + length, length), count)
    sizes = np.diff(ends, prepend=0)
    starts = np.random.default_rng(_SEED).integers(count, size=(draws, len(ends)))
    total = np.r_[0.0, np.cumsum(np.r_[gains, gains[:length]])]
    return ends - 1, np.cumsum(total[starts + sizes] - total[starts], axis=1)
