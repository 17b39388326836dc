"""Chatterjee's xi: how far one column determines another, whatever the shape of the relation."""

import numpy as np

from core.quality.numerics.correlation import rank_bounds


def chatterjee_xi(x: np.ndarray, y: np.ndarray) -> float:
    """Return Chatterjee's xi of y given x: near 0 if y is independent of x, near 1 if x determines y.

    Both have shape (rows,) and no NaN, sorted by time. Ties in x keep that order.

    Examples
    --------
    >>> x = np.linspace(-1, 1, 1001)
    >>> bool(chatterjee_xi(x, x**2) > 0.98)
    True
    """
    return xi_of_ranks(np.argsort(x, kind="stable"), *rank_bounds(y))


def xi_of_ranks(order: np.ndarray, lowest: np.ndarray, highest: np.ndarray) -> float:
    """Return xi of y given x from ranks, int64, shape (rows,).

    Parameters
    ----------
    order
        The order that sorts x.
    lowest, highest
        The lowest and highest rank of each y among its ties, from 1.
    """
    n = len(order)
    above = n - lowest + 1
    scale = 2 * (above * (n - above)).sum()
    return float(1 - n * np.abs(np.diff(highest[order])).sum() / scale)


def xi_matrix(values: np.ndarray, fewest: int) -> np.ndarray:
    """Return xi of every pair of columns, the larger of both directions, float64, shape (columns, columns).

    `values` has shape (columns, rows). NaNs are skipped, and ranks are taken over each column's valid cells: exact if both
    columns have the same NaN pattern, approximate otherwise. The result is NaN with fewer than `fewest` common valid
    cells. The diagonal is 1.

    Examples
    --------
    >>> x = np.linspace(-1, 1, 1001)
    >>> xi_matrix(np.array([x, x**2]), 30).round(2)
    array([[1.  , 0.99],
           [0.99, 1.  ]])
    """
    values = values[:, ~np.isnan(values).all(axis=0)]
    columns, rows = values.shape
    valid = (~np.isnan(values)).astype(np.float64)
    counts = valid.sum(axis=1)
    # One row per row of the data, so sorting by a column moves whole rows; 0 is a missing cell.
    ranks = np.zeros((rows, columns), dtype=np.int32)
    weights = np.zeros(values.shape)
    for place, line in enumerate(values):
        lowest, highest = rank_bounds(line)
        ranks[:, place] = highest * valid[place]
        above = counts[place] - lowest + 1
        weights[place] = above * (counts[place] - above) * valid[place]
    steps = np.array(
        [
            _sum_steps(ranks[np.argsort(line, kind="stable")[: int(count)]])
            for line, count in zip(values, counts, strict=True)
        ]
    ).reshape(columns, columns)
    common = valid @ valid.T
    with np.errstate(divide="ignore", invalid="ignore"):
        xi = 1 - steps * counts / (2 * valid @ weights.T)
    xi[(common < fewest) | ~np.isfinite(xi)] = np.nan
    xi = np.fmax(xi, xi.T)
    np.fill_diagonal(xi, np.where(np.isnan(np.diag(xi)), np.nan, 1.0))
    return xi


def _sum_steps(ranks: np.ndarray) -> np.ndarray:
    """Return the sum of |r[i + 1] - r[i]| down each column over its valid ranks; 0 is a missing one, and is overwritten."""
    gappy = np.flatnonzero((ranks == 0).any(axis=0))
    if len(gappy):
        of_gappy = ranks[:, gappy]
        last = np.maximum.accumulate(np.where(of_gappy > 0, np.arange(len(ranks))[:, None], 0), axis=0)
        carried = np.take_along_axis(of_gappy, last, axis=0)
        first = np.take_along_axis(carried, (carried > 0).argmax(axis=0)[None, :], axis=0)
        ranks[:, gappy] = np.where(carried > 0, carried, first)
    steps = np.diff(ranks, axis=0)
    return np.abs(steps, out=steps).sum(axis=0, dtype=np.int64)
