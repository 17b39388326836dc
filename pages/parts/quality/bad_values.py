"""Which columns have bad values, of what kind, when, and in which era."""

import streamlit as st

from core.charts.quality import bad_values as charts
from pages.parts.frame.context import LoadedContext
from pages.parts.quality import describe_columns
from pages.parts.widgets import placing, sparklines

_COUNTS = ("missing", "infinite", "sentinel")


def show(context: LoadedContext) -> None:
    """Draw the ranking of columns and the map over time, and list the shares by era."""
    any_bad = any(column.bad.total for column in context.quality.columns)
    if any_bad:
        placing.chart(charts.plot_bad_values(context.quality, placing.theme()), "bad")
        if context.quality.empty_series:
            st.markdown(describe_columns.empty_series_text(context.quality.empty_series))
        placing.chart(charts.plot_bad_over_time(context.quality, placing.theme()), "bad-over-time")
    else:
        st.info("No column has bad values.")
    table = describe_columns.bad_by_era_table(context.quality)
    if table.empty:
        return
    if any_bad:
        st.markdown("**Bad values by era**")
        st.caption(
            "Shares of the rows of each era. The thresholds of step 3 apply to the train era only. The stale share (runs of "
            "five or more equal values) and the bad-cell counts also cover the train era only."
        )
        shares = {
            "train": st.column_config.NumberColumn(
                format="percent", help="The share of bad values to which the thresholds of step 3 apply."
            ),
            "validation": st.column_config.NumberColumn(format="percent"),
            "test": st.column_config.NumberColumn(format="percent"),
            "stale": st.column_config.NumberColumn(format="percent", help="Share of stale rows in the train era."),
        }
        counts = {
            name: st.column_config.NumberColumn(format="localized", help="Cells of the train era.") for name in _COUNTS
        }
        column = {"column": st.column_config.TextColumn(pinned=True)}
        placing.table(sparklines.add(context, table), "bad-by-era", {**sparklines.CONFIG, **column, **shares, **counts})
    else:
        st.markdown("**Stale values**")
        st.caption("Share of the train rows in runs of five or more equal values.")
        placing.table(table[["column", "stale"]], "stale", {"stale": st.column_config.NumberColumn(format="percent")})
