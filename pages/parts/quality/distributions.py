"""How the values of each column are spread: a gallery to search and sort, and one column with its changes beside it."""

import streamlit as st

from core.charts import distributions as charts
from core.charts.gallery import TILES_A_PAGE, plot_gallery
from core.quality.columns import ColumnProfile
from core.quality.gallery import ORDERS, choose_columns
from core.quality.suggestions import suggest_change
from pages.parts import describe_columns, frame, look, state
from pages.parts.desk import Desk


@st.fragment
def show(desk: Desk) -> None:
    """Draw a page of the gallery, and the chosen column below."""
    find, sort = st.columns([3, 2], vertical_alignment="bottom")
    sought = find.text_input("Find a column", key="gallery-find", placeholder="part of a name")
    order = sort.selectbox("Sort by", ORDERS, key="gallery-order")
    columns = choose_columns(desk.quality.columns, sought, order)
    if not columns:
        st.info("No column of numbers has this name." if sought.strip() else "This file has no column of numbers.")
        return
    pages = -(-len(columns) // TILES_A_PAGE)
    # Another listing begins at its first page, and a click is a place on one page.
    key = f"{order}-{sought}"
    with st.container(horizontal=True, vertical_alignment="center"):
        together = ", all series together" if desk.dataset.series_column else ""
        st.caption(f"{len(columns):,} column{'' if len(columns) == 1 else 's'}{together}")
        page = st.pagination(pages, key=f"gallery-page-{key}") if pages > 1 else 1
    shown = columns[(page - 1) * TILES_A_PAGE : page * TILES_A_PAGE]
    clicked = look.pick_point(plot_gallery(shown, order, look.theme()), f"gallery-{key}-{page}")
    _show_column(desk, columns, shown[clicked if clicked is not None and clicked < len(shown) else 0])


# The gallery stays as it is while another column is chosen below it.
@st.fragment
def _show_column(desk: Desk, columns: tuple[ColumnProfile, ...], first: ColumnProfile) -> None:
    if state.workspace().recipe(desk.project.id) != desk.recipe:
        # A suggestion was taken: the whole page tells of it.
        st.rerun()
    names = [column.name for column in columns]
    # The key holds the column that was clicked: clicking another moves this box too.
    name = st.selectbox("Column", names, index=names.index(first.name), key=f"distribution-column-{first.name}")
    column = desk.quality.column(name)
    suggestion = suggest_change(column, desk.quality.roles)
    if suggestion is not None:
        frame.show_findings(desk, (suggestion,), key="suggestion", counted=False)
    with st.grid(2, min_column_width=380):
        for changes in (False, True):
            look.chart(charts.plot_distribution(column, look.theme(), changes), f"distribution-{changes}")
        for changes in (False, True):
            look.chart(charts.plot_quantiles(column, look.theme(), changes), f"quantiles-{changes}")
    statistics = describe_columns.statistics(column)
    right = {name: st.column_config.TextColumn(alignment="right") for name in statistics.columns[1:]}
    look.table(statistics, "statistics", **right)
