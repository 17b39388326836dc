"""Step 4: ordinary least squares of what is predicted on features known at the origin, and its diagnostics."""

import streamlit as st

from core.charts import regression as charts
from core.regression.ols import RegressionReport
from core.regression.step import regression_key
from pages.parts.frame import frame, state
from pages.parts.models import describe_models, job_panel
from pages.parts.widgets import forms, placing

context = frame.open_step("regression")
theme = placing.theme()
forms.edit(context.project, context.recipe, "regression", "features", options=describe_models.feature_names(context))
with st.expander("Settings"):
    forms.edit(context.project, context.recipe, "training", "predict", "horizon")
    forms.edit(context.project, context.recipe, "regression", "hac_lags")

key = regression_key(context.work)
report = state.on_shelf(context.project, "regression", key, RegressionReport)
if report is None:
    job_panel.offer(context.project, "regression", "Fit the regression")
    st.stop()

placing.answer(describe_models.regression(report))
frame.show_findings(context, report.findings)
placing.chart(charts.plot_coefficients(report, theme), "coefficients")
robust = st.column_config.Column(help="By Newey and West: holds also where residuals hang together or vary in size.")
placing.table(describe_models.coefficients(report), "coefficient-table", **{"HAC error": robust, "HAC p": robust})
st.subheader("Diagnostics")
placing.sentences(describe_models.diagnostics(report))
st.subheader("Residuals")
placing.chart(charts.plot_residuals(report, theme), "residuals")
with st.grid(2, min_column_width=340):
    placing.chart(charts.plot_residuals_fitted(report, theme), "residuals-fitted")
    placing.chart(charts.plot_quantiles(report, theme), "quantiles")
with st.expander("Each feature alone"):
    placing.table(describe_models.scan(report), "scan")
frame.next_step("regression")
