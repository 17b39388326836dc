"""Diebold and Mariano's test: which of two forecasts has the lower expected loss."""

from dataclasses import replace

import numpy as np
from scipy import stats

from core.accuracy.clark_west import average_by_stamp
from core.accuracy.mean_test import MeanTest, mean_test


def diebold_mariano(
    loss_a: np.ndarray, loss_b: np.ndarray, horizon: int = 1, stamps: np.ndarray | None = None
) -> MeanTest:
    """Test whether forecast a has the higher loss; `two_sided` answers whether the two differ.

    Parameters
    ----------
    loss_a, loss_b
        float64 (n,), losses of the two forecasts of the same outcomes, in time order.
    horizon
        Rows ahead; 1 takes Harvey, Leybourne and Newbold's small-sample correction.
    stamps
        Any dtype (n,), sorted time stamps of a panel, averaged within first.

    References
    ----------
    Diebold and Mariano (1995), JBES 13. Harvey, Leybourne and Newbold (1997), Int. J. Forecasting 13.
    """
    found = mean_test(average_by_stamp(loss_a - loss_b, stamps), horizon)
    if horizon > 1 or found.statistic is None:
        return found
    # (n + 1 - 2h + h (h - 1) / n) / n at h = 1.
    correction = float(np.sqrt((found.n - 1) / found.n))
    statistic, error = found.statistic * correction, None if found.error is None else found.error / correction
    return replace(found, statistic=statistic, error=error, p_value=float(stats.t.sf(statistic, found.freedom)))
