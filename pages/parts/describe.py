"""Results in words and tables, for pages to place."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from core.charts.style import format_number, format_p, format_percent
from core.cleaning.plan import CleaningPlan, plan_cleaning
from core.delivery.results import Walked
from core.escaping import markdown_text
from core.features import plan_features
from core.forecast.backtest import Backtest
from core.forecast.evaluation import Evaluation
from core.importance.ranking import ImportanceRanking
from core.ingest.dataset import Dataset
from core.ingest.eras import Eras
from core.quality.profile import ColumnProfile, QualityProfile
from core.recipe import Recipe
from core.regression.ols import RegressionReport
from core.workspace.projects import Project
from core.workspace.runs import Run
from pages.parts import state
from pages.parts.frame import Desk

_PREVIEW_COLUMNS = 60


def dataset(data: Dataset) -> str:
    """Return one sentence on what was read."""
    every = f", one row every {_FREQUENCIES.get(data.frequency, data.frequency)}" if data.frequency else ""
    series = f", in series by {data.series_column}" if data.series_column else ""
    return (
        f"{data.rows:,} rows and {len(data.columns):,} columns, ordered by {data.time_column} "
        f"from {data.start[:10]} to {data.end[:10]}{every}{series}."
    )


def _p(p_value: float | None) -> str:
    """Return a p-value for a column that is headed by `p`."""
    return "" if p_value is None else format_p(p_value).removeprefix("p").removeprefix(" = ").strip()


_FREQUENCIES = {
    "B": "business day",
    "D": "day",
    "W": "week",
    "h": "hour",
    "min": "minute",
    "MS": "month",
    "ME": "month",
}


def eras(cut: Eras) -> str:
    """Return one line on where the eras are cut and how many rows each holds."""
    train, validation, test = cut.rows
    return (
        f"Train {train:,} rows from {cut.start[:10]} · validation {validation:,} rows from {cut.validation_from[:10]} · "
        f"test {test:,} rows from {cut.test_from[:10]}, sealed until you open it."
    )


@st.cache_data(max_entries=8, show_spinner=False)
def _head(folder: str, rows: int) -> pd.DataFrame:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(Path(folder) / "table.parquet")
    names = [name for name in file.schema_arrow.names if not name.startswith("_")][:_PREVIEW_COLUMNS]
    for batch in file.iter_batches(batch_size=rows, columns=names):
        return batch.to_pandas()
    return pd.DataFrame(columns=names)


def first_rows(data: Dataset, rows: int = 100) -> pd.DataFrame:
    """Return the first rows as they were understood, at most 60 columns of them."""
    return _head(str(data.folder), rows)


def stamp_columns(head: pd.DataFrame) -> dict[str, object]:
    """Return how columns of times are shown: ISO, without a clock where they tell none."""
    formats = {}
    for name in head.select_dtypes("datetime"):
        known = head[name].dropna()
        clock = "" if (known == known.dt.normalize()).all() else " HH:mm:ss"
        formats[name] = st.column_config.DatetimeColumn(format=f"YYYY-MM-DD{clock}")
    return formats


def series(data: Dataset, column: str) -> tuple[np.ndarray, np.ndarray, str]:
    """Return times, values and name of a column, of the first series where there are several."""
    names = [data.time_column, column, *([data.series_column] if data.series_column else [])]
    frame = data.read(names)
    name = column
    if data.series_column:
        first = frame[data.series_column].iloc[0]
        frame = frame[frame[data.series_column] == first]
        name = f"{column} of {first}"
    values = frame[column].to_numpy(dtype=np.float64, copy=True)
    values[~np.isfinite(values) | np.isin(values, data.column(column).sentinels)] = np.nan
    return frame[data.time_column].to_numpy(), values, name


def columns(data: Dataset) -> pd.DataFrame:
    """Return one row a column: what it was taken for, and its bad cells."""
    return pd.DataFrame(
        [
            {"column": c.name, "in the file": c.original_name, "kind": c.kind.value, **asdict(c.bad)}
            for c in data.columns
        ]
    )


def quality(data: Dataset, profile: QualityProfile) -> str:
    """Return one sentence on the state of the data."""
    cells = sum(column.all.rows for column in profile.columns)
    bad = sum(column.all.bad_ratio * column.all.rows for column in profile.columns)
    worst = max(profile.columns, key=lambda column: column.all.bad_ratio, default=None)
    if worst is None or bad < 0.5:
        return f"None of the {cells:,} cells is bad."
    return (
        f"{format_percent(bad / cells)} of {cells:,} cells are bad; the worst column is {worst.name} "
        f"with {format_percent(worst.all.bad_ratio)}."
    )


def statistics(column: ColumnProfile) -> pd.DataFrame:
    """Return the statistics of one column, over all rows and over the train era."""
    names = {
        "rows": "rows",
        "bad_ratio": "bad ratio",
        "stale_ratio": "stale ratio",
        "unique_ratio": "unique ratio",
        "mean": "mean",
        "std": "standard deviation",
        "min": "minimum",
        "q01": "1 % quantile",
        "median": "median",
        "q99": "99 % quantile",
        "max": "maximum",
        "skewness": "skewness",
        "kurtosis": "excess kurtosis",
        "relative_variance": "relative variance",
        "autocorrelation": "lag-1 autocorrelation",
    }
    everything, train = asdict(column.all), asdict(column.train)
    return pd.DataFrame(
        [
            {"statistic": words, "all rows": format_number(everything[name]), "train": format_number(train[name])}
            for name, words in names.items()
        ]
    )


def profile(quality: QualityProfile) -> pd.DataFrame:
    """Return one row a column with its main statistics over all rows."""
    kept = ("bad_ratio", "stale_ratio", "unique_ratio", "mean", "std", "min", "median", "max", "skewness", "kurtosis")
    return pd.DataFrame(
        [
            {"column": c.name, "kind": c.kind.value} | {name: getattr(c.all, name) for name in kept}
            for c in quality.columns
        ]
    )


def relations_sentence(quality: QualityProfile) -> str:
    """Return how many features relate linearly, only non-linearly, or not at all to the target; markdown."""
    count = {kind: sum(r.kind == kind for r in quality.relations) for kind in ("linear", "nonlinear", "none")}
    return (
        f"Of {len(quality.relations)} features, **{count['linear']}** relate linearly to "
        f"{markdown_text(quality.roles.target or '')} in the same row, **{count['nonlinear']}** only non-linearly, "
        f"**{count['none']}** not at all. Judged in the train era, on changes where a column drifts."
    )


def relations(quality: QualityProfile) -> pd.DataFrame:
    """Return one row a feature: its class and the measures behind it."""
    return pd.DataFrame(
        [
            {
                "feature": r.feature,
                "class": r.kind,
                "Pearson": r.pearson,
                "Spearman": r.spearman,
                "xi": r.xi,
                "p": _p(r.p_value),
                "q": _p(r.q_value),
            }
            for r in quality.relations
        ]
    )


def plan(of: CleaningPlan) -> str:
    """Return one sentence on how many columns stay."""
    by_hand = sum(column.overridden for column in of.columns)
    hand = f", {by_hand} of them decided by hand" if by_hand else ""
    return f"{len(of.kept)} of {len(of.columns)} columns stay, {len(of.dropped)} go{hand}. The target always stays."


def decisions(quality: QualityProfile, of: CleaningPlan) -> pd.DataFrame:
    """Return one row a column: whether it stays, why, and the numbers that the thresholds judge."""
    rows = []
    for decision in of.columns:
        train = quality.column(decision.name).train
        rows.append(
            {
                "keep": decision.decision == "keep",
                "column": decision.name,
                "by hand": decision.overridden,
                "why": " ".join(decision.reasons),
                "bad": train.bad_ratio,
                "relative variance": train.relative_variance,
                "unique": train.unique_ratio,
            }
        )
    return pd.DataFrame(rows, columns=["keep", "column", "by hand", "why", "bad", "relative variance", "unique"])


def feature_names(desk: Desk) -> tuple[str, ...]:
    """Return the features that the recipe makes of these data, without touching a row."""
    target = desk.quality.roles.target
    if target is None:
        return ()
    kept = plan_cleaning(desk.quality, desk.recipe.cleaning).kept
    steps = plan_features((*kept, target), desk.quality, desk.recipe.features, desk.recipe.ingest.availability_lag)
    return tuple(step.name for step in steps.steps)


def regression(report: RegressionReport) -> str:
    """Return one sentence on what the regression explains."""
    beyond = "could not be judged" if report.r2_oos is None else f"is {format_number(report.r2_oos)}"
    return (
        f"{len(report.features)} features explain {format_percent(report.r_squared)} of the {report.task.label} in "
        f"{report.rows:,} train rows; on {report.oos_rows:,} validation rows the R² against persistence {beyond}."
    )


def coefficients(report: RegressionReport) -> pd.DataFrame:
    """Return the coefficient table, with plain and HAC errors."""
    return pd.DataFrame(
        [
            {
                "feature": c.name,
                "coefficient": c.coef,
                "std. error": c.std_err,
                "HAC std. error": c.std_err_hac,
                "t": c.t,
                "p": _p(c.p_value),
                "HAC p": _p(c.p_value_hac),
            }
            for c in report.coefficients
        ]
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
                "p": _p(d.p_value),
                "what it says": d.sentence,
            }
            for d in report.diagnostics
        ]
    )


def scan(report: RegressionReport) -> pd.DataFrame:
    """Return one row a feature: the regression on it alone."""
    return pd.DataFrame(
        [
            {
                "feature": s.name,
                "coefficient": s.coef,
                "HAC t": s.t_hac,
                "HAC p": _p(s.p_value_hac),
                "R²": s.r_squared,
            }
            for s in report.scan
        ]
    )


def importance(ranking: ImportanceRanking) -> str:
    """Return one sentence on how many features stand out of the noise."""
    label = [feature.label for feature in ranking.features]
    return (
        f"{label.count('signal')} of {len(label)} features stand above the noise line in nearly all of {ranking.fits} "
        f"fits, {label.count('unstable')} in some, {label.count('noise')} do not."
    )


def ranking(of: ImportanceRanking) -> pd.DataFrame:
    """Return one row a feature: rank, its interval over the fits, and the label."""
    return pd.DataFrame(
        [
            {
                "rank": f.rank,
                "feature": f.name,
                "label": f.label,
                "importance": f.importance,
                "rank, best": f.rank_low,
                "rank, worst": f.rank_high,
                "chosen": f.name in of.chosen,
            }
            for f in of.features
        ]
    )


def chosen(of: ImportanceRanking, recipe: Recipe) -> str:
    """Return a line on which features training will use."""
    if recipe.training.features:
        return f"Training uses the {len(recipe.training.features)} features chosen by hand. Clear the box to follow the ranking."
    names = ", ".join(of.chosen)
    return markdown_text(f"Nothing chosen by hand: training uses the ranking's choice: {names}.")


def training_input(desk: Desk) -> str:
    """Return a line on what goes into the network."""
    hand = desk.recipe.training.features
    return markdown_text(
        f"Inputs: {', '.join(hand)}." if hand else f"Inputs: the top {desk.recipe.importance.top_k} features of step 5."
    )


def run(of: Run) -> str:
    """Return a line on when a run was started and how it ended."""
    return f"Last training: started {of.created:%Y-%m-%d %H:%M}, {of.state.value}. {markdown_text(of.message)}"


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


_MODELS = {
    "lstm": "LSTM",
    "persistence": "Persistence (last value)",
    "drift": "Drift",
    "ar": "Autoregression",
    "linear": "Linear (ridge)",
    "catboost": "CatBoost",
}


def scores(evaluation: Evaluation, era: str) -> pd.DataFrame:
    """Return one row a model: its scores on one era, in the target's own unit."""
    of_era = evaluation.test if era == "test" else evaluation.validation
    return pd.DataFrame(
        [
            {
                "model": _MODELS.get(name, name),
                "rows": s.n,
                "RMSE": s.rmse,
                "MAE": s.mae,
                "MASE": s.mase,
                "R² against persistence": s.r2_oos,
                "direction right": None if s.directional_accuracy is None else format_percent(s.directional_accuracy),
                "Diebold-Mariano": s.dm_statistic,
                "p": _p(s.dm_p_value),
            }
            for name, s in (of_era or {}).items()
        ]
    )


def backtest(of: Backtest) -> str:
    """Return the backtest in one sentence; markdown."""
    cost = "does not exist" if of.break_even_cost is None else f"is {format_number(of.break_even_cost)} basis points"
    unit = (lambda value: format_percent(value)) if of.unit == "return" else format_number
    return (
        f"Over {of.periods:,} rows of the {of.era} era: {unit(of.gross_total)} before costs, **{unit(of.net_total)}** after "
        f"{format_number(of.cost_bps)} basis points each way, {unit(of.hold_total)} for holding. The break-even cost {cost}; "
        f"turnover is {format_number(of.turnover)} a row."
    )


@dataclass(frozen=True)
class ExportFile:
    """A file that a training leaves behind."""

    name: str
    short: str
    title: str
    says: str
    mime: str


FILES = (
    ExportFile(
        "bundle.zip",
        "model",
        "Model bundle",
        "Weights, scaler, recipe, report and `predict.py`, which runs without Plumbline and without TensorFlow.",
        "application/zip",
    ),
    ExportFile("report.html", "report", "Report", "One page that opens anywhere, also without a network.", "text/html"),
    ExportFile(
        "cleaned.parquet",
        "data",
        "Cleaned data",
        "The rows and columns that models saw, in their own units.",
        "application/vnd.apache.parquet",
    ),
    ExportFile(
        "predictions.csv",
        "predictions",
        "Predictions",
        "Every forecast beside its baselines and its interval.",
        "text/csv",
    ),
    ExportFile(
        "recipe.json", "recipe", "Recipe", "Every setting; `python -m core run` repeats it.", "application/json"
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
