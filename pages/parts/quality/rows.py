"""The whole table: filtered, sorted, and a page of rows at a time."""

import numpy as np
import streamlit as st

from core.data.columns import LINE
from core.errors.model import PlumblineError
from core.quality.step import profile_key
from core.quality.views.pair import name_series
from core.quality.views.rows import COMPARISONS, RowFilter, RowOrder, RowTable
from core.text.format import format_count
from pages.parts.frame import error_messages, state
from pages.parts.frame.context import LoadedContext
from pages.parts.upload import describe_data
from pages.parts.widgets import placing

_ROWS_A_PAGE = 100
# More columns of 100 rows would slow the browser down; others can be chosen.
_MOST_COLUMNS = 60
_HEIGHT = 560
_ANY, _TABLE_ORDER, _LINE = "No filter", "Time", "Line"
# The widgets that would hide a line or move it.
_RESET = ("rows-filter", "rows-series", "rows-order", "rows-direction", "quality-series")


def go_to_line(line: int) -> None:
    """Make Quality show the whole table from a line of the file on, when it is drawn next."""
    for key in _RESET:
        state.forget_widget(key)
    state.set_widget("view", "Data")
    state.set_widget("rows-jump", str(line))


@st.fragment
def show(context: LoadedContext) -> None:
    """Draw the filter, the order and the box to jump, and the rows that they show."""
    table = RowTable(dataset=context.dataset, eras=context.quality.eras, sealed=context.sealed_columns)
    names = [column.name for column in context.dataset.columns]
    only = _choose_filter(context, names)
    left, middle, right, far = st.columns([2, 2, 2, 4], vertical_alignment="bottom")
    first = {_TABLE_ORDER: None, _LINE: LINE}
    by = left.selectbox("Sort by", [*first, *names], key="rows-order")
    direction = middle.segmented_control(
        "Direction", ["ascending", "descending"], default="ascending", required=True, key="rows-direction"
    )
    order = RowOrder(column=first.get(by, by), descending=direction == "descending")
    jump = right.text_input("Go to line or date", key="rows-jump", placeholder="812 or 2016-06-24")
    chosen = far.multiselect(
        "Columns",
        names,
        key="rows-columns",
        placeholder=f"The first {_MOST_COLUMNS}" if len(names) > _MOST_COLUMNS else "All",
    )
    try:
        rows = _choose_rows(profile_key(context.work), only, order, table.sealed, table)
        start = table.find_place(rows, jump) if jump.strip() and len(rows) else None
    except PlumblineError as error:
        st.error(error_messages.error_text(error))
        return
    start = _choose_page(len(rows), context.dataset.rows, start)
    page = table.read_page(chosen or names[:_MOST_COLUMNS], rows[start : start + _ROWS_A_PAGE])
    pinned = {"line": st.column_config.NumberColumn(format="localized", pinned=True, help="The line in the file.")}
    placing.table(page, "rows", {**describe_data.time_column_config(page), **pinned}, exact=True, height=_HEIGHT)
    hidden = f" The test era of {', '.join(table.sealed)} is sealed: its values are left blank." if table.sealed else ""
    st.caption(f"Values as read from the file, before cleaning.{hidden}")


def _choose_filter(context: LoadedContext, names: list[str]) -> RowFilter:
    series = name_series(context.dataset)
    *first, left, middle, right = st.columns([2, 2, 2, 4] if series else [2, 2, 6], vertical_alignment="bottom")
    chosen = first[0].selectbox("Series", ["All series", *series], key="rows-series") if series else None
    column = left.selectbox("Filter by", [_ANY, *names], key="rows-filter")
    if column == _ANY:
        return RowFilter(series=chosen if chosen in series else None)
    comparison = middle.selectbox("Rows that are", COMPARISONS, key="rows-comparison")
    text = ""
    if "missing" not in comparison:
        text = right.text_input("Value", key="rows-value", placeholder="A number, a date or a part of a text")
    return RowFilter(
        series=chosen if chosen in series else None,
        column=column,
        comparison=comparison,
        text=text,
    )


def _choose_page(rows: int, of: int, jump: int | None) -> int:
    """Draw how many rows are shown and the choice of a page, and return its first row; a jump starts the page itself."""
    pages = max(1, -(-rows // _ROWS_A_PAGE))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(format_count(rows, "row") if rows == of else f"{rows:,} of {format_count(of, 'row')}")
        if jump is not None:
            st.caption(f"Starts at row {jump + 1:,}. Clear the box to page.")
            return jump
        page = st.pagination(pages, key=f"rows-page-{pages}") if pages > 1 else 1
    return (page - 1) * _ROWS_A_PAGE


@st.cache_resource(max_entries=16, show_spinner=False)
def _choose_rows(key: str, only: RowFilter, order: RowOrder, sealed: tuple[str, ...], _table: RowTable) -> np.ndarray:
    return _table.choose_rows(only, order)
