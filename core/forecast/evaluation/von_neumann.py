"""Von Neumann's ratio: whether rows without time stamps look like a time series."""

from typing import TYPE_CHECKING

import numpy as np

from core.forecast.evaluation.by_series import centre_by_series
from core.forecast.evaluation.train_steps import find_train_steps
from core.samples.samples import Samples

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

# From here on the mean forecasts the next row better than the last value does.
UNORDERED = 1.0


def von_neumann_ratio(features: "FeatureFrame", samples: Samples) -> float | None:
    """Return von Neumann's ratio of the target over the train era.

    The mean squared one-row change divided by the variance: about 2 if the rows are in random order, near 0 for a series that
    moves little from row to row. Changes are within series, and the variance is around the mean of each series. None if the
    target does not vary.

    References
    ----------
    von Neumann (1941), Distribution of the ratio of the mean square successive difference to the variance, Ann. Math. Stat. 12.
    """
    inside = find_train_steps(features, samples)
    if not inside.any():
        return None
    values = features.target if features.prices is None else features.prices
    before, after, blocks = values[:-1][inside], values[1:][inside], features.blocks[1:][inside]
    variance = float(np.mean(centre_by_series(after, blocks) ** 2))
    return float(np.mean((after - before) ** 2)) / variance if variance > 0 else None
