"""Scaling of forecasts of volatilities: the exponential of a forecast logarithm is a median, and too low as a mean."""

import numpy as np

from core.data.eras import Era
from core.forecast.evaluation.bounds import NAIVE
from core.forecast.evaluation.scores import Loss
from core.samples.samples import Samples
from core.samples.task import Task

_MOST = 2.0


def fit_factors(levels: dict[str, np.ndarray], samples: Samples, task: Task, loss: Loss) -> dict[str, float]:
    """Fit the factor by which each model's levels are too low over the train era; 1 unless judged by QLIKE.

    It is the one that minimises QLIKE, and at most 2 either way. Naive forecasts are left as they are.

    Parameters
    ----------
    levels
        Predicted levels by model, float64 (n,), NaN where a model predicts nothing.
    samples, task
        The n samples behind them, and the task.
    loss
        The loss to judge by.

    References
    ----------
    Duan (1983), Smearing estimate: a nonparametric retransformation method, JASA 78.
    """
    train = samples.of(Era.TRAIN)
    power = 2 if task.predict == "volatility" else 1
    factors = {}
    for name, predicted in levels.items():
        ratio = samples.future[train] / predicted[train]
        ratio = ratio[np.isfinite(ratio) & (ratio > 0)]
        if loss != "qlike" or name in NAIVE or not len(ratio):
            factors[name] = 1.0
        else:
            factors[name] = float(np.clip(np.mean(ratio**power) ** (1 / power), 1 / _MOST, _MOST))
    return factors
