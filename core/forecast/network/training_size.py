"""The size of a training before it runs: at most how many windows, how many weights, and about how long it takes."""

from dataclasses import dataclass

import numpy as np

from core.data.eras import Eras
from core.errors.training import TooFewWindows
from core.forecast.network.network import NetworkShape
from core.forecast.network.windows import FEWEST_TRAIN_WINDOWS, FEWEST_VALIDATION_WINDOWS
from core.recipe.model import TrainingSettings
from core.samples.samples import CHOOSING


@dataclass(frozen=True, kw_only=True)
class TrainingSize:
    """What a training has to do; `train` and `choosing` are upper bounds of its windows.

    Gaps, missing features and the starts of further series cost windows. `choosing` are those that select the epoch. `weights` is
    of one network, `work` a measure of the multiplications of one epoch of it.
    """

    train: int
    choosing: int
    weights: int
    work: float


def size_training(eras: Eras, settings: TrainingSettings, features: int, warm_up: int) -> TrainingSize:
    """Return the size of a training.

    Parameters
    ----------
    eras
        The eras, with their rows.
    settings
        The settings of the training.
    features
        How many features enter.
    warm_up
        Rows at the start of a series in which some feature lacks its look-back.
    """
    shape = NetworkShape(
        cell=settings.cell, window=settings.window, features=features, units=settings.units, dropout=settings.dropout
    )
    weights = sum(int(np.prod(size)) for size in shape.weights().values())
    train = max(0, eras.rows[0] - warm_up - (settings.window - 1) - settings.horizon)
    validation = max(0, eras.rows[1] - (settings.horizon - 1) - eras.embargo)
    choosing = int(np.ceil(CHOOSING * validation))
    return TrainingSize(
        train=train,
        choosing=choosing,
        weights=weights,
        work=float(weights) * settings.window * train,
    )


def check_size(size: TrainingSize, eras: Eras, window: int) -> TooFewWindows | None:
    """Return why a training of this size would be refused, or None; the other windows decide when it runs."""
    for era, found, needed in (
        ("train", size.train, FEWEST_TRAIN_WINDOWS),
        ("validation", size.choosing, FEWEST_VALIDATION_WINDOWS),
    ):
        if found < needed:
            return TooFewWindows(era=era, found=found, needed=needed, window=window, rows=sum(eras.rows))
    return None


def estimate_seconds(size: TrainingSize, epochs: int, earlier: TrainingSize, epoch_seconds: float) -> float:
    """Return the seconds that the epochs take at the speed of an earlier training.

    Small networks are slowed by more than their multiplications: the estimate is no less than half of the ratio of windows.

    Parameters
    ----------
    size
        The size of the training.
    epochs
        The epochs of all its networks together.
    earlier, epoch_seconds
        The size of the earlier training, and the seconds of one epoch of one of its networks.

    Examples
    --------
    >>> small = TrainingSize(train=1000, choosing=100, weights=5000, work=1.6e8)
    >>> estimate_seconds(small, 10, small, 0.5)
    5.0
    """
    return epochs * epoch_seconds * max(size.work / earlier.work, 0.5 * size.train / earlier.train)
