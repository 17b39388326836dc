"""The whole walk from file to verdict, one call a step. READ THIS FIRST.

    file ─ read ─ profile ─ samples (clean, features, task) ─ regress, rank ─ train ─ evaluate ─ verdict ─ report, bundle

Every step takes a `Context` and returns a frozen result. Results are cached under a hash of the inputs, settings and step
versions that produced them, so pages (one step at a time) and `walk` (all steps) share results and cannot disagree.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.context import Context
from core.delivery.results import WORK, Model, StepResults, Walked, write_results
from core.forecast import versions
from core.forecast.evaluation.doubts import find_outside_train
from core.forecast.evaluation.evaluation import evaluate
from core.forecast.evaluation.forecasts import forecast
from core.forecast.evaluation.level_predictions import predict_levels
from core.forecast.evaluation.outcomes import choose_loss
from core.forecast.evaluation.tradable import find_obstacle
from core.forecast.evaluation.trials import Trials
from core.forecast.evaluation.verdict import reach_verdict
from core.forecast.evaluation.von_neumann import von_neumann_ratio
from core.forecast.network.training_cache import train_or_load
from core.forecast.network.window_findings import check_windows
from core.forecast.network.windows import fit_scaling, make_windows
from core.importance.step import importance_key, rank
from core.io.fingerprint import fingerprint_of
from core.progress import never_stop
from core.quality.step import profile
from core.recipe.setting_key import setting_key
from core.regression.step import regress
from core.samples.prepare import choose_features, problem_columns, suspected_features
from core.samples.step import prepare_once, samples_key
from core.workspace.stamp import take_stamp

if TYPE_CHECKING:
    from core.workspace.ledger import Ledger


def training_key(context: Context) -> str:
    """Return the key of the trained network: everything that its weights depend on."""
    training = context.recipe.training
    # Features that are selected by hand do not depend on the ranking.
    selected = None if training.features else (importance_key(context), context.recipe.importance)
    return fingerprint_of(versions.TRAINING, samples_key(context), training, selected)


def walk(context: Context, out: Path, open_test: bool = True, ledger: "Ledger | None" = None) -> Walked:
    """Run every step and write all results into the folder `out`.

    With `open_test=False`, nothing in `out` reveals test results. Calling again with `open_test=True` and the same `out`
    reuses the trained network and only adds the test evaluation. If the user stops during training, the walk finishes
    with the best weights so far; a stop at any other point raises `Stopped`.

    Parameters
    ----------
    context
        The data set, the recipe, the cache, and how to report progress and stop.
    out
        The folder for the results; the names of its files are the command line's contract.
    open_test
        Whether to evaluate on the test era too.
    ledger
        Where the training and the opening are recorded; without one, trials are not counted.
    """
    recipe, progress = context.recipe, context.progress
    quality, ready = profile(context), prepare_once(context)
    regression, ranking = regress(context), rank(context)
    chosen, absent = choose_features(recipe.training.features or ranking.chosen, ready.features, "training")
    scaling = fit_scaling(ready.features, chosen, ready.samples, ready.task, recipe.cleaning.scale)
    windows = make_windows(ready.features, chosen, ready.samples, ready.task, scaling, recipe.training.window)

    trained = train_or_load(
        out / WORK, training_key(context), windows, recipe.training, open_test, progress, context.should_stop
    )
    network, training = trained.network, trained.summary
    incomplete = check_windows(ready.features, ready.feature_plan, chosen, recipe.training.window)
    before = (*ready.findings, *absent, *([incomplete] if incomplete else []))
    training = replace(training, findings=(*before, *training.findings))
    trials = _record_trial(context, ledger, open_test=open_test)
    # A stop ended the training only: its best weights are still evaluated.
    should_stop = never_stop if training.stopped else context.should_stop
    judging, seed = recipe.evaluation, recipe.training.seed
    loss = choose_loss(ready.features, ready.samples, ready.task)
    # Only forecasts that are judged by QLIKE are scaled to their train outcomes.
    lstm = predict_levels(network, windows, scaling, ready.task, should_stop, with_train=loss == "qlike")
    made = forecast(lstm, ready, windows, judging, loss, seed, progress, should_stop, open_test=open_test)
    obstacle = find_obstacle(judging.tradable, quality, ready, loss)
    evaluation = evaluate(
        made.predictions,
        ready.features,
        ready.samples,
        ready.task,
        loss,
        made.interval,
        judging.cost_bps,
        obstacle,
    )
    if context.dataset.is_counted:
        evaluation = replace(evaluation, von_neumann_ratio=von_neumann_ratio(ready.features, ready.samples))
    suspected, known = suspected_features(ready.feature_plan, chosen, quality.suspected_leaks, recipe.ingest)
    evaluation = replace(
        evaluation,
        suspected=suspected,
        known_in_time=known,
        diverged=made.diverged,
        outside_train=find_outside_train(windows, chosen, evaluation.judged[1]),
        problem_columns=problem_columns(quality, ready.feature_plan, chosen),
        trials=trials,
    )
    verdict = reach_verdict(evaluation)
    walked = Walked(training=training, evaluation=evaluation, verdict=verdict, chosen=chosen)

    progress.step(0, 1, "Report and bundle")
    results = StepResults(
        dataset=context.dataset, recipe=recipe, quality=quality, ready=ready, regression=regression, ranking=ranking
    )
    model = Model(
        chosen=chosen,
        scaling=scaling,
        network=network,
        factor=made.factor,
        bounds=made.bounds,
        interval=made.interval,
    )
    write_results(out, results, model, made.predictions, walked, take_stamp())
    progress.step(1, 1, "Report and bundle")
    return walked


def _record_trial(context: Context, ledger: "Ledger | None", *, open_test: bool) -> Trials:
    """Record the fitted setting and its opening; return the counts so far."""
    if ledger is None:
        return Trials()
    fingerprint = context.dataset.fingerprint
    setting = setting_key(fingerprint, context.recipe)
    ledger.record_training(fingerprint, setting)
    if open_test:
        # Before the first look: an opening that breaks off has seen the test era too.
        ledger.record_opening(fingerprint, setting)
    return ledger.count(fingerprint)
