"""How the values of a column are spread."""

import streamlit as st

from core.charts import quality as charts
from pages.parts import describe_data, look
from pages.parts.desk import Desk


def show(desk: Desk) -> None:
    """Draw the distribution of one column, and its statistics."""
    column = st.selectbox("Column", desk.numbers, key="distribution-column")
    if column:
        with st.grid(2, min_column_width=400):
            look.chart(charts.plot_distribution(desk.quality.column(column), look.theme()), f"distribution-{column}")
            look.table(describe_data.statistics(desk.quality.column(column)), "statistics")
