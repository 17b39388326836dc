"""The first lines of the file beside the rows read from them, and the reading options, even before the file has been read."""

from pathlib import Path

import pandas as pd
import streamlit as st

from core.data.columns import LINE
from core.data.dataset import Dataset
from core.ingest.preview import MOST_COLUMNS, MOST_LINES, Preview, preview_file
from core.recipe.model import IngestSettings
from core.text.escape import markdown_text, plain_text
from core.workspace.projects import SourceFile
from core.workspace.runs import RunState
from pages.parts.frame import error_messages, state
from pages.parts.frame.context import LoadedContext, PageContext
from pages.parts.upload import describe_data
from pages.parts.widgets import forms, placing

_HEIGHT = 330


def show(context: PageContext) -> None:
    """Draw the raw lines, the rows read from them and the reading options; nothing if the project has no file.

    The preview reads only the first lines, which may all belong to one series. So if series become columns, it shows rows
    of the whole file once they have been read.
    """
    source = context.source
    if source is None:
        return
    preview = _preview(
        context.project.id, source.fingerprint, str(source.path), context.recipe.ingest.model_dump_json()
    )
    if len(preview.sheets) > 1:
        shown = next((sheet.name for sheet in preview.sheets if plain_text(sheet.name) == preview.sheet), None)
        sheets = describe_data.sheet_labels(preview.sheets)
        with st.columns(2, gap="medium")[0]:
            forms.edit(context.project, context.recipe, "ingest", "sheet", options=sheets, inferred={"sheet": shown})
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**First lines of the file**")
        st.code("\n".join(preview.lines), language=None, line_numbers=True, height=_HEIGHT)
    failure = _reading_failure(context)
    with right:
        _show_rows(context, preview, failure)
    _edit_reading(context, source, preview, failure)


def _show_rows(context: PageContext, preview: Preview, failure: str | None) -> None:
    unpivoted = context.recipe.ingest.pivot and context.dataset is None
    note = (
        ", without a time column" if preview.problem else ", before pivoting series into columns" if unpivoted else ""
    )
    st.markdown(f"**Rows as read{note}**")
    if preview.problem is not None and preview.problem.message != failure:
        st.warning(error_messages.error_text(preview.problem))
    starts_later = preview.rows is None and preview.problem is None
    rows = preview.rows
    if context.dataset is not None and (context.dataset.pivoted_by is not None or starts_later):
        rows = _first_rows(context.dataset, context.dataset.key)
    elif starts_later:
        st.caption("The table starts further down. Its rows appear once the file has been read.")
    if rows is not None:
        rows = rows.rename(columns={LINE: "line"})
        placing.table(rows, "preview", describe_data.time_column_config(rows), exact=True, height=_HEIGHT)


def _edit_reading(context: PageContext, source: SourceFile, preview: Preview, failure: str | None) -> None:
    """Draw the reading options, open if the file could not be read, and what each column was read as."""
    data = context.dataset or preview.dataset
    failed = not isinstance(context, LoadedContext) and (preview.problem is not None or failure is not None)
    if data is not None:
        st.caption(f"{markdown_text(source.name)} · {markdown_text(describe_data.layout_text(data))}")
    with st.expander("Reading options", expanded=failed):
        if failed:
            forms.edit_time(context.project, context.recipe, data)
        forms.edit_reading(context.project, context.recipe, data)
        if context.dataset is not None:
            placing.table(describe_data.columns_table(context.dataset), "columns")


def _reading_failure(context: PageContext) -> str | None:
    """Return why the file could not be read, if the page already shows that."""
    last = state.workspace().latest_run(context.project.id, "profile")
    if isinstance(context, LoadedContext) or last is None or last.state is not RunState.FAILED:
        return None
    return last.message


@st.cache_data(max_entries=8, show_spinner=False)
def _first_rows(_data: Dataset, key: str) -> pd.DataFrame:
    """Return the first rows of a data set, at most as many rows and columns as a preview has."""
    names = [column.name for column in _data.columns][:MOST_COLUMNS]
    return _data.read([LINE, *names]).head(MOST_LINES)


# The project is part of the key: a file is never shown in another project, even with an equal fingerprint.
@st.cache_data(max_entries=32, show_spinner=False)
def _preview(project_id: str, fingerprint: str, path: str, settings: str) -> Preview:
    return preview_file(Path(path), IngestSettings.model_validate_json(settings))
