"""Baselines: persistence, train mean, drift, autoregression, HAR, seasonal naive, Theta, ridge regression, CatBoost."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from core.data.blocks import block_means, rows_before
from core.data.eras import Era
from core.forecast.evaluation.scores import Loss
from core.forecast.evaluation.train_steps import one_row_changes
from core.forecast.evaluation.univariate import fit_har, fit_theta, seasonal_naive
from core.forecast.evaluation.windowed import fit_catboost, fit_ridge
from core.forecast.network.windows import Windows
from core.progress import NoProgress, Progress, ShouldStop, never_stop, require_going
from core.recipe.model import EvaluationSettings
from core.samples.direction import repeat_frequency
from core.samples.samples import Samples, train_mean
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

_ALWAYS = frozenset({"persistence", "drift"})
AR_LAGS = 5


def fit_baselines(
    features: "FeatureFrame",
    windows: Windows,
    samples: Samples,
    task: Task,
    settings: EvaluationSettings,
    loss: Loss,
    seed: int,
    progress: Progress = NoProgress(),
    should_stop: ShouldStop = never_stop,
) -> dict[str, np.ndarray]:
    """Fit the baselines on train samples; return their predicted levels by name.

    Levels are float64 (windows,). Each baseline predicts the excess of the outcome over that of persistence, so a drifting target
    handicaps none, whatever the task. `persistence` and `drift` are always included, and `mean` if the train mean is a rival: for
    mean-reverting targets such as returns the last value is a weak benchmark. `har` is fitted to targets judged by QLIKE,
    `seasonal` if there is a season, `theta` to single series. `linear` and `catboost` see the windows of the network.

    Levels of a direction are probabilities: `mean` is the train frequency, `persistence` the frequency after the last direction;
    `ar`, `linear` and `catboost` are fitted to outcomes of 0 and 1 (linear probability model), and there are no others. Raises
    `Stopped`.

    Parameters
    ----------
    features, windows, samples, task
        The feature frame, the windows and samples of all eras, and the task.
    settings, loss
        Which baselines to fit, and what they are judged by.
    seed
        Seed of CatBoost.
    progress, should_stop
        Progress reports and stop requests.
    """
    scored = windows.samples
    excess = scored.outcome - task.no_change(scored.base)

    fits: dict[str, Callable[[], np.ndarray]] = {
        "persistence": lambda: np.zeros(len(scored.rows)),
        "drift": lambda: _drift(features, samples, task)[scored.rows],
        "ar": lambda: _fit_ar(features, samples, task)[scored.rows],
        "linear": lambda: fit_ridge(windows, excess, should_stop),
        "catboost": lambda: fit_catboost(windows, excess, seed, should_stop),
    }
    univariate = {"har": fit_har, "seasonal": seasonal_naive, "theta": fit_theta}
    if task.is_direction:
        del fits["drift"]
        fits["persistence"] = lambda: repeat_frequency(samples)[scored.rows]
    chosen = [name for name in fits if name in _ALWAYS or name in settings.baselines]
    levels = {}
    for done, name in enumerate(chosen):
        require_going(should_stop)
        progress.step(done, len(chosen), f"Baseline {name}")
        levels[name] = task.level(scored.base, task.no_change(scored.base) + fits[name]())
    for name, fit in univariate.items():
        require_going(should_stop)
        if name not in settings.baselines or task.is_direction or (name == "har" and loss != "qlike"):
            continue
        if (predicted := fit(features, samples, task)) is not None:
            levels[name] = predicted[scored.rows]
    if (mean := train_mean(samples, is_direction=task.is_direction)) is not None:
        levels["mean"] = mean[scored.rows]
    progress.step(len(chosen), len(chosen), "Baselines")
    return levels


def _drift(features: "FeatureFrame", samples: Samples, task: Task) -> np.ndarray:
    """Return the mean excess of the train outcomes of each row's series, float64 (rows,); that of all without any."""
    excess, rows = _train_excess(samples, task), samples.rows[samples.of(Era.TRAIN)]
    codes = features.series_codes
    return block_means(excess, codes[rows], int(codes.max()) + 1)[codes]


def _train_excess(samples: Samples, task: Task) -> np.ndarray:
    train = samples.take(samples.of(Era.TRAIN))
    return train.outcome - task.no_change(train.base)


def _fit_ar(features: "FeatureFrame", samples: Samples, task: Task) -> np.ndarray:
    """Return the excess that least squares predict from the last five changes of the target.

    float64 (rows,). A direct forecast of the horizon. Changes before the start of a series are 0 in predictions; rows that lack
    some are not fitted on. Changes of series are divided by the size of their train outcomes.
    """
    place = rows_before(features.blocks)
    changes = np.nan_to_num(one_row_changes(features, task))
    design = np.ones((len(changes), 1 + AR_LAGS))
    for lag in range(AR_LAGS):
        shifted = np.r_[np.zeros(lag), changes[: len(changes) - lag]]
        design[:, 1 + lag] = np.where(place > lag, shifted, 0.0)
    train = samples.of(Era.TRAIN)
    excess = _train_excess(samples, task)
    size = np.ones(len(changes))
    if features.series is not None:
        # In the unit of each series, as the network: the largest series would set the coefficients of all.
        codes = features.series_codes
        size = np.sqrt(block_means(np.square(excess), codes[samples.rows[train]], int(codes.max()) + 1))[codes]
        size[~(size > 0)] = 1.0
        design[:, 1:] /= size[:, None]
        excess = excess / size[samples.rows[train]]
    complete = place[samples.rows[train]] >= AR_LAGS
    if not complete.any():
        return size * excess.mean()
    coefficients, *_ = np.linalg.lstsq(design[samples.rows[train]][complete], excess[complete], rcond=None)
    predicted: np.ndarray = size * (design @ coefficients)
    return predicted
