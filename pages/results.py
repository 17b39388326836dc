"""Step 7: the verdict, the scores beside the baselines, the forecasts, the backtest, and the sealed test era."""

import streamlit as st

from core.charts import results as charts
from core.charts.results import EraName
from pages.parts.frame import frame
from pages.parts.models import backtest, describe_models, job_panel, trained_run
from pages.parts.widgets import placing

ERAS: tuple[EraName, ...] = ("test", "validation")

context = frame.open_step("results")
run, results = trained_run.choose_training(context)
evaluation = results.evaluation
theme = placing.theme()

st.caption(describe_models.benchmark_text(evaluation))
trained_run.show_verdict(results.verdict)
opening = trained_run.latest_opening(run)
if opening is not None and opening.state.active:
    job_panel.show_running(opening)
elif evaluation.test is None:
    job_panel.show_failure(opening)
    trained_run.show_open_test(context, run)
frame.show_findings(context, results.verdict.findings)

era: EraName = "validation"
if evaluation.test is not None:
    era = st.segmented_control("Era", ERAS, default="test", required=True, key="era")
columns = {
    heading: st.column_config.Column(help=meaning, alignment="right")
    for heading, meaning in describe_models.SCORES.items()
}
placing.table(describe_models.score_table(evaluation, era), "scores", columns)
placing.chart(charts.plot_scores(evaluation, era, theme), "score-chart")
predictions = trained_run.predictions(run)
target = evaluation.task.target
series = trained_run.choose_series(predictions)
placing.chart(charts.plot_predictions(predictions, era, target, series, theme), "predictions")
changes = charts.plot_changes(predictions, era, target, theme, mean_is_rival=evaluation.mean_is_rival)
placing.chart(changes, "changes")
backtest.show(context, evaluation, run.id)
with st.expander("All trainings of this project"):
    placing.table(describe_models.runs_table(context.project), "runs")
frame.link_next_step("results")
