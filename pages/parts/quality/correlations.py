"""Which columns are correlated: a map, the strongest pairs, and the groups; on levels and on changes."""

import streamlit as st

from core.charts.quality import correlations as charts
from core.text.escape import markdown_text
from pages.parts.frame.context import LoadedContext
from pages.parts.quality import describe_correlations, pair
from pages.parts.widgets import placing

_MAP, _PAIRS, _GROUPS = "map", "strongest pairs", "groups"
_FORMS: tuple[charts.Form, ...] = ("changes", "levels")


@st.fragment
def show(context: LoadedContext) -> None:
    """Show how many correlations come from a common trend, and draw the map, the pairs or the groups."""
    found = context.quality.associations
    if found.compared < 2:
        st.info("Correlations need two numeric columns; this file has fewer.")
        return
    st.markdown(markdown_text(found.sentence))
    is_wide = len(found.mapped) < found.columns
    views = [_PAIRS, _GROUPS, _MAP] if is_wide else [_MAP, _PAIRS, _GROUPS]
    view = st.segmented_control("Display", views, default=views[0], required=True, key="correlations-show")
    {_MAP: _show_map, _PAIRS: _show_pairs, _GROUPS: _show_groups}[view](context)


def _show_map(context: LoadedContext) -> None:
    left, right = st.columns([1, 2])
    form = left.segmented_control("Values", _FORMS, default="changes", required=True, key="form")
    method = right.segmented_control(
        "Measure",
        list(charts.METHODS),
        default="pearson",
        required=True,
        key="method",
        format_func=charts.METHODS.__getitem__,
    )
    placing.chart(charts.plot_correlations(context.quality, method, form, placing.theme()), "correlations")


def _show_pairs(context: LoadedContext) -> None:
    found = context.quality.associations
    st.caption(describe_correlations.pairs_text(found))
    search = st.text_input("Column search", key="pairs-find", placeholder="Part of a name").strip().casefold()
    table = describe_correlations.pairs_table(found, search)
    if table.empty:
        st.info("No strong pair has a column of this name.")
        return
    row = placing.pick_row(describe_correlations.style_pairs(table), f"pairs-{search}")
    st.caption("Select a row to show its two columns below.")
    pair.show(context, *table[["one", "other"]].iloc[row or 0])


def _show_groups(context: LoadedContext) -> None:
    found = context.quality.associations
    if not found.clusters:
        st.info(describe_correlations.no_groups_text(found))
        return
    st.caption(describe_correlations.groups_text(found))
    narrow = st.column_config.NumberColumn(width="small")
    placing.table(describe_correlations.groups_table(found), "groups", {"columns": narrow})
