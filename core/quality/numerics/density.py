"""The smooth curve over a histogram, made of the histogram alone, so that no row is read again."""

from dataclasses import dataclass

import numpy as np

from core.quality.numerics.quantiles import QUANTILE_SHARES, Histogram

_POINTS = 161
_MIN_DISTINCT = 20
_Q25, _Q75 = QUANTILE_SHARES.index(0.25), QUANTILE_SHARES.index(0.75)


@dataclass(frozen=True, eq=False)
class Density:
    """The curve: places, and heights in values a bin of the histogram."""

    at: np.ndarray
    height: np.ndarray


def smooth_histogram(histogram: Histogram, quantiles: tuple[float, ...]) -> Density | None:
    """Return a Gaussian kernel density over a histogram's bins; None for values that take a few steps only.

    `quantiles`, those of `QUANTILE_SHARES`, tell how many values of the outer bins lie beyond them. The kernel is as wide as
    Silverman's rule says for the spread between the quartiles, and no narrower than three quarters of a bin.

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
    spread = (quantiles[_Q75] - quantiles[_Q25]) / 1.34
    kernel = max(0.9 * spread * count**-0.2, 0.75 * width)
    at = np.linspace(edges[0], edges[-1], _POINTS)
    apart = (at[:, None] - (edges[1:] + edges[:-1]) / 2) / kernel
    bells = np.exp(-apart * apart / 2) / (kernel * np.sqrt(2 * np.pi))
    return Density(at, bells @ weights * width)
