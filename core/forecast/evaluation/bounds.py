"""Bounds of predictions: what train outcomes allow."""

from dataclasses import dataclass

import numpy as np

from core.data.eras import Era
from core.samples.samples import Samples
from core.samples.task import Task

# A prediction may exceed the range of train outcomes by this multiple of it.
REACH = 3.0
NAIVE = frozenset({"persistence", "mean", "drift", "seasonal"})


@dataclass(frozen=True, kw_only=True)
class OutcomeBounds:
    """The lowest and the highest outcome that a model may predict, in outcome units.

    Examples
    --------
    >>> task = Task(target="x", predict="difference", horizon=1)
    >>> OutcomeBounds(low=-1.0, high=2.0).apply(np.array([9.0, 10.5]), np.array([10.0, 5.0]), task)
    (array([9., 7.]), array([False,  True]))
    """

    low: float
    high: float

    def is_consistent(self) -> bool:
        """Return whether both are finite and in order."""
        return bool(np.isfinite([self.low, self.high]).all()) and self.low <= self.high

    def apply(self, predicted: np.ndarray, base: np.ndarray, task: Task) -> tuple[np.ndarray, np.ndarray]:
        """Return predicted levels with their outcomes bounded, float64 (n,), and which were beyond a bound, bool (n,).

        Parameters
        ----------
        predicted, base
            float64 (n,), predicted levels, and those at the origins.
        task
            What the model predicts.
        """
        outcome = task.change(base, predicted)
        # An outcome that is not finite, such as the logarithm of a negative price, is on the side that its level is.
        side = np.where(predicted > base, self.high, self.low)
        inside = np.clip(np.where(np.isfinite(outcome), outcome, side), self.low, self.high)
        is_out = ~np.isnan(predicted) & (inside != outcome)
        return np.where(is_out, task.level(base, inside), predicted), is_out


def fit_outcome_bounds(samples: Samples) -> OutcomeBounds:
    """Return the range of train outcomes, widened three times by its own width on both sides.

    There must be a train sample.
    """
    train = samples.outcome[samples.of(Era.TRAIN)]
    low, high = float(train.min()), float(train.max())
    reach = REACH * (high - low)
    return OutcomeBounds(low=low - reach, high=high + reach)


def bound_levels(
    levels: dict[str, np.ndarray], samples: Samples, task: Task, bounds: OutcomeBounds
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Return the predicted levels with every model's outcomes bounded, and the models that reached a bound.

    Naive forecasts are never bounded.

    Parameters
    ----------
    levels
        Predicted levels by model, float64 (n,).
    samples
        The n samples behind them.
    task
        What the models predict.
    bounds
        The bounds, from `fit_outcome_bounds`.
    """
    bounded, diverged = {}, []
    for name, predicted in levels.items():
        if name in NAIVE:
            bounded[name] = predicted
            continue
        bounded[name], is_out = bounds.apply(predicted, samples.base, task)
        if is_out.any():
            diverged.append(name)
    return bounded, tuple(diverged)
