"""A regression line and a smooth curve through points."""

from collections.abc import Callable

import numpy as np

_SPAN = 0.4


def fit_line(x: np.ndarray, y: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return the least-squares line through points, shape (n,), as a function; it is flat if x does not vary.

    Examples
    --------
    >>> line = fit_line(np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]))
    >>> line(np.array([10.0]))
    array([21.])
    """
    deviation = x - x.mean()
    size = deviation @ deviation
    slope = float(deviation @ (y - y.mean()) / size) if size > 0 else 0.0
    return lambda at: y.mean() + slope * (at - x.mean())


def smooth(x: np.ndarray, y: np.ndarray, at: np.ndarray, span: float = _SPAN) -> np.ndarray:
    """Return a LOWESS curve through points at the places `at`, float64, shape of `at`.

    Around each place a line is fitted to the closest points, with tricube weights. If the closest points share one x, their
    mean is used. Time and memory grow with points times places.

    Parameters
    ----------
    x, y
        The points, shape (n,), without NaN.
    at
        The places to evaluate, in units of x, shape (m,).
    span
        The share of points that each line is fitted to.

    References
    ----------
    Cleveland (1979), Robust locally weighted regression and smoothing scatterplots; without the robustness iterations,
    because the tails of a market should be visible.

    Examples
    --------
    >>> x = np.linspace(-1, 1, 201)
    >>> np.round(smooth(x, 2 * x + 1, np.array([0.0, 0.5])), 6)
    array([1., 2.])
    """
    unit = np.abs(x).max() or 1.0
    x, at = x / unit, at / unit
    offset = x - at[:, None]
    distance = np.abs(offset)
    closest = min(len(x), max(2, int(np.ceil(span * len(x)))))
    reach = np.partition(distance, closest - 1, axis=1)[:, closest - 1 : closest]
    relative = np.clip(distance / np.where(reach > 0, reach * (1 + 1e-9), np.inf), 0, 1)
    weight = np.where(reach > 0, (1 - relative**3) ** 3, distance == 0)
    total = weight.sum(axis=1)
    mean_x, mean_y = (weight * offset).sum(axis=1) / total, (weight @ y) / total
    offset = offset - mean_x[:, None]
    size = (weight * offset * offset).sum(axis=1)
    slope = (weight * offset * (y - mean_y[:, None])).sum(axis=1) / np.where(size > 1e-20 * total, size, np.inf)
    return mean_y - slope * mean_x
