"""Bounds of predictions: what train outcomes allow."""

import numpy as np

from core.data.eras import Era
from core.samples.samples import Samples
from core.samples.task import Task

# A prediction may exceed the range of train outcomes by this multiple of it.
REACH = 3.0
_NAIVE = frozenset({"persistence", "mean", "drift", "seasonal"})


def bound_levels(
    levels: dict[str, np.ndarray], samples: Samples, task: Task
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Return the predicted levels with every model's outcomes bounded, and the models that reached a bound.

    The bounds are the range of train outcomes, widened three times by its own width on both sides. Naive forecasts are never
    bounded.

    Parameters
    ----------
    levels
        Predicted levels by model, float64 (n,).
    samples
        The n samples behind them.
    task
        What the models predict.
    """
    train = samples.outcome[samples.of(Era.TRAIN)]
    if not len(train):
        return levels, ()
    low, high = float(train.min()), float(train.max())
    reach = REACH * (high - low)
    bounded, diverged = {}, []
    for name, predicted in levels.items():
        if name in _NAIVE:
            bounded[name] = predicted
            continue
        outcome = task.change(samples.base, predicted)
        # An outcome that is not finite, such as the logarithm of a negative price, is on the side that its level is.
        side = np.where(predicted > samples.base, high + reach, low - reach)
        inside = np.clip(np.where(np.isfinite(outcome), outcome, side), low - reach, high + reach)
        is_out = ~np.isnan(predicted) & (inside != outcome)
        bounded[name] = np.where(is_out, task.level(samples.base, inside), predicted)
        if is_out.any():
            diverged.append(name)
    return bounded, tuple(diverged)
