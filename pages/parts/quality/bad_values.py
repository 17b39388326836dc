"""Which columns hold bad values, of what kind, and when."""

import streamlit as st

from core.charts import quality as charts
from pages.parts import look
from pages.parts.desk import Desk


def show(desk: Desk) -> None:
    """Draw the ranked bars and the map over time."""
    if not any(column.bad.total for column in desk.quality.columns):
        st.info("No column holds a bad value.")
        return
    look.chart(charts.plot_bad_values(desk.quality, look.theme()), "bad")
    look.chart(charts.plot_bad_over_time(desk.quality, look.theme()), "bad-over-time")
