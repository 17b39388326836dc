"""Sentences and tables of steps 4 to 8: regression, importance, training, results and export."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from pandas.io.formats.style import Styler

from core.charts.results import EraName
from core.cleaning.cells import requested_transforms
from core.cleaning.plan import plan_cleaning
from core.delivery.delivery_text import verified_text
from core.delivery.results import Walked
from core.delivery.volatility_text import measure_text
from core.findings.look_ahead import KnowsTheFuture, SuspectedLookAhead
from core.findings.model import Finding
from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.scores import naive_rival
from core.forecast.evaluation.trials import Trials
from core.forecast.evaluation.units import OWN, Unit
from core.forecast.evaluation.volatility_measure import VolatilityMeasure
from core.importance.ranking import ImportanceRanking
from core.importance.step import STOPPED, importance_key
from core.recipe.model import Recipe
from core.samples.features import FeaturePlan, plan_features
from core.samples.prepare import suspected_features, volatility_bar
from core.samples.task import resolve_task
from core.text.escape import markdown_text
from core.text.feature_tokens import feature_label, split_token
from core.text.format import (
    ABSENT,
    format_correlation,
    format_count,
    format_error,
    format_percent,
)
from core.workspace.runs import Run, RunState
from pages.parts.frame import state
from pages.parts.frame.context import LoadedContext
from pages.parts.upload.describe_data import p_cell
from pages.parts.widgets import placing

Format = Callable[[float], str] | str


def suspicions(context: LoadedContext, chosen: Iterable[str]) -> tuple[Finding, ...]:
    """Return the findings on columns behind chosen features that are suspected of look-ahead, and not answered yet."""
    quality, ingest = context.quality, context.recipe.ingest
    leaks, _ = suspected_features(plan_of(context), tuple(chosen), quality.suspected_leaks, ingest)
    suspected = {leak.column for leak in leaks}
    return tuple(
        finding
        for finding in quality.findings
        if finding.column in suspected and (finding.is_kind(SuspectedLookAhead) or finding.is_kind(KnowsTheFuture))
    )


def plan_of(context: LoadedContext) -> FeaturePlan:
    """Return the features of the forecast that the recipe builds from these data, without reading a row."""
    target, recipe = context.quality.roles.target, context.recipe
    if target is None:
        return FeaturePlan(steps=(), warm_up=0)
    kept = plan_cleaning(context.quality, recipe.cleaning).kept
    transforms = requested_transforms(recipe.cleaning, kept)
    task, delays = resolve_task(recipe, context.quality), recipe.ingest.availability_lag
    bar = volatility_bar(recipe, context.quality)
    return plan_features(
        (*kept, target),
        context.quality,
        recipe.features,
        delays,
        transforms,
        task.volatility_rows,
        bar,
        keep_level=task.predict == "level",
    )


def feature_options(names: Iterable[str]) -> dict[str, str]:
    """Return features with their labels, or with their tokens if two labels are equal: a widget needs distinct texts."""
    labels = {name: feature_label(name) for name in names}
    return labels if len(set(labels.values())) == len(labels) else {name: name for name in labels}


def feature_list(names: tuple[str, ...]) -> str:
    """Return the labels of features, separated by semicolons: a label holds commas."""
    return "; ".join(map(feature_label, names))


def find_ranking(context: LoadedContext) -> ImportanceRanking | None:
    """Return the ranking with the features that the recipe chooses, or that of a stopped job, or None."""
    key = importance_key(context.work)
    for step in ("importance", STOPPED):
        found = state.cached_result(context.project, step, key, ImportanceRanking)
        if found is not None:
            return found.choose(context.recipe.importance)
    return None


def importance_sentence(ranking: ImportanceRanking) -> str:
    """Return how many features are signal, and which is the best."""
    labels = [feature.label for feature in ranking.features]
    signal, unstable, noise = (labels.count(label) for label in ("signal", "unstable", "noise"))
    counted = f"{signal or 'None'} of {format_count(len(labels), 'feature')} {'are' if signal > 1 else 'is'} signal"
    best = ranking.features[0]
    lag = f", most at lag {best.best_lag}" if best.name in ranking.lags else ""
    top = f" Best: {feature_label(best.name)}, {format_percent(best.importance)} of the outcome's variance{lag}."
    return f"{counted}, {unstable} unstable, {noise} noise.{top if signal else ''}"


def ranking_table(ranking: ImportanceRanking, chosen: Sequence[str]) -> pd.DataFrame:
    """Return one row per feature: whether it is selected, its label, importance, best entry, and the range of its ranks."""
    return pd.DataFrame(
        [
            {
                "selected": f.name in chosen,
                "rank": f.rank,
                "feature": feature_label(f.name),
                "label": f.label + (", suspected leak" if f.suspected else ", category" if f.is_category else ""),
                "importance": f.importance,
                "low": f.low,
                "high": f.high,
                "best lag": f.best_lag,
                "ranked with": "" if f.group == f.name else feature_label(f.group),
                "best": f.rank_low,
                "worst": f.rank_high,
            }
            for f in ranking.features
        ]
    )


def relation_text(context: LoadedContext, feature: str) -> str:
    """Return the class of a feature's same-row relation with the target, as Quality found it; markdown."""
    column, _ = split_token(feature)
    found = next((relation for relation in context.quality.relations if relation.feature == column), None)
    if found is None:
        return markdown_text(f"{feature_label(feature)}: no relation was measured in Quality.")
    kind = {"linear": "a linear", "nonlinear": "a non-linear", "none": "no"}[found.kind]
    return markdown_text(f"Quality finds {kind} relation of {column} with the target in the same row.")


def selection_text(ranking: ImportanceRanking, recipe: Recipe) -> str:
    """Return which features training will use; markdown."""
    if recipe.training.features:
        count = format_count(len(recipe.training.features), "manually selected feature")
        return f"Training uses {count}. Clear the box to use the ranking's selection."
    return markdown_text(f"Training uses the ranking's selection: {feature_list(ranking.chosen)}.")


def inputs_text(context: LoadedContext) -> str:
    """Return which features are the network's inputs; markdown."""
    selected = context.recipe.training.features
    if selected:
        return markdown_text(f"Inputs, selected manually: {feature_list(selected)}.")
    ranking = find_ranking(context)
    if ranking is None or ranking.stopped:
        return f"Inputs: up to {context.recipe.importance.top_k} features, selected in step 5."
    return markdown_text(f"Inputs, selected in step 5: {feature_list(ranking.chosen)}.")


def volatility_inputs_text(context: LoadedContext) -> str:
    """Return how the volatility that training would predict is measured and shown; markdown, empty for other outcomes."""
    if context.recipe.training.predict != "volatility":
        return ""
    measure = VolatilityMeasure(rows_a_year=None, bar=volatility_bar(context.recipe, context.quality))
    shown = "Results show it in percent, per row and annualised."
    return markdown_text(f"{measure_text(measure)} {shown}")


def run_text(run: Run) -> str:
    """Return when a training was started and how it ended; markdown."""
    # Why a run failed is shown above it.
    is_explained = run.state in (RunState.FAILED, RunState.INTERRUPTED)
    ended = f"{run.state.value}." if is_explained or not run.message else run.message
    return f"Last training, started {placing.local_time(run.created)}: {markdown_text(ended)}"


def run_name(run: Run, trainings: Sequence[Run]) -> str:
    """Return the user's name of a training, or its number in the project; `trainings` come latest first."""
    if run.name:
        return run.name
    number = next((len(trainings) - place for place, other in enumerate(trainings) if other.id == run.id), 1)
    return f"Training {number}"


def run_title(run: Run, trainings: Sequence[Run], recipe: Recipe) -> str:
    """Return which of the trainings is shown, when it was started, and whether settings have changed since; markdown."""
    of = f" of {len(trainings):,}" if len(trainings) > 1 and not run.name else ""
    network = f"{run.recipe.training.cell.upper()} {', '.join(str(units) for units in run.recipe.training.units)}"
    changed = "" if run.recipe == recipe else " The project's settings have changed since this training."
    note = f" {markdown_text(run.note)}" if run.note else ""
    name, started = markdown_text(run_name(run, trainings)), placing.local_time(run.created)
    return f"**{name}**{of} · {network} · started {started}.{changed}{note}"


def benchmark_text(evaluation: Evaluation) -> str:
    """Return what is judged, and the naive forecast that the model must beat: the best one on the judged era."""
    scores, _ = evaluation.judged
    judged = {"qlike": "QLIKE", "log_loss": f"log loss of the {evaluation.task.label}"}
    loss = judged.get(evaluation.loss, f"squared error of the {evaluation.task.label}")
    return f"Judged by the {loss}. Benchmark: {evaluation.model_label(naive_rival(scores)).lower()}."


def opening_text(trials: Trials) -> str:
    """Return what it means to score a training on the test era; markdown."""
    if not trials.is_open:
        return (
            "The test era is sealed: nothing has been fitted or selected on it. Choose a training on the validation era first. "
            "An opening counts for all trainings of this project, because every look weakens the test. Openings so far: **0**."
        )
    return (
        f"The test era has been opened **{format_count(trials.opened or 0, 'time')}** in this project or on this file. Settings "
        f"judged on it so far: **{trials.judged_on_test or 0:,}**. This training is not scored on it yet."
    )


LSTM_ADDS = (
    "Memory: against the same network trained on the last row alone, and on windows with their earlier rows in random order. "
    "Non-linearity: against ridge regression on the same windows. All on the same samples; one-sided Diebold-Mariano tests. "
    "Placebo: ridge on targets whose outcomes are shuffled in blocks."
)

# The columns of the score table with their help; the most important come first, for narrow windows.
SCORES = {
    "RMSE": "Root mean squared error, in the unit of the forecasts.",
    "Brier": "Mean squared error of the probability.",
    "loss": "Mean loss that the verdict is based on: QLIKE of a volatility, log loss of a direction, else the squared error of "
    "outcomes divided by the train error of the naive forecast.",
    "R²": "Out-of-sample R²: 1 - loss / loss of the best naive forecast. Negative means worse.",
    "signal p": "Clark-West test: probability of this much signal beyond the naive forecasts if there were none. The largest of "
    "the p-values.",
    "accuracy p": "Diebold-Mariano test: probability of a difference in loss this large if the model and the best naive forecast "
    "were equally accurate.",
    "direction": "Directional accuracy: share of moves whose sign was predicted correctly.",
    "MAE": "Mean absolute error, in the unit of the forecasts.",
    "MASE": "MAE divided by the mean absolute one-row change in the train era.",
    "DM": "Diebold-Mariano statistic against the best naive forecast. Negative: the model's losses are smaller.",
    "rows": "Number of forecasts.",
}


def score_table(evaluation: Evaluation, era: EraName, unit: Unit = OWN) -> Styler:
    """Return one row per model: its scores on one era, errors of levels in `unit`."""
    of_era = (evaluation.test if era == "test" else evaluation.validation) or {}
    table = pd.DataFrame(
        [
            {
                "model": evaluation.model_label(name),
                "R²": s.r2_oos,
                "signal p": p_cell(s.signal_p) or None,
                "accuracy p": p_cell(s.dm_p_value) or None,
                "loss": s.mean_loss,
                **({"RMSE": s.rmse} if s.brier is None else {"Brier": s.brier}),
                "direction": s.directional_accuracy,
                **({"MAE": s.mae, "MASE": s.mase} if s.brier is None else {}),
                "DM": s.dm_statistic,
                "rows": s.n,
            }
            for name, s in of_era.items()
        ]
    )
    formats: dict[str, Format] = {
        "RMSE": unit.error_text,
        "Brier": format_error,
        "loss": format_error,
        "MAE": unit.error_text,
        "R²": format_correlation,
        "direction": format_percent,
        "MASE": _two_decimals,
        "DM": _two_decimals,
        "rows": "{:,}",
    }
    return _format(table, formats)


def _format(table: pd.DataFrame, formats: dict[str, Format]) -> Styler:
    """Return a table with its numbers formatted by column; missing values are dashes."""
    return table.style.format({name: way for name, way in formats.items() if name in table}, na_rep=ABSENT)


def _two_decimals(number: float) -> str:
    return f"{number:z,.2f}"


@dataclass(frozen=True, kw_only=True)
class ExportFile:
    """A file that a training leaves: its name in the run's folder, and how the page presents it."""

    name: str
    short: str
    title: str
    description: str
    mime: str


FILES = (
    ExportFile(
        name="bundle.zip",
        short="model",
        title="Model bundle",
        description="Model card, weights, report and `predict.py`, which needs neither Plumbline nor TensorFlow.",
        mime="application/zip",
    ),
    ExportFile(
        name="report.html",
        short="report",
        title="Report",
        description="A single HTML page that opens offline.",
        mime="text/html",
    ),
    ExportFile(
        name="cleaned.parquet",
        short="data",
        title="Cleaned data",
        description="The rows and columns that the models used, in their own units.",
        mime="application/vnd.apache.parquet",
    ),
    ExportFile(
        name="predictions.csv",
        short="predictions",
        title="Predictions",
        description="Every forecast with its baselines and prediction interval.",
        mime="text/csv",
    ),
    ExportFile(
        name="recipe.json",
        short="recipe",
        title="Recipe",
        description="All settings; `python -m core run` reproduces the results.",
        mime="application/json",
    ),
)


def export_sentence(results: Walked) -> str:
    """Return which eras the files cover."""
    if results.evaluation.test is None:
        if results.evaluation.trials.is_open:
            return "These files cover the validation era; this training is not scored on the test era."
        return "These files cover the validation era; the test era is still sealed."
    return f"These files cover the validation and test eras. {results.verdict.sentence}"


def verified_sentence(results: Walked) -> str:
    """Return how the bundle was verified."""
    return verified_text(results.verified, results.fault, is_refitted=results.refit is not None)


def file_size(path: Path) -> str:
    """Return the size of a file as text."""
    if not path.exists():
        return "not available"
    size = path.stat().st_size
    number, unit = (size / 1e6, "MB") if size >= 1e5 else (size / 1e3, "kB")
    return f"{number:.1f}\N{NO-BREAK SPACE}{unit}"
