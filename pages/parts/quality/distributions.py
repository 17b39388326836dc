"""The distribution of each column: a gallery to search and sort, and one column with its changes."""

import streamlit as st

from core.charts.quality import distributions as charts
from core.charts.quality.gallery import TILES_A_PAGE, plot_gallery
from core.quality.checks.suggestions import check_transformation
from core.quality.column.profile import ColumnProfile
from core.quality.views.gallery import ORDERS, choose_columns
from core.text.format import format_count
from pages.parts.frame import frame, state
from pages.parts.frame.context import LoadedContext
from pages.parts.quality import describe_columns
from pages.parts.widgets import placing


@st.fragment
def show(context: LoadedContext) -> None:
    """Draw a page of the gallery, and the chosen column below."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    search = left.text_input("Column search", key="gallery-find", placeholder="Part of a name")
    order = right.selectbox("Sort order", ORDERS, key="gallery-order")
    columns = choose_columns(context.quality.columns, search, order)
    if not columns:
        st.info("No numeric column has this name." if search.strip() else "This file has no numeric columns.")
        return
    pages = -(-len(columns) // TILES_A_PAGE)
    # Another search or order starts at its first page, and a click is a position on one page.
    key = f"{order}-{search}"
    with st.container(horizontal=True, vertical_alignment="center"):
        pooled = ", all series pooled" if context.dataset.series_column else ""
        st.caption(f"{format_count(len(columns), 'column')}{pooled}")
        page = st.pagination(pages, key=f"gallery-page-{key}") if pages > 1 else 1
    shown = columns[(page - 1) * TILES_A_PAGE : page * TILES_A_PAGE]
    clicked = placing.pick_point(plot_gallery(shown, order, placing.theme()), f"gallery-{key}-{page}")
    _show_column(context, columns, shown[clicked if clicked is not None and clicked < len(shown) else 0])


# A fragment of its own: choosing another column does not redraw the gallery.
@st.fragment
def _show_column(context: LoadedContext, columns: tuple[ColumnProfile, ...], first: ColumnProfile) -> None:
    if state.workspace().recipe(context.project.id) != context.recipe:
        # A suggestion was applied, which changes the whole page.
        st.rerun()
    names = [column.name for column in columns]
    # The key holds the clicked column: clicking another one moves this box too.
    name = st.selectbox("Column", names, index=names.index(first.name), key=f"distribution-column-{first.name}")
    column = context.quality.column(name)
    suggestion = check_transformation(column, context.quality.roles)
    if suggestion is not None:
        frame.show_findings(context, (suggestion,), key="suggestion", counted=False)
    with st.grid(2, min_column_width=380):
        for changes in (False, True):
            placing.chart(charts.plot_distribution(column, placing.theme(), changes), f"distribution-{changes}")
        for changes in (False, True):
            placing.chart(charts.plot_qq(column, placing.theme(), changes), f"quantiles-{changes}")
    statistics = describe_columns.statistics_table(column)
    right_aligned = {name: st.column_config.TextColumn(alignment="right") for name in statistics.columns[1:]}
    placing.table(statistics, "statistics", right_aligned)
