"""Walk-forward folds: everything refitted on the rows before each of several periods, and scored on the period."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.context import Context
from core.data.dataset import Dataset
from core.data.eras import Era, Eras, distinct_stamps
from core.data.truncate import truncate
from core.errors.model import PlumblineError, Stopped
from core.executor import Channel, PartProgress, run_parts
from core.forecast import versions
from core.forecast.evaluation.forecasts import forecast
from core.forecast.evaluation.level_predictions import predict_levels
from core.forecast.evaluation.outcomes import choose_loss
from core.forecast.evaluation.scores import Loss
from core.forecast.evaluation.walk_forward import Period, PeriodEra, Slice, WalkForward, slice_losses
from core.forecast.network.scaling import fit_scaling
from core.forecast.network.training_cache import train_or_load
from core.forecast.network.windows import make_windows
from core.importance.inputs import choose_inputs
from core.importance.step import importance_key
from core.io.cache import Cache
from core.io.fingerprint import fingerprint_of
from core.quality.step import profile
from core.recipe.model import Recipe
from core.samples.step import prepare_once, samples_key

FOLDER = "folds"
# The share of the stamps of train and validation before the first period.
_FIRST = 0.5
# The rivals of a fold besides the naive forecasts, if the recipe has them.
_RIVALS = ("persistence", "drift", "linear")


@dataclass(frozen=True, eq=False, kw_only=True)
class Fold:
    """One fold: the data set and the recipe whose test era is the period, what models are judged by, and where it works."""

    number: int
    dataset: Dataset
    recipe: Recipe
    loss: Loss
    period: Period
    folder: Path
    key: str


def plan_folds(context: Context, folder: Path) -> tuple[Fold, ...]:
    """Plan the folds: equal periods over the later half of train and validation, each after all rows that it is fitted on.

    Before each period the rows are cut into train and validation as the eras are. Nothing is read of the test era.

    Parameters
    ----------
    context
        The full run; its recipe gives the number of folds.
    folder
        Where the folds work.
    """
    count, eras, ready = context.recipe.evaluation.walk_forward_folds, profile(context).eras, prepare_once(context)
    stamps = distinct_stamps(ready.features.times)
    stamps = stamps[stamps < np.datetime64(eras.test_from, "us")]
    edges = np.linspace(_FIRST * len(stamps), len(stamps), count + 1).round().astype(int)
    share = float(np.mean(eras.label(stamps) == Era.TRAIN))
    loss = choose_loss(ready.features, ready.samples, ready.task)
    # What is asked stays the same in every fold, whatever its own rows would propose.
    recipe = context.recipe.change("training", predict=ready.task.predict)
    key = fingerprint_of(versions.FOLDS, samples_key(context), importance_key(context), recipe.training, loss, count)
    folds = []
    for number, (first, end) in enumerate(zip(edges[:-1], edges[1:], strict=True), start=1):
        start, cut = str(stamps[first]), str(stamps[round(share * first)])
        split = recipe.change("split", validation_from=cut, test_from=start)
        period = Period(start=start, end=str(stamps[end - 1]), era=_era_of(stamps[first], eras))
        folds.append(
            Fold(
                number=number,
                dataset=context.dataset,
                recipe=split,
                loss=loss,
                period=period,
                folder=folder / str(number),
                key=fingerprint_of(key, start, cut, period.end),
            )
        )
    return tuple(folds)


def _era_of(stamp: np.datetime64, eras: Eras) -> PeriodEra:
    names: tuple[PeriodEra, ...] = ("train", "validation", "test")
    return names[int(eras.label(np.array([stamp]))[0])]


def find_folds(context: Context, folder: Path) -> WalkForward | None:
    """Return the folds that have been run with these settings, or None if one is missing or none was asked for."""
    if not context.recipe.evaluation.walk_forward_folds or not folder.exists():
        return None
    folds = plan_folds(context, folder)
    periods = tuple(period for fold in folds if (period := _kept(fold)) is not None)
    return WalkForward(periods=periods, loss=folds[0].loss) if len(periods) == len(folds) else None


def run_folds(context: Context, folder: Path) -> WalkForward:
    """Run the folds, several at a time; those that are finished are not repeated. Raises `Stopped`."""
    folds = plan_folds(context, folder)
    missing = [fold for fold in folds if _kept(fold) is None]

    def show(parts: list[PartProgress]) -> None:
        done = len(folds) - len(missing) + sum(part.share for part in parts)
        idle = "finishing" if any(part.share for part in parts) else "starting"
        doing = next((part.text for part in parts if 0 < part.share < 1), idle)
        context.progress.step(round(100 * done), 100 * len(folds), f"Walk-forward, {len(folds)} folds: {doing}")

    made = dict(zip(missing, run_parts(run_fold, missing, folder, show, context.should_stop), strict=True))
    periods = tuple(made.get(fold) or _kept(fold) or fold.period for fold in folds)
    return WalkForward(periods=periods, loss=folds[0].loss)


def run_fold(fold: Fold, channel: Channel) -> Period:
    """Fit everything on the rows before the period, and score it; the result is kept in the fold's folder.

    A fold that cannot be fitted, because it has too few rows for instance, has the reason instead of scores.
    """
    try:
        dataset = truncate(fold.dataset, fold.period.end, fold.folder / "data")
        context = Context(
            dataset=dataset,
            recipe=fold.recipe,
            progress=_FoldProgress(channel, f"fold {fold.number}"),
            should_stop=channel.should_stop,
        )
        period = replace(fold.period, slices=_score(context, fold))
    except Stopped:
        raise
    except PlumblineError as error:
        period = replace(fold.period, reason=error.message)
    if not period.slices and not period.reason:
        period = replace(period, reason="The period has no row with a full window and an outcome.")
    Cache(fold.folder).fetch("period", fold.key, Period, lambda: period)
    channel.report(1.0, f"fold {fold.number} finished")
    return period


def _score(context: Context, fold: Fold) -> tuple[Slice, ...]:
    """Clean, rank, train and forecast on the rows of a fold; return the scores on its period."""
    recipe, inputs = context.recipe, choose_inputs(context)
    ready, chosen = inputs.ready, inputs.chosen
    settings, features, samples, task = recipe.training, ready.features, ready.samples, ready.task
    scaling = fit_scaling(features, chosen, samples, task, recipe.cleaning.scale)
    windows = make_windows(features, chosen, samples, task, scaling, settings.window)
    trained = train_or_load(
        fold.folder, fold.key, windows, settings, False, context.progress, context.should_stop, with_keras=False
    )
    if trained.summary.stopped:
        raise Stopped
    levels = predict_levels(trained.network, windows, task, context.should_stop, with_train=fold.loss == "qlike")
    rivals = tuple(name for name in recipe.evaluation.baselines if name in _RIVALS)
    judging = recipe.evaluation.model_copy(update={"baselines": rivals})
    made = forecast({"lstm": levels}, ready, windows, judging, fold.loss, settings.seed, open_test=True)
    part = made.predictions[made.predictions["era"] == "test"]
    return slice_losses(part, features, samples, task, fold.loss)


class _FoldProgress:
    """The progress of a fold: the steps of its training are most of it."""

    def __init__(self, channel: Channel, name: str) -> None:
        self._channel, self._name = channel, name

    def step(self, done: int, total: int, text: str) -> None:
        """Report a step; only a share of the training is known."""
        share = 0.2 + 0.7 * done / total if text.startswith("Epoch") and total else 0.1
        self._channel.report(share, f"{self._name}, {text[:1].lower()}{text[1:]}")

    def metric(self, name: str, step: int, value: float) -> None:
        """Do nothing."""


def _kept(fold: Fold) -> Period | None:
    return Cache(fold.folder).find("period", fold.key, Period)
