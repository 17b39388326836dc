"""The forecasts of every model on validation and test, with the LSTM's interval."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.forecast.evaluation.baselines import fit_baselines
from core.forecast.evaluation.bounds import OutcomeBounds, bound_levels, fit_outcome_bounds
from core.forecast.evaluation.intervals import Interval, calibrate_interval, gather_origins
from core.forecast.evaluation.outcomes import Loss
from core.forecast.evaluation.predictions_table import build_predictions
from core.forecast.evaluation.retransform import fit_factors
from core.forecast.network.windows import Windows
from core.progress import NoProgress, Progress, ShouldStop, never_stop
from core.recipe.model import EvaluationSettings

if TYPE_CHECKING:
    from core.samples.prepare import Prepared


@dataclass(frozen=True, eq=False, kw_only=True)
class Forecasts:
    """The table of predictions.csv, and what made the LSTM's part of it: a bundle needs the same.

    `ablated` holds the levels that the ablations of the network predict, one column each, for the rows of `predictions`.
    `factor` scales the LSTM's levels and `bounds` limit its outcomes. `interval` is None if there were too few validation rows.
    `diverged` are the models that reached the bounds.
    """

    predictions: pd.DataFrame
    ablated: pd.DataFrame
    factor: float
    bounds: OutcomeBounds
    interval: Interval | None
    diverged: tuple[str, ...]


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
    ablations = [name for name in networks if name != "lstm"]
    ablated = pd.DataFrame({name: levels[name] for name in ablations}, index=windows.samples.rows)
    return Forecasts(
        predictions=predictions,
        ablated=ablated.loc[predictions.index],
        factor=factors["lstm"],
        bounds=bounds,
        interval=interval,
        diverged=tuple(name for name in diverged if name not in ablations),
    )
