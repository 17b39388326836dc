"""A kernel density computed from a histogram, so no row is read again."""

from dataclasses import dataclass

import numpy as np

from core.quality.numerics.quantiles import QUANTILE_SHARES, Histogram

_POINTS = 161
_MIN_DISTINCT = 20
_Q25, _Q75 = QUANTILE_SHARES.index(0.25), QUANTILE_SHARES.index(0.75)


@dataclass(frozen=True, eq=False)
class Density:
    """A density curve: 161 points `at`, and `height` in values per bin of the histogram; both float64."""

    at: np.ndarray
    height: np.ndarray


def smooth_histogram(histogram: Histogram, quantiles: tuple[float, ...]) -> Density | None:
    """Return a Gaussian kernel density over a histogram's bins; None if the values take only a few steps.

    The bandwidth follows Silverman's rule for the interquartile range, and is at least three quarters of a bin. `quantiles`
    at `QUANTILE_SHARES` determine how many values of the end bins are beyond them; those are left out.

    References
    ----------
    Silverman (1986), Density Estimation for Statistics and Data Analysis.
    """
    if len(set(quantiles)) < _MIN_DISTINCT:
        return None
    edges, weights = np.array(histogram.edges), np.array(histogram.counts, dtype=np.float64)
    count, width = weights.sum(), edges[1] - edges[0]
    inside = np.interp(edges[[0, -1]], quantiles, QUANTILE_SHARES)
    weights[0] -= min(weights[0], inside[0] * count)
    weights[-1] -= min(weights[-1], (1 - inside[1]) * count)
    std = (quantiles[_Q75] - quantiles[_Q25]) / 1.34
    bandwidth = max(0.9 * std * count**-0.2, 0.75 * width)
    at = np.linspace(edges[0], edges[-1], _POINTS)
    distance = (at[:, None] - (edges[1:] + edges[:-1]) / 2) / bandwidth
    kernels = np.exp(-distance * distance / 2) / (bandwidth * np.sqrt(2 * np.pi))
    return Density(at, kernels @ weights * width)
