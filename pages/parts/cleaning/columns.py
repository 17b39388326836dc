"""Which columns are dropped: the thresholds with their effect, and the decision for every column."""

import streamlit as st

from core.cleaning.plan import THRESHOLDS, CleaningPlan, trace_consequences
from pages.parts.cleaning import column_table, thresholds
from pages.parts.frame.context import LoadedContext
from pages.parts.widgets import placing

_HEIGHT = 660


def show(context: LoadedContext, plan: CleaningPlan) -> None:
    """Draw the thresholds with their curves, and the table of columns."""
    if not plan.columns:
        return
    # Each part scrolls on its own, to keep a slider and its effect on the table in view together.
    sliders, table = placing.side_by_side()
    with sliders, st.container(height=_HEIGHT):
        for name in THRESHOLDS:
            with st.container(gap="xsmall"):
                thresholds.show(context, trace_consequences(context.quality, context.recipe.cleaning, name))
    with table:
        column_table.show(context, plan)
