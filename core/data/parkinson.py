"""The variance of a row from its highest and lowest price."""

import numpy as np


def parkinson_variance(high: np.ndarray, low: np.ndarray) -> np.ndarray:
    """Return the squared log range over 4 log 2, float64 (n,): the variance of the log price within each row.

    It is the variance of a random walk without drift that was watched all the time, and about five times as precise as the
    squared return. The gap between two rows is not in it. NaN where either price is bad or not positive, and where the range is
    zero or negative: such a row was not watched.

    References
    ----------
    Parkinson (1980), The extreme value method for estimating the variance of the rate of return, Journal of Business 53.

    Examples
    --------
    >>> parkinson_variance(np.array([np.e, 2.0, np.nan]), np.array([1.0, 2.0, 1.0])).round(4)
    array([0.3607,    nan,    nan])
    """
    is_usable = (low > 0) & (high > low) & np.isfinite(high)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_range = np.log(np.where(is_usable, high / low, np.nan))
    variance: np.ndarray = log_range**2 / (4 * np.log(2))
    return variance
