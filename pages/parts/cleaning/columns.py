"""Which columns go: thresholds with their consequences, and every column with its decision."""

import streamlit as st

from core.charts.cleaning import plot_consequences
from core.cleaning.plan import CleaningPlan, plan_cleaning, trace_consequences
from pages.parts import describe_data, forms, look
from pages.parts.desk import Desk


def show(desk: Desk, plan: CleaningPlan) -> None:
    """Draw the sliders with their curves, and the table of columns."""
    if not plan.columns:
        return
    settings = desk.recipe.cleaning
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
    forms.edit(desk.project, desk.recipe, "cleaning", "max_correlation")
