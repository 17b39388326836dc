"""A t-test of the mean of a serially correlated series, of the right size in samples of a few hundred rows."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import stats

FEWEST_ROWS = 10


@dataclass(frozen=True, kw_only=True)
class MeanTest:
    """The mean of a series, its standard error and its t statistic; one-sided p-value of a mean above 0.

    `freedom` are the degrees of freedom of t, `n` the rows. Statistic and p-value are None if the rows are fewer than ten or
    have no variance.
    """

    mean: float
    error: float | None
    statistic: float | None
    p_value: float | None
    freedom: int
    n: int

    @property
    def two_sided(self) -> float | None:
        """The p-value of a mean that differs from 0 in either direction."""
        return None if self.p_value is None else 2 * min(self.p_value, 1 - self.p_value)

    def interval(self, level: float = 0.95) -> tuple[float, float] | None:
        """Return the two-sided confidence interval of the mean; it leaves out 0 if `two_sided` is below 1 - `level`.

        Examples
        --------
        >>> low, high = mean_test(np.array([1.0, 2.0] * 10)).interval()
        >>> round(low, 3), round(high, 3)
        (1.26, 1.74)
        """
        if self.error is None:
            return None
        reach = float(stats.t.isf((1 - level) / 2, self.freedom)) * self.error
        return self.mean - reach, self.mean + reach


def mean_test(series: np.ndarray, horizon: int = 1) -> MeanTest:
    """Test whether the mean of a series is above 0.

    With `horizon` 1 the rows are taken as uncorrelated: the plain variance and n - 1 degrees of freedom. Above, errors of
    overlapping forecasts are correlated: the long-run variance is the mean of B squared cosine transforms (equal-weighted
    cosine, B = n^(1/3)), and t has B degrees of freedom, which keeps the size near 5% where Newey-West reaches 10%.

    Parameters
    ----------
    series
        float64 (n,), in time order, one value a time stamp; NaN is an error of the caller.
    horizon
        Rows ahead of the forecasts behind the series.

    References
    ----------
    Lazarus, Lewis, Stock and Watson (2018), HAR inference: recommendations for practice, JBES 36.
    Coroneo and Iacone (2020), Comparing predictive accuracy in small samples using fixed-smoothing asymptotics, JAE 35.

    Examples
    --------
    >>> found = mean_test(np.array([1.0, 2.0] * 10))
    >>> round(found.mean, 2), found.freedom, found.p_value < 0.001
    (1.5, 19, True)
    """
    n = len(series)
    mean = float(np.mean(series)) if n else float("nan")
    freedom = n - 1 if horizon == 1 else max(1, round(n ** (1 / 3)))
    if n < FEWEST_ROWS:
        return MeanTest(mean=mean, error=None, statistic=None, p_value=None, freedom=freedom, n=n)
    variance = (
        float(np.var(series, ddof=1))
        if horizon == 1
        else float(_cosine_variance((series - mean)[None], np.array([freedom]))[0])
    )
    error = float(np.sqrt(variance / n))
    if not error > 1e-12 * abs(mean) or not np.isfinite(error):
        return MeanTest(mean=mean, error=None, statistic=None, p_value=None, freedom=freedom, n=n)
    statistic = mean / error
    p_value = float(stats.t.sf(statistic, freedom))
    return MeanTest(mean=mean, error=error, statistic=statistic, p_value=p_value, freedom=freedom, n=n)


def mean_p_values(series: np.ndarray, horizon: int = 1, *, smoothing: int = 1) -> np.ndarray:
    """Return the p-values of `mean_test` for many series at once, float64 (series,); NaN if the test has none.

    Parameters
    ----------
    series
        float64 (series, n), in time order. NaN is a missing row: it keeps its place in time, and counts for 0 in the
        long-run variance (Parzen 1963, amplitude modulation).
    horizon
        Rows ahead of the forecasts behind the series.
    smoothing
        The terms of the long-run variance are divided by it: series that depend on each other over longer spans need fewer.

    Examples
    --------
    >>> bool(mean_p_values(np.array([[1.0, 2.0, np.nan] * 10]))[0] < 0.001)
    True
    """
    known = np.isfinite(series)
    n = known.sum(axis=1)
    some = np.maximum(n, 2)
    mean = np.where(known, series, 0.0).sum(axis=1) / some
    centred = np.where(known, series - mean[:, None], 0.0)
    if horizon == 1:
        freedom, variance = some - 1, (centred**2).sum(axis=1) / (some - 1)
    else:
        freedom = np.maximum(1, np.round(some ** (1 / 3) / smoothing)).astype(int)
        # Per known row: the rows that are missing add nothing.
        variance = _cosine_variance(centred, freedom) * centred.shape[1] / some
    error = np.sqrt(variance / some)
    tested = (n >= FEWEST_ROWS) & (error > 1e-12 * np.abs(mean))
    statistic = mean / np.where(tested, error, 1.0)
    return np.where(tested, stats.t.sf(statistic, freedom), np.nan)


def _cosine_variance(centred: np.ndarray, terms: np.ndarray) -> np.ndarray:
    """Return the equal-weighted cosine estimates of the long-run variances of series (m, n) from their first `terms` (m,)."""
    most = int(terms.max(initial=1))
    order = np.arange(1, most + 1)
    transforms = centred @ _cosines(centred.shape[1], most)
    variances: np.ndarray = np.where(order <= terms[:, None], transforms**2, 0.0).sum(axis=1) / terms
    return variances


@lru_cache(maxsize=16)
def _cosines(n: int, terms: int) -> np.ndarray:
    """Return the first `terms` orthonormal cosines of n rows, (n, terms)."""
    cosines: np.ndarray = np.sqrt(2 / n) * np.cos(np.pi * np.arange(1, terms + 1) * (np.arange(n)[:, None] + 0.5) / n)
    return cosines
