"""Row-to-row changes of the target within the train era."""

from typing import TYPE_CHECKING

import numpy as np

from core.data.eras import Era
from core.samples.samples import Samples

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame


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
