"""A column before and after cleaning: its line, distribution, statistics, and changed cells."""

from functools import partial

import streamlit as st

from core.charts.before_after import plot_before_after, plot_both_distributions
from core.cleaning.before_after import MOST_CELLS, ColumnBeforeAfter, cell_changes, compare_column
from core.cleaning.plan import CleaningPlan
from core.delivery.tables import csv_text
from core.errors.model import PlumblineError
from pages.parts.frame import error_messages, sealed_era
from pages.parts.frame.context import LoadedContext
from pages.parts.server import login
from pages.parts.upload import describe_data
from pages.parts.widgets import placing

_MOST_DOWNLOADED = 1_000_000


def show(context: LoadedContext, plan: CleaningPlan) -> None:
    """Draw the chosen column, and the download of all changed cells."""
    name = st.selectbox("Column", context.numeric_columns, key="compared-column")
    if name is None:
        return
    try:
        column = _compare(context.cleaning_key, name, context)
    except PlumblineError as error:
        st.info(error_messages.error_text(error))
        return
    if column.series is not None:
        series = st.selectbox("Series", sorted(set(column.series.tolist())), key="compared-series")
        column = column.in_series(series)
    sealed = context.is_sealed(name)
    if sealed:
        sealed_era.show_switch(context)
    figure = plot_before_after(column, context.quality.eras, placing.theme(), sealed=sealed)
    placing.chart(figure, f"before-after-{name}")
    placing.chart(plot_both_distributions(column, placing.theme()), f"both-distributions-{name}")
    with st.expander("Statistics"):
        placing.table(column.statistics, "before-after-statistics")
    table = column.table(MOST_CELLS)
    with st.expander(f"Changed cells of this column: {column.changed:,}"):
        placing.table(table, "changed-cells", describe_data.time_column_config(table))
    st.download_button(
        "Download changed cells",
        data=partial(changed_cells_csv, context, plan),
        file_name="changed-cells.csv",
        mime=login.for_user("text/csv"),
        key="download-changes",
        icon=":material/download:",
        on_click="ignore",
        help=f"All kept columns, one row per cell: line, time, column, before, after, change. At most {_MOST_DOWNLOADED:,} cells.",
    )


def changed_cells_csv(context: LoadedContext, plan: CleaningPlan) -> str:
    """Return every cell that cleaning changed, as CSV."""
    names = [context.quality.roles.target, *plan.kept] if context.quality.roles.target else list(plan.kept)
    return csv_text(cell_changes(context.dataset, context.quality, context.recipe.cleaning, names, _MOST_DOWNLOADED))


# Keyed by `key`, which identifies the settings and the profile in the context.
@st.cache_resource(max_entries=8, show_spinner=False)
def _compare(key: str, name: str, _context: LoadedContext) -> ColumnBeforeAfter:
    return compare_column(_context.dataset, _context.quality, _context.recipe.cleaning, name)
