"""Certifying causality: everything recomputed on data that end at earlier dates."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core.context import Context
from core.data.eras import Era
from core.data.truncate import truncate
from core.errors.model import DataError, RecipeError
from core.forecast.evaluation.certificate import CausalityCheck, Certificate
from core.forecast.evaluation.forecasts import forecast
from core.forecast.evaluation.level_predictions import predict_levels
from core.forecast.evaluation.outcomes import choose_loss
from core.forecast.evaluation.scores import EraName
from core.forecast.network.network import Network, in_double, predict_scaled
from core.forecast.network.scaling import fit_scaling
from core.forecast.network.windows import make_windows
from core.progress import ShouldStop, require_going
from core.quality.profile import profile_dataset
from core.quality.step import profile
from core.recipe.model import Recipe
from core.samples.input_lags import with_lags
from core.samples.prepare import Prepared, prepare
from core.samples.step import prepare_once

# The era of each cut, and its place in it.
_CUTS: tuple[tuple[EraName, float], ...] = (("validation", 1 / 2), ("test", 1 / 3), ("test", 2 / 3))
_TEXT = "Causality: the same on data that end earlier"


@dataclass(frozen=True, eq=False, kw_only=True)
class _Seen:
    """What a forecaster has at the end of some data: cleaned rows, features, and forecasts.

    `outcomes` are the scaled outcomes that the network predicts at every origin from validation on, `table` is that of
    predictions.csv, which lacks the last origins: their outcomes are unknown.
    """

    ready: Prepared
    outcomes: pd.DataFrame
    table: pd.DataFrame


def certify_causality(
    context: Context, network: Network, chosen: tuple[str, ...], should_stop: ShouldStop
) -> Certificate:
    """Compare the full run with runs on data that end at three dates in validation and test.

    At each date the profile, the cleaning, the features, the scaling, the forecasts of the network and its interval are computed
    anew; the eras are frozen by date, and the network and its features are the same. Forecasts are in double precision, since
    rounding to single would hide differences of 1e-7. Outcomes are not scored.

    Parameters
    ----------
    context
        The full run.
    network, chosen
        The trained network, and the features that enter it.
    should_stop
        Polled before each date; raises `Stopped`.
    """
    ready, eras, network = with_lags(prepare_once(context), chosen), profile(context).eras, in_double(network)
    whole = _look(ready, context.recipe, network, chosen, eras.validation_from)
    labels = eras.label(ready.features.times)
    checks = []
    for done, (era, share) in enumerate(_CUTS):
        require_going(should_stop)
        context.progress.step(done, len(_CUTS), _TEXT)
        stamps = np.unique(ready.features.times[labels == Era[era.upper()]])
        if len(stamps):
            cut = str(stamps[int(share * (len(stamps) - 1))])
            checks.append(_compare(whole, _look_until(cut, context, network, chosen), cut, era))
    context.progress.step(len(_CUTS), len(_CUTS), _TEXT)
    return Certificate(checks=tuple(checks))


def _look(
    ready: Prepared, recipe: Recipe, network: Network, chosen: tuple[str, ...], validation_from: str
) -> _Seen | None:
    """Return the forecasts of the network, with its interval, as a run on these rows makes them; None without its features."""
    features, samples, task = ready.features, ready.samples, ready.task
    if not set(chosen) <= set(features.values):
        return None
    scaling = fit_scaling(features, chosen, samples, task, recipe.cleaning.scale)
    windows = make_windows(features, chosen, samples, task, scaling, network.shape.window)
    loss = choose_loss(features, samples, task)
    levels = predict_levels(network, windows, task, with_train=loss == "qlike")
    judging = recipe.evaluation.model_copy(update={"baselines": ()})
    made = forecast({"lstm": levels}, ready, windows, judging, loss, recipe.training.seed, open_test=True)
    later = np.flatnonzero(windows.samples.origin_times >= np.datetime64(validation_from, "us"))
    outcomes = {"time": windows.samples.origin_times[later], "outcome": predict_scaled(network, windows, later)}
    return _Seen(ready=ready, outcomes=pd.DataFrame(outcomes), table=made.predictions)


def _look_until(cut: str, context: Context, network: Network, chosen: tuple[str, ...]) -> _Seen | None:
    """Return what a forecaster has at a time stamp; None if the run is not possible on rows up to there."""
    recipe, whole = context.recipe, profile(context)
    with tempfile.TemporaryDirectory() as folder:
        earlier = truncate(context.dataset, cut, Path(folder))
        try:
            quality = profile_dataset(earlier, whole.target, whole.eras, recipe.ingest.ignore)
            ready = with_lags(prepare(earlier, recipe, quality), chosen)
            return _look(ready, recipe, network, chosen, whole.eras.validation_from)
        except (DataError, RecipeError):
            return None


def _compare(whole: _Seen | None, seen: _Seen | None, cut: str, era: EraName) -> CausalityCheck:
    """Compare what was known at a time stamp with the same rows of the full run."""
    if whole is None or seen is None:
        return CausalityCheck(cut=cut, era=era, forecasts=0, cleaning=None, features=None, predictions=None)
    stamp = np.datetime64(cut, "us")
    clean, features, time = whole.ready.clean.frame, whole.ready.features, whole.ready.clean.roles.time
    # Intervals and probabilities are calibrated on the whole validation era: before its end there are none to compare.
    columns = ["lstm", "lower", "upper"] if era == "test" else [] if whole.ready.task.is_direction else ["lstm"]
    table = whole.table[whole.table["time"].to_numpy() <= stamp]
    found = (
        _difference(whole.outcomes[whole.outcomes["time"].to_numpy() <= stamp], seen.outcomes),
        _difference(table[columns], seen.table[columns]),
    )
    return CausalityCheck(
        cut=cut,
        era=era,
        forecasts=len(seen.outcomes),
        cleaning=_difference(clean[clean[time].to_numpy("datetime64[us]") <= stamp], seen.ready.clean.frame),
        features=_difference(features.values[features.times <= stamp], seen.ready.features.values),
        predictions=None if found[0] is None or found[1] is None else max(found[0], found[1]),
    )


def _difference(expected: pd.DataFrame, found: pd.DataFrame) -> float | None:
    """Return the largest difference of numbers, relative to the largest of their column; None if rows or columns differ."""
    if list(expected.columns) != list(found.columns) or len(expected) != len(found):
        return None
    largest = 0.0
    for name in expected:
        one, other = expected[name].to_numpy(), found[name].to_numpy()
        if not np.issubdtype(one.dtype, np.floating):
            if not np.array_equal(one, other):
                return None
            continue
        known = ~np.isnan(one)
        if not np.array_equal(known, ~np.isnan(other)):
            return None
        size = float(np.abs(one[known]).max(initial=0.0)) or 1.0
        largest = max(largest, float(np.abs(one[known] - other[known]).max(initial=0.0)) / size)
    return largest
