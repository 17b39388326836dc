"""Steps 4 to 8 in words and tables, for pages to place: what models found and what a training left behind."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from pandas.io.formats.style import Styler

from core.cleaning.plan import plan_cleaning
from core.delivery.results import Walked
from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.scores import LABELS, naive_rival
from core.importance.ranking import ImportanceRanking
from core.importance.step import importance_key
from core.recipe.model import Recipe
from core.regression.ols import RegressionReport
from core.samples.features import plan_features
from core.text.escape import markdown_text
from core.text.format import ABSENT, format_correlation, format_error, format_number, format_percent
from core.workspace.projects import Project
from core.workspace.runs import Run
from pages.parts.frame import state
from pages.parts.frame.context import PageContext
from pages.parts.upload.describe_data import p_cell


def feature_names(context: PageContext) -> tuple[str, ...]:
    """Return the features that the recipe makes of these data, without touching a row."""
    target = context.quality.roles.target
    if target is None:
        return ()
    kept = plan_cleaning(context.quality, context.recipe.cleaning).kept
    steps = plan_features(
        (*kept, target), context.quality, context.recipe.features, context.recipe.ingest.availability_lag
    )
    return tuple(step.name for step in steps.steps)


def regression(report: RegressionReport) -> str:
    """Return one sentence on what the regression explains."""
    beyond = "could not be judged" if report.r2_oos is None else f"is {format_correlation(report.r2_oos)}"
    features = "1 feature explains" if len(report.features) == 1 else f"{len(report.features)} features explain"
    return (
        f"{features} {format_percent(report.r_squared)} of the {report.task.label} in "
        f"{report.rows:,} train rows; on {report.oos_rows:,} validation rows the R² against {report.rival} {beyond}."
    )


def coefficients(report: RegressionReport) -> Styler:
    """Return the coefficient table, the HAC errors before the plain ones, which hold more seldom."""
    table = pd.DataFrame(
        [
            {
                "feature": c.name,
                "coefficient": c.coef,
                "HAC error": c.std_err_hac,
                "HAC p": p_cell(c.p_value_hac),
                "t": c.t,
                "p": p_cell(c.p_value),
                "error": c.std_err,
            }
            for c in report.coefficients
        ]
    )
    return _written(
        table, {"coefficient": format_number, "HAC error": format_number, "error": format_number, "t": _two}
    )


def diagnostics(report: RegressionReport) -> pd.DataFrame:
    """Return one row a test: what it found, in a sentence."""
    verdicts = {True: "passed", False: "failed", None: "not judged"}
    return pd.DataFrame(
        [
            {
                "test": d.name,
                "result": verdicts[d.passed],
                "statistic": format_number(d.statistic),
                "p": p_cell(d.p_value),
                "what it says": d.sentence,
            }
            for d in report.diagnostics
        ]
    )


def scan(report: RegressionReport) -> Styler:
    """Return one row a feature: the regression on it alone."""
    table = pd.DataFrame(
        [
            {
                "feature": s.name,
                "coefficient": s.coef,
                "HAC t": s.t_hac,
                "HAC p": p_cell(s.p_value_hac),
                "R²": s.r_squared,
            }
            for s in report.scan
        ]
    )
    return _written(table, {"coefficient": format_number, "HAC t": _two, "R²": format_correlation})


def importance(ranking: ImportanceRanking) -> str:
    """Return one sentence on how many features stand out of the noise."""
    label = [feature.label for feature in ranking.features]
    if len(label) == 1:
        how = {"signal": "in nearly all", "unstable": "in some", "noise": "in next to none"}[label[0]]
        return f"The one feature stands above the noise line {how} of {ranking.fits} fits."
    return (
        f"{label.count('signal')} of {len(label)} features stand above the noise line in nearly all of {ranking.fits} "
        f"fits, {label.count('unstable')} in some; {label.count('noise')} do not."
    )


def ranking(of: ImportanceRanking) -> Styler:
    """Return one row a feature: rank, label and choice, and between which ranks it stood over the fits."""
    table = pd.DataFrame(
        [
            {
                "rank": f.rank,
                "feature": f.name,
                "label": f.label,
                "chosen": f.name in of.chosen,
                "importance": f.importance,
                "best": f.rank_low,
                "worst": f.rank_high,
            }
            for f in of.features
        ]
    )
    return _written(table, {"importance": format_number})


def chosen(of: ImportanceRanking, recipe: Recipe) -> str:
    """Return a line on which features training will use."""
    if recipe.training.features:
        return f"Training uses the {len(recipe.training.features)} features chosen by hand. Clear the box to follow the ranking."
    names = ", ".join(of.chosen)
    return markdown_text(f"Nothing chosen by hand: training uses the ranking's choice: {names}.")


def training_input(context: PageContext) -> str:
    """Return a line on what goes into the network."""
    hand = context.recipe.training.features
    if hand:
        return markdown_text(f"Inputs: {', '.join(hand)}.")
    key = importance_key(context.work)
    ranked = state.on_shelf(context.project, "importance", key, ImportanceRanking)
    if ranked is None:
        return f"Inputs: the features that step 5 will choose, at most {context.recipe.importance.top_k}."
    return markdown_text(f"Inputs, chosen by step 5: {', '.join(ranked.chosen)}.")


def run(of: Run) -> str:
    """Return a line on when a run was started and how it ended."""
    ended = of.message or f"{of.state.value.capitalize()}."
    return f"Last training, started {of.created:%Y-%m-%d %H:%M}: {markdown_text(ended)}"


def runs(project: Project) -> pd.DataFrame:
    """Return one row a training of the project, latest first."""
    return pd.DataFrame(
        [
            {
                "started": f"{r.created:%Y-%m-%d %H:%M}",
                "state": r.state.value,
                "cell": r.recipe.training.cell,
                "window": r.recipe.training.window,
                "horizon": r.recipe.training.horizon,
                "units": ", ".join(str(units) for units in r.recipe.training.units),
                "epochs at most": r.recipe.training.epochs,
            }
            for r in state.workspace().runs(project.id, kind="training")
        ]
    )


def rival(evaluation: Evaluation) -> str:
    """Return a line on what the forecast must beat: of what needs no model, that which comes nearer on the era that is judged."""
    nearer = naive_rival(evaluation.test or evaluation.validation)
    if nearer == "mean":
        return "Its rival is the mean of the train era, here nearer than the last value."
    return "Its rival is the last value carried forward."


# What the heads of the table of scores mean; those that matter stand first, for a narrow window shows no more.
SCORES = {
    "RMSE": "Root of the mean squared error, in the target's own unit.",
    "R²": "Against persistence: the share of its squared error that is gone; below 0, there is more.",
    "p": "Diebold-Mariano against persistence: how often chance alone makes such a difference of squared errors.",
    "p, mean": "Diebold-Mariano against the train mean.",
    "direction": "Share of the directions foretold.",
    "MAE": "Mean absolute error, in the target's own unit.",
    "MASE": "MAE by the mean absolute change of one row in the train era.",
    "DM": "Statistic of Diebold and Mariano against persistence: below 0, the model's squared errors are smaller.",
    "rows": "How many rows were forecast.",
}


def scores(evaluation: Evaluation, era: str) -> Styler:
    """Return one row a model: its scores on one era, in the target's own unit."""
    of_era = (evaluation.test if era == "test" else evaluation.validation) or {}
    table = pd.DataFrame(
        [
            {
                "model": LABELS.get(name, name),
                "RMSE": s.rmse,
                "R²": s.r2_oos,
                "p": p_cell(s.dm_p_value) or None,
                **({"p, mean": p_cell(s.dm_mean_p_value) or None} if "mean" in of_era else {}),
                "direction": s.directional_accuracy,
                "MAE": s.mae,
                "MASE": s.mase,
                "DM": s.dm_statistic,
                "rows": s.n,
            }
            for name, s in of_era.items()
        ]
    )
    four = {"RMSE": format_error, "MAE": format_error}
    shares = {"R²": format_correlation, "direction": format_percent}
    return _written(table, four | shares | {"MASE": _two, "DM": _two, "rows": "{:,}"})


def _written(table: pd.DataFrame, ways: dict[str, Callable[[float], str] | str]) -> Styler:
    """Return a table whose numbers are written these ways, by column; what does not exist is a dash."""
    return table.style.format({name: way for name, way in ways.items() if name in table}, na_rep=ABSENT)


def _two(number: float) -> str:
    return f"{number:z,.2f}"


def backtest(evaluation: Evaluation) -> str:
    """Return the backtest in one sentence, or why there is none; markdown."""
    of = evaluation.backtest
    if of is None:
        return evaluation.no_backtest
    if of.break_even_cost is None:
        even = "It never trades, so no cost changes that"
    elif of.break_even_cost <= 0:
        even = "It loses before any cost"
    else:
        even = f"Costs of {format_number(of.break_even_cost)} basis points would eat the whole gain"
    unit = (lambda value: format_percent(value)) if of.unit == "return" else format_number
    return (
        f"Over {of.periods:,} rows of the {of.era} era: {unit(of.gross_total)} before costs, **{unit(of.net_total)}** after "
        f"{format_number(of.cost_bps)} basis points each way, {unit(of.hold_total)} for holding. {even}; "
        f"on the mean row {format_number(of.turnover)} of the stake is traded."
    )


@dataclass(frozen=True, kw_only=True)
class ExportFile:
    """A file that a training leaves behind."""

    name: str
    short: str
    title: str
    says: str
    mime: str


FILES = (
    ExportFile(
        name="bundle.zip",
        short="model",
        title="Model bundle",
        says="Weights, scaler, recipe, report and `predict.py`, which runs without Plumbline and without TensorFlow.",
        mime="application/zip",
    ),
    ExportFile(
        name="report.html",
        short="report",
        title="Report",
        says="One page that opens anywhere, also without a network.",
        mime="text/html",
    ),
    ExportFile(
        name="cleaned.parquet",
        short="data",
        title="Cleaned data",
        says="The rows and columns that models saw, in their own units.",
        mime="application/vnd.apache.parquet",
    ),
    ExportFile(
        name="predictions.csv",
        short="predictions",
        title="Predictions",
        says="Every forecast beside its baselines and its interval.",
        mime="text/csv",
    ),
    ExportFile(
        name="recipe.json",
        short="recipe",
        title="Recipe",
        says="Every setting; `python -m core run` repeats it.",
        mime="application/json",
    ),
)


def export(done: Walked) -> str:
    """Return one sentence on what the files hold."""
    if done.evaluation.test is None:
        return "The files of this training hold the validation era; the test era is still sealed."
    return f"The files of this training hold validation and test. {done.verdict.sentence}"


def size(path: Path) -> str:
    """Return a file's size in words."""
    if not path.exists():
        return "not made"
    bytes_held = path.stat().st_size
    return f"{bytes_held / 1e6:.1f} MB" if bytes_held >= 1e5 else f"{bytes_held / 1e3:.1f} kB"
