"""Step 2: bad values, distributions, correlations, and what relates to the target."""

import streamlit as st

from core.charts import quality as charts
from pages.parts import describe_data, frame, look

desk = frame.open_step("quality")
data, quality, theme = desk.dataset, desk.quality, look.theme()

look.answer(describe_data.quality(data, quality))
frame.show_findings(desk, (*quality.findings, *data.findings))

view = st.segmented_control(
    "Look at",
    ["Bad values", "Distributions", "Correlations", "Relations"],
    default="Bad values",
    required=True,
    key="view",
)
if view == "Bad values" and any(column.bad.total for column in quality.columns):
    look.chart(charts.plot_bad_values(quality, theme), "bad")
    look.chart(charts.plot_bad_over_time(quality, theme), "bad-over-time")
elif view == "Bad values":
    st.info("No column holds a bad value.")
elif view == "Distributions":
    column = st.selectbox("Column", desk.numbers, key="distribution-column")
    if column:
        with st.grid(2, min_column_width=400):
            look.chart(charts.plot_distribution(quality.column(column), theme), f"distribution-{column}")
            look.table(describe_data.statistics(quality.column(column)), "statistics")
elif view == "Correlations":
    method = st.segmented_control("Method", ["pearson", "spearman"], default="pearson", required=True, key="method")
    if len(quality.correlated) < 2:
        st.info("Correlations need two columns of numbers; this file has fewer.")
    else:
        look.chart(charts.plot_correlations(quality, method, theme), "correlations")
elif quality.relations:
    st.markdown(describe_data.relations_sentence(quality))
    look.table(describe_data.relations(quality), "relations")
else:
    st.info("Choose a target that holds numbers in step 1; relations are judged against it.")
with st.expander("All columns in numbers"):
    look.table(describe_data.profile(quality), "profile")
frame.next_step("quality")
