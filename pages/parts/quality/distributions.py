"""How the values of each column are spread: a gallery to search and sort, and one column with its changes beside it."""

import streamlit as st

from core.charts.quality import distributions as charts
from core.charts.quality.gallery import TILES_A_PAGE, plot_gallery
from core.quality.checks.suggestions import check_transformation
from core.quality.column.profile import ColumnProfile
from core.quality.views.gallery import ORDERS, choose_columns
from pages.parts.frame import frame, state
from pages.parts.frame.context import PageContext
from pages.parts.quality import describe_columns
from pages.parts.widgets import placing


@st.fragment
def show(context: PageContext) -> None:
    """Draw a page of the gallery, and the chosen column below."""
    find, sort = st.columns([3, 2], vertical_alignment="bottom")
    sought = find.text_input("Find a column", key="gallery-find", placeholder="part of a name")
    order = sort.selectbox("Sort by", ORDERS, key="gallery-order")
    columns = choose_columns(context.quality.columns, sought, order)
    if not columns:
        st.info("No column of numbers has this name." if sought.strip() else "This file has no column of numbers.")
        return
    pages = -(-len(columns) // TILES_A_PAGE)
    # Another listing begins at its first page, and a click is a place on one page.
    key = f"{order}-{sought}"
    with st.container(horizontal=True, vertical_alignment="center"):
        together = ", all series together" if context.dataset.series_column else ""
        st.caption(f"{len(columns):,} column{'' if len(columns) == 1 else 's'}{together}")
        page = st.pagination(pages, key=f"gallery-page-{key}") if pages > 1 else 1
    shown = columns[(page - 1) * TILES_A_PAGE : page * TILES_A_PAGE]
    clicked = placing.pick_point(plot_gallery(shown, order, placing.theme()), f"gallery-{key}-{page}")
    _show_column(context, columns, shown[clicked if clicked is not None and clicked < len(shown) else 0])


# The gallery stays as it is while another column is chosen below it.
@st.fragment
def _show_column(context: PageContext, columns: tuple[ColumnProfile, ...], first: ColumnProfile) -> None:
    if state.workspace().recipe(context.project.id) != context.recipe:
        # A suggestion was taken: the whole page tells of it.
        st.rerun()
    names = [column.name for column in columns]
    # The key holds the column that was clicked: clicking another moves this box too.
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
    statistics = describe_columns.statistics(column)
    right = {name: st.column_config.TextColumn(alignment="right") for name in statistics.columns[1:]}
    placing.table(statistics, "statistics", **right)
