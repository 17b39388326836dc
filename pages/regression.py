"""Step 4: ordinary least squares of the outcome on features known at the origin, with diagnostics."""

import streamlit as st

from core.charts import regression as charts
from core.regression.ols import RegressionReport
from core.regression.step import regression_key
from pages.parts.frame import frame, state
from pages.parts.models import describe_models, job_panel
from pages.parts.widgets import forms, placing

context = frame.open_step("regression")
theme = placing.theme()
forms.edit(
    context.project,
    context.recipe,
    "regression",
    "features",
    options=describe_models.feature_options(describe_models.feature_names(context)),
)
with st.expander("Settings"):
    forms.edit(context.project, context.recipe, "training", "predict", "horizon")
    forms.edit(context.project, context.recipe, "regression", "hac_lags")

key = regression_key(context.work)
report = state.cached_result(context.project, "regression", key, RegressionReport)
if report is None:
    job_panel.show_job(context.project, "regression", "Fit regression")
    st.stop()

placing.summarise(describe_models.regression_sentence(report))
frame.show_findings(context, report.findings)
placing.chart(charts.plot_coefficients(report, theme), "coefficients")
right = st.column_config.Column(alignment="right")
robust = st.column_config.Column(
    help="Newey-West: robust to autocorrelated and heteroskedastic residuals.", alignment="right"
)
placing.table(
    describe_models.coefficient_table(report), "coefficient-table", {"HAC SE": robust, "HAC p": robust, "p": right}
)
st.subheader("Diagnostics")
placing.text_table(describe_models.diagnostics_table(report))
st.subheader("Residuals")
placing.chart(charts.plot_residuals(report, theme), "residuals")
with st.grid(2, min_column_width=340):
    placing.chart(charts.plot_residuals_fitted(report, theme), "residuals-fitted")
    placing.chart(charts.plot_qq(report, theme), "quantiles")
with st.expander("Univariate regressions"):
    placing.table(describe_models.univariate_table(report), "scan", {"HAC p": right})
frame.link_next_step("regression")
