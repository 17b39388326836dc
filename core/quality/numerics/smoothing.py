"""A straight line and a smooth curve through points."""

from collections.abc import Callable

import numpy as np

_SPAN = 0.4


def fit_line(x: np.ndarray, y: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return the least-squares line through the points, as a function; flat where x does not vary.

    Examples
    --------
    >>> line = fit_line(np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]))
    >>> line(np.array([10.0]))
    array([21.])
    """
    away = x - x.mean()
    size = away @ away
    slope = float(away @ (y - y.mean()) / size) if size > 0 else 0.0
    return lambda at: y.mean() + slope * (at - x.mean())


def smooth(x: np.ndarray, y: np.ndarray, at: np.ndarray, span: float = _SPAN) -> np.ndarray:
    """Return a smooth curve through the points, at the places `at`: a line fitted to the nearest 40 % of points around each.

    Near points weigh more (tricube). Where the nearest points share one x, their mean is taken. Time and memory go with
    points times places.

    References
    ----------
    Cleveland (1979), Robust locally weighted regression and smoothing scatterplots; without the robust rounds, because the
    tails of a market are part of what is to be seen.

    Examples
    --------
    >>> x = np.linspace(-1, 1, 201)
    >>> np.round(smooth(x, 2 * x + 1, np.array([0.0, 0.5])), 6)
    array([1., 2.])
    """
    unit = np.abs(x).max() or 1.0
    x, at = x / unit, at / unit
    away = x - at[:, None]
    distance = np.abs(away)
    nearest = min(len(x), max(2, int(np.ceil(span * len(x)))))
    reach = np.partition(distance, nearest - 1, axis=1)[:, nearest - 1 : nearest]
    near = np.clip(distance / np.where(reach > 0, reach * (1 + 1e-9), np.inf), 0, 1)
    weight = np.where(reach > 0, (1 - near**3) ** 3, distance == 0)
    total = weight.sum(axis=1)
    mean_x, mean_y = (weight * away).sum(axis=1) / total, (weight @ y) / total
    away = away - mean_x[:, None]
    size = (weight * away * away).sum(axis=1)
    slope = (weight * away * (y - mean_y[:, None])).sum(axis=1) / np.where(size > 1e-20 * total, size, np.inf)
    return mean_y - slope * mean_x
