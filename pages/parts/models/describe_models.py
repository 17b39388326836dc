"""Sentences and tables of steps 4 to 8: regression, importance, training, results and export."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from pandas.io.formats.style import Styler

from core.charts.results import EraName
from core.cleaning.cells import requested_transforms
from core.cleaning.plan import plan_cleaning
from core.delivery.results import Walked
from core.findings.look_ahead import KnowsTheFuture, SuspectedLookAhead
from core.findings.model import Finding
from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.scores import LABELS, naive_rival
from core.forecast.evaluation.trials import Trials
from core.importance.ranking import ImportanceRanking
from core.importance.step import STOPPED, importance_key
from core.recipe.model import Recipe
from core.regression.report import RegressionReport
from core.samples.features import FeaturePlan, plan_features
from core.samples.prepare import suspected_features
from core.samples.task import resolve_task
from core.text.escape import markdown_text
from core.text.feature_tokens import feature_label, split_token
from core.text.format import (
    ABSENT,
    format_correlation,
    format_count,
    format_error,
    format_number,
    format_percent,
)
from core.workspace.runs import Run
from pages.parts.frame import state
from pages.parts.frame.context import LoadedContext
from pages.parts.upload.describe_data import p_cell
from pages.parts.widgets import placing

Format = Callable[[float], str] | str


def feature_names(context: LoadedContext) -> tuple[str, ...]:
    """Return the tokens of the features that the recipe builds from these data, without reading a row."""
    return tuple(step.name for step in _plan(context).steps)


def suspicions(context: LoadedContext, chosen: Iterable[str]) -> tuple[Finding, ...]:
    """Return the findings on columns behind chosen features that are suspected of look-ahead, and not answered yet."""
    quality, ingest = context.quality, context.recipe.ingest
    leaks, _ = suspected_features(_plan(context), tuple(chosen), quality.suspected_leaks, ingest)
    suspected = {leak.column for leak in leaks}
    return tuple(
        finding
        for finding in quality.findings
        if finding.column in suspected and (finding.is_kind(SuspectedLookAhead) or finding.is_kind(KnowsTheFuture))
    )


def _plan(context: LoadedContext) -> FeaturePlan:
    target, recipe = context.quality.roles.target, context.recipe
    if target is None:
        return FeaturePlan(steps=(), warm_up=0)
    kept = plan_cleaning(context.quality, recipe.cleaning).kept
    transforms = requested_transforms(recipe.cleaning, kept)
    delays, volatility = recipe.ingest.availability_lag, resolve_task(recipe, context.quality).volatility_rows
    return plan_features((*kept, target), context.quality, recipe.features, delays, transforms, volatility)


def feature_options(names: Iterable[str]) -> dict[str, str]:
    """Return features with their labels, or with their tokens if two labels are equal: a widget needs distinct texts."""
    labels = {name: feature_label(name) for name in names}
    return labels if len(set(labels.values())) == len(labels) else {name: name for name in labels}


def feature_list(names: tuple[str, ...]) -> str:
    """Return the labels of features, separated by semicolons: a label holds commas."""
    return "; ".join(map(feature_label, names))


def regression_sentence(report: RegressionReport) -> str:
    """Return the fit of the regression, in and out of sample, in two sentences."""
    explain = "1 feature explains" if len(report.features) == 1 else f"{len(report.features)} features explain"
    out_of_sample = "not available" if report.r2_oos is None else format_correlation(report.r2_oos)
    return (
        f"{explain} {format_percent(report.r_squared)} of the variance of the {report.task.label} "
        f"({format_count(report.rows, 'train row')}). "
        f"R² against {report.rival} on {format_count(report.oos_rows, 'validation row')}: {out_of_sample}."
    )


def coefficient_table(report: RegressionReport) -> Styler:
    """Return one row per coefficient: Newey-West standard errors first, then ordinary ones."""
    table = pd.DataFrame(
        [
            {
                "feature": feature_label(c.name),
                "coefficient": c.coef,
                "HAC SE": c.std_err_hac,
                "HAC p": p_cell(c.p_value_hac),
                "t": c.t,
                "p": p_cell(c.p_value),
                "SE": c.std_err,
            }
            for c in report.coefficients
        ]
    )
    return _format(
        table, {"coefficient": format_number, "HAC SE": format_number, "SE": format_number, "t": _two_decimals}
    )


def diagnostics_table(report: RegressionReport) -> pd.DataFrame:
    """Return one row per test of the residuals, with its result in a sentence."""
    results = {True: "passed", False: "failed", None: "not available"}
    return pd.DataFrame(
        [
            {
                "test": d.name,
                "result": results[d.passed],
                "statistic": format_number(d.statistic),
                "p": p_cell(d.p_value),
                "interpretation": d.sentence,
            }
            for d in report.diagnostics
        ]
    )


def univariate_table(report: RegressionReport) -> Styler:
    """Return one row per feature: the regression on it alone."""
    table = pd.DataFrame(
        [
            {
                "feature": feature_label(s.name),
                "coefficient": s.coef,
                "HAC t": s.t_hac,
                "HAC p": p_cell(s.p_value_hac),
                "R²": s.r_squared,
            }
            for s in report.scan
        ]
    )
    return _format(table, {"coefficient": format_number, "HAC t": _two_decimals, "R²": format_correlation})


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
    top = (
        f" Best: {feature_label(best.name)}, {format_percent(best.importance)} of the outcome's variance."
        if signal
        else ""
    )
    return f"{counted}, {unstable} unstable, {noise} noise.{top}"


def ranking_table(ranking: ImportanceRanking, chosen: Sequence[str]) -> pd.DataFrame:
    """Return one row per feature: whether it is selected, its label, importance, best entry, and the range of its ranks."""
    return pd.DataFrame(
        [
            {
                "selected": f.name in chosen,
                "rank": f.rank,
                "feature": feature_label(f.name),
                "label": f"{f.label}, suspected leak" if f.suspected else f.label,
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


def run_text(run: Run) -> str:
    """Return when a training was started and how it ended; markdown."""
    ended = run.message or f"{run.state.value}."
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
    loss = "QLIKE" if evaluation.loss == "qlike" else f"squared error of the {evaluation.task.label}"
    return f"Judged by the {loss}. Benchmark: {LABELS[naive_rival(scores)].lower()}."


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


# The columns of the score table with their help; the most important come first, for narrow windows.
SCORES = {
    "RMSE": "Root mean squared error, in the target's unit.",
    "loss": "Mean loss that the verdict is based on: QLIKE of a volatility, else the squared error of outcomes divided by the "
    "train error of the naive forecast.",
    "R²": "Out-of-sample R²: 1 - loss / loss of the best naive forecast. Negative means worse.",
    "signal p": "Clark-West test: probability of this much signal beyond the naive forecasts if there were none. The largest of "
    "the p-values.",
    "accuracy p": "Diebold-Mariano test: probability of a difference in loss this large if the model and the best naive forecast "
    "were equally accurate.",
    "direction": "Directional accuracy: share of moves whose sign was predicted correctly.",
    "MAE": "Mean absolute error, in the target's unit.",
    "MASE": "MAE divided by the mean absolute one-row change in the train era.",
    "DM": "Diebold-Mariano statistic against the best naive forecast. Negative: the model's losses are smaller.",
    "rows": "Number of forecasts.",
}


def score_table(evaluation: Evaluation, era: EraName) -> Styler:
    """Return one row per model: its scores on one era."""
    of_era = (evaluation.test if era == "test" else evaluation.validation) or {}
    table = pd.DataFrame(
        [
            {
                "model": LABELS.get(name, name),
                "R²": s.r2_oos,
                "signal p": p_cell(s.signal_p) or None,
                "accuracy p": p_cell(s.dm_p_value) or None,
                "loss": s.mean_loss,
                "RMSE": s.rmse,
                "direction": s.directional_accuracy,
                "MAE": s.mae,
                "MASE": s.mase,
                "DM": s.dm_statistic,
                "rows": s.n,
            }
            for name, s in of_era.items()
        ]
    )
    formats: dict[str, Format] = {
        "RMSE": format_error,
        "loss": format_error,
        "MAE": format_error,
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
        description="Weights, scaling, recipe, report and `predict.py`, which runs without Plumbline or TensorFlow.",
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


def file_size(path: Path) -> str:
    """Return the size of a file as text."""
    if not path.exists():
        return "not available"
    size = path.stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"
