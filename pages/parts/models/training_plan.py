"""Presets of training, what a training would do, and why it cannot start, before it starts."""

import streamlit as st

from core.errors.model import PlumblineError
from core.errors.samples import NoTimeColumn
from core.forecast.network.presets import PRESETS, Preset, apply_preset, find_preset
from core.forecast.network.side_by_side import count_networks_at_once, training_seconds
from core.forecast.network.training_size import TrainingSize, check_size, estimate_seconds, size_training
from core.recipe.model import Recipe
from core.samples.prepare import has_time_column
from core.text.format import format_count, format_duration
from pages.parts.frame import state
from pages.parts.frame.context import LoadedContext
from pages.parts.models import describe_models, training_curve

_KEY = "training-preset"


def choose_preset(context: LoadedContext) -> None:
    """Draw the choice of a preset, which changes several settings at once."""
    current = find_preset(context.recipe.training)
    st.segmented_control(
        "Preset",
        list(PRESETS),
        default=state.sync_widget(_KEY, current),
        format_func=str.capitalize,
        key=_KEY,
        help="Sets window, units, epochs, patience, plateau and seeds. Balanced: the defaults. Thorough: three networks, averaged.",
        on_change=_apply,
        args=(context,),
    )


def _apply(context: LoadedContext) -> None:
    preset: Preset | None = state.widget_value(_KEY)
    if preset is not None:
        state.change_recipe(context.project, lambda recipe: apply_preset(recipe, preset), f"Preset: {preset}")


def find_obstacle(context: LoadedContext) -> PlumblineError | None:
    """Return why a training would be refused with these settings, or None."""
    if not has_time_column(context.dataset):
        return NoTimeColumn()
    if context.quality.roles.target is None:
        return None
    eras = context.quality.eras
    return check_size(_size(context, context.recipe), eras, context.recipe.training.window)


def describe(context: LoadedContext) -> str:
    """Return how many windows and weights a training has, and about how long it takes; markdown."""
    training, size = context.recipe.training, _size(context, context.recipe)
    networks = "" if training.seeds == 1 else f" in each of {training.seeds} networks"
    text = (
        f"At most {format_count(size.train, 'train window')}, {size.choosing:,} to choose the epoch on; "
        f"{format_count(size.weights, 'weight')}{networks}."
    )
    seconds = _estimate(context, size)
    if seconds is not None:
        text += f" Up to {format_duration(max(1.0, seconds))} for all epochs, at the speed of the last training."
    return text


def _size(context: LoadedContext, recipe: Recipe) -> TrainingSize:
    features = len(recipe.training.features)
    if not features:
        ranking = describe_models.find_ranking(context)
        features = recipe.importance.top_k if ranking is None else len(ranking.chosen)
    warm_up = describe_models.plan_of(context).warm_up
    return size_training(context.quality.eras, recipe.training, features, warm_up)


def _estimate(context: LoadedContext, size: TrainingSize) -> float | None:
    """Return the seconds of a training at the speed of the last one on the same file, or None without one."""
    last = state.workspace().latest_run(context.project.id, "training")
    if last is None or last.fingerprint != context.source.fingerprint:
        return None
    curve, earlier = training_curve.curve_of(last), _size(context, last.recipe)
    if curve.speed is None or curve.train_windows is None or not earlier.train:
        return None
    training = context.recipe.training
    epoch = estimate_seconds(size, 1, earlier, curve.train_windows / curve.speed)
    return training_seconds(epoch, training, count_networks_at_once(training.seeds))
