"""Whether a column looks like an identifier: nearly unique, and either counted up or drawn without any order."""

import numpy as np

from core.quality.numerics.correlation import correlation

MIN_UNIQUE_RATIO = 0.95
_MIN_COUNTED, _MIN_DRAWN = 20, 100
_MOST_STEP_MEMORY = 0.3


def is_identifier_like(values: np.ndarray, first: np.ndarray, target: np.ndarray | None) -> bool:
    """Return whether whole numbers look like an identifier; `values` hold NaN for a bad one, `first` marks where a series begins.

    An identifier is nearly unique. It is counted up or down with the rows, in steps that do not follow from each other (a
    population grows too, but its growth has a memory), or it has no relation to its neighbours or to the target and fills
    its range evenly, as numbers drawn without order do (Kolmogorov-Smirnov against the uniform, 1 %).

    Examples
    --------
    >>> one_series = np.arange(200) == 0
    >>> is_identifier_like(np.arange(1000.0, 1200.0), one_series, None)
    True
    >>> is_identifier_like(100 + np.sin(np.arange(200.0)), one_series, None)
    False
    """
    sample = values[: 4 * _MIN_DRAWN]
    if (sample % 1 > 0).any():
        # Most columns of numbers end here, before the whole is looked at.
        return False
    good = ~np.isnan(values)
    count = int(good.sum())
    if count < _MIN_COUNTED:
        return False
    numbers = values[good]
    if not np.array_equal(numbers, np.floor(numbers)) or len(np.unique(numbers)) <= MIN_UNIQUE_RATIO * count:
        return False
    blocks = np.cumsum(first)[good]
    same = blocks[1:] == blocks[:-1]
    steps = np.diff(numbers)[same]
    if len(steps) and ((steps > 0).all() or (steps < 0).all()):
        return correlation(steps[:-1], steps[1:]) < _MOST_STEP_MEMORY
    if count < _MIN_DRAWN:
        return False
    bound = 3 / np.sqrt(count)
    neighbours = abs(correlation(numbers[:-1][same], numbers[1:][same]))
    related = 0.0 if target is None else abs(correlation(values, target))
    return neighbours < bound and related < bound and _distance_from_uniform(numbers) < 1.63 / np.sqrt(count)


def _distance_from_uniform(numbers: np.ndarray) -> float:
    ordered = np.sort(numbers)
    expected = (ordered - ordered[0]) / (ordered[-1] - ordered[0])
    steps = np.arange(len(ordered) + 1) / len(ordered)
    return float(max(np.abs(expected - steps[1:]).max(), np.abs(expected - steps[:-1]).max()))
