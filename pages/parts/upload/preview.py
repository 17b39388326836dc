"""The first lines of the file beside the rows that they become, and how they are read: all while the whole is still being read."""

from pathlib import Path

import pandas as pd
import streamlit as st

from core.data.columns import LINE
from core.data.dataset import Dataset
from core.ingest.preview import MOST_COLUMNS, MOST_LINES, Preview, preview_file
from core.recipe.model import IngestSettings
from core.text.escape import markdown_text, plain_text
from core.workspace.runs import RunState
from pages.parts.frame import internal_error, state
from pages.parts.frame.context import PageContext
from pages.parts.upload import describe_data
from pages.parts.widgets import forms, placing

_HEIGHT = 330


def show(context: PageContext) -> None:
    """Draw the raw lines, what the present settings make of them, and the settings; of a workbook, the sheet is chosen here.

    The preview looks at the first lines alone, in which a series may stand that fills the whole of them: of series that become
    columns it shows the rows that were read, once they were.
    """
    source = state.workspace().source(context.project.id)
    seen = _preview(context.project.id, source.fingerprint, str(source.path), context.recipe.ingest.model_dump_json())
    if len(seen.sheets) > 1:
        taken = next((sheet.name for sheet in seen.sheets if plain_text(sheet.name) == seen.sheet), None)
        sheets = describe_data.sheets(seen.sheets)
        with st.columns(2, gap="medium")[0]:
            forms.edit(context.project, context.recipe, "ingest", "sheet", options=sheets, shown={"sheet": taken})
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**The first lines of the file**")
        st.code("\n".join(seen.lines), language=None, line_numbers=True, height=_HEIGHT)
    fault = _fault(context)
    with right:
        _show_rows(context, seen, fault)
    _edit_reading(context, seen, fault)


def _show_rows(context: PageContext, seen: Preview, fault: str | None) -> None:
    before_pivot = context.recipe.ingest.pivot and context.dataset is None
    become = "without a time" if seen.problem else "before each series becomes a column" if before_pivot else ""
    st.markdown(f"**The rows, {become}**" if become else "**The rows that they become**")
    if seen.problem is not None and seen.problem.message != fault:
        st.warning(internal_error.say(seen.problem))
    pivoted = context.dataset is not None and context.dataset.pivoted_by is not None
    is_below = seen.rows is None and seen.problem is None
    if is_below and context.dataset is None:
        st.caption("The table begins further down. Its rows are shown once the file has been read.")
    read = context.dataset is not None and (pivoted or is_below)
    rows = _head(context.dataset, context.dataset.key) if read else seen.rows
    if rows is not None:
        rows = rows.rename(columns={LINE: "line"})
        placing.table(rows, "preview", exact=True, height=_HEIGHT, **describe_data.stamp_columns(rows))


def _edit_reading(context: PageContext, seen: Preview, fault: str | None) -> None:
    """Draw the settings, open where nothing could be made of the file; with them, once it was read, what each column became."""
    understood = context.dataset or seen.dataset
    stuck = context.quality is None and (seen.problem is not None or fault is not None)
    if understood is not None:
        name = state.workspace().source(context.project.id).name
        st.caption(f"{markdown_text(name)} · {describe_data.layout(understood)}")
    with st.expander("Change how the file is read", expanded=stuck):
        if stuck:
            forms.edit_time(context.project, context.recipe, understood)
        forms.edit_reading(context.project, context.recipe, understood)
        if context.dataset is not None:
            placing.table(describe_data.columns(context.dataset), "columns")


def _fault(context: PageContext) -> str | None:
    """Return why the whole file could not be read, as the page tells it already."""
    last = state.workspace().latest_run(context.project.id, "profile")
    return last.message if context.quality is None and last is not None and last.state is RunState.FAILED else None


@st.cache_data(max_entries=8, show_spinner=False)
def _head(_data: Dataset, key: str) -> pd.DataFrame:
    """Return the first rows of a data set, as wide as a preview."""
    names = [column.name for column in _data.columns][:MOST_COLUMNS]
    return _data.read([LINE, *names]).head(MOST_LINES)


# The project is part of the key: nobody is shown another's file, whatever its fingerprint.
@st.cache_data(max_entries=32, show_spinner=False)
def _preview(project_id: str, fingerprint: str, path: str, settings: str) -> Preview:
    return preview_file(Path(path), IngestSettings.model_validate_json(settings))
