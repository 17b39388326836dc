"""Reliability of predicted probabilities: how often a rise followed each of them."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest, chi2

_MOST_BINS, _FEWEST_ROWS = 10, 20


@dataclass(frozen=True, kw_only=True)
class ReliabilityBin:
    """Forecasts of similar probability: their number, mean probability, frequency of rises, and its 90% interval (Wilson)."""

    n: int
    predicted: float
    observed: float
    low: float
    high: float


def measure_reliability(predicted: np.ndarray, actual: np.ndarray, horizon: int) -> tuple[ReliabilityBin, ...]:
    """Compare probabilities with the frequency of rises, in up to ten bins of as many forecasts each, at least twenty.

    `predicted` and `actual` (0 or 1) are float64 (n,). Equal probabilities share a bin. Intervals count one in `horizon` rows,
    since outcomes overlap.

    References
    ----------
    Murphy and Winkler (1977), Reliability of subjective probability forecasts of precipitation and temperature, Applied
    Statistics 26.
    """
    count = min(_MOST_BINS, len(predicted) // _FEWEST_ROWS)
    if not count:
        return ()
    edges = np.quantile(predicted, np.arange(1, count) / count)
    place = np.searchsorted(np.unique(edges), predicted, side="left")
    found = []
    for one in np.unique(place):
        rows = place == one
        n, observed = int(rows.sum()), float(actual[rows].mean())
        apart = max(1, n // horizon)
        interval = binomtest(round(apart * observed), apart).proportion_ci(0.9, method="wilson")
        low, high = float(interval.low), float(interval.high)
        found.append(
            ReliabilityBin(n=n, predicted=float(predicted[rows].mean()), observed=observed, low=low, high=high)
        )
    return tuple(found)


def hosmer_lemeshow(bins: tuple[ReliabilityBin, ...], horizon: int) -> float | None:
    """Return the p-value of reliable probabilities: small if frequencies differ from them by more than chance.

    The statistic is chi-squared with one degree of freedom a bin, since nothing was fitted on these rows. One in `horizon` rows
    counts. None without bins.

    References
    ----------
    Hosmer and Lemeshow (1980), Goodness of fit tests for the multiple logistic regression model, Comm. in Statistics A9.
    """
    if not bins:
        return None
    statistic = sum(
        each.n / horizon * (each.observed - each.predicted) ** 2 / (each.predicted * (1 - each.predicted))
        for each in bins
    )
    return float(chi2.sf(statistic, len(bins)))
