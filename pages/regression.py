"""Step 4: ordinary least squares of what is predicted on features known at the origin, and its diagnostics."""

import streamlit as st

from core import pipeline
from core.charts import regression as charts
from core.regression.ols import RegressionReport
from pages.parts import describe_models, forms, frame, live, look, state

desk = frame.open_step("regression")
theme = look.theme()
forms.edit(desk.project, desk.recipe, "regression", "features", options=describe_models.feature_names(desk))
with st.expander("Settings"):
    forms.edit(desk.project, desk.recipe, "training", "predict", "horizon")
    forms.edit(desk.project, desk.recipe, "regression", "hac_lags")

key = pipeline.regression_key(desk.dataset, desk.recipe)
report = state.on_shelf(desk.project, "regression", key, RegressionReport)
if report is None:
    live.offer(desk.project, "regression", "Fit the regression")
    st.stop()

look.answer(describe_models.regression(report))
frame.show_findings(desk, report.findings)
look.chart(charts.plot_coefficients(report, theme), "coefficients")
robust = st.column_config.Column(help="By Newey and West: holds also where residuals hang together or vary in size.")
look.table(describe_models.coefficients(report), "coefficient-table", **{"HAC error": robust, "HAC p": robust})
st.subheader("Diagnostics")
look.sentences(describe_models.diagnostics(report))
st.subheader("Residuals")
look.chart(charts.plot_residuals(report, theme), "residuals")
with st.grid(2, min_column_width=340):
    look.chart(charts.plot_residuals_fitted(report, theme), "residuals-fitted")
    look.chart(charts.plot_quantiles(report, theme), "quantiles")
with st.expander("Each feature alone"):
    look.table(describe_models.scan(report), "scan")
frame.next_step("regression")
