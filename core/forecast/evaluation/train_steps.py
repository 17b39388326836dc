"""Row-to-row changes of the target, and which of them are in the train era."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.data.blocks import rows_before
from core.data.eras import Era
from core.samples.samples import Samples
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame


def one_row_changes(features: "FeatureFrame", task: Task) -> np.ndarray:
    """Return the outcome from each row before to the row, float64 (rows,): a difference if levels are predicted.

    If a direction is predicted, it is the log return of the prices, or their difference if one is not positive. NaN at the start
    of a block, and if undefined.
    """
    values = features.target if features.prices is None else features.prices
    predict = task.predict
    if predict in ("level", "direction"):
        is_price = predict == "direction" and bool((values > 0).all())
        predict = "log_return" if is_price else "difference"
    before = np.r_[values[:1], values[:-1]]
    change = replace(task, predict=predict).change(before, values)
    return np.where(rows_before(features.blocks) > 0, change, np.nan)


def find_train_steps(features: "FeatureFrame", samples: Samples) -> np.ndarray:
    """Return which one-row steps are within one series and up to the last train origin.

    bool (rows - 1,), in row order.
    """
    train = samples.of(Era.TRAIN)
    if not len(train):
        return np.zeros(max(0, len(features.target) - 1), dtype=bool)
    return (np.diff(features.blocks) == 0) & (features.times[1:] <= samples.origin_times[train].max())


def mean_train_step(features: "FeatureFrame", samples: Samples) -> float | None:
    """Return the scale of MASE: the mean absolute one-row change in the train era.

    None if the target does not change.
    """
    steps = np.abs(np.diff(features.target))[find_train_steps(features, samples)]
    return float(steps.mean()) if len(steps) and steps.any() else None
