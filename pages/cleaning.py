"""Step 3: which columns are dropped and why, how rows and values are repaired, the recipe, and its history."""

import streamlit as st

from core.cleaning.plan import plan_cleaning
from pages.parts.cleaning import columns, describe_cleaning, history, recipe, rows_and_values
from pages.parts.frame import frame
from pages.parts.widgets import placing

VIEWS = {"Columns": columns, "Rows and values": rows_and_values, "Recipe": recipe, "History": history}

context = frame.open_step("cleaning")
plan = plan_cleaning(context.quality, context.recipe.cleaning)

placing.summarise(describe_cleaning.plan_sentence(plan))
with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    view = st.segmented_control("View", list(VIEWS), default="Columns", required=True, key="part", bind="query-params")
    history.show_reset(context)
VIEWS[view].show(context, plan)
frame.show_findings(context, plan.findings)
frame.link_next_step("cleaning")
