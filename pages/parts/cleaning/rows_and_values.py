"""How rows and values are repaired and transformed, and any column before and after."""

import streamlit as st

from core.cleaning.plan import CleaningPlan
from pages.parts.cleaning import before_after, row_counts
from pages.parts.frame.context import LoadedContext
from pages.parts.widgets import forms, placing

_HEIGHT = 900
_GROUPS = {
    "Rows": ("cleaning", ("duplicates", "max_gap", "swap_back")),
    "Missing values": ("cleaning", ("fill", "max_fill")),
    "Outliers": ("cleaning", ("clip_quantile", "clip_robust_z", "clip_columns", "clip_target")),
    "Transformations": ("cleaning", ("log", "difference", "returns")),
    "Derived features": ("features", ("returns", "lags", "rolling")),
    "Network inputs": ("cleaning", ("scale",)),
}
_NOTES = {
    "Missing values": "Interpolation and backward fill are not available: both write later values into earlier rows (look-ahead).",
    "Transformations": "Logarithm and difference together give log returns.",
}


def show(context: LoadedContext, plan: CleaningPlan) -> None:
    """Draw the settings of rows and values beside a column before and after."""
    features = tuple(column.name for column in plan.columns if column.name in context.numeric_columns)
    settings, effect = placing.side_by_side()
    with settings, st.container(height=_HEIGHT):
        for title, (section, fields) in _GROUPS.items():
            st.markdown(f"**{title}**")
            forms.edit(context.project, context.recipe, section, *fields, options=features)
            if title in _NOTES:
                st.caption(_NOTES[title])
    with effect:
        row_counts.show(context, plan)
        before_after.show(context, plan)
