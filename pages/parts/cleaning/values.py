"""How rows and values are repaired, and which features are made of the columns."""

import streamlit as st

from core.cleaning.plan import CleaningPlan
from pages.parts import forms
from pages.parts.desk import Desk


def show(desk: Desk, _plan: CleaningPlan) -> None:
    """Draw the settings of fills, clipping, scaling, and of features made from columns."""
    left, right = st.columns(2, gap="large")
    with left:
        forms.edit(desk.project, desk.recipe, "cleaning", "fill", "max_fill", "clip_quantile", "scale")
    with right:
        forms.edit(desk.project, desk.recipe, "features", "returns", "lags", "rolling")
