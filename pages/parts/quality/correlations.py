"""Which columns move together: a map, the strongest pairs, the groups; on levels and on changes."""

import streamlit as st

from core.charts.quality import correlations as charts
from core.text.escape import markdown_text
from pages.parts.frame.context import PageContext
from pages.parts.quality import describe_correlations, pair
from pages.parts.widgets import placing

_MAP, _PAIRS, _GROUPS = "map", "strongest pairs", "groups"


@st.fragment
def show(context: PageContext) -> None:
    """Say how many correlations are those of a trend, and draw the map, the pairs or the groups."""
    found = context.quality.associations
    if found.compared < 2:
        st.info("Correlations need two columns of numbers; this file has fewer.")
        return
    st.markdown(markdown_text(found.sentence))
    wide = len(found.mapped) < found.columns
    views = [_PAIRS, _GROUPS, _MAP] if wide else [_MAP, _PAIRS, _GROUPS]
    view = st.segmented_control("Show", views, default=views[0], required=True, key="correlations-show")
    {_MAP: _show_map, _PAIRS: _show_pairs, _GROUPS: _show_groups}[view](context)


def _show_map(context: PageContext) -> None:
    form_at, method_at = st.columns([1, 2])
    form = form_at.segmented_control("Values", ["changes", "levels"], default="changes", required=True, key="form")
    method = method_at.segmented_control(
        "Measure", list(charts.METHODS), default="pearson", required=True, key="method", format_func=charts.METHODS.get
    )
    placing.chart(charts.plot_correlations(context.quality, method, form, placing.theme()), "correlations")


def _show_pairs(context: PageContext) -> None:
    found = context.quality.associations
    st.caption(describe_correlations.how_compared(found))
    sought = st.text_input("Find a column", key="pairs-find", placeholder="part of a name").strip().casefold()
    listed = describe_correlations.pairs(found, sought)
    if listed.empty:
        st.info("No strong pair holds a column of this name.")
        return
    place = placing.pick_row(describe_correlations.style(listed), f"pairs-{sought}", len(listed))
    st.caption("Choose a row to see the two columns below.")
    pair.show(context, *listed[["one", "other"]].iloc[place or 0])


def _show_groups(context: PageContext) -> None:
    found = context.quality.associations
    if not found.clusters:
        st.info(describe_correlations.no_group(found))
        return
    st.caption(describe_correlations.how_grouped(found))
    narrow = st.column_config.NumberColumn(width="small")
    placing.table(describe_correlations.groups(found), "groups", columns=narrow)
