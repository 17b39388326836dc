"""The whole walk from file to verdict, one call a step. READ THIS FIRST.

    file ─ read ─ profile ─ prepare (clean, features, samples) ─ regress, rank ─ train ─ evaluate ─ verdict ─ report, bundle

Every step takes the data set and the recipe and returns a frozen result. What is kept on a cache is kept under the
settings that made it, so that the pages, which take one step at a time, and `walk`, which takes them all, never
disagree and never compute a thing twice.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.data.dataset import Dataset
from core.data.eras import Eras, cut_eras, distinct_stamps, leave_uncut
from core.data.store import DESCRIPTION_FILE, dataset_key, fingerprint_file, load_dataset
from core.delivery.results import WORK, Model, StepResults, Walked, write_results
from core.errors.model import DataError, RecipeError, WorkspaceError
from core.findings.model import Finding, Severity, legacy_finding, worst_first
from core.forecast.evaluation.baselines import fit_baselines
from core.forecast.evaluation.evaluation import (
    build_predictions,
    calibrate_interval,
    evaluate,
    predict_levels,
    von_neumann_ratio,
)
from core.forecast.evaluation.verdict import judge
from core.forecast.network.training_cache import keep_training
from core.forecast.network.windows import fit_scaling, make_windows
from core.ingest.reader import propose_target, read_table, require_target
from core.ingest.revisions.compare import FileChanges, compare_datasets
from core.ingest.revisions.revision_findings import say_changes
from core.io.fingerprint import fingerprint_of
from core.progress import Progress, ShouldStop, Silence, never_stop
from core.quality.numerics.blocks import read_times
from core.quality.profile import QualityProfile, profile_dataset
from core.recipe.model import Recipe
from core.samples.prepare import Prepared, choose_features, prepare, tells_time
from core.workspace.cache import Cache
from core.workspace.stamp import Stamp, take_stamp

if TYPE_CHECKING:
    from core.importance.ranking import ImportanceRanking
    from core.regression.ols import RegressionReport
    from core.workspace.projects import SourceFile


FEWEST_TO_CUT = 20


def read(
    source: Path,
    recipe: Recipe,
    tables: Path,
    progress: Progress = Silence(),
    should_stop: ShouldStop = never_stop,
    fingerprint: str | None = None,
) -> Dataset:
    """Return the data set that a file becomes under the recipe's ingest settings; read once, then found again in `tables`."""
    fingerprint = fingerprint or fingerprint_file(source)
    folder = tables / dataset_key(source, recipe.ingest, fingerprint)
    if (folder / DESCRIPTION_FILE).exists():
        return load_dataset(folder)
    return read_table(source, recipe.ingest, folder, progress, should_stop, fingerprint)


@dataclass(frozen=True)
class Comparison:
    """What a newer file changed; without `changes`, `fault` says why that cannot be told."""

    changes: FileChanges | None
    fault: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What there is to say of it."""
        if self.changes is not None:
            return say_changes(self.changes)
        return (
            legacy_finding(
                "not-compared", Severity.INFO, "The earlier file could not be compared with this one", self.fault
            ),
        )


def compare(
    earlier: "SourceFile",
    dataset: Dataset,
    recipe: Recipe,
    tables: Path,
    cache: Cache,
    progress: Progress = Silence(),
    should_stop: ShouldStop = never_stop,
) -> Comparison:
    """Return what changed from the file that a project had earlier to its data set; compared once, then kept."""

    def look() -> Comparison:
        try:
            old = read_earlier(earlier, recipe, tables, progress, should_stop)
        except (DataError, RecipeError, WorkspaceError) as error:
            return Comparison(None, str(error))
        progress.step(0, 1, "Comparing with the earlier file")
        found = Comparison(compare_datasets(old, dataset))
        progress.step(1, 1, "Comparing with the earlier file")
        return found

    return cache.fetch("changes", changes_key(earlier, dataset, recipe), Comparison, look)


def changes_key(earlier: "SourceFile", dataset: Dataset, recipe: Recipe) -> str:
    """Return the key of the comparison: both files, and how each is read."""
    return fingerprint_of(dataset_key(earlier.path, recipe.ingest, earlier.fingerprint), dataset.key)


def read_earlier(
    earlier: "SourceFile",
    recipe: Recipe,
    tables: Path,
    progress: Progress = Silence(),
    should_stop: ShouldStop = never_stop,
) -> Dataset:
    """Return the data set of an earlier file, read as the recipe now says, so that only the data differ.

    Where the recipe does not fit it, since a column got another name, it is as it was read last.
    """
    try:
        return read(earlier.path, recipe, tables, progress, should_stop, earlier.fingerprint)
    except (DataError, RecipeError):
        written = sorted(tables.glob(f"*/{DESCRIPTION_FILE}"), key=lambda file: file.stat().st_mtime, reverse=True)
        known = (load_dataset(file.parent) for file in written)
        found = next((dataset for dataset in known if dataset.fingerprint == earlier.fingerprint), None)
        if found is None:
            raise
        return found


def target_of(dataset: Dataset, recipe: Recipe) -> str | None:
    """Return the recipe's target, or the column that the data propose, or None where no column can be one."""
    if recipe.ingest.target is not None:
        return recipe.ingest.target
    try:
        return propose_target(dataset)
    except DataError:
        return None


def starter_recipe(dataset: Dataset, target: str | None = None, recipe: Recipe = Recipe()) -> Recipe:
    """Return a recipe that runs on these data: what the file settles is written down, the rest has its default."""
    target = require_target(dataset, target or propose_target(dataset))
    time = dataset.time_column if tells_time(dataset) else None
    series = dataset.series_column or dataset.pivoted_by
    return recipe.change("ingest", time_column=time, series_column=series, target=target)


def profile(
    dataset: Dataset,
    recipe: Recipe,
    cache: Cache,
    progress: Progress = Silence(),
    should_stop: ShouldStop = never_stop,
) -> QualityProfile:
    """Return the statistics of every column, over all rows and over the train era; scanned once, then kept."""

    def scan() -> QualityProfile:
        target = target_of(dataset, recipe)
        if recipe.ingest.target is not None:
            require_target(dataset, recipe.ingest.target)
        return profile_dataset(dataset, target, _cut(dataset, recipe), recipe.ingest.ignore, progress, should_stop)

    return cache.fetch("profile", profile_key(dataset, recipe), QualityProfile, scan)


def _cut(dataset: Dataset, recipe: Recipe) -> Eras:
    times = read_times(dataset)
    # Data of few rows can be looked at; what wants to learn from them says that there are too few.
    return leave_uncut(times) if len(distinct_stamps(times)) < FEWEST_TO_CUT else cut_eras(times, recipe.split)


def regress(
    dataset: Dataset,
    recipe: Recipe,
    cache: Cache,
    progress: Progress = Silence(),
    should_stop: ShouldStop = never_stop,
    prepared: Prepared | None = None,
) -> "RegressionReport":
    """Return the least-squares fit of the task on the features, with its diagnostics."""
    from core.regression.ols import RegressionReport, fit_regression

    def fit() -> RegressionReport:
        ready = prepared or _prepare(dataset, recipe, cache, progress, should_stop)
        report = fit_regression(ready.features, ready.samples, ready.task, recipe.regression, progress, should_stop)
        return replace(report, findings=worst_first([*ready.findings, *report.findings]))

    return cache.fetch("regression", regression_key(dataset, recipe), RegressionReport, fit)


def rank(
    dataset: Dataset,
    recipe: Recipe,
    cache: Cache,
    progress: Progress = Silence(),
    should_stop: ShouldStop = never_stop,
    prepared: Prepared | None = None,
) -> "ImportanceRanking":
    """Return the features ranked against columns of noise, learned from the train era."""
    from core.importance.ranking import ImportanceRanking, rank_importance

    def fit() -> ImportanceRanking:
        ready = prepared or _prepare(dataset, recipe, cache, progress, should_stop)
        ranking = rank_importance(
            ready.features, ready.samples, ready.task, recipe.importance, recipe.training.seed, progress, should_stop
        )
        return replace(ranking, findings=worst_first([*ready.findings, *ranking.findings]))

    return cache.fetch("importance", importance_key(dataset, recipe), ImportanceRanking, fit)


def _prepare(dataset: Dataset, recipe: Recipe, cache: Cache, progress: Progress, should_stop: ShouldStop) -> Prepared:
    return prepare(dataset, recipe, profile(dataset, recipe, cache, progress, should_stop))


def profile_key(dataset: Dataset, recipe: Recipe) -> str:
    """Return the key of the profile: the data as read, the target, and where the eras are cut."""
    return fingerprint_of(dataset.key, target_of(dataset, recipe), recipe.ingest.ignore, recipe.split)


def _prepared_key(dataset: Dataset, recipe: Recipe) -> str:
    return fingerprint_of(
        profile_key(dataset, recipe),
        recipe.cleaning,
        recipe.features,
        recipe.ingest.availability_lag,
        recipe.training.predict,
        recipe.training.horizon,
    )


def regression_key(dataset: Dataset, recipe: Recipe) -> str:
    """Return the key of the regression: everything that its numbers depend on."""
    return fingerprint_of(_prepared_key(dataset, recipe), recipe.regression)


def importance_key(dataset: Dataset, recipe: Recipe) -> str:
    """Return the key of the ranking: everything that its numbers depend on."""
    return fingerprint_of(_prepared_key(dataset, recipe), recipe.importance, recipe.training.seed)


def training_key(dataset: Dataset, recipe: Recipe) -> str:
    """Return the key of the trained network: everything that its weights depend on."""
    return fingerprint_of(_prepared_key(dataset, recipe), recipe.training, importance_key(dataset, recipe))


def walk(
    dataset: Dataset,
    recipe: Recipe,
    cache: Cache,
    out: Path,
    open_test: bool = True,
    progress: Progress = Silence(),
    should_stop: ShouldStop = never_stop,
    stamp: Stamp | None = None,
) -> Walked:
    """Return how the whole walk ended, and write every result into the folder `out`.

    While `open_test` is False the test era stays sealed: no file in `out` tells its outcomes. Called again with True on the
    same folder, the trained network is found there and only what looks at the test era is made anew. A stop during
    training keeps the best weights so far and finishes the walk with them; a stop anywhere else raises `Stopped`.
    """
    quality = profile(dataset, recipe, cache, progress, should_stop)
    ready = prepare(dataset, recipe, quality)
    regression = regress(dataset, recipe, cache, progress, should_stop, ready)
    ranking = rank(dataset, recipe, cache, progress, should_stop, ready)
    chosen, absent = choose_features(recipe.training.features or ranking.chosen, ready.features, "training")
    scaling = fit_scaling(ready.features, chosen, ready.samples, ready.task, recipe.cleaning.scale)
    windows = make_windows(ready.features, chosen, ready.samples, ready.task, scaling, recipe.training.window)

    network, training = keep_training(
        out / WORK, training_key(dataset, recipe), windows, recipe.training, open_test, progress, should_stop
    )
    training = replace(training, findings=(*ready.findings, *absent, *training.findings))
    # What was stopped was the training: what it has learned is still worth judging.
    going_on = never_stop if training.stopped else should_stop
    levels = {"lstm": predict_levels(network, windows, scaling, ready.task, going_on)} | fit_baselines(
        ready.features, windows, ready.samples, ready.task, recipe.evaluation, recipe.training.seed, progress, going_on
    )
    interval = calibrate_interval(windows, ready.task, levels["lstm"], recipe.evaluation.coverage)
    predictions = build_predictions(ready.features, windows, ready.task, levels, interval, open_test)
    cost = recipe.evaluation.cost_bps
    evaluation = evaluate(predictions, ready.features, ready.samples, ready.task, interval, cost)
    if dataset.is_counted:
        evaluation = replace(evaluation, neighbours=von_neumann_ratio(ready.features, ready.samples))
    walked = Walked(training=training, evaluation=evaluation, verdict=judge(evaluation))
    model = Model(chosen=chosen, scaling=scaling, network=network, interval=interval)
    progress.step(0, 1, "Report and bundle")
    steps = StepResults(
        dataset=dataset, recipe=recipe, quality=quality, ready=ready, regression=regression, ranking=ranking
    )
    write_results(out, steps, model, predictions, walked, stamp or take_stamp())
    progress.step(1, 1, "Report and bundle")
    return walked
