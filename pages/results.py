"""Step 7: the verdict, the next forecast, the evidence, all trainings, scores, forecasts, and the backtest."""

import streamlit as st

from core.charts import results as charts
from core.charts.coverage import plot_coverage
from core.charts.results import EraName
from core.delivery.volatility_text import volatility_text
from core.text.escape import markdown_text
from pages.parts.frame import frame
from pages.parts.models import (
    backtest,
    describe_models,
    forecast_charts,
    job_panel,
    leaderboard,
    next_forecast,
    trained_run,
    walk_forward,
)
from pages.parts.widgets import placing

ERAS: tuple[EraName, ...] = ("test", "validation")

context = frame.open_step("results")
run, results = trained_run.choose_training(context)
evaluation = results.evaluation
theme = placing.theme()

trained_run.show_verdict(results)
next_forecast.show(context, run, results)
opening = trained_run.latest_opening(run)
if opening is not None and opening.state.active:
    job_panel.show_running(opening)
elif evaluation.test is None:
    job_panel.show_failure(opening)
    trained_run.show_open_test(context, run)
trained_run.show_recount(context, run, results)
placing.chart(charts.plot_gain(evaluation, theme), "gain")
trained_run.show_evidence(evaluation)
trained_run.show_guide(evaluation)
trained_run.show_lstm_adds(evaluation)
walk_forward.show(context, run, results)
frame.show_findings(context, results.verdict.findings)
leaderboard.show(context, run)

st.subheader("Scores and forecasts")
st.caption(markdown_text(f"{describe_models.benchmark_text(evaluation)} {volatility_text(evaluation)}"))
era: EraName = "validation"
with st.container(horizontal=True):
    if evaluation.test is not None:
        era = st.segmented_control("Era", ERAS, default="test", required=True, key="era")
    unit = forecast_charts.choose_unit(evaluation)
columns = {
    heading: st.column_config.Column(help=meaning, alignment="right")
    for heading, meaning in describe_models.SCORES.items()
}
placing.table(describe_models.score_table(evaluation, era, unit), "scores", columns)
placing.chart(charts.plot_scores(evaluation, era, theme), "score-chart")
forecast_charts.show(evaluation, trained_run.predictions(run), era, unit, context.dataset.is_counted)
if evaluation.interval is not None and era == "test":
    placing.chart(plot_coverage(evaluation.interval, theme), "coverage")
backtest.show(context, evaluation, run.id)
frame.link_next_step("results")
