"""The forecasts of every model on validation and test, with the LSTM's interval."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.forecast.evaluation.baselines import fit_baselines
from core.forecast.evaluation.bounds import NAIVE, OutcomeBounds, bound_levels, fit_outcome_bounds
from core.forecast.evaluation.calibration import Calibration
from core.forecast.evaluation.fit_calibration import fit_calibration
from core.forecast.evaluation.intervals import Interval, calibrate_interval, gather_origins
from core.forecast.evaluation.predictions_table import build_predictions
from core.forecast.evaluation.retransform import fit_factors
from core.forecast.evaluation.scores import Loss
from core.forecast.network.windows import Windows
from core.progress import NoProgress, Progress, ShouldStop, never_stop
from core.recipe.model import EvaluationSettings

if TYPE_CHECKING:
    from core.samples.prepare import Prepared


@dataclass(frozen=True, eq=False, kw_only=True)
class Forecasts:
    """The table of predictions.csv, and what made the LSTM's part of it: a bundle needs the same.

    `ablated` holds the levels that the ablations of the network predict, one column each, for the rows of `predictions`.
    `factor` scales the LSTM's levels and `bounds` limit its outcomes. `interval` is None if there were too few validation rows,
    or a direction is predicted: its probabilities have a `calibration`.
    `diverged` are the models that reached the bounds.
    """

    predictions: pd.DataFrame
    ablated: pd.DataFrame
    factor: float
    bounds: OutcomeBounds
    interval: Interval | None
    diverged: tuple[str, ...]
    calibration: Calibration | None = None


def forecast(
    networks: dict[str, np.ndarray],
    ready: "Prepared",
    windows: Windows,
    settings: EvaluationSettings,
    loss: Loss,
    seed: int,
    progress: Progress = NoProgress(),
    should_stop: ShouldStop = never_stop,
    *,
    open_test: bool,
) -> Forecasts:
    """Forecast with every model, and put an interval around the LSTM's forecasts.

    Parameters
    ----------
    networks
        Levels that the network (`lstm`) and its ablations predict, float64 (windows,), in the target's unit.
    ready, windows
        The features, samples and task, and the windows of all eras.
    settings, loss, seed
        Which baselines, the nominal coverage, what models are judged by, and the seed of CatBoost.
    progress, should_stop
        Progress reports and stop requests; raises `Stopped`.
    open_test
        Whether the table has rows of the test era.
    """
    features, samples, task = ready.features, ready.samples, ready.task
    levels = networks | fit_baselines(features, windows, samples, task, settings, loss, seed, progress, should_stop)
    ablations = tuple(name for name in networks if name != "lstm")
    if task.is_direction:
        return _calibrate(levels, ablations, ready, windows, settings.coverage, open_test=open_test)
    factors = fit_factors(levels, windows.samples, task, loss)
    levels = {name: factors[name] * predicted for name, predicted in levels.items()}
    bounds = fit_outcome_bounds(windows.samples)
    levels, diverged = bound_levels(levels, windows.samples, task, bounds)
    origins = gather_origins(features, windows.samples, task, task.change(windows.samples.base, levels["lstm"]))
    interval = calibrate_interval(windows, origins, settings.coverage)
    ends = None
    if interval is not None:
        ends, followed = interval.follow(task, origins)
        # The outcomes of a sealed test era stay unknown to the bundle.
        interval = followed if open_test else interval
    predictions = build_predictions(features, windows, task, levels, ends, open_test)
    return Forecasts(
        predictions=predictions,
        ablated=_take_ablated(levels, ablations, windows, predictions),
        factor=factors["lstm"],
        bounds=bounds,
        interval=interval,
        diverged=tuple(name for name in diverged if name not in ablations),
    )


def _take_ablated(
    levels: dict[str, np.ndarray], ablations: tuple[str, ...], windows: Windows, predictions: pd.DataFrame
) -> pd.DataFrame:
    found = pd.DataFrame({name: levels[name] for name in ablations}, index=windows.samples.rows)
    return found.loc[predictions.index]


def _calibrate(
    levels: dict[str, np.ndarray],
    ablations: tuple[str, ...],
    ready: "Prepared",
    windows: Windows,
    coverage: float,
    *,
    open_test: bool,
) -> Forecasts:
    """Calibrate the probabilities of every model that is not naive, and put a confidence band around those of the LSTM."""
    samples, task = windows.samples, ready.task
    fitted = {
        name: fit_calibration(predicted, samples, task.horizon, coverage)
        for name, predicted in levels.items()
        if name not in NAIVE
    }
    ends = fitted["lstm"].band(levels["lstm"])
    levels = {
        name: fitted[name].apply(predicted) if name in fitted else predicted for name, predicted in levels.items()
    }
    predictions = build_predictions(ready.features, windows, task, levels, ends, open_test)
    return Forecasts(
        predictions=predictions,
        ablated=_take_ablated(levels, ablations, windows, predictions),
        factor=1.0,
        bounds=fit_outcome_bounds(samples),
        interval=None,
        diverged=(),
        calibration=fitted["lstm"],
    )
