"""Which columns go: thresholds with their consequences, and every column with its decision."""

import streamlit as st

from core.cleaning.plan import THRESHOLDS, CleaningPlan, trace_consequences
from pages.parts.cleaning import decisions, thresholds
from pages.parts.frame.context import PageContext
from pages.parts.widgets import placing

_HEIGHT = 660


def show(context: PageContext, plan: CleaningPlan) -> None:
    """Draw the sliders with their curves, and the table of columns."""
    if not plan.columns:
        return
    # Each scrolls in itself, so that a slider and what it does to the table are seen together.
    sliders, table = placing.beside()
    with sliders, st.container(height=_HEIGHT):
        for name in THRESHOLDS:
            with st.container(gap="xsmall"):
                thresholds.show(context, trace_consequences(context.quality, context.recipe.cleaning, name))
    with table:
        decisions.show(context, plan)
