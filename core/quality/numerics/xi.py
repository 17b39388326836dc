"""Chatterjee's xi: how far one column determines another, whatever the shape of the relation."""

import numpy as np

from core.quality.numerics.correlation import rank_bounds


def chatterjee_xi(x: np.ndarray, y: np.ndarray) -> float:
    """Return Chatterjee's xi of y given x: near 0 where y does not depend on x, near 1 where x determines it.

    Ties in x are broken by their order in time.

    Examples
    --------
    >>> x = np.linspace(-1, 1, 1001)
    >>> bool(chatterjee_xi(x, x**2) > 0.98)
    True
    """
    return xi_of_ranks(np.argsort(x, kind="stable"), *rank_bounds(y))


def xi_of_ranks(order: np.ndarray, lowest: np.ndarray, highest: np.ndarray) -> float:
    """Return xi from the order that sorts x, and the lowest and the highest ranks of y."""
    n = len(order)
    above = n - lowest + 1
    scale = 2 * (above * (n - above)).sum()
    return float(1 - n * np.abs(np.diff(highest[order])).sum() / scale)


def xi_matrix(values: np.ndarray, fewest: int) -> np.ndarray:
    """Return xi of every pair of rows of a matrix, the larger of both directions; NaN below `fewest` common good cells.

    A step over a gap joins the good neighbours on its sides, and ranks are those within all good cells of a row: exact where
    both rows have the same gaps, near it elsewhere. On the diagonal stands 1.

    Examples
    --------
    >>> x = np.linspace(-1, 1, 1001)
    >>> xi_matrix(np.array([x, x**2]), 30).round(2)
    array([[1.  , 0.99],
           [0.99, 1.  ]])
    """
    values = values[:, ~np.isnan(values).all(axis=0)]
    columns, rows = values.shape
    good = (~np.isnan(values)).astype(np.float64)
    counts = good.sum(axis=1)
    # One entry a row of the table, so that a sorted column takes whole rows at once; 0 is a gap.
    ranks = np.zeros((rows, columns), dtype=np.int32)
    weights = np.zeros(values.shape)
    for place, line in enumerate(values):
        lowest, highest = rank_bounds(line)
        ranks[:, place] = highest * good[place]
        above = counts[place] - lowest + 1
        weights[place] = above * (counts[place] - above) * good[place]
    steps = np.array(
        [
            _sum_steps(ranks[np.argsort(line, kind="stable")[: int(count)]])
            for line, count in zip(values, counts, strict=True)
        ]
    ).reshape(columns, columns)
    common = good @ good.T
    with np.errstate(divide="ignore", invalid="ignore"):
        given = 1 - steps * counts / (2 * good @ weights.T)
    given[(common < fewest) | ~np.isfinite(given)] = np.nan
    given = np.fmax(given, given.T)
    np.fill_diagonal(given, np.where(np.isnan(np.diag(given)), np.nan, 1.0))
    return given


def _sum_steps(ranks: np.ndarray) -> np.ndarray:
    """Return the sum of |r[i + 1] - r[i]| down each column, from each good rank to the next; 0 is a gap."""
    gappy = np.flatnonzero((ranks == 0).any(axis=0))
    if len(gappy):
        of_gappy = ranks[:, gappy]
        last = np.maximum.accumulate(np.where(of_gappy > 0, np.arange(len(ranks))[:, None], 0), axis=0)
        carried = np.take_along_axis(of_gappy, last, axis=0)
        first = np.take_along_axis(carried, (carried > 0).argmax(axis=0)[None, :], axis=0)
        ranks[:, gappy] = np.where(carried > 0, carried, first)
    steps = np.diff(ranks, axis=0)
    return np.abs(steps, out=steps).sum(axis=0, dtype=np.int64)
