"""From the data set to the samples: cleaned rows, causal features and the task."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.cleaning.cells import fit_bounds
from core.cleaning.fitted import CleanFrame, FittedCleaning
from core.cleaning.pair_volumes import pair_volumes
from core.cleaning.plan import CleaningPlan, plan_cleaning
from core.cleaning.transform import apply_cleaning, fit_cleaning
from core.data.columns import LINE, Roles
from core.data.dataset import Dataset
from core.data.eras import Era
from core.errors.samples import ModelStep, NoSelectedFeature, NoTimeColumn
from core.findings.look_ahead import KnowsTheFuture, SuspectedLookAhead
from core.findings.model import Finding, Severity, worst_first
from core.findings.samples import TargetClipped, TargetNotClipped
from core.ingest.target import require_target
from core.quality.checks.suspected_leaks import SuspectedLeak, open_suspicions
from core.quality.profile import QualityProfile
from core.recipe.model import CleaningSettings, IngestSettings, Recipe
from core.recipe.remedies import holds_remedy
from core.recipe.unknown_names import check_unknown_names
from core.samples.direction import take_direction_as_target
from core.samples.features import FeatureFrame, FeaturePlan, add_features, plan_features
from core.samples.realised_volatility import take_volatility_as_target
from core.samples.samples import Samples, make_samples
from core.samples.task import Task, resolve_task


@dataclass(frozen=True, eq=False, kw_only=True)
class Cleaned:
    """The plan of columns, what cleaning learned from the train era, and the cleaned rows."""

    plan: CleaningPlan
    fitted: FittedCleaning
    clean: CleanFrame

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings on columns and rows, worst first."""
        return worst_first([*self.plan.findings, *self.clean.findings])


@dataclass(frozen=True, eq=False, kw_only=True)
class Prepared:
    """What every model starts from: cleaned rows, causal features, the task and its samples.

    `plan` includes the findings on rows. `findings` are those that concern every model: names in the recipe that the data
    do not have, warnings and problems on rows, and clipped outcomes.
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
    """Clean the rows of a data set; everything learned comes from the train era."""
    target = require_target(dataset, quality.roles.target)
    roles = Roles(time=dataset.time_column, series=dataset.series_column, target=target)
    plan = plan_cleaning(quality, recipe.cleaning)
    bar = volatility_bar(recipe, quality)
    swaps = pair_volumes(recipe.cleaning.swap_back, [column.name for column in dataset.columns])
    of_swaps = (name for pair in swaps for name in pair.columns)
    columns = [roles.time, *([roles.series] if roles.series else []), target, *plan.kept, *(bar or ()), *of_swaps]
    frame = dataset.read([*dict.fromkeys(columns), LINE])
    sentinels = {column.name: column.sentinels for column in dataset.columns if column.sentinels}
    fitted = fit_cleaning(frame, roles, plan.kept, recipe.cleaning, quality.eras, sentinels, bar, swaps)
    return Cleaned(plan=plan, fitted=fitted, clean=apply_cleaning(frame, fitted))


def volatility_bar(recipe: Recipe, quality: QualityProfile) -> tuple[str, str] | None:
    """Return the high and low columns that a volatility to predict is measured from; None if it is from log returns."""
    target = quality.roles.target
    return quality.bar_of(target) if target is not None and recipe.training.predict == "volatility" else None


def prepare(dataset: Dataset, recipe: Recipe, quality: QualityProfile) -> Prepared:
    """Clean the rows and build features, task and samples.

    Everything learned comes from the train era. Raises `NoTimeColumn`, and the errors of cleaning and of `add_features`.
    """
    if not has_time_column(dataset):
        raise NoTimeColumn
    cleaned = clean_dataset(dataset, recipe, quality)
    fitted, clean = cleaned.fitted, cleaned.clean
    task = resolve_task(recipe, quality)
    delays = recipe.ingest.availability_lag
    feature_plan = plan_features(
        (*cleaned.plan.kept, task.target),
        quality,
        recipe.features,
        delays,
        fitted.transforms,
        task.volatility_rows,
        fitted.bar,
        keep_level=task.predict == "level",
    )
    features = take_outcome(add_features(clean, feature_plan), task)
    samples = make_samples(features, task, quality.eras)
    clipping: tuple[Finding, ...] = ()
    if recipe.cleaning.clip_target and not task.is_direction:
        samples, clipping = clip_outcomes(samples, task, recipe.cleaning)
    absent = check_unknown_names({"Publication delay": delays}, [column.name for column in dataset.columns])
    on_rows = [finding for finding in clean.findings if finding.severity != Severity.INFO]
    return Prepared(
        plan=replace(cleaned.plan, findings=worst_first([*cleaned.findings, *clipping])),
        fitted=fitted,
        clean=clean,
        feature_plan=feature_plan,
        features=features,
        task=task,
        samples=samples,
        findings=(*absent, *cleaned.plan.unknown_columns, *on_rows, *clipping),
    )


def take_outcome(features: FeatureFrame, task: Task) -> FeatureFrame:
    """Return the features with what the task predicts as their target: realised volatility, direction, or the target itself."""
    return take_direction_as_target(take_volatility_as_target(features, task), task)


def suspected_features(
    plan: FeaturePlan, chosen: Sequence[str], leaks: Sequence[SuspectedLeak], settings: IngestSettings
) -> tuple[tuple[SuspectedLeak, ...], tuple[str, ...]]:
    """Return the open suspicions of look-ahead behind chosen features, and the suspected columns that are known in time.

    Parameters
    ----------
    plan
        The plan of the features, which leads back to their columns.
    chosen
        Tokens of the chosen features.
    leaks, settings
        The suspected columns, and the user's answers to them.
    """
    columns = plan.columns_of(chosen)
    open_leaks = tuple(leak for leak in open_suspicions(leaks, settings) if leak.column in columns)
    known = {leak.column for leak in leaks if leak.column in columns}.intersection(settings.known_at_origin)
    return open_leaks, tuple(sorted(known))


def problem_columns(
    quality: QualityProfile, plan: FeaturePlan, chosen: Sequence[str], recipe: Recipe
) -> tuple[str, ...]:
    """Return the target and the columns behind chosen features that Quality reports a problem on, sorted.

    Suspicions of look-ahead are left to `suspected_features`, and problems whose remedy the recipe applies are solved.

    Parameters
    ----------
    quality
        The profile of the data.
    plan
        The plan of the features, which leads back to their columns.
    chosen
        Tokens of the chosen features.
    recipe
        The recipe.
    """
    used = plan.columns_of(chosen) | {quality.roles.target}
    reported = {
        finding.column
        for finding in quality.findings
        if finding.severity is Severity.PROBLEM
        and not (finding.is_kind(SuspectedLookAhead) or finding.is_kind(KnowsTheFuture))
        and not (finding.remedy is not None and holds_remedy(recipe, finding.remedy))
    }
    return tuple(sorted(column for column in reported & used if column is not None))


def clip_outcomes(samples: Samples, task: Task, settings: CleaningSettings) -> tuple[Samples, tuple[Finding, ...]]:
    """Return the samples with their train outcomes clipped, and a finding on it.

    The bounds are learned from the train outcomes. `base`, `future` and the outcomes of the other eras do not change.
    """
    train = samples.of(Era.TRAIN)
    bounds = fit_bounds(samples.outcome[train], settings) if len(train) else None
    if bounds is None:
        bound_set = settings.clip_quantile > 0 or settings.clip_robust_z > 0
        return samples, (TargetNotClipped(column=task.target, bound_set=bound_set),)
    low, high = bounds
    clipped = np.clip(samples.outcome[train], low, high)
    count = int(np.count_nonzero(clipped != samples.outcome[train]))
    outcome = samples.outcome.copy()
    outcome[train] = clipped
    finding = TargetClipped(column=task.target, count=count, total=len(train), low=low, high=high, outcome=task.label)
    return replace(samples, outcome=outcome), (finding,)


def has_time_column(dataset: Dataset) -> bool:
    """Return whether a column, or the row number at the user's word, orders the rows in time."""
    return dataset.time_source != "counted"


def choose_features(
    selected: tuple[str, ...], features: FeatureFrame, step: ModelStep
) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Return the selected features that exist, each once, and a finding on the others.

    Raises `NoSelectedFeature` if features are selected and none exists.

    Parameters
    ----------
    selected
        Feature tokens from the recipe.
    features
        The features of these data.
    step
        The step that the features are selected for.
    """
    known = tuple(features.values.columns)
    chosen = tuple(name for name in dict.fromkeys(selected) if name in features.values)
    if selected and not chosen:
        raise NoSelectedFeature(step=step, selected=selected, features=known)
    return chosen, check_unknown_names({f"the {step} features": selected}, known, "feature")
