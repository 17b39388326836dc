"""Quantiles, outlier shares and histograms of columns, all from sorted values.

`ordered` holds the columns' values, float64, shape (columns, rows), ascending with NaN last; `valid` is the number of valid
ones, int64, shape (columns,).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import special

MOST_BINS = 40
# Dense in the tails, which decide the shape of a column.
_LOWER = (
    *(0.0, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.125, 0.15, 0.175, 0.2, 0.25),
    *(0.3, 0.35, 0.4, 0.45),
)
QUANTILE_SHARES = (*_LOWER, 0.5, *(round(1 - share, 4) for share in reversed(_LOWER)))
OUTLIER = 3.5
# Factors from a median and from a mean absolute deviation to the standard deviation of a normal.
_MEDIAN_TO_STD, _MEAN_TO_STD = 1.4826, 1.253314


@dataclass(frozen=True)
class Histogram:
    """Counts of valid values between `edges`; the end bins include the tails, so the counts add up to all of them."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


def sort_values(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return `ordered` and `valid` of columns, shape (columns, rows), in which NaN marks bad cells.

    Examples
    --------
    >>> sort_values(np.array([[2.0, np.nan, 1.0]]))
    (array([[ 1.,  2., nan]]), array([2]))
    """
    ordered = np.sort(values, axis=1)
    return ordered, np.array([line.searchsorted(np.nan) for line in ordered], dtype=np.int64)


def compute_quantiles(
    ordered: np.ndarray, valid: np.ndarray, shares: tuple[float, ...] = QUANTILE_SHARES
) -> np.ndarray:
    """Return the quantiles of each column, float64, shape (columns, shares), interpolated as in numpy; NaN without values.

    Parameters
    ----------
    ordered, valid
        The sorted columns.
    shares
        The quantiles to compute, from 0 to 1.

    Examples
    --------
    >>> compute_quantiles(np.array([[1.0, 2.0, 4.0, np.nan]]), np.array([3]), (0.0, 0.25, 1.0))
    array([[1. , 1.5, 4. ]])
    """
    if ordered.shape[1] == 0:
        return np.full((len(ordered), len(shares)), np.nan)
    last = np.maximum(valid - 1, 0)[:, None]
    place = np.array(shares) * last
    below = place.astype(np.int64)
    line = np.arange(len(ordered))[:, None]
    low, high = ordered[line, below], ordered[line, np.minimum(below + 1, last)]
    part = place - below
    with np.errstate(all="ignore"):
        return np.where(low == high, low, low * (1 - part) + high * part)


def normal_scores(count: int) -> np.ndarray:
    """Return the expected quantiles of `count` standard normal values at `QUANTILE_SHARES`, float64, shape (41,).

    The extremes of a short sample are less far out than those of a long one (Blom 1958).

    Examples
    --------
    >>> normal_scores(20)[[0, 20]].round(2), normal_scores(10_000)[[0, 20]].round(2)
    (array([-1.87,  0.  ]), array([-3.84,  0.  ]))
    """
    place = np.array(QUANTILE_SHARES) * (count - 1) + 1
    return special.ndtri((place - 0.375) / (count + 0.25))


def share_outliers(ordered: np.ndarray, valid: np.ndarray, median: np.ndarray) -> np.ndarray:
    """Return the share of each column's valid values beyond 3.5 robust standard deviations from the median.

    The robust standard deviation is 1.4826 times the median absolute deviation (MAD). If the MAD is 0, because more than
    half of the values are equal, it is 1.2533 times the mean absolute deviation. The result is float64, shape (columns,),
    NaN without values.

    Parameters
    ----------
    ordered, valid
        The sorted columns.
    median
        The median of each column, float64, shape (columns,).

    References
    ----------
    Iglewicz and Hoaglin (1993), How to Detect and Handle Outliers.

    Examples
    --------
    >>> values = np.array([[-9.0, 1.0, 2.0, 3.0, 4.0, 5.0, 90.0, np.nan]])
    >>> share_outliers(values, np.array([7]), np.array([3.0])).round(3)
    array([0.286])
    """
    if ordered.shape[1] == 0:
        return np.full(len(ordered), np.nan)
    with np.errstate(all="ignore"):
        deviation = _MEDIAN_TO_STD * _median_deviation(ordered, valid, median)
        for place in np.flatnonzero(deviation == 0):
            deviation[place] = _MEAN_TO_STD * np.abs(ordered[place, : valid[place]] - median[place]).mean()
        low, high = median - OUTLIER * deviation, median + OUTLIER * deviation
    outside = np.zeros(len(ordered))
    for place in np.flatnonzero(np.isfinite(deviation)):
        values = ordered[place, : valid[place]]
        inside = values.searchsorted(high[place], "right") - values.searchsorted(low[place], "left")
        outside[place] = len(values) - inside
    return np.where(valid > 0, outside / np.maximum(valid, 1), np.nan)


def _median_deviation(ordered: np.ndarray, valid: np.ndarray, median: np.ndarray) -> np.ndarray:
    """Return the median of |x - median| of each column, without another sort."""
    ranks = np.clip((valid + np.array([[1], [2]])) // 2, 1, np.maximum(valid, 1))
    return _smallest_deviations(ordered, valid, median, ranks).mean(axis=0)


def _smallest_deviations(ordered: np.ndarray, valid: np.ndarray, median: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """Return the deviations from the median of the given ranks by size, from 1; `ranks` has shape (ranks, columns).

    The k values closest to the median are consecutive among the sorted ones. Bisection finds the first run of k values
    whose lower end is no closer to the median than the next value above the run.
    """
    line = np.arange(len(ordered))
    low, high = np.zeros_like(ranks), np.maximum(valid - ranks, 0)
    while (low < high).any():
        middle = (low + high) // 2
        above = ordered[line, np.minimum(middle + ranks, ordered.shape[1] - 1)]
        move = (low < high) & (median - ordered[line, middle] > above - median)
        low, high = np.where(move, middle + 1, low), np.where(move, high, middle)
    return np.maximum(median - ordered[line, low], ordered[line, low + ranks - 1] - median)


def count_histogram(ordered: np.ndarray) -> Histogram | None:
    """Return the histogram of ascending valid values, shape (n,); None if fewer than two of them differ.

    Bins of equal width span the 1% to 99% quantile range, widened by a tenth; the first and last bin also count all
    values beyond.

    Examples
    --------
    >>> sum(count_histogram(np.arange(1000.0)).counts)
    1000
    """
    if len(ordered) < 2 or ordered[0] == ordered[-1]:
        return None
    with np.errstate(over="ignore"):
        low, high = ordered[int(0.01 * (len(ordered) - 1))], ordered[int(np.ceil(0.99 * (len(ordered) - 1)))]
        margin = 0.1 * (high - low)
        low, high = (max(ordered[0], low - margin), min(ordered[-1], high + margin)) if high > low else ordered[[0, -1]]
        if not np.isfinite(high - low):
            return None
        bins = int(min(MOST_BINS, np.ceil(2 * np.sqrt(len(ordered)))))
        edges = low + (high - low) * (np.arange(bins + 1) / bins)
    if not (edges[1:] > edges[:-1]).all():
        return None
    below = [0, *np.searchsorted(ordered, edges[1:-1], side="left").tolist(), len(ordered)]
    return Histogram(tuple(edges.tolist()), tuple(more - less for less, more in pairwise(below)))
