"""The files that a walk writes: every name and key of the command line's contract."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import ValidationError

from core.cleaning.fitted import FittedCleaning
from core.cleaning.plan import CleaningPlan
from core.data.calendar import MarketCalendar, learn_calendars_by_name
from core.data.dataset import Dataset
from core.data.user_file import UserFile
from core.delivery.bundle import MOST_CALENDARS, MOST_TEXT, Manifest, Refit, Verified
from core.delivery.model_card import render_model_card
from core.delivery.next_forecast import NextForecast, NextRow, forecast_next, load_next_forecast, write_next_forecast
from core.delivery.packing import write_bundle
from core.delivery.report import ReportInput, render_report
from core.delivery.score_rows import score_features
from core.delivery.table_format import learn_table_format
from core.delivery.tables import write_csv
from core.delivery.verifying import verify_bundle
from core.errors.model import BundleError
from core.errors.workspace import ResultsMissing, ResultsOutdated
from core.forecast import versions
from core.forecast.evaluation.bounds import OutcomeBounds
from core.forecast.evaluation.calibration import Calibration
from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.intervals import Interval
from core.forecast.evaluation.metrics_document import metrics_document
from core.forecast.evaluation.trials import Trials
from core.forecast.evaluation.verdict import Verdict, reach_verdict
from core.forecast.network.network import Network
from core.forecast.network.scaling import Scaling
from core.forecast.network.training_summary import TrainingSummary
from core.forecast.network.windows import Windows
from core.importance import step as importance_step
from core.importance.ranking import ImportanceRanking, importance_document
from core.io.atomic import write_atomically
from core.io.json import from_json, to_json, write_json
from core.quality import step as quality_step
from core.quality.profile import QualityProfile, profile_document
from core.recipe.model import Recipe
from core.regression import step as regression_step
from core.regression.report import RegressionReport, regression_document
from core.samples import step as samples_step
from core.samples.features import FeatureFrame
from core.samples.prepare import Prepared
from core.text.escape import plain_text
from core.workspace.stamp import Stamp

WORK = ".work"
CARD = "MODEL_CARD.md"
_WALKED_FILE = "walked.json"
_PREDICTIONS_FILE = "predictions.parquet"


def step_versions() -> dict[str, int]:
    """Return the version of every step whose numbers a walk reports."""
    return {
        "profile": quality_step.VERSION,
        "samples": samples_step.VERSION,
        "regression": regression_step.VERSION,
        "importance": importance_step.VERSION,
        "training": versions.TRAINING,
        "evaluation": versions.EVALUATION,
    }


@dataclass(frozen=True, kw_only=True)
class Walked:
    """The results of a walk: training, scores, verdict, the chosen features, and the versions of the steps behind them.

    `cut_short` if a stop left out what the LSTM adds. `verified` is how the bundle compares with the run, and `fault` why it was
    not offered. `ahead` are the forecasts beyond the data. `refit` if these and the bundle are of a refitted network: scores and
    verdict are always those of the network trained on train.
    """

    training: TrainingSummary
    evaluation: Evaluation
    verdict: Verdict
    chosen: tuple[str, ...] = ()
    cut_short: bool = False
    verified: Verified | None = None
    fault: str = ""
    ahead: tuple[NextRow, ...] = ()
    refit: Refit | None = None
    versions: dict[str, int] = field(default_factory=step_versions)

    @property
    def stopped(self) -> bool:
        """Whether the user stopped the training or its ablations; the results are those of the best weights so far."""
        return self.training.stopped or self.cut_short

    def recount(self, trials: Trials) -> "Walked":
        """Return the results under the counts of now: every further trial weakens the verdict on all."""
        evaluation = replace(self.evaluation, trials=trials)
        return replace(self, evaluation=evaluation, verdict=reach_verdict(evaluation))


@dataclass(frozen=True, eq=False, kw_only=True)
class Model:
    """The model to deliver: its cleaning and features, the chosen ones in order, their scaling and windows, network and interval.

    `inputs` are the ranges of the features over the train rows, scaled. `factor` scales predicted levels, `bounds` limit
    predicted outcomes, `calibration` is that of predicted probabilities. `refit` is None if the network is the evaluated one.
    """

    cleaning: FittedCleaning
    features: FeatureFrame
    chosen: tuple[str, ...]
    scaling: Scaling
    windows: Windows
    network: Network
    factor: float
    bounds: OutcomeBounds
    interval: Interval | None
    calibration: Calibration | None = None
    inputs: tuple[tuple[float, float], ...] = ()
    refit: Refit | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class StepResults:
    """The results of the steps before training, the user's file, and where the CatBoost model of the ranking is."""

    dataset: Dataset
    recipe: Recipe
    quality: QualityProfile
    ready: Prepared
    regression: RegressionReport
    ranking: ImportanceRanking
    file: UserFile | None = None
    catboost: Path | None = None

    @property
    def file_name(self) -> str:
        """The name of the user's file; empty if it is not known."""
        return "" if self.file is None else plain_text(self.file.name)

    @property
    def plan(self) -> CleaningPlan:
        """Which columns are kept, and why."""
        return self.ready.plan


def write_results(
    out: Path, steps: StepResults, model: Model, keras: Path, predictions: pd.DataFrame, walked: Walked, stamp: Stamp
) -> Walked:
    """Write every file of the contract into `out`, atomically; the record that pages read comes last.

    Returns the results with how the bundle was verified. A bundle that fails is not written.

    Parameters
    ----------
    out
        The folder of the run.
    steps, model
        The results of the steps before training, and the model to deliver.
    keras
        The .keras file of the model's network.
    predictions, walked, stamp
        The table of predictions.csv, the results, and the time and library versions.
    """
    out.mkdir(parents=True, exist_ok=True)
    write_json(out / "recipe.json", steps.recipe)
    write_json(out / "profile.json", profile_document(steps.dataset, steps.quality))
    write_json(out / "plan.json", steps.plan)
    write_json(out / "regression.json", regression_document(steps.regression))
    write_json(out / "importance.json", importance_document(steps.ranking))
    write_json(out / "metrics.json", metrics_document(walked.evaluation))
    write_json(out / "verdict.json", walked.verdict)
    write_atomically(out / "cleaned.parquet", steps.ready.clean.frame.to_parquet(index=False))
    write_csv(predictions, out / "predictions.csv")
    manifest = _manifest(steps, model, stamp, walked.evaluation)
    ahead = forecast_next(manifest.model, model.network, model.features, steps.dataset.frequency, model.windows)
    write_next_forecast(ahead, out / WORK)
    walked = replace(_verify(out, steps, model, manifest, predictions, walked), ahead=ahead.rows(), refit=model.refit)
    manifest = manifest.model_copy(update={"verified": walked.verified})
    source = _report_input(steps, predictions, walked, stamp)
    write_atomically(out / "report.html", render_report(source).encode())
    has_catboost = steps.catboost is not None and steps.catboost.exists()
    write_atomically(out / CARD, render_model_card(source, manifest, has_catboost=has_catboost).encode())
    members = {
        "model.keras": keras,
        **{
            name: out / name
            for name in ("recipe.json", "report.html", "predictions.csv", "metrics.json", "verdict.json", CARD)
        },
    }
    if steps.catboost is not None and has_catboost:
        members["catboost.cbm"] = steps.catboost
    if walked.fault:
        (out / "bundle.zip").unlink(missing_ok=True)
    else:
        write_bundle(out / "bundle.zip", manifest, model.network, members)
    write_atomically(out / WORK / _PREDICTIONS_FILE, predictions.to_parquet(index=False))
    write_atomically(out / WORK / _WALKED_FILE, to_json(walked))
    return walked


def _verify(
    out: Path, steps: StepResults, model: Model, manifest: Manifest, predictions: pd.DataFrame, walked: Walked
) -> Walked:
    """Return the results with how the bundle was verified, or why it was not."""
    draft = out / WORK / "draft.zip"
    try:
        write_bundle(draft, manifest, model.network, {})
        if model.refit is not None:
            predictions = _predict(manifest, model, steps)
        verified = verify_bundle(draft, manifest, steps.file, steps.dataset, predictions)
    except BundleError as error:
        return replace(walked, verified=None, fault=str(error))
    finally:
        draft.unlink(missing_ok=True)
    return replace(walked, verified=verified, fault="")


def _predict(manifest: Manifest, model: Model, steps: StepResults) -> pd.DataFrame:
    """Return the predictions of a refitted network from validation on; those of the run are the evaluated network's."""
    since = np.datetime64(manifest.eras.validation_from, "us")
    frequency, windows = steps.dataset.frequency, model.windows
    scored = score_features(manifest.model, model.network, model.features, frequency, since=since, windows=windows)
    return scored.table


def load_walked(folder: Path) -> Walked:
    """Return the results of the walk in a folder; raises `WorkspaceError` if missing, damaged or outdated."""
    try:
        walked = from_json(Walked, (folder / WORK / _WALKED_FILE).read_bytes())
    except (OSError, ValidationError) as error:
        raise ResultsMissing() from error
    if walked.versions != step_versions():
        raise ResultsOutdated()
    return walked


def load_predictions(folder: Path) -> pd.DataFrame:
    """Return the predictions of the walk in a folder: the table of predictions.csv."""
    return pd.read_parquet(folder / WORK / _PREDICTIONS_FILE)


def load_ahead(folder: Path) -> NextForecast | None:
    """Return the forecast beyond the data of the walk in a folder; None if an earlier version left none."""
    return load_next_forecast(folder / WORK)


def walked_at(folder: Path) -> int | None:
    """Return when the results in a folder were written (ns since the epoch), or None."""
    file = folder / WORK / _WALKED_FILE
    return file.stat().st_mtime_ns if file.exists() else None


def _manifest(steps: StepResults, model: Model, stamp: Stamp, evaluation: Evaluation) -> Manifest:
    dataset, ready = steps.dataset, steps.ready
    ingest = steps.recipe.ingest.model_copy(
        update={
            "time_column": dataset.time_column,
            "series_column": dataset.series_column or dataset.pivoted_by,
        }
    )
    roles = model.cleaning.roles
    kinds = {name: dataset.column(name).kind for name in model.cleaning.columns}
    manifest = Manifest(
        file_name=steps.file_name,
        left_out=tuple(
            column.name[:MOST_TEXT]
            for column in dataset.columns
            if column.name not in (*kinds, roles.time, roles.series)
        ),
        inputs=model.inputs,
        rows_a_year=None if evaluation.volatility is None else evaluation.volatility.rows_a_year,
        made=stamp.made,
        versions=stamp.versions,
        fingerprint=dataset.fingerprint,
        eras=steps.quality.eras,
        frequency=dataset.frequency,
        ingest=ingest,
        roles=roles,
        kinds=kinds,
        cleaning=model.cleaning,
        features=ready.feature_plan.keep(model.chosen),
        chosen=model.chosen,
        scaling=model.scaling,
        shape=model.network.shape,
        networks=len(model.network.members),
        task=ready.task,
        factor=model.factor,
        bounds=model.bounds,
        interval=model.interval,
        calibration=model.calibration,
        trials=evaluation.trials,
        causality=evaluation.causality,
        refit=model.refit,
        calendars=_learn_calendars(dataset),
    )
    if steps.file is None:
        return manifest
    table = learn_table_format(steps.file.path, dataset, roles, manifest.model.needed)
    return manifest.model_copy(update={"table": table})


def _learn_calendars(dataset: Dataset) -> dict[str, MarketCalendar]:
    """Return the calendar of each series, for forecasts beyond the data."""
    series = [dataset.series_column] if dataset.series_column else []
    frame = dataset.read([dataset.time_column, *series])
    names = frame[series[0]].astype(str).to_numpy() if series else None
    found = learn_calendars_by_name(frame[dataset.time_column].to_numpy("datetime64[us]"), names)
    some = sorted(name for name in found if len(name) <= MOST_TEXT)[:MOST_CALENDARS]
    return {name: found[name] for name in some}


def _report_input(steps: StepResults, predictions: pd.DataFrame, walked: Walked, stamp: Stamp) -> ReportInput:
    return ReportInput(
        dataset=steps.dataset,
        profile=steps.quality,
        plan=steps.plan,
        regression=steps.regression,
        ranking=replace(steps.ranking, chosen=walked.chosen),
        training=walked.training,
        evaluation=walked.evaluation,
        verdict=walked.verdict,
        predictions=predictions,
        recipe=steps.recipe,
        task=steps.ready.task,
        made=stamp.made,
        versions=stamp.versions,
        file_name=steps.file_name,
        verified=walked.verified,
        fault=walked.fault,
        ahead=walked.ahead,
        refit=walked.refit,
    )
