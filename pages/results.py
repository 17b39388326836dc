"""Step 7: the verdict first, then the scores beside the baselines, the forecasts, and the sealed test era."""

import streamlit as st

from core.charts import results as charts
from pages.parts import describe_models, frame, live, look, outcome

desk = frame.open_step("results")
run, done = outcome.choose(desk)
theme = look.theme()

st.caption(describe_models.rival(done.evaluation))
outcome.show_verdict(done.verdict)
opening = outcome.opening_of(run)
if opening is not None and opening.state.active:
    live.follow(opening)
elif done.evaluation.test is None:
    live.tell_end(desk.project, opening)
    outcome.offer_opening(desk, run)
frame.show_findings(desk, done.verdict.findings)

era = "validation"
if done.evaluation.test is not None:
    era = st.segmented_control("Era", ["test", "validation"], default="test", required=True, key="era")
meanings = {name: st.column_config.Column(help=meant) for name, meant in describe_models.SCORES.items()}
look.table(describe_models.scores(done.evaluation, era), "scores", **meanings)
look.chart(charts.plot_scores(done.evaluation, era, theme), "score-chart")
predictions = outcome.predictions(run)
target = done.evaluation.task.target
series = outcome.choose_series(predictions)
look.chart(charts.plot_predictions(predictions, era, target, series, theme), "predictions")
look.chart(charts.plot_changes(predictions, era, target, theme), "changes")
st.subheader("What trading on its sign would have earned")
st.markdown(describe_models.backtest(done.evaluation))
if done.evaluation.backtest is not None:
    look.chart(charts.plot_backtest(done.evaluation.backtest, theme), "backtest")
with st.expander("All trainings of this project"):
    look.table(describe_models.runs(desk.project), "runs")
frame.next_step("results")
