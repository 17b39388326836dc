"""The first lines of the file beside the rows that they become, and how they are read: all while the whole is still being read."""

from pathlib import Path

import pandas as pd
import streamlit as st

from core.escaping import markdown_text, plain_text
from core.ingest.dataset import LINE, Dataset
from core.ingest.preview import MOST_COLUMNS, MOST_LINES, Preview, preview_file
from core.recipe import IngestSettings
from core.workspace.runs import RunState
from pages.parts import describe_data, faults, forms, look, state
from pages.parts.desk import Desk

_HEIGHT = 330


def show(desk: Desk) -> None:
    """Draw the raw lines, what the present settings make of them, and the settings; of a workbook, the sheet is chosen here.

    The preview looks at the first lines alone, in which a series may stand that fills the whole of them: of series that become
    columns it shows the rows that were read, once they were.
    """
    source = state.workspace().source(desk.project.id)
    seen = _preview(desk.project.id, source.fingerprint, str(source.path), desk.recipe.ingest.model_dump_json())
    if len(seen.sheets) > 1:
        taken = next((sheet.name for sheet in seen.sheets if plain_text(sheet.name) == seen.sheet), None)
        sheets = describe_data.sheets(seen.sheets)
        with st.columns(2, gap="medium")[0]:
            forms.edit(desk.project, desk.recipe, "ingest", "sheet", options=sheets, shown={"sheet": taken})
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**The first lines of the file**")
        st.code("\n".join(seen.lines), language=None, line_numbers=True, height=_HEIGHT)
    fault = _fault(desk)
    with right:
        _show_rows(desk, seen, fault)
    _edit_reading(desk, seen, fault)


def _show_rows(desk: Desk, seen: Preview, fault: str | None) -> None:
    before_pivot = desk.recipe.ingest.pivot and desk.dataset is None
    become = "without a time" if seen.problem else "before each series becomes a column" if before_pivot else ""
    st.markdown(f"**The rows, {become}**" if become else "**The rows that they become**")
    if seen.problem is not None and seen.problem.message != fault:
        st.warning(faults.say(seen.problem))
    pivoted = desk.dataset is not None and desk.dataset.pivoted_by is not None
    is_below = seen.rows is None and seen.problem is None
    if is_below and desk.dataset is None:
        st.caption("The table begins further down. Its rows are shown once the file has been read.")
    read = desk.dataset is not None and (pivoted or is_below)
    rows = _head(desk.dataset, desk.dataset.key) if read else seen.rows
    if rows is not None:
        rows = rows.rename(columns={LINE: "line"})
        look.table(rows, "preview", exact=True, height=_HEIGHT, **describe_data.stamp_columns(rows))


def _edit_reading(desk: Desk, seen: Preview, fault: str | None) -> None:
    """Draw the settings, open where nothing could be made of the file; with them, once it was read, what each column became."""
    understood = desk.dataset or seen.dataset
    stuck = desk.quality is None and (seen.problem is not None or fault is not None)
    if understood is not None:
        name = state.workspace().source(desk.project.id).name
        st.caption(f"{markdown_text(name)} · {describe_data.layout(understood)}")
    with st.expander("Change how the file is read", expanded=stuck):
        if stuck:
            forms.edit_time(desk.project, desk.recipe, understood)
        forms.edit_reading(desk.project, desk.recipe, understood)
        if desk.dataset is not None:
            look.table(describe_data.columns(desk.dataset), "columns")


def _fault(desk: Desk) -> str | None:
    """Return why the whole file could not be read, as the page tells it already."""
    last = state.workspace().latest_run(desk.project.id, "profile")
    return last.message if desk.quality is None and last is not None and last.state is RunState.FAILED else None


@st.cache_data(max_entries=8, show_spinner=False)
def _head(_data: Dataset, key: str) -> pd.DataFrame:
    """Return the first rows of a data set, as wide as a preview."""
    names = [column.name for column in _data.columns][:MOST_COLUMNS]
    return _data.read([LINE, *names]).head(MOST_LINES)


# The project is part of the key: nobody is shown another's file, whatever its fingerprint.
@st.cache_data(max_entries=32, show_spinner=False)
def _preview(project_id: str, fingerprint: str, path: str, settings: str) -> Preview:
    return preview_file(Path(path), IngestSettings.model_validate_json(settings))
