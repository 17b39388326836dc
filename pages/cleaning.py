"""Step 3: which columns go and why, how rows and values are repaired, the recipe of it all, and its history."""

import streamlit as st

from core.cleaning.plan import plan_cleaning
from pages.parts import describe_cleaning, frame, look
from pages.parts.cleaning import columns, history, recipe, values

VIEWS = {"Columns": columns, "Rows and values": values, "Recipe": recipe, "History": history}

desk = frame.open_step("cleaning")
plan = plan_cleaning(desk.quality, desk.recipe.cleaning)

look.answer(describe_cleaning.plan(plan))
with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    view = st.segmented_control(
        "Look at", list(VIEWS), default="Columns", required=True, key="part", bind="query-params"
    )
    history.offer_defaults(desk)
VIEWS[view].show(desk, plan)
frame.show_findings(desk, plan.findings)
frame.next_step("cleaning")
