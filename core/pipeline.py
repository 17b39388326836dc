"""The whole walk from file to verdict, one call a step. READ THIS FIRST.

    file ─ read ─ profile ─ samples (clean, features, task) ─ regress, rank ─ train ─ evaluate ─ verdict ─ report, bundle

Every step takes a `Context` and returns a frozen result. Results are cached under a hash of the inputs, settings and step
versions that produced them, so pages (one step at a time) and `walk` (all steps) share results and cannot disagree.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.context import Context
from core.delivery.results import WORK, Model, StepResults, Walked, write_results
from core.folds import FOLDER, find_folds, run_folds
from core.forecast import versions
from core.forecast.evaluation.causality import certify_causality
from core.forecast.evaluation.certificate import Certificate
from core.forecast.evaluation.doubts import find_outside_train, train_ranges
from core.forecast.evaluation.evaluation import Evaluation, evaluate
from core.forecast.evaluation.forecasts import Forecasts, forecast
from core.forecast.evaluation.level_predictions import predict_levels
from core.forecast.evaluation.linear_level import report_linear
from core.forecast.evaluation.lstm_adds import measure_lstm_adds
from core.forecast.evaluation.outcomes import choose_loss
from core.forecast.evaluation.placebo import measure_placebo
from core.forecast.evaluation.scores import Loss
from core.forecast.evaluation.tradable import find_obstacle
from core.forecast.evaluation.trials import Trials
from core.forecast.evaluation.validation_levels import show_levels
from core.forecast.evaluation.verdict import reach_verdict
from core.forecast.evaluation.volatility_measure import measure_of
from core.forecast.evaluation.von_neumann import von_neumann_ratio
from core.forecast.evaluation.walk_forward import Period, WalkForward, slice_losses
from core.forecast.network.ablations import train_ablations, without_lags
from core.forecast.network.extreme_values import check_extreme, naming_extremes
from core.forecast.network.network import Network
from core.forecast.network.scaling import Scaling, fit_scaling
from core.forecast.network.training_cache import CHECKPOINTS, KERAS_FILE, is_trained, train_or_load
from core.forecast.network.training_summary import TrainingSummary
from core.forecast.network.window_findings import check_windows
from core.forecast.network.windows import Windows, make_windows, require_windows
from core.importance.inputs import choose_inputs
from core.importance.step import importance_key, model_file, rank
from core.io.cache import Cache
from core.io.fingerprint import fingerprint_of
from core.progress import never_stop
from core.quality.forecastability.guide import recommend
from core.quality.step import profile
from core.recipe.setting_key import setting_key
from core.refit import FOLDER as REFIT_FOLDER
from core.refit import refit as refit_model
from core.regression.step import regress
from core.runtime import one_blas_thread
from core.samples.prepare import problem_columns, suspected_features
from core.samples.step import samples_key
from core.workspace.stamp import take_stamp

if TYPE_CHECKING:
    from core.workspace.ledger import Ledger


def training_key(context: Context) -> str:
    """Return the key of the trained network: everything that its weights depend on."""
    training = context.recipe.training
    # Features that are selected by hand do not depend on the ranking.
    selected = None if training.features else (importance_key(context), context.recipe.importance)
    return fingerprint_of(versions.TRAINING, samples_key(context), training, selected)


def walk(
    context: Context,
    out: Path,
    open_test: bool = True,
    ledger: "Ledger | None" = None,
    folds: bool = False,
    refit: bool | None = None,
) -> Walked:
    """Run every step and write all results into the folder `out`.

    With `open_test=False`, nothing in `out` reveals test results. Calling again with `open_test=True` and the same `out`
    reuses the trained network and only adds the test evaluation. If the user stops during training, the walk finishes
    with the best weights so far, and without its ablations; a stop at any other point raises `Stopped`.

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
    folds
        Whether to run the walk-forward folds; those that `out` has are reported anyway.
    refit
        Whether the delivered network is refitted on train and validation; None: as the recipe says.
    """
    regression, ranking = regress(context), rank(context)
    ready = choose_inputs(context).ready
    trained = _train(context, out, open_test=open_test)
    trials = _record_trial(context, ledger, open_test=open_test)
    if folds and not trained.stopped and context.recipe.evaluation.walk_forward_folds:
        run_folds(context, out / WORK / FOLDER)
    with one_blas_thread():
        evaluation, made = _evaluate(context, out, trained, open_test=open_test)
    evaluation = replace(evaluation, trials=trials)
    walked = Walked(
        training=trained.summary,
        evaluation=evaluation,
        verdict=reach_verdict(evaluation),
        chosen=trained.chosen,
        cut_short=trained.cut_short,
    )
    results = StepResults(
        dataset=context.dataset,
        recipe=context.recipe,
        quality=profile(context),
        ready=ready,
        regression=regression,
        ranking=ranking,
        file=context.file,
        catboost=model_file(context.cache.folder, importance_key(context)),
    )
    model = Model(
        cleaning=ready.fitted,
        features=ready.features,
        chosen=trained.chosen,
        scaling=trained.scaling,
        windows=trained.windows,
        network=trained.network,
        factor=made.factor,
        bounds=made.bounds,
        interval=made.interval,
        calibration=made.calibration,
        inputs=train_ranges(trained.windows),
    )
    keras = out / WORK / KERAS_FILE
    if (context.recipe.evaluation.refit if refit is None else refit) and not trained.stopped:
        folder = out / WORK / REFIT_FOLDER
        found = refit_model(context, folder, training_key(context), trained.chosen, trained.summary)
        keras = folder / KERAS_FILE
        model = replace(
            model,
            cleaning=found.ready.fitted,
            features=found.ready.features,
            scaling=found.scaling,
            windows=found.windows,
            network=found.network,
            inputs=train_ranges(found.windows),
            refit=found.record,
        )
    context.progress.step(0, 1, "Report and bundle")
    walked = write_results(out, results, model, keras, made.predictions, walked, take_stamp())
    context.progress.step(1, 1, "Report and bundle")
    return walked


@dataclass(frozen=True, eq=False, kw_only=True)
class _Trained:
    """The trained network with its inputs, and its ablations: networks with their own windows by name.

    `cut_short` if a stop left out the ablations.
    """

    chosen: tuple[str, ...]
    scaling: Scaling
    windows: Windows
    network: Network
    summary: TrainingSummary
    ablations: dict[str, tuple[Network, Windows]]
    cut_short: bool

    @property
    def stopped(self) -> bool:
        """Whether a stop ended the training or its ablations; what is trained is still evaluated."""
        return self.summary.stopped or self.cut_short


def _train(context: Context, out: Path, *, open_test: bool) -> _Trained:
    """Train the network and its ablations, or load them from `out`."""
    recipe, inputs = context.recipe, choose_inputs(context)
    ready, chosen = inputs.ready, inputs.chosen
    scaling = fit_scaling(ready.features, chosen, ready.samples, ready.task, recipe.cleaning.scale)
    windows = make_windows(ready.features, chosen, ready.samples, ready.task, scaling, recipe.training.window)
    key, settings, progress, should_stop = training_key(context), recipe.training, context.progress, context.should_stop
    lines = ready.features.lines
    show_levels(out / WORK / CHECKPOINTS, ready, windows, scaling, settings)
    if not is_trained(out / WORK):
        require_windows(windows)
        report_linear(windows, ready.task, settings, progress, should_stop)
    with naming_extremes(windows, chosen, lines):
        trained = train_or_load(out / WORK, key, windows, settings, open_test, progress, should_stop)
    incomplete = check_windows(ready.features, ready.feature_plan, chosen, settings.window)
    extreme = None
    if trained.summary.diverged:
        extreme = check_extreme(windows, chosen, lines, ready.feature_plan, ready.task.target)
    before = (*ready.findings, *inputs.findings, *(found for found in (incomplete, extreme) if found))
    ablations: dict[str, tuple[Network, Windows]] | None = {}
    if recipe.evaluation.lstm_adds and not trained.summary.stopped:
        ablations = train_ablations(out / WORK, key, without_lags(windows, chosen), settings, progress, should_stop)
    return _Trained(
        chosen=chosen,
        scaling=scaling,
        windows=windows,
        network=trained.network,
        summary=replace(trained.summary, findings=(*before, *trained.summary.findings)),
        ablations=ablations or {},
        cut_short=ablations is None,
    )


def _evaluate(context: Context, out: Path, trained: _Trained, *, open_test: bool) -> tuple[Evaluation, Forecasts]:
    """Return the evaluation, without the trials, and the forecasts behind it; the certificate is kept in `out`."""
    quality, ready, judging = profile(context), choose_inputs(context).ready, context.recipe.evaluation
    features, samples, task = ready.features, ready.samples, ready.task
    should_stop = never_stop if trained.stopped else context.should_stop
    loss = choose_loss(features, samples, task)
    networks = {"lstm": (trained.network, trained.windows)} | trained.ablations
    # Only forecasts that are judged by QLIKE are scaled to their train outcomes.
    levels = {
        name: predict_levels(network, windows, task, should_stop, with_train=loss == "qlike")
        for name, (network, windows) in networks.items()
    }
    seed, progress = context.recipe.training.seed, context.progress
    made = forecast(levels, ready, trained.windows, judging, loss, seed, progress, should_stop, open_test=open_test)
    obstacle = find_obstacle(judging.tradable, quality, ready, loss)
    evaluation = evaluate(made.predictions, features, samples, task, loss, made.interval, judging.cost_bps, obstacle)
    if context.dataset.is_counted:
        evaluation = replace(evaluation, von_neumann_ratio=von_neumann_ratio(features, samples))
    if trained.ablations:
        adds = measure_lstm_adds(made.predictions, made.ablated, features, samples, task, loss)
        placebo = measure_placebo(trained.windows, task, seed, should_stop, open_test=open_test)
        evaluation = replace(evaluation, lstm_adds=None if adds is None else replace(adds, placebo=placebo))
    plan, chosen = ready.feature_plan, trained.chosen
    key = fingerprint_of(versions.EVALUATION, training_key(context), trained.summary.best_epochs)
    causality = Cache(out / WORK).fetch(
        "causality", key, Certificate, lambda: certify_causality(context, trained.network, chosen, should_stop)
    )
    suspected, known = suspected_features(plan, chosen, quality.suspected_leaks, context.recipe.ingest)
    evaluation = replace(
        evaluation,
        suspected=suspected,
        known_in_time=known,
        diverged=made.diverged,
        outside_train=find_outside_train(trained.windows, chosen, evaluation.judged[1]),
        problem_columns=problem_columns(quality, plan, chosen, context.recipe),
        causality=causality,
        walk_forward=_find_periods(context, out, made, loss),
        guide=recommend(quality.forecastability, quality.relations, quality.target, task.horizon, task.predict),
        volatility=measure_of(ready, quality.eras, is_counted=context.dataset.is_counted),
        calibration=made.calibration,
    )
    return evaluation, made


def _find_periods(context: Context, out: Path, made: Forecasts, loss: Loss) -> WalkForward | None:
    """Return the walk-forward periods that `out` has, and the test era, if it is open, as the last one."""
    found = find_folds(context, out / WORK / FOLDER)
    test = made.predictions[made.predictions["era"] == "test"]
    if found is None or not len(test):
        return found
    ready, eras = choose_inputs(context).ready, profile(context).eras
    slices = slice_losses(test, ready.features, ready.samples, ready.task, loss)
    period = Period(start=eras.test_from, end=eras.end, era="test", slices=slices)
    return replace(found, periods=(*found.periods, period))


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
