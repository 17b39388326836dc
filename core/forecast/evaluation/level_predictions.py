"""Predictions of the network, in the target's unit."""

import numpy as np

from core.data.eras import Era
from core.forecast.network.network import Network, predict_scaled
from core.forecast.network.windows import Scaling, Windows
from core.progress import ShouldStop, never_stop
from core.samples.task import Task

_TRAIN_WINDOWS = 5000


def predict_levels(
    network: Network,
    windows: Windows,
    scaling: Scaling,
    task: Task,
    should_stop: ShouldStop = never_stop,
    *,
    with_train: bool = False,
) -> np.ndarray:
    """Predict levels on validation and test, float64 (windows,), in the target's unit.

    NaN for all other windows. Raises `Stopped`.

    Parameters
    ----------
    network, scaling
        The trained network, and the scaling that it was trained with.
    windows
        Windows of all eras.
    task
        What the network predicts.
    should_stop
        Polled before each batch.
    with_train
        Whether to predict the latest 5,000 train windows too.
    """
    levels = np.full(len(windows.ends), np.nan)
    scored = np.flatnonzero(windows.samples.eras >= Era.VALIDATION)
    if with_train:
        train = windows.samples.of(Era.TRAIN)
        recent = train[np.argsort(windows.samples.origin_times[train], kind="stable")[-_TRAIN_WINDOWS:]]
        scored = np.sort(np.r_[recent, scored])
    outcome = scaling.outcome(predict_scaled(network, windows, scored, should_stop))
    levels[scored] = task.level(windows.samples.base[scored], outcome)
    return levels
