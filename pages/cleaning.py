"""Step 3: thresholds on sliders, what goes and why, keep or drop by hand."""

import streamlit as st

from core.charts.cleaning import plot_consequences
from core.cleaning.plan import plan_cleaning, trace_consequences
from pages.parts import describe_data, forms, frame, look

desk = frame.open_step("cleaning")
settings = desk.recipe.cleaning
plan = plan_cleaning(desk.quality, settings)

look.answer(describe_data.plan(plan))
if plan.columns:
    with st.grid(3, min_column_width=300, gap="medium"):
        for field in ("max_bad_ratio", "min_relative_variance", "max_unique_ratio"):
            with st.container():
                forms.edit(desk.project, desk.recipe, "cleaning", field)
                curve = trace_consequences(desk.quality, settings, field)
                look.chart(plot_consequences(curve, look.theme()), f"curve-{field}")

    by_thresholds = plan_cleaning(desk.quality, settings.model_copy(update={"keep": (), "drop": ()}))
    forms.edit_decisions(
        desk.project, desk.recipe, describe_data.decisions(desk.quality, plan), frozenset(by_thresholds.kept)
    )
frame.show_findings(desk, plan.findings)

with st.expander("More: correlated columns, fills, clipping, scaling, features made from columns"):
    left, right = st.columns(2, gap="large")
    with left:
        forms.edit(
            desk.project, desk.recipe, "cleaning", "max_correlation", "fill", "max_fill", "clip_quantile", "scale"
        )
    with right:
        forms.edit(desk.project, desk.recipe, "features", "returns", "lags", "rolling")
frame.next_step("cleaning")
