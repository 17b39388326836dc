"""Whether a column looks like an identifier: nearly unique, and sequential or random."""

import numpy as np

from core.quality.numerics.correlation import correlation

MIN_UNIQUE_RATIO = 0.95
_MIN_SEQUENTIAL, _MIN_RANDOM = 20, 100
_MOST_STEP_AUTOCORRELATION = 0.3


def is_identifier_like(values: np.ndarray, first: np.ndarray, target: np.ndarray | None) -> bool:
    """Return whether integers look like an identifier.

    An identifier is nearly unique. Either it rises or falls with every row, in steps that are not autocorrelated (a
    population grows too, but its growth is autocorrelated); or it is correlated neither with its neighbours nor with the
    target, and is uniformly distributed, as random numbers are (Kolmogorov-Smirnov, 1%).

    Parameters
    ----------
    values
        Train values, float64, shape (rows,); NaN marks bad cells.
    first
        The first row of each series, bool, shape (rows,).
    target
        The target's train values, float64, shape (rows,), if there is one.

    Examples
    --------
    >>> one_series = np.arange(200) == 0
    >>> is_identifier_like(np.arange(1000.0, 1200.0), one_series, None)
    True
    >>> is_identifier_like(100 + np.sin(np.arange(200.0)), one_series, None)
    False
    """
    # Most numeric columns are ruled out by their first rows.
    if (values[: 4 * _MIN_RANDOM] % 1 > 0).any():
        return False
    valid = ~np.isnan(values)
    count = int(valid.sum())
    if count < _MIN_SEQUENTIAL:
        return False
    numbers = values[valid]
    if not np.array_equal(numbers, np.floor(numbers)) or len(np.unique(numbers)) <= MIN_UNIQUE_RATIO * count:
        return False
    series = np.cumsum(first)[valid]
    same = series[1:] == series[:-1]
    steps = np.diff(numbers)[same]
    if len(steps) and ((steps > 0).all() or (steps < 0).all()):
        return correlation(steps[:-1], steps[1:]) < _MOST_STEP_AUTOCORRELATION
    if count < _MIN_RANDOM:
        return False
    bound = 3 / np.sqrt(count)
    with_neighbours = abs(correlation(numbers[:-1][same], numbers[1:][same]))
    with_target = 0.0 if target is None else abs(correlation(values, target))
    is_uncorrelated = bool(with_neighbours < bound and with_target < bound)
    return is_uncorrelated and bool(_distance_from_uniform(numbers) < 1.63 / np.sqrt(count))


def _distance_from_uniform(numbers: np.ndarray) -> float:
    """Return the Kolmogorov-Smirnov distance from the uniform distribution over the numbers' range."""
    ordered = np.sort(numbers)
    expected = (ordered - ordered[0]) / (ordered[-1] - ordered[0])
    steps = np.arange(len(ordered) + 1) / len(ordered)
    return float(max(np.abs(expected - steps[1:]).max(), np.abs(expected - steps[:-1]).max()))
