"""From the data set to what every model learns from: cleaned rows, causal features, the task and its samples."""

from dataclasses import dataclass

from core.cleaning.plan import CleaningPlan, plan_cleaning
from core.cleaning.transform import CleanFrame, FittedCleaning, apply_cleaning, fit_cleaning
from core.errors import DataError, RecipeError
from core.features import FeatureFrame, FeaturePlan, add_features, plan_features
from core.ingest.dataset import LINE, Dataset, Roles, absent_column
from core.ingest.reader import require_target
from core.quality.profile import QualityProfile
from core.recipe import Recipe
from core.target import Samples, Task, make_samples, resolve_task


@dataclass(frozen=True, eq=False)
class Prepared:
    """What every model learns from: the cleaned rows, the causal features, the task and its samples."""

    plan: CleaningPlan
    fitted: FittedCleaning
    clean: CleanFrame
    feature_plan: FeaturePlan
    features: FeatureFrame
    task: Task
    samples: Samples


def prepare(dataset: Dataset, recipe: Recipe, quality: QualityProfile) -> Prepared:
    """Return the cleaned rows and their features; whatever is learned here is learned from the train era."""
    if not tells_time(dataset):
        raise DataError(
            "No column holds dates or times, so there is no past to learn from and no future to forecast.",
            "Upload a file with a column of dates, or set the time column to 'row number' if the rows stand in order.",
        )
    target = require_target(dataset, quality.roles.target)
    roles = Roles(dataset.time_column, dataset.series_column, target)
    plan = plan_cleaning(quality, recipe.cleaning)
    columns = [roles.time, *([roles.series] if roles.series else []), target, *plan.kept]
    frame = dataset.read([*columns, LINE])
    sentinels = {column.name: column.sentinels for column in dataset.columns if column.sentinels}
    fitted = fit_cleaning(frame, roles, plan.kept, recipe.cleaning, quality.eras, sentinels)
    clean = apply_cleaning(frame, fitted)
    feature_plan = plan_features((*plan.kept, target), quality, recipe.features, recipe.ingest.availability_lag)
    features = add_features(clean, feature_plan)
    task = resolve_task(recipe, quality)
    return Prepared(plan, fitted, clean, feature_plan, features, task, make_samples(features, task, quality.eras))


def tells_time(dataset: Dataset) -> bool:
    """Return whether a column of the file orders its rows, or the user has let the row number do so."""
    return all(finding.code != "no-time-column" for finding in dataset.findings)


def require_features(names: tuple[str, ...], features: FeatureFrame) -> tuple[str, ...]:
    """Return the names; raises `RecipeError` on one that the recipe no longer makes, with those nearest to it."""
    known = list(features.values.columns)
    for name in names:
        if name not in known:
            near = absent_column(name, known)
            raise RecipeError(f"The recipe no longer makes the feature '{name}'.", f"Choose again. {near.hint}")
    return names
