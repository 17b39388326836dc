"""Direction: whether the target rises, as an outcome of 1 or 0, and how often it has."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.data.blocks import rows_before
from core.data.eras import Era
from core.samples.rolling import shift
from core.samples.samples import Samples
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame


def take_direction_as_target(features: "FeatureFrame", task: Task) -> "FeatureFrame":
    """Return the features with the direction of the last `horizon` rows as their target, if the task is to predict it.

    It is 1 if the target rose over them, or is above `task.above`, else 0; its value `horizon` rows later is then the direction
    of the rows in between. The target itself becomes `prices`. Rows at the start of a block, which have no direction yet, are
    dropped.

    Examples
    --------
    >>> from core.samples.features import FeatureFrame
    >>> import pandas as pd
    >>> frame = FeatureFrame(
    ...     values=pd.DataFrame(index=range(4)), times=np.arange(4).astype("datetime64[us]"), series=None,
    ...     blocks=np.zeros(4, dtype=int), target=np.array([3.0, 4.0, 4.0, 5.0]), lines=np.arange(4),
    ... )
    >>> take_direction_as_target(frame, Task(target="x", predict="direction", horizon=1)).target
    array([1., 0., 1.])
    """
    if not task.is_direction:
        return features
    prices = features.target
    if task.above is not None:
        known = np.ones(len(prices), dtype=bool)
        rose = prices > task.above
    else:
        known = rows_before(features.blocks) >= task.horizon
        rose = prices > shift(prices, task.horizon)
    return replace(features, target=rose.astype(np.float64), prices=prices).keep_rows(known)


def train_log_odds(outcome: np.ndarray) -> float:
    """Return the log odds of train outcomes of 0 and 1, float64 (n,); finite, as if half an outcome of each kind were added.

    Examples
    --------
    >>> train_log_odds(np.array([1.0, 0.0]))
    0.0
    """
    rises = float(outcome.sum())
    return float(np.log((rises + 0.5) / (len(outcome) - rises + 0.5)))


def repeat_frequency(samples: Samples) -> np.ndarray:
    """Return how often a rise followed a direction like the last one on the train era, float64 (n,).

    It is what persistence forecasts of a direction: the last one repeats as often as it has. Half an outcome of each kind is
    added, so that no frequency is 0 or 1.
    """
    train = samples.of(Era.TRAIN)
    rose, outcome = samples.base[train] > 0, samples.outcome[train]
    after_fall, after_rise = ((float(outcome[part].sum()) + 0.5) / (int(part.sum()) + 1.0) for part in (~rose, rose))
    return np.where(samples.base > 0, after_rise, after_fall)
