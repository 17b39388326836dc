"""Which columns hold bad values, of what kind, when, and in which era."""

import streamlit as st

from core.charts.quality import bad_values as charts
from pages.parts.frame.context import PageContext
from pages.parts.quality import describe_columns
from pages.parts.widgets import placing

_SHARES = ("validation", "test")
_COUNTS = ("missing", "infinite", "sentinel")


def show(context: PageContext) -> None:
    """Draw the ranked bars and the map over time, and list the shares by era."""
    any_bad = any(column.bad.total for column in context.quality.columns)
    if any_bad:
        placing.chart(charts.plot_bad_values(context.quality, placing.theme()), "bad")
        if context.quality.silent:
            st.markdown(describe_columns.silent(context.quality.silent))
        placing.chart(charts.plot_bad_over_time(context.quality, placing.theme()), "bad-over-time")
    else:
        st.info("No column holds a bad value.")
    listed, still = describe_columns.bad_by_era(context.quality), describe_columns.STILL
    if listed.empty:
        return
    if not any_bad:
        st.markdown("**Standing still**")
        st.caption("Shares of the train rows that lie in runs of at least five equal values.")
        placing.table(
            listed[["column", still]], "standing-still", **{still: st.column_config.NumberColumn(format="percent")}
        )
        return
    st.markdown("**Bad values by era**")
    st.caption(
        "Shares of the rows of each era. The thresholds of step 3 judge the train era alone; of it are also the rows that stand "
        "still, in runs of at least five equal values, and the counts of bad cells by kind."
    )
    judged = st.column_config.NumberColumn(
        format="percent", help="The share of bad values that the thresholds of step 3 judge."
    )
    shares = {name: st.column_config.NumberColumn(format="percent") for name in _SHARES}
    train = {still: st.column_config.NumberColumn(format="percent", help="Share of train rows that stand still.")}
    counts = {name: st.column_config.NumberColumn(help="Cells of the train era.") for name in _COUNTS}
    name = st.column_config.TextColumn(pinned=True)
    styled = listed.style.format("{:,}", subset=list(_COUNTS))
    placing.table(
        styled, "bad-by-era", **{"column": name, describe_columns.JUDGED: judged}, **shares, **train, **counts
    )
