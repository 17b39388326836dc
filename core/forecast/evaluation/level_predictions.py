"""Predictions of the network, in the target's unit."""

import numpy as np

from core.data.eras import Era
from core.forecast.network.network import Network, predict_scaled
from core.forecast.network.scaling import OutcomeUnit
from core.forecast.network.windows import Windows
from core.progress import ShouldStop, never_stop
from core.samples.log_odds import to_probability
from core.samples.task import Task

_TRAIN_WINDOWS = 5000


def levels_of(scaled: np.ndarray, base: np.ndarray, unit: OutcomeUnit, task: Task) -> np.ndarray:
    """Return the levels that outputs of the network imply, float64 (n,): probabilities if a direction is predicted.

    Parameters
    ----------
    scaled, base
        float64 (n,), outputs of the network, and levels at the origins.
    unit, task
        The unit of the outcomes, and what the network predicts.
    """
    outcome = unit.outcome(scaled)
    if task.is_direction:
        outcome = to_probability(outcome)
    return task.level(base, outcome)


def predict_levels(
    network: Network,
    windows: Windows,
    task: Task,
    should_stop: ShouldStop = never_stop,
    *,
    with_train: bool = False,
) -> np.ndarray:
    """Predict levels on validation and test, float64 (windows,), in the target's unit.

    NaN for all other windows. Raises `Stopped`.

    Parameters
    ----------
    network, windows
        The trained network, and the windows of all eras.
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
    scaled = predict_scaled(network, windows, scored, should_stop)
    levels[scored] = levels_of(scaled, windows.samples.base[scored], windows.unit.take(scored), task)
    return levels
