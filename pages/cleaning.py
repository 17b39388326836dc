"""Step 3: which columns go and why, how rows and values are repaired, the recipe of it all, and its history."""

import streamlit as st

from core.cleaning.plan import plan_cleaning
from pages.parts.cleaning import columns, describe_cleaning, history, recipe, values
from pages.parts.frame import frame
from pages.parts.widgets import placing

VIEWS = {"Columns": columns, "Rows and values": values, "Recipe": recipe, "History": history}

context = frame.open_step("cleaning")
plan = plan_cleaning(context.quality, context.recipe.cleaning)

placing.answer(describe_cleaning.plan(plan))
with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    view = st.segmented_control(
        "Look at", list(VIEWS), default="Columns", required=True, key="part", bind="query-params"
    )
    history.offer_defaults(context)
VIEWS[view].show(context, plan)
frame.show_findings(context, plan.findings)
frame.next_step("cleaning")
