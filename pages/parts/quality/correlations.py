"""Which columns move together."""

import streamlit as st

from core.charts import quality as charts
from pages.parts import look
from pages.parts.desk import Desk


def show(desk: Desk) -> None:
    """Draw the heatmap of correlations."""
    method = st.segmented_control("Method", ["pearson", "spearman"], default="pearson", required=True, key="method")
    if len(desk.quality.correlated) < 2:
        st.info("Correlations need two columns of numbers; this file has fewer.")
    else:
        look.chart(charts.plot_correlations(desk.quality, method, look.theme()), "correlations")
