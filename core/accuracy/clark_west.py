"""Clark and West's test: whether a model carries a signal that a naive forecast nested in it lacks."""

import numpy as np

from core.accuracy.mean_test import MeanTest, mean_test


def clark_west(
    actual: np.ndarray,
    naive: np.ndarray,
    model: np.ndarray,
    horizon: int = 1,
    stamps: np.ndarray | None = None,
) -> MeanTest:
    """Test whether a model predicts better than a naive forecast would, once its estimation noise is allowed for.

    A model with useless inputs has a larger squared error than the naive forecast, by the noise of its estimates; the
    adjustment adds back (naive - model)². The test is one-sided: a small p-value means a signal.

    Parameters
    ----------
    actual, naive, model
        float64 (n,), outcomes and two forecasts of them, in time order.
    horizon
        Rows ahead.
    stamps
        Any dtype (n,), time stamps of a panel, sorted: the adjusted differences are averaged within a stamp first.

    References
    ----------
    Clark and West (2007), Approximately normal tests for equal predictive accuracy in nested models, J. Econometrics 138.
    """
    return mean_test(average_by_stamp(adjusted_differences(actual, naive, model), stamps), horizon)


def adjusted_differences(actual: np.ndarray, naive: np.ndarray, model: np.ndarray) -> np.ndarray:
    """Return how much smaller the model's squared errors are, plus the adjustment; all float64 of one shape."""
    difference: np.ndarray = (actual - naive) ** 2 - (actual - model) ** 2 + (naive - model) ** 2
    return difference


def average_by_stamp(values: np.ndarray, stamps: np.ndarray | None) -> np.ndarray:
    """Return the mean of the values (n,) of each time stamp, in the order of the stamps; the values if there are none.

    Examples
    --------
    >>> average_by_stamp(np.array([1.0, 3.0, 5.0]), np.array([1, 1, 2]))
    array([2., 5.])
    """
    if stamps is None or (stamps[1:] > stamps[:-1]).all():
        return values
    _, place = np.unique(stamps, return_inverse=True)
    return np.bincount(place, values) / np.bincount(place)
