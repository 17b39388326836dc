"""What one feature does: its dependence and class, and the profiles of all by lag, period and number."""

import streamlit as st

from core.charts.importance import plot_curve, plot_dependence, plot_lags, plot_periods
from core.importance.curve import smallest_within_error
from core.importance.ranking import ImportanceRanking
from pages.parts.frame.context import LoadedContext
from pages.parts.models import describe_models
from pages.parts.widgets import placing


def show(context: LoadedContext, ranking: ImportanceRanking) -> None:
    """Draw the dependence of a feature that the user picks, then importance by lag and period, and the curve."""
    theme = placing.theme()
    by_name = {each.name: each for each in ranking.dependence}
    labels = describe_models.feature_options(by_name)
    picked = st.selectbox(
        "Feature",
        list(by_name),
        format_func=lambda name: labels[name],
        key="shown-feature",
        persist_state="session",
        help="Whose contributions to the forecasts are drawn.",
    )
    if picked is not None:
        st.caption(describe_models.relation_text(context, picked))
        placing.chart(plot_dependence(by_name[picked], theme), "dependence")
    placing.chart(plot_lags(ranking, theme), "lags")
    placing.chart(plot_periods(ranking, theme), "periods")
    placing.chart(plot_curve(ranking.curve, smallest_within_error(ranking.curve), theme), "curve")
