"""Which columns move together: a map, the strongest pairs, the groups; on levels and on changes."""

import streamlit as st

from core.charts import correlations as charts
from core.escaping import markdown_text
from pages.parts import describe_correlations, look
from pages.parts.desk import Desk
from pages.parts.quality import pair

_MAP, _PAIRS, _GROUPS = "map", "strongest pairs", "groups"


@st.fragment
def show(desk: Desk) -> None:
    """Say how many correlations are those of a trend, and draw the map, the pairs or the groups."""
    found = desk.quality.associations
    if found.compared < 2:
        st.info("Correlations need two columns of numbers; this file has fewer.")
        return
    st.markdown(markdown_text(found.sentence))
    wide = len(found.mapped) < found.columns
    views = [_PAIRS, _GROUPS, _MAP] if wide else [_MAP, _PAIRS, _GROUPS]
    view = st.segmented_control("Show", views, default=views[0], required=True, key="correlations-show")
    {_MAP: _show_map, _PAIRS: _show_pairs, _GROUPS: _show_groups}[view](desk)


def _show_map(desk: Desk) -> None:
    form_at, method_at = st.columns([1, 2])
    form = form_at.segmented_control("Values", ["changes", "levels"], default="changes", required=True, key="form")
    method = method_at.segmented_control(
        "Measure", list(charts.METHODS), default="pearson", required=True, key="method", format_func=charts.METHODS.get
    )
    look.chart(charts.plot_correlations(desk.quality, method, form, look.theme()), "correlations")


def _show_pairs(desk: Desk) -> None:
    found = desk.quality.associations
    st.caption(describe_correlations.how_compared(found))
    sought = st.text_input("Find a column", key="pairs-find", placeholder="part of a name").strip().casefold()
    listed = describe_correlations.pairs(found, sought)
    if listed.empty:
        st.info("No strong pair holds a column of this name.")
        return
    place = look.pick_row(describe_correlations.style(listed), f"pairs-{sought}", len(listed))
    st.caption("Choose a row to see the two columns below.")
    pair.show(desk, *listed[["one", "other"]].iloc[place or 0])


def _show_groups(desk: Desk) -> None:
    found = desk.quality.associations
    if not found.clusters:
        st.info(describe_correlations.no_group(found))
        return
    st.caption(describe_correlations.how_grouped(found))
    narrow = st.column_config.NumberColumn(width="small")
    look.table(describe_correlations.groups(found), "groups", columns=narrow)
