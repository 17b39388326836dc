"""Twins: features that share their information, and are ranked as one."""

import re

import numpy as np

TWINS = 0.9
_LAG = re.compile(r"\.lag[1-9][0-9]*$")


def group_twins(names: tuple[str, ...], values: np.ndarray) -> np.ndarray:
    """Return the group of each feature, int (features,), counted from 0 in the order of the names.

    Every two members of a group correlate above 0.9 in absolute value (complete linkage). A lag of a feature belongs to the group
    of that feature, whose window holds the same values.

    Parameters
    ----------
    names
        The tokens of the features.
    values
        float64 (n, features), centred and scaled to variance 1, without NaN.

    Examples
    --------
    >>> x = np.array([1.0, -1.0, 1.0, -1.0])
    >>> group_twins(("a", "b", "c"), np.column_stack([x, [1.0, 1.0, -1.0, -1.0], -x]))
    array([0, 1, 0])
    """
    bases = [_LAG.sub("", name) if _LAG.sub("", name) in names else name for name in names]
    heads = sorted(set(bases), key=names.index)
    columns = values[:, [names.index(head) for head in heads]]
    clusters = _cluster(np.abs(columns.T @ columns) / len(columns))
    of_head = dict(zip(heads, clusters.tolist(), strict=True))
    numbers: dict[int, int] = {}
    return np.array([numbers.setdefault(of_head[base], len(numbers)) for base in bases])


def _cluster(correlation: np.ndarray) -> np.ndarray:
    """Return the cluster of each column, int (columns,), from absolute correlations (columns, columns)."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if len(correlation) < 2:
        return np.zeros(len(correlation), dtype=int)
    distance = 1 - np.clip((correlation + correlation.T) / 2, 0, 1)
    np.fill_diagonal(distance, 0)
    clusters: np.ndarray = fcluster(linkage(squareform(distance, checks=False), "complete"), 1 - TWINS, "distance")
    return clusters
