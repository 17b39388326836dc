"""ADF and KPSS tests in numpy: the server must not load statsmodels."""

import numpy as np
from scipy import special

# MacKinnon (1994), one series with a constant: the p-value is the normal probability of a polynomial of the statistic, one
# polynomial below and one above the switch.
_BELOW = (2.1659, 1.4412, 0.038269)
_ABOVE = (1.7339, 0.93202, -0.12745, -0.010368)
_SWITCH, _LOWEST, _HIGHEST = -1.61, -18.83, 2.74
_SINGULAR = 1e-6


def adf_statistic(values: np.ndarray, most_lags: int) -> float:
    """Return the augmented Dickey-Fuller statistic with a constant (Said and Dickey, 1984).

    The number of lags is chosen by AIC among 0 to `most_lags`, on the same rows for all; the test then uses every row that
    the chosen lags allow. `values` float64 (n,), without NaN. NaN if the level is an exact combination of the changes.

    Examples
    --------
    >>> round(adf_statistic(np.sin(np.arange(200.0) ** 2), 4), 1)
    -14.5
    """
    rows = len(values) - 1 - most_lags
    factor = _factor(_columns(values, most_lags))
    if factor is None:
        return np.nan
    unexplained = np.maximum(1 - np.cumsum(factor[-1, :-1] ** 2), np.finfo(float).tiny)
    lags = int(np.argmin(rows * np.log(unexplained) + 2 * np.arange(most_lags + 1)))
    level, *before, change = _columns(values, lags)
    # The t-value of the last regressor can be read from the factor, so the level comes last.
    factor = _factor([*before, level, change])
    if factor is None:
        return np.nan
    freedom = len(values) - 1 - lags - (lags + 2)
    return float(factor[-1, -2] / factor[-1, -1] * np.sqrt(freedom))


def adf_p_value(statistic: float) -> float:
    """Return the p-value of an ADF statistic with a constant, by MacKinnon's approximation.

    Examples
    --------
    >>> round(adf_p_value(-2.86154), 3)
    0.05
    """
    if statistic > _HIGHEST:
        return 1.0
    if statistic < _LOWEST:
        return 0.0
    polynomial = _BELOW if statistic <= _SWITCH else _ABOVE
    return float(special.ndtr(np.polynomial.polynomial.polyval(statistic, polynomial)))


def kpss_statistic(values: np.ndarray) -> float:
    """Return the KPSS statistic with a constant.

    Kwiatkowski, Phillips, Schmidt and Shin (1992). The long-run variance uses a Bartlett window, whose width follows Hobijn,
    Franses and Ooms (1998), or the l12 rule of the original paper if that is undefined. `values` float64 (n,), without NaN.
    NaN if they are constant.
    """
    residuals = values - values.mean()
    rows = len(residuals)
    pilot_lags = int(rows ** (2 / 9))
    covariances = np.array([residuals[lag:] @ residuals[: rows - lag] for lag in range(pilot_lags + 1)]) / rows
    spectrum = covariances[0] + 2 * covariances[1:].sum()
    if covariances[0] <= 0:
        return np.nan
    if spectrum > 0:
        slope = 2 * (np.arange(1, pilot_lags + 1) @ covariances[1:]) / spectrum
        width = min(rows - 1, int(1.1447 * (slope * slope) ** (1 / 3) * rows ** (1 / 3)))
    else:
        # An over-differenced series has almost no long-run variance, so the rule gives no width.
        width = min(rows - 1, int(12 * (rows / 100) ** 0.25))
    long_run = residuals @ residuals / rows
    for lag in range(1, width + 1):
        long_run += 2 * (1 - lag / (width + 1)) * (residuals[lag:] @ residuals[: rows - lag]) / rows
    return float(np.sum(np.cumsum(residuals) ** 2) / rows**2 / long_run) if long_run > 0 else np.nan


def kpss_p_value(statistic: float) -> float:
    """Return the p-value of a KPSS statistic with a constant.

    Its limit is the integral of a squared Brownian bridge, as for the Cramér-von Mises statistic; computed by the series of
    Anderson and Darling (1952).

    Examples
    --------
    >>> round(kpss_p_value(0.463), 3)
    0.05
    """
    if statistic <= 0.02:
        return 1.0
    order = np.arange(12)
    weight = 4 * order + 1
    argument = weight**2 / (16 * statistic)
    coefficients = np.exp(special.gammaln(order + 0.5) - special.gammaln(order + 1)) / np.pi**1.5
    terms = coefficients * np.sqrt(weight / statistic) * np.exp(-argument) * special.kv(0.25, argument)
    return float(np.clip(1 - terms.sum(), 0, 1))


def _columns(values: np.ndarray, lags: int) -> list[np.ndarray]:
    """Return the regressors of the ADF test, then the changes.

    The regressors are the previous level and the `lags` previous changes.
    """
    changes = np.diff(values)
    rows = len(changes) - lags
    before = [changes[lags - lag : lags - lag + rows] for lag in range(1, lags + 1)]
    return [values[lags : lags + rows], *before, changes[lags:]]


def _factor(columns: list[np.ndarray]) -> np.ndarray | None:
    """Return the Cholesky factor of the columns' correlations.

    None if a column depends on those before it. The last row holds what each column adds to the fit of the last one. einsum
    avoids BLAS, whose threads wait for each other on busy cores and take a hundred times as long.
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
