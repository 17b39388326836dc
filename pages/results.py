"""Step 7: the verdict first, then the scores beside the baselines, the forecasts, and the sealed test era."""

import streamlit as st

from core.charts import results as charts
from pages.parts.frame import frame
from pages.parts.models import describe_models, job_panel, trained_run
from pages.parts.widgets import placing

context = frame.open_step("results")
run, done = trained_run.choose(context)
theme = placing.theme()

st.caption(describe_models.rival(done.evaluation))
trained_run.show_verdict(done.verdict)
opening = trained_run.opening_of(run)
if opening is not None and opening.state.active:
    job_panel.follow(opening)
elif done.evaluation.test is None:
    job_panel.tell_end(context.project, opening)
    trained_run.offer_opening(context, run)
frame.show_findings(context, done.verdict.findings)

era = "validation"
if done.evaluation.test is not None:
    era = st.segmented_control("Era", ["test", "validation"], default="test", required=True, key="era")
meanings = {name: st.column_config.Column(help=meant) for name, meant in describe_models.SCORES.items()}
placing.table(describe_models.scores(done.evaluation, era), "scores", **meanings)
placing.chart(charts.plot_scores(done.evaluation, era, theme), "score-chart")
predictions = trained_run.predictions(run)
target = done.evaluation.task.target
series = trained_run.choose_series(predictions)
placing.chart(charts.plot_predictions(predictions, era, target, series, theme), "predictions")
placing.chart(charts.plot_changes(predictions, era, target, theme), "changes")
st.subheader("What trading on its sign would have earned")
st.markdown(describe_models.backtest(done.evaluation))
if done.evaluation.backtest is not None:
    placing.chart(charts.plot_backtest(done.evaluation.backtest, theme), "backtest")
with st.expander("All trainings of this project"):
    placing.table(describe_models.runs(context.project), "runs")
frame.next_step("results")
