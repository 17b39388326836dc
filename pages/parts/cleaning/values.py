"""How rows and values are repaired, what columns become, and any column before and after."""

import streamlit as st

from core.cleaning.plan import CleaningPlan
from pages.parts.cleaning import before_after, rows
from pages.parts.frame.context import PageContext
from pages.parts.widgets import forms, placing

_HEIGHT = 900
_GROUPS = {
    "Rows": ("cleaning", ("duplicates", "max_gap")),
    "Missing values": ("cleaning", ("fill", "max_fill")),
    "Outliers": ("cleaning", ("clip_quantile", "clip_robust_z", "clip_columns", "clip_target")),
    "Columns that enter changed": ("cleaning", ("log", "difference", "returns")),
    "Features made of the columns": ("features", ("returns", "lags", "rolling")),
    "Inputs of the network": ("cleaning", ("scale",)),
}
_WHY = {
    "Missing values": "Interpolation and backward fill are not offered: both write later values into earlier rows, which no "
    "forecast has.",
    "Columns that enter changed": "Each entry can be taken back by itself. Logarithm and difference together make a log return.",
}


def show(context: PageContext, plan: CleaningPlan) -> None:
    """Draw the settings of rows and values beside a column before and after them."""
    features = tuple(column.name for column in plan.columns if column.name in context.numbers)
    settings, outcome = placing.beside()
    with settings, st.container(height=_HEIGHT):
        for title, (section, fields) in _GROUPS.items():
            st.markdown(f"**{title}**")
            forms.edit(context.project, context.recipe, section, *fields, options=features)
            if title in _WHY:
                st.caption(_WHY[title])
    with outcome:
        rows.show(context, plan)
        before_after.show(context, plan)
