"""Any column before and after cleaning: its line, its distribution, its numbers, and the table of what was changed."""

from functools import partial

import streamlit as st

from core.charts.before_after import plot_before_after, plot_both_distributions
from core.cleaning.before_after import MOST_CELLS, ColumnBeforeAfter, cell_changes, compare_column
from core.cleaning.plan import CleaningPlan
from core.delivery.tables import csv_text
from core.errors.model import PlumblineError
from pages.parts.frame import internal_error
from pages.parts.frame.context import PageContext
from pages.parts.upload import describe_data
from pages.parts.widgets import placing

_MOST_DOWNLOADED = 1_000_000


def show(context: PageContext, plan: CleaningPlan) -> None:
    """Draw the column that is chosen, and offer the changes of all of them."""
    name = st.selectbox("Before and after, of", context.numbers, key="compared-column")
    try:
        column = _compare(context.key, name, context)
    except PlumblineError as error:
        st.info(internal_error.say(error))
        return
    if column.series is not None:
        series = st.selectbox("Series", sorted(set(column.series.tolist())), key="compared-series")
        column = column.in_series(series)
    placing.chart(plot_before_after(column, context.quality.eras, placing.theme()), f"before-after-{name}")
    placing.chart(plot_both_distributions(column, placing.theme()), f"both-distributions-{name}")
    with st.expander("In numbers"):
        placing.table(column.statistics, "before-after-statistics")
    table = column.table(MOST_CELLS)
    with st.expander(f"Changed cells of this column: {column.changed:,}"):
        placing.table(table, "changed-cells", **describe_data.stamp_columns(table))
    st.download_button(
        "Download every changed cell of all columns that stay",
        data=partial(changed_cells, context, plan),
        file_name="changed-cells.csv",
        mime="text/csv",
        key="download-changes",
        icon=":material/download:",
        on_click="ignore",
        help=f"A row a cell: line, time, column, before, after, and what was done. At most {_MOST_DOWNLOADED:,} cells.",
    )


def changed_cells(context: PageContext, plan: CleaningPlan) -> str:
    """Return every cell that cleaning changed, as CSV."""
    names = [context.quality.roles.target, *plan.kept] if context.quality.roles.target else list(plan.kept)
    return csv_text(cell_changes(context.dataset, context.quality, context.recipe.cleaning, names, _MOST_DOWNLOADED))


# The context is no part of the key: the settings and the profile that it holds are told by `key`.
@st.cache_resource(max_entries=8, show_spinner=False)
def _compare(key: str, name: str, _desk: PageContext) -> ColumnBeforeAfter:
    return compare_column(_desk.dataset, _desk.quality, _desk.recipe.cleaning, name)
