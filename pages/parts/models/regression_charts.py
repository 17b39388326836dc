"""The diagnostics of a regression as small pictures with a mark each, and the studies of one feature."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core.charts import regression as charts
from core.charts import regression_diagnostics as pictures
from core.regression.coefficient import CONSTANT, Coefficient
from core.regression.diagnostics import Diagnostic
from core.regression.report import RegressionReport
from core.text.escape import markdown_text
from core.text.feature_tokens import feature_label
from core.text.format import ABSENT, format_number
from pages.parts.frame.context import PageContext
from pages.parts.frame.findings import show_remedy
from pages.parts.models import describe_regression
from pages.parts.upload.describe_data import p_cell
from pages.parts.widgets import placing

_MARKS = {True: (":green-badge", "passed"), False: (":red-badge", "failed"), None: (":gray-badge", "not tested")}


def _draw_autocorrelation(report: RegressionReport) -> None:
    placing.chart(pictures.plot_residual_acf(report.residual_acf, placing.theme()), "residual-acf")


def _draw_spread(report: RegressionReport) -> None:
    placing.chart(charts.plot_residuals_fitted(report, placing.theme()), "residuals-fitted")


def _draw_quantiles(report: RegressionReport) -> None:
    placing.chart(charts.plot_qq(report, placing.theme()), "quantiles")


def _draw_component(report: RegressionReport) -> None:
    chosen = _choose_coefficient(report, "component-feature")
    if chosen is not None:
        placing.chart(pictures.plot_component(report, chosen, placing.theme()), "component")


def _draw_cusum(report: RegressionReport) -> None:
    if report.stability is not None:
        placing.chart(pictures.plot_cusum(report.stability.cusum, placing.theme()), "cusum")


def _draw_influence(report: RegressionReport) -> None:
    if report.influence is not None:
        placing.chart(pictures.plot_influence(report.influence, placing.theme()), "influence")
        with st.expander("Rows of most influence"):
            placing.table(describe_regression.influence_table(report.influence), "influence-rows")


@st.fragment
def _draw_shrinkage(report: RegressionReport) -> None:
    paths = {path.penalty: path for path in report.shrinkage}
    if paths:
        chosen = st.segmented_control(
            "Penalty", paths, default=next(iter(paths)), required=True, key="penalty", format_func=str.title
        )
        placing.chart(pictures.plot_shrinkage(paths[chosen], placing.theme()), "shrinkage")


@dataclass(frozen=True)
class _Topic:
    """An assumption, the tests of it, and its picture, if it has one."""

    title: str
    tests: tuple[str, ...]
    draw: Callable[[RegressionReport], None] | None = None


_TOPICS = (
    _Topic("Autocorrelation", ("Durbin-Watson", "Ljung-Box", "Breusch-Godfrey"), _draw_autocorrelation),
    _Topic("Heteroskedasticity", ("Breusch-Pagan", "White", "ARCH-LM"), _draw_spread),
    _Topic("Normality", ("Jarque-Bera",), _draw_quantiles),
    _Topic("Linear form", ("RESET",), _draw_component),
    _Topic("Stability", ("CUSUM", "Break"), _draw_cusum),
    _Topic("Influence", (), _draw_influence),
    _Topic("Collinearity", ("Variance inflation", "Condition number"), _draw_shrinkage),
    _Topic("Stationarity of the outcome", ("ADF", "KPSS")),
)


def show_diagnostics(context: PageContext, report: RegressionReport) -> None:
    """Draw each assumption: its picture, its tests with a mark each, and the remedies of those that failed."""
    by_name = {found.name: found for found in report.diagnostics}
    with st.grid(2, min_column_width=340):
        for topic in _TOPICS:
            with st.container(border=True):
                st.markdown(f"**{topic.title}**")
                for name in topic.tests:
                    if name in by_name:
                        st.markdown(_test_text(by_name[name]))
                remedies = dict.fromkeys(by_name[name].remedy for name in topic.tests if name in by_name)
                for place, remedy in enumerate(remedy for remedy in remedies if remedy is not None):
                    show_remedy(context, remedy, f"{topic.title}-remedy-{place}")
                if topic.draw is not None:
                    topic.draw(report)
    placing.chart(charts.plot_residuals(report, placing.theme()), "residuals")


def _test_text(found: Diagnostic) -> str:
    color, label = _MARKS[found.passed]
    number = "" if found.statistic is None else f" {format_number(found.statistic)}"
    return f"{color}[{label}] **{found.name}**{number}: {markdown_text(found.sentence)}"


@st.fragment
def show_scan(report: RegressionReport) -> None:
    """Draw each feature alone: the volcano chart, the table, and the feature that is clicked in either."""
    theme = placing.theme()
    shown = [row for row in report.scan if row.p_value_hac is not None]
    clicked = placing.pick_point(pictures.plot_volcano(report.scan, theme), "volcano")
    right = st.column_config.Column(alignment="right")
    selected = placing.pick_row(describe_regression.scan_table(report), "scan", {"p": right, "q": right})
    if not report.scan:
        return
    if selected is not None:
        row = report.scan[selected]
    else:
        row = shown[clicked] if clicked is not None and clicked < len(shown) else report.scan[0]
    with st.grid(2, min_column_width=340):
        placing.chart(pictures.plot_feature_scatter(report, row, theme), "feature-scatter")
        placing.chart(pictures.plot_feature_residuals(report, row, theme), "feature-residuals")


@st.fragment
def show_time(report: RegressionReport) -> None:
    """Draw one coefficient over time, and which column comes first."""
    theme, stability = placing.theme(), report.stability
    chosen = _choose_coefficient(report, "time-feature")
    if chosen is None:
        return
    rolling = next((one for one in stability.rolling if one.name == chosen.name), None) if stability else None
    leading = next((one for one in report.granger if one.name == chosen.name), None)
    with st.grid(2, min_column_width=340):
        if rolling is not None and stability is not None:
            placing.chart(pictures.plot_rolling_coefficient(rolling, chosen, stability.window, theme), "rolling")
        else:
            st.info("No rolling coefficient: several series, or too few rows.")
        if leading is not None:
            placing.chart(pictures.plot_leads(leading, report.rows, theme), "leads")
    if report.granger:
        st.markdown("**Granger causality**")
        st.caption(
            "Does the past of one help to predict the other, given the other's own past? Robust F tests; q corrects for all tests."
        )
        right = st.column_config.Column(alignment="right")
        names = ("leads p", "leads q", "follows p", "follows q")
        placing.table(
            _granger_table(report).style.format(dict.fromkeys(names, p_cell), na_rep=ABSENT),
            "granger",
            dict.fromkeys(names, right),
        )


def _choose_coefficient(report: RegressionReport, key: str) -> Coefficient | None:
    """Return the coefficient that the user chooses; the largest first."""
    features = [found for found in report.coefficients if found.name != CONSTANT]
    ranked = sorted(features, key=lambda found: -abs(found.standardised or 0.0))
    if not ranked:
        return None
    return st.selectbox("Feature", ranked, key=key, format_func=lambda found: feature_label(found.name))


def _granger_table(report: RegressionReport) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "feature": feature_label(found.name),
                "leads p": found.leads_p,
                "leads q": found.leads_q,
                "follows p": found.follows_p,
                "follows q": found.follows_q,
            }
            for found in report.granger
        ]
    )
