"""Step 4: ordinary least squares, to explain the target within a row or to predict it, with diagnostics."""

import streamlit as st

from core.charts import regression as charts
from core.regression.describe_fit import describe_fit, describe_numbers, describe_question
from core.regression.report import RegressionReport
from core.regression.step import regression_key
from core.text.escape import markdown_text
from pages.parts.frame import frame, state
from pages.parts.models import describe_models, describe_regression, job_panel, regression_charts
from pages.parts.widgets import forms, placing

DIAGNOSTICS, SCAN, OVER_TIME = "Diagnostics", "Each feature alone", "Over time"

context = frame.open_step("regression")
theme, settings = placing.theme(), context.recipe.regression
plan = describe_regression.feature_plan(context)
options = describe_models.feature_options(step.name for step in plan.steps)
recipe = describe_regression.translated(context.recipe, plan)
with st.container(horizontal=True):
    forms.edit(context.project, recipe, "regression", "question")
    if settings.question == "explain":
        forms.edit(context.project, recipe, "regression", "values")
forms.edit(context.project, recipe, "regression", "features", options=options)
with st.container(horizontal=True):
    forms.edit(context.project, recipe, "regression", "choose")
    if settings.choose == "strongest":
        forms.edit(context.project, recipe, "regression", "top_k")

report = state.cached_result(context.project, "regression", regression_key(context.work), RegressionReport)
if report is None:
    target, horizon = context.quality.roles.target or "the target", context.recipe.training.horizon
    st.markdown(markdown_text(describe_question(settings.question, settings.values, target, horizon)))
    job_panel.show_job(context.project, "regression", "Fit regression")
with st.expander("Settings"):
    if settings.question == "predict":
        forms.edit(context.project, context.recipe, "training", "predict", "horizon")
    forms.edit(context.project, context.recipe, "regression", "hac_lags", "granger_lags")
if report is None:
    st.stop()

placing.summarise(describe_fit(report))
st.caption(markdown_text(describe_numbers(report)))
frame.show_findings(context, report.findings)
if report.forms:
    st.header("Levels, changes and error correction")
    placing.text_table(describe_regression.forms_table(report))
    st.caption("Each R² is of the form's own outcome, so they do not compare. Slopes with HAC t.")
placing.chart(charts.plot_coefficients(report, theme), "coefficients")
robust = st.column_config.Column(
    help="Tests a zero coefficient with the variance under that hypothesis, by Hodrick (1992) if outcomes overlap. The interval "
    "is by the HAC error, so the two may disagree.",
    alignment="right",
)
ordinary = st.column_config.Column(help="From ordinary standard errors.", alignment="right")
placing.table(describe_regression.coefficient_table(report), "coefficient-table", {"robust p": robust, "p": ordinary})
views = (DIAGNOSTICS, SCAN, OVER_TIME)
view = st.segmented_control("View", views, default=DIAGNOSTICS, required=True, key="regression-view")
if view == DIAGNOSTICS:
    regression_charts.show_diagnostics(context, report)
elif view == SCAN:
    regression_charts.show_scan(report)
else:
    regression_charts.show_time(report)
frame.link_next_step("regression")
