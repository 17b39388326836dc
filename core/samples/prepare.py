"""From the data set to what every model learns from: cleaned rows, causal features, the task and its samples."""

from dataclasses import dataclass, replace

import numpy as np

from core.cleaning.cells import fit_bounds
from core.cleaning.fitted import CleanFrame, FittedCleaning
from core.cleaning.plan import CleaningPlan, plan_cleaning
from core.cleaning.transform import apply_cleaning, fit_cleaning
from core.data.columns import LINE, Roles
from core.data.dataset import Dataset
from core.data.eras import Era
from core.errors.columns import UnknownColumn
from core.errors.model import DataError, RecipeError
from core.findings.model import Finding, Severity, legacy_finding, worst_first
from core.ingest.reader import require_target
from core.quality.profile import QualityProfile
from core.recipe.model import CleaningSettings, Recipe
from core.recipe.unknown_names import check_unknown_names
from core.samples.features import FeatureFrame, FeaturePlan, add_features, plan_features
from core.samples.samples import Samples, make_samples
from core.samples.task import Task, resolve_task


@dataclass(frozen=True, eq=False, kw_only=True)
class Cleaned:
    """Which columns stay, what the train era taught, and the cleaned rows."""

    plan: CleaningPlan
    fitted: FittedCleaning
    clean: CleanFrame

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What there is to say of columns and rows, worst first."""
        return worst_first([*self.plan.findings, *self.clean.findings])


@dataclass(frozen=True, eq=False, kw_only=True)
class Prepared:
    """What every model learns from: the cleaned rows, the causal features, the task and its samples.

    `plan` tells what cleaning has to say of rows too. `findings` tell which names of the recipe are passed over because the
    file lacks them, and what spoils rows for every model.
    """

    plan: CleaningPlan
    fitted: FittedCleaning
    clean: CleanFrame
    feature_plan: FeaturePlan
    features: FeatureFrame
    task: Task
    samples: Samples
    findings: tuple[Finding, ...] = ()


def clean_dataset(dataset: Dataset, recipe: Recipe, quality: QualityProfile) -> Cleaned:
    """Return the cleaned rows of a data set, and what was decided and learned on the way, from the train era alone."""
    target = require_target(dataset, quality.roles.target)
    roles = Roles(time=dataset.time_column, series=dataset.series_column, target=target)
    plan = plan_cleaning(quality, recipe.cleaning)
    columns = [roles.time, *([roles.series] if roles.series else []), target, *plan.kept]
    frame = dataset.read([*columns, LINE])
    sentinels = {column.name: column.sentinels for column in dataset.columns if column.sentinels}
    fitted = fit_cleaning(frame, roles, plan.kept, recipe.cleaning, quality.eras, sentinels)
    return Cleaned(plan=plan, fitted=fitted, clean=apply_cleaning(frame, fitted))


def prepare(dataset: Dataset, recipe: Recipe, quality: QualityProfile) -> Prepared:
    """Return the cleaned rows and their features; whatever is learned here is learned from the train era."""
    if not tells_time(dataset):
        raise DataError(
            "No column holds dates or times, so there is no past to learn from and no future to forecast.",
            "Upload a file with a column of dates, or set the time column to 'row number' if the rows stand in order.",
        )
    done = clean_dataset(dataset, recipe, quality)
    kept, fitted, clean = done.plan.kept, done.fitted, done.clean
    columns = (*kept, fitted.roles.target)
    feature_plan = plan_features(columns, quality, recipe.features, recipe.ingest.availability_lag, fitted.transforms)
    features = add_features(clean, feature_plan)
    task = resolve_task(recipe, quality)
    samples = make_samples(features, task, quality.eras)
    clipped = ()
    if recipe.cleaning.clip_target:
        samples, clipped = clip_outcomes(samples, task, recipe.cleaning)
    late = {"Publication delay": recipe.ingest.availability_lag}
    absent: tuple[Finding, ...] = check_unknown_names(late, [column.name for column in dataset.columns])
    absent += done.plan.unknown_columns
    grave = [finding for finding in clean.findings if finding.severity != Severity.INFO]
    plan = replace(done.plan, findings=worst_first([*done.findings, *clipped]))
    return Prepared(
        plan=plan,
        fitted=fitted,
        clean=clean,
        feature_plan=feature_plan,
        features=features,
        task=task,
        samples=samples,
        findings=(*absent, *grave, *clipped),
    )


def clip_outcomes(samples: Samples, task: Task, settings: CleaningSettings) -> tuple[Samples, tuple[Finding, ...]]:
    """Return the samples with the outcomes of the train era clipped by their own bounds, and the finding that says so.

    What the target is in truth (`base`, `future`), and every outcome that a forecast is scored by, stays as it is.
    """
    train = samples.of(Era.TRAIN)
    bounds = fit_bounds(samples.outcome[train], settings) if len(train) else None
    if bounds is None:
        title = "Nothing of the target is clipped: no bound is set, or its train outcomes have none"
        return samples, (legacy_finding("target-not-clipped", Severity.INFO, title, column=task.target),)
    learned = np.clip(samples.outcome[train], *bounds)
    count = int(np.count_nonzero(learned != samples.outcome[train]))
    outcome = samples.outcome.copy()
    outcome[train] = learned
    title = f"Clipped {count:,} of {len(train):,} train outcomes to {bounds[0]:.3g} … {bounds[1]:.3g}, as asked for"
    detail = f"Models learn from the clipped {task.label}. Validation, test and every score use what really happened."
    return replace(samples, outcome=outcome), (
        legacy_finding("target-clipped", Severity.INFO, title, detail, task.target, count=count),
    )


def tells_time(dataset: Dataset) -> bool:
    """Return whether a column of the file orders its rows, or the user has let the row number do so."""
    return dataset.time_source != "counted"


def choose_features(
    names: tuple[str, ...], features: FeatureFrame, step: str
) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Return those of the named features that there are, each once, and a finding on the others; `step` says who names them.

    Raises `RecipeError` where none of them is there, with those nearest to the first.
    """
    known = list(features.values.columns)
    chosen = tuple(name for name in dict.fromkeys(names) if name in features.values)
    if names and not chosen:
        near = UnknownColumn(column=names[0], columns=known)
        raise RecipeError(
            f"None of the features chosen for the {step} is made of these data, such as {names[0]!r}.",
            f"Choose again. {near.hint}",
        )
    return chosen, check_unknown_names({f"the features of the {step}": names}, known, "feature")
