"""The tests of Dickey and Fuller and of Kwiatkowski and others, in numpy: the server must not load a library for them."""

import numpy as np
from scipy import special

# MacKinnon (1994), Approximate asymptotic distribution functions for unit-root tests, one series with a constant: polynomials
# of the statistic whose normal probability is the p-value, below and above -1.61.
_BELOW = (2.1659, 1.4412, 0.038269)
_ABOVE = (1.7339, 0.93202, -0.12745, -0.010368)
_CHANGE, _LOWEST, _HIGHEST = -1.61, -18.83, 2.74
_SINGULAR = 1e-6


def adf_statistic(values: np.ndarray, most_lags: int) -> float:
    """Return the augmented Dickey-Fuller statistic with a constant, its lags chosen by AIC among 0 to `most_lags`.

    NaN where the changes give the level exactly, so that there is nothing to test.

    References
    ----------
    Said and Dickey (1984). The lags are compared on the same rows; the test uses all rows that the chosen lags leave.

    Examples
    --------
    >>> round(adf_statistic(np.sin(np.arange(200.0) ** 2), 4), 1)
    -14.5
    """
    rows = len(values) - 1 - most_lags
    factor = _factor(_columns(values, most_lags))
    if factor is None:
        return np.nan
    left = np.maximum(1 - np.cumsum(factor[-1, :-1] ** 2), np.finfo(float).tiny)
    lags = int(np.argmin(rows * np.log(left) + 2 * np.arange(most_lags + 1)))
    level, *before, change = _columns(values, lags)
    # The last regressor before the change is the one whose t-value can be read from the factor.
    factor = _factor([*before, level, change])
    if factor is None:
        return np.nan
    freedom = len(values) - 1 - lags - (lags + 2)
    return float(factor[-1, -2] / factor[-1, -1] * np.sqrt(freedom))


def adf_p_value(statistic: float) -> float:
    """Return the p-value of a Dickey-Fuller statistic with a constant, by MacKinnon's approximation.

    Examples
    --------
    >>> round(adf_p_value(-2.86154), 3)
    0.05
    """
    if statistic > _HIGHEST:
        return 1.0
    if statistic < _LOWEST:
        return 0.0
    polynomial = _BELOW if statistic <= _CHANGE else _ABOVE
    return float(special.ndtr(np.polynomial.polynomial.polyval(statistic, polynomial)))


def kpss_statistic(values: np.ndarray) -> float:
    """Return the statistic of Kwiatkowski, Phillips, Schmidt and Shin with a constant; NaN where nothing varies.

    The long-run variance has a Bartlett window whose width is chosen as in Hobijn, Franses and Ooms (1998), and is the widest of
    the paper's own (l12) where that rule has no answer.
    """
    residuals = values - values.mean()
    rows = len(residuals)
    tried = int(rows ** (2 / 9))
    covariances = np.array([residuals[lag:] @ residuals[: rows - lag] for lag in range(tried + 1)]) / rows
    spectrum = covariances[0] + 2 * covariances[1:].sum()
    if covariances[0] <= 0:
        return np.nan
    if spectrum > 0:
        slope = 2 * (np.arange(1, tried + 1) @ covariances[1:]) / spectrum
        width = min(rows - 1, int(1.1447 * (slope * slope) ** (1 / 3) * rows ** (1 / 3)))
    else:
        # Changes of what keeps its level have next to no long-run variance, and no width can be read from it.
        width = min(rows - 1, int(12 * (rows / 100) ** 0.25))
    long_run = residuals @ residuals / rows
    for lag in range(1, width + 1):
        long_run += 2 * (1 - lag / (width + 1)) * (residuals[lag:] @ residuals[: rows - lag]) / rows
    return float(np.sum(np.cumsum(residuals) ** 2) / rows**2 / long_run) if long_run > 0 else np.nan


def kpss_p_value(statistic: float) -> float:
    """Return the p-value of a KPSS statistic with a constant.

    Its limit is the integral of a squared Brownian bridge, which is also that of the statistic of Cramér and von Mises; the
    series is that of Anderson and Darling (1952).

    Examples
    --------
    >>> round(kpss_p_value(0.463), 3)
    0.05
    """
    if statistic <= 0.02:
        return 1.0
    order = np.arange(12)
    weight = 4 * order + 1
    place = weight**2 / (16 * statistic)
    coefficients = np.exp(special.gammaln(order + 0.5) - special.gammaln(order + 1)) / np.pi**1.5
    terms = coefficients * np.sqrt(weight / statistic) * np.exp(-place) * special.kv(0.25, place)
    return float(np.clip(1 - terms.sum(), 0, 1))


def _columns(values: np.ndarray, lags: int) -> list[np.ndarray]:
    """Return what the changes are regressed on, the level before and the `lags` changes before, and the changes themselves."""
    changes = np.diff(values)
    rows = len(changes) - lags
    before = [changes[lags - lag : lags - lag + rows] for lag in range(1, lags + 1)]
    return [values[lags : lags + rows], *before, changes[lags:]]


def _factor(columns: list[np.ndarray]) -> np.ndarray | None:
    """Return Cholesky's factor of the columns' correlations; None where one is given by the others before it.

    The last row tells what each column adds to explaining the last one. The products are summed without BLAS: its threads
    wait for each other where the cores are busy, and take a hundred times as long.
    """
    centred = np.array(columns)
    centred -= centred.mean(axis=1, keepdims=True)
    size = np.sqrt(np.einsum("ij,ij->i", centred, centred))
    if np.any(size <= _SINGULAR * np.abs(columns).max(initial=0)):
        return None
    centred /= size[:, None]
    try:
        factor = np.linalg.cholesky(np.einsum("it,jt->ij", centred, centred))
    except np.linalg.LinAlgError:
        return None
    return factor if np.diag(factor).min() > _SINGULAR else None
