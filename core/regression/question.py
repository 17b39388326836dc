"""What a regression asks: the outcome, the features, and the rows that pair them.

To explain is to regress the target on the other columns of the same row; to predict, on features known some rows earlier.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from core.cleaning.fitted import Transform, transform_token
from core.data.blocks import rows_before
from core.data.eras import Era, Eras
from core.recipe.model import FeatureSettings, Recipe
from core.samples.features import (
    FeatureFrame,
    FeaturePlan,
    FeatureStep,
    add_features,
    derive_steps,
    shift_in_block,
)
from core.samples.prepare import Prepared, choose_features
from core.samples.samples import PURGED, Samples
from core.samples.task import Task, natural_change
from core.text.feature_tokens import feature_token, split_token

if TYPE_CHECKING:
    from core.quality.profile import ColumnProfile, QualityProfile

Kind = Literal["explain", "predict"]
Choice = Literal["all", "strongest", "forward"]
Values = Literal["changes", "levels", "error_correction"]
ERROR_CORRECTION = "error correction"


@dataclass(frozen=True, eq=False, kw_only=True)
class Question:
    """An outcome, the features to regress it on, and the samples that pair them.

    `selected` are tokens of the features; empty means all. `choose` is how some of them are chosen, `top_k` how many at
    most. `granger_lags` are the rows of the past in tests of what leads.
    """

    kind: Kind
    values: Values
    task: Task
    features: FeatureFrame
    samples: Samples
    selected: tuple[str, ...]
    choose: Choice = "all"
    top_k: int = 10
    granger_lags: int = 5


def pose_question(ready: Prepared, quality: "QualityProfile", recipe: Recipe, values: Values | None = None) -> Question:
    """Return what the recipe asks of the regression.

    Without a column besides the target there is nothing to explain it with, so the question is to predict.

    Parameters
    ----------
    ready
        The cleaned rows, and the features and samples of the forecast.
    quality
        Says which columns are prices, from the train era.
    recipe
        The question, the selected features, lags and rolling windows.
    values
        What is explained, in place of the recipe's choice.
    """
    settings, values = recipe.regression, values or recipe.regression.values
    plan = plan_explanation(ready.plan.kept, quality, recipe.features, ready.fitted.transforms, values)
    if settings.question == "predict" or not plan.steps:
        return Question(
            kind="predict",
            values="changes",
            task=ready.task,
            features=ready.features,
            samples=ready.samples,
            selected=translate_features(settings.features, ready.feature_plan),
            choose=settings.choose,
            top_k=settings.top_k,
        )
    features = add_features(ready.clean, plan)
    task = _same_row_task(quality, ready.task.target, values)
    samples = pair_same_rows(features, task, quality.eras)
    selected = translate_features(settings.features, plan)
    if values == "error_correction":
        columns = plan.columns_of(choose_features(selected, features, "regression")[0] or features.values.columns)
        features = _add_error_correction(features, ready, samples, sorted(columns))
        selected = (*selected, ERROR_CORRECTION) if selected else ()
    return Question(
        kind="explain",
        values=values,
        task=task,
        features=features,
        samples=samples,
        selected=selected,
        choose=settings.choose,
        top_k=settings.top_k,
        granger_lags=settings.granger_lags,
    )


def plan_explanation(
    columns: tuple[str, ...],
    quality: "QualityProfile",
    settings: FeatureSettings,
    transforms: Mapping[str, tuple[Transform, ...]],
    values: Values,
) -> FeaturePlan:
    """Plan the features that explain the target within a row: every other column, its lags and its rolling statistics.

    Publication delays do not apply: what moved together did so before it was published.

    Parameters
    ----------
    columns
        The kept columns.
    quality
        Says which columns are price-like, and which is the target.
    settings
        Lags and rolling windows, in rows.
    transforms
        What cleaning did to each transformed column. A difference or return is not differenced again.
    values
        Changes, levels, or the differences of an error correction.
    """
    steps: list[FeatureStep] = []
    for column in columns:
        if column != quality.roles.target:
            base = _base_step(quality.column(column), transforms.get(column, ()), values)
            steps += [base, *derive_steps(base.name, settings)]
    return FeaturePlan(tuple(steps), max((step.look_back for step in steps), default=0))


def translate_features(selected: Iterable[str], plan: FeaturePlan) -> tuple[str, ...]:
    """Return the selection for another question: a feature that the plan lacks is replaced by its column's own feature.

    Parameters
    ----------
    selected
        Tokens, perhaps those of another question or of other values.
    plan
        The features of this question.
    """
    known = {step.name for step in plan.steps}
    own = {feature_token(step.source): step.name for step in reversed(plan.steps) if step.is_base}
    translated = (name if name in known else own.get(_bare_token(name), name) for name in selected)
    return tuple(dict.fromkeys(translated))


def _bare_token(token: str) -> str:
    """Return the token of the untransformed column behind a token."""
    return feature_token(split_token(token)[0])


def _base_step(column: "ColumnProfile", done: tuple[Transform, ...], values: Values) -> FeatureStep:
    """Return the feature that a column enters by, after the transformations of cleaning."""
    is_level = done in ((), ("log",))
    change = natural_change(column)
    if values == "levels" or not is_level or (values == "changes" and change == "level" and not done):
        name = feature_token(column.name, transform_token(done)) if done else feature_token(column.name)
        return FeatureStep(name=name, source=column.name, kind="level")
    if values == "error_correction" or done or change != "log_return":
        # The difference of a logarithm is a log return.
        name = feature_token(column.name, "log_return" if done else "difference")
        return FeatureStep(name=name, source=column.name, kind="difference")
    return FeatureStep(name=feature_token(column.name, "log_return"), source=column.name, kind="log_return")


def _same_row_task(quality: "QualityProfile", target: str, values: Values) -> Task:
    change = natural_change(quality.column(target))
    outcomes = {"changes": change, "levels": "level", "error_correction": "difference"}
    return Task(target=target, predict=outcomes[values], horizon=1)


def pair_same_rows(features: FeatureFrame, task: Task, eras: Eras) -> Samples:
    """Return one sample per row: the change of the target from the row before, or its level, paired with the row itself.

    Rows whose outcome is undefined belong to no era.
    """
    base = shift_in_block(features.target, 1, rows_before(features.blocks))
    outcome = task.change(base, features.target)
    labels = eras.label(features.times)
    return Samples(
        rows=np.arange(len(outcome)),
        base=base,
        future=features.target,
        outcome=outcome,
        origin_times=features.times,
        target_times=features.times,
        blocks=features.blocks,
        eras=np.where(np.isfinite(outcome), labels, PURGED).astype(np.int8),
    )


def _add_error_correction(
    features: FeatureFrame, ready: Prepared, samples: Samples, columns: list[str]
) -> FeatureFrame:
    """Add last row's deviation of the target from its relation of levels, fitted on the train era (Engle and Granger, 1987)."""
    levels = np.column_stack([np.ones(len(features.target)), ready.clean.frame[columns].to_numpy(np.float64)])
    train = (samples.eras == Era.TRAIN) & np.isfinite(levels).all(axis=1)
    center, scale = levels[train].mean(axis=0), levels[train].std(axis=0)
    center[0], scale[scale == 0] = 0.0, 1.0
    scaled = (levels - center) / scale
    weights = np.linalg.lstsq(scaled[train], features.target[train], rcond=None)[0]
    deviation = features.target - scaled @ weights
    last = shift_in_block(deviation, 1, rows_before(features.blocks))
    added = pd.Series(last, index=features.values.index, name=ERROR_CORRECTION)
    return replace(features, values=pd.concat([features.values, added], axis=1))
