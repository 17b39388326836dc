"""The report: one self-contained HTML file that loads nothing and escapes everything."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from core.charts import direction, importance, regression, results, training
from core.charts.coverage import plot_coverage
from core.charts.quality import bad_values
from core.charts.style import CONFIG, words_of
from core.charts.walk_forward import plot_walk_forward
from core.cleaning.plan import CleaningPlan, ColumnDecision
from core.data.dataset import Dataset
from core.delivery.backtest_text import HEADERS, backtest_doubt, backtest_rows, backtest_sentence, trading_rule
from core.delivery.bundle import Refit, Verified
from core.delivery.delivery_text import ahead_text, limits_of, refit_text, verified_text
from core.delivery.next_forecast import NextRow
from core.delivery.packed_plotly import embed_figure, packed_plotly
from core.delivery.report_conclusions import (
    cleaning_conclusion,
    data_conclusion,
    features_conclusion,
    rival_conclusion,
    section_findings,
)
from core.delivery.volatility_text import volatility_text
from core.findings.model import Finding
from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.evidence import list_evidence
from core.forecast.evaluation.guide_check import check_guide
from core.forecast.evaluation.scores import Scores, model_label
from core.forecast.evaluation.units import Unit, level_text, units_of
from core.forecast.evaluation.verdict import Verdict, title_verdict
from core.forecast.evaluation.walk_forward import Slice, WalkForward
from core.forecast.network.training_summary import TrainingSummary
from core.importance.curve import smallest_within_error
from core.importance.ranking import ImportanceRanking
from core.quality.forecastability.question import Forecastability
from core.quality.forecastability.sentences import RIVALS, map_sentence, measures_text, question_label
from core.quality.profile import QualityProfile
from core.recipe.model import Recipe, Settings
from core.regression.describe_fit import describe_fit, describe_numbers, describe_question
from core.regression.report import RegressionReport
from core.samples.task import Task
from core.text.escape import plain_text
from core.text.feature_tokens import feature_label, split_token
from core.text.format import format_correlation, format_count, format_list, format_number, format_p, format_percent

TEMPLATE = "report.html.j2"
MOST_AHEAD = 5
SHOWN_ROWS = 30
MOST_ROWS = 2000
MOST_LETTERS = 600
NAME_LETTERS = 60


@dataclass(frozen=True, eq=False, kw_only=True)
class ReportInput:
    """Everything that a report shows.

    `made` and `versions` are the time and the library versions of the stamp. `verified`, `fault` and `ahead` are those of
    `Walked`.
    """

    dataset: Dataset
    profile: QualityProfile
    plan: CleaningPlan
    regression: RegressionReport | None
    ranking: ImportanceRanking | None
    training: TrainingSummary
    evaluation: Evaluation
    verdict: Verdict
    predictions: pd.DataFrame
    recipe: Recipe
    task: Task
    made: str
    versions: dict[str, str]
    file_name: str = ""
    verified: Verified | None = None
    fault: str = ""
    ahead: tuple[NextRow, ...] = ()
    refit: Refit | None = None

    @property
    def title(self) -> str:
        """The name of the file, its last date and the target, as far as they are known."""
        parts = (self.file_name, _when(self.dataset.end), f"forecast of {_name(self.task.quantity)}")
        return ", ".join(part for part in parts if part)

    @property
    def training_features(self) -> tuple[str, ...]:
        """The features that the network reads, by token."""
        return () if self.ranking is None else self.ranking.chosen


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of text: the first `words` columns are text, the others right-aligned numbers."""

    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1

    @property
    def shown(self) -> tuple[tuple[str, ...], ...]:
        """The rows that are visible."""
        return self.rows[:SHOWN_ROWS]

    @property
    def folded(self) -> tuple[tuple[str, ...], ...]:
        """The rows behind a fold, up to a limit."""
        return self.rows[SHOWN_ROWS:MOST_ROWS]


def render_report(source: ReportInput) -> str:
    """Return the report as one self-contained HTML page; the same input gives the same text.

    Every string is escaped, and a content security policy lets the page load nothing.
    """
    evaluation, on = source.evaluation, _section_findings(source)
    return _template().render(
        source=source,
        level=title_verdict(source.evaluation),
        five=_five_numbers(source),
        summary=_summary(source),
        verified=verified_text(source.verified, source.fault, is_refitted=source.refit is not None),
        limits=limits_of(evaluation),
        evidence=_evidence(evaluation),
        evidence_conclusion=_evidence_conclusion(evaluation),
        guide=_guide_text(evaluation),
        unscored=_unscored_text(evaluation),
        on=on,
        others=_other_findings(source, set(on["data"])),
        facts=_facts(source),
        eras=_eras(source.profile),
        data_conclusion=data_conclusion(source.dataset),
        cleaning_conclusion=cleaning_conclusion(source.plan),
        features_conclusion=None if source.ranking is None else features_conclusion(source.ranking),
        rival=rival_conclusion(evaluation),
        predictability=map_sentence(source.profile.forecastability),
        measured=measures_text(source.profile.forecastability, source.profile.ranges),
        answers=_answers(source.profile.forecastability),
        decisions=_decisions(source.plan),
        coefficients=None if source.regression is None else _coefficients(source.regression),
        regression_texts=() if source.regression is None else _regression_texts(source.regression),
        settings=_settings(source.recipe.training),
        scores=_scores(evaluation),
        periods=_periods(evaluation.walk_forward),
        volatility=volatility_text(evaluation),
        interval_width=_interval_width(evaluation),
        backtest=_backtest(evaluation),
        backtest_texts=_backtest_texts(evaluation),
        versions=Table(
            caption="Versions", headers=("Library", "Version"), rows=tuple(source.versions.items()), words=2
        ),
        recipe=escape(source.recipe.model_dump_json(indent=2)),
        figure=_Figures(source),
        plotly=packed_plotly(),
    )


def _five_numbers(source: ReportInput) -> tuple[tuple[str, str], ...]:
    """Return the data in five numbers."""
    data = source.dataset
    cells = max(1, data.rows * len(data.columns))
    scores, era = source.evaluation.judged
    judged = scores["lstm"].n if "lstm" in scores else 0
    return (
        ("Rows", format_number(data.rows)),
        ("From", _when(data.start)),
        ("To", _when(data.end)),
        ("Bad cells", format_percent(sum(column.bad.total for column in data.columns) / cells)),
        (f"Rows judged, {era}", format_number(judged)),
    )


def _summary(source: ReportInput) -> tuple[tuple[str, str], ...]:
    """Return what a reader with a minute should know, each under its heading."""
    evaluation, plan = source.evaluation, source.plan
    dropped = [column.name for column in plan.columns if column.decision == "drop"]
    removed = f"{format_list([_name(name) for name in dropped], 8)}." if dropped else "No column."
    rows = source.dataset.rows - sum(source.profile.eras.rows)
    if rows > 0:
        removed += f" {format_count(rows, 'row')} without a target or a time."
    ahead = [ahead_text(evaluation, one) for one in source.ahead[:MOST_AHEAD]]
    if len(source.ahead) > MOST_AHEAD:
        ahead.append(f"And {len(source.ahead) - MOST_AHEAD:,} more series: score the newest file on Export.")
    return (
        ("Removed", removed),
        ("Best rival", rival_conclusion(evaluation) or "Not judged."),
        ("Next forecast", " ".join(ahead) or "None: no row has a full window, or the bundle was not verified."),
        *([("Its network", refit_text(source.refit))] if source.refit is not None else []),
        ("Model bundle", verified_text(source.verified, source.fault, is_refitted=source.refit is not None)),
    )


class _Figures:
    """The figures of one report by name, as HTML; the first one includes plotly.js."""

    def __init__(self, source: ReportInput) -> None:
        _, era = source.evaluation.judged
        target, unit = source.task.quantity, units_of(source.evaluation)[-1]
        best = source.training.best_epochs
        self._drawn = 0
        self._draw: dict[str, Callable[[], go.Figure]] = {
            "bad_values": lambda: bad_values.plot_bad_values(source.profile),
            "bad_over_time": lambda: bad_values.plot_bad_over_time(source.profile),
            "loss": lambda: training.plot_loss(
                source.training.history,
                best[0] if len(best) == 1 and best[0] > 0 else None,
                persistence_val_loss=source.training.persistence_val_loss,
                mean_val_loss=source.training.mean_val_loss,
            ),
            "gain": lambda: results.plot_gain(source.evaluation),
            "scores": lambda: results.plot_scores(source.evaluation, era),
            "predictions": lambda: results.plot_predictions(source.predictions, era, target, unit=unit),
            "changes": lambda: results.plot_changes(
                source.predictions, era, target, mean_is_rival=source.evaluation.mean_is_rival, unit=unit
            ),
        }
        if source.task.is_direction:
            self._draw["predictions"] = lambda: direction.plot_probability(source.predictions, era, source.task.event)
            self._draw["changes"] = lambda: direction.plot_reliability(source.evaluation)
        if (interval := source.evaluation.interval) is not None:
            self._draw["coverage"] = lambda: plot_coverage(interval)
        if (periods := source.evaluation.walk_forward) is not None:
            self._draw["walk_forward"] = lambda: plot_walk_forward(periods)
        if (fit := source.regression) is not None:
            self._draw["coefficients"] = lambda: regression.plot_coefficients(fit)
            self._draw["residuals"] = lambda: regression.plot_residuals(fit)
        if (ranking := source.ranking) is not None:
            self._draw["ranking"] = lambda: importance.plot_ranking(ranking)
            self._draw["lags"] = lambda: importance.plot_lags(ranking)
            self._draw["curve"] = lambda: importance.plot_curve(ranking.curve, smallest_within_error(ranking.curve))
        if (backtest := source.evaluation.backtest) is not None:
            self._draw["backtest"] = lambda: results.plot_backtest(backtest)
            self._draw["drawdown"] = lambda: results.plot_drawdown(backtest)

    def __call__(self, name: str) -> Markup:
        figure = self._draw[name]()
        self._drawn += 1
        words = words_of(figure)
        heading = Markup("<h3>{}</h3>").format(words.title)
        remark = Markup("<p>{}</p>").format(words.subtitle) if words.subtitle else Markup()
        caption = Markup("<figcaption>{}</figcaption>").format(words.alt)
        plot = embed_figure(figure, f"figure-{self._drawn}", CONFIG)
        return Markup("<figure>") + heading + remark + Markup(plot) + caption + Markup("</figure>")


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Control and direction marks go wherever a string is shown; what is Markup was made so on purpose.
        finalize=lambda value: plain_text(value, MOST_LETTERS) if type(value) is str else value,
    )
    environment.filters |= {
        "number": format_number,
        "percent": format_percent,
        "p": format_p,
        "name": _name,
        "feature": lambda token: _name(feature_label(token)),
        "when": _when,
    }
    return environment.get_template(TEMPLATE)


def _name(text: str) -> str:
    return plain_text(text, NAME_LETTERS)


def _when(stamp: str) -> str:
    """Return an ISO time stamp without the parts that are zero."""
    return stamp[:10] if stamp[11:19] in ("", "00:00:00") else stamp[:16].replace("T", " ")


def _section_findings(source: ReportInput) -> dict[str, tuple[Finding, ...]]:
    """Return the findings that matter for each section, each once; not those on unread columns."""
    used = {source.task.target, *(split_token(name)[0] for name in source.training_features)}
    listed: set[Finding] = set()

    def matter(findings: Iterable[Finding]) -> tuple[Finding, ...]:
        here = [one for one in findings if (one.column is None or one.column in used) and one not in listed]
        listed.update(here)
        return section_findings(here)

    return {
        "verdict": section_findings(source.verdict.findings),
        "data": matter([*source.dataset.findings, *source.profile.findings]),
        "cleaning": matter(source.plan.findings),
        "regression": matter(() if source.regression is None else source.regression.findings),
        "features": matter(() if source.ranking is None else source.ranking.findings),
        "training": matter(source.training.findings),
    }


def _other_findings(source: ReportInput, listed: set[Finding]) -> str:
    """Return how many findings on the data are not `listed`: those on columns that the model does not read; empty if none."""
    found = section_findings([*source.dataset.findings, *source.profile.findings])
    others = [one for one in found if one not in listed]
    if not others:
        return ""
    columns = len({finding.column for finding in others})
    return (
        f"{format_count(len(others), 'further finding')} on {format_count(columns, 'column')} that the model does not read "
        "are listed on the page Quality."
    )


def _facts(source: ReportInput) -> tuple[tuple[str, str], ...]:
    data = source.dataset
    return (
        ("Rows", format_number(data.rows)),
        ("Columns", format_number(len(data.columns))),
        ("Time column", _name(data.time_column)),
        ("Series column", _name(data.series_column) if data.series_column else "none: one series"),
        ("Frequency", data.frequency or "irregular"),
        ("From", _when(data.start)),
        ("To", _when(data.end)),
        ("Encoding", data.encoding),
        ("Delimiter", {"\t": "tab", " ": "space"}.get(data.delimiter, data.delimiter)),
        ("Decimal mark", data.decimal),
        ("Lines skipped", format_number(data.skipped_rows)),
        ("Bad cells", format_number(sum(column.bad.total for column in data.columns))),
    )


def _evidence(evaluation: Evaluation) -> Table | None:
    found = list_evidence(evaluation)
    if not found:
        return None
    scores, era = evaluation.judged
    marks = {True: "passed", False: "failed", None: "not known"}
    return Table(
        caption=f"Evidence on {scores['lstm'].n:,} {era} rows",
        headers=("Check", "Result", "Numbers"),
        rows=tuple((check.name, marks[check.passed], check.sentence) for check in found),
        words=3,
    )


def _evidence_conclusion(evaluation: Evaluation) -> str:
    """Return how many checks passed, and which did not."""
    found = list_evidence(evaluation)
    failed = [check.name for check in found if check.passed is False]
    passed = sum(check.passed is True for check in found)
    text = f"{passed} of {format_count(len(found), 'check')} passed"
    return f"{text}. Failed: {format_list(failed, len(failed))}." if failed else f"{text}."


def _guide_text(evaluation: Evaluation) -> str:
    """Return what the map of predictability recommended, and how that fared; empty without a guide."""
    checked = check_guide(evaluation)
    return "" if evaluation.guide is None or checked is None else f"{evaluation.guide.text} {checked.sentence}"


def _unscored_text(evaluation: Evaluation) -> str:
    """Return why there are no test scores; empty if there are."""
    if evaluation.test is not None:
        return ""
    state = "was opened, but not for this training" if evaluation.trials.is_open else "is sealed"
    return (
        f"The test era {state}: these scores are on the validation era, which chose the epoch, so they are optimistic."
    )


def _eras(profile: QualityProfile) -> Table:
    eras = profile.eras
    starts = (eras.start, eras.validation_from, eras.test_from)
    use = ("models learn from it", "ends the training and makes choices", "judges, once")
    names = ("train", "validation", "test")
    rows = tuple(
        (name, what, _when(start), format_number(count))
        for name, what, start, count in zip(names, use, starts, eras.rows, strict=True)
    )
    return Table(caption="Eras, cut by time", headers=("Era", "Use", "From", "Rows"), rows=rows, words=2)


def _answers(found: Forecastability) -> Table:
    rows = tuple(
        (
            plain_text(question_label(question), 2 * NAME_LETTERS),
            RIVALS[question.rival],
            format_correlation(question.r2_oos),
            format_correlation(question.r2_oos_all),
            format_p(question.q_value).replace("p", "q", 1),
            format_number(question.n),
        )
        for question in found.answered
    )
    caption = f"Questions that have an answer, on the last {found.rows:,} rows of train and validation"
    headers = ("Question", "Best naive forecast", "R² beyond it", "with other columns", "Corrected", "Outcomes")
    return Table(caption=caption, headers=headers, rows=rows, words=2)


def _decisions(plan: CleaningPlan) -> Table:
    def row(column: ColumnDecision) -> tuple[str, str, str]:
        reasons = "; ".join(column.reasons) or "within every threshold"
        return _name(column.name), column.decision + (" (by hand)" if column.overridden else ""), reasons

    dropped_first = sorted(plan.columns, key=lambda column: (column.decision == "keep", not column.overridden))
    caption = f"{len(plan.kept):,} of {len(plan.columns):,} feature columns are kept"
    return Table(
        caption=caption,
        headers=("Column", "Decision", "Why"),
        rows=tuple(row(column) for column in dropped_first),
        words=3,
    )


def _regression_texts(report: RegressionReport) -> tuple[str, ...]:
    """Return what was asked, how well it fits, and the numbers of the fit."""
    task = report.task
    return (
        describe_question(report.question, report.values, task.target, task.horizon),
        describe_fit(report),
        describe_numbers(report) + ".",
    )


def _coefficients(report: RegressionReport) -> Table:
    rows = tuple(
        (
            _name(feature_label(found.name)),
            format_number(found.standardised),
            format_number(found.coef),
            f"{format_number(found.low)} to {format_number(found.high)}",
            format_p(found.p_value_hac),
            format_number(found.std_err_hac),
            format_number(found.std_err_hc3),
            format_number(found.std_err),
            format_p(found.p_value),
        )
        for found in report.coefficients
    )
    headers = (
        *("Feature", "Standardised", "Coefficient", "95% interval (HAC)", "p (robust)"),
        *("Std. error (HAC)", "Std. error (HC3)", "Std. error", "p"),
    )
    return Table(caption=f"Coefficients of the {plain_text(report.outcome, 120)}", headers=headers, rows=rows)


def _settings(settings: Settings) -> Table:
    def text(value: object) -> str:
        if isinstance(value, tuple):
            return ", ".join(_name(str(part)) for part in value) or "–"
        return f"{value:g}" if isinstance(value, float) else "–" if value is None else str(value)

    fields = type(settings).model_fields
    rows = tuple((field.title or name, text(getattr(settings, name))) for name, field in fields.items())
    return Table(caption="Training settings", headers=("Setting", "Value"), rows=rows)


def _scores(evaluation: Evaluation) -> tuple[Table, ...]:
    eras = {"test": evaluation.test, "validation": evaluation.validation}
    units = units_of(evaluation)
    headers = (
        "Model",
        "Mean loss",
        "R² against the best naive",
        "Clark-West",
        "Diebold-Mariano",
        *_error_headings(evaluation, units),
        "Direction right",
        "Pesaran-Timmermann",
    )
    tables = []
    for era, scores in eras.items():
        if scores:
            count = next(iter(scores.values())).n
            rows = tuple((evaluation.model_label(name), *_score(found, units)) for name, found in scores.items())
            tables.append(Table(caption=f"{era.capitalize()} era, {count:,} rows", headers=headers, rows=rows))
    return tuple(tables)


def _score(found: Scores, units: tuple[Unit, ...]) -> tuple[str, ...]:
    return (
        format_number(found.mean_loss),
        format_correlation(found.r2_oos),
        "–" if found.signal_p is None else format_p(found.signal_p),
        "–" if found.dm_p_value is None else format_p(found.dm_p_value),
        *_errors(found, units),
        format_percent(found.directional_accuracy),
        "–" if found.pt_p_value is None else format_p(found.pt_p_value),
    )


def _periods(found: WalkForward | None) -> tuple[Table, ...]:
    """Return the scores by period, by calendar year and by volatility."""
    if found is None:
        return ()

    def row(name: str, each: Slice | None, remark: str = "") -> tuple[str, ...]:
        if each is None:
            return name, remark, "0", "–", "–", "–"
        losses = (format_number(each.losses["lstm"]), format_number(each.losses[found.rival]))
        return name, remark, format_number(each.n), *losses, format_percent(found.gain(each.losses))

    headers = ("Rows", "LSTM", model_label(found.rival, found.loss), "Loss below")
    periods = tuple(
        row(f"{_when(period.start)} to {_when(period.end)}", period.whole, period.reason or period.era)
        for period in found.periods
    )
    tables = [Table(caption="By period", headers=("Period", "Era", *headers), rows=periods, words=2)]
    for caption, slices in (("By calendar year", found.pooled("year")), ("By volatility", found.pooled("volatility"))):
        rows = tuple(row(each.name, each) for each in slices)
        tables.append(Table(caption=caption, headers=("", "", *headers), rows=rows, words=2))
    return tuple(tables)


def _error_headings(evaluation: Evaluation, units: tuple[Unit, ...]) -> tuple[str, ...]:
    if evaluation.task.is_direction:
        return ("Brier",)
    return (*(unit.heading(name) for unit in units for name in ("RMSE", "MAE")), "MASE")


def _errors(found: Scores, units: tuple[Unit, ...]) -> tuple[str, ...]:
    if found.brier is not None:
        return (format_number(found.brier),)
    errors = (format_number(unit.factor * error) for unit in units for error in (found.rmse, found.mae))
    return (*errors, format_number(found.mase))


def _interval_width(evaluation: Evaluation) -> str:
    return "" if evaluation.interval is None else level_text(evaluation, evaluation.interval.mean_width)


def _backtest_texts(evaluation: Evaluation) -> tuple[str, ...]:
    found = evaluation.backtest
    return (
        (evaluation.no_backtest or "",)
        if found is None
        else (
            backtest_sentence(found),
            backtest_doubt(found),
            trading_rule(evaluation.task),
        )
    )


def _backtest(evaluation: Evaluation) -> Table | None:
    found = evaluation.backtest
    if found is None:
        return None
    caption = f"{found.era.capitalize()} era, {found.periods:,} periods, {format_number(found.cost_bps)} bp each way"
    return Table(caption=caption, headers=HEADERS, rows=backtest_rows(found))
