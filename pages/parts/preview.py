"""The first lines of the file beside the rows that they become, before and after the whole of it was read."""

from pathlib import Path

import pandas as pd
import streamlit as st

from core.escaping import markdown_text, plain_text
from core.ingest.dataset import LINE, Dataset
from core.ingest.preview import MOST_COLUMNS, MOST_LINES, Preview, preview_file
from core.recipe import IngestSettings
from pages.parts import describe_data, forms, look, state
from pages.parts.desk import Desk

_HEIGHT = 330


def show(desk: Desk) -> None:
    """Draw the raw lines, and what the present settings make of them; of a workbook, the sheet is chosen here.

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
        st.markdown(f"**The first lines of {markdown_text(plain_text(source.name, most=60))}**")
        st.code("\n".join(seen.lines), language=None, line_numbers=True, height=_HEIGHT)
    with right:
        waits = desk.recipe.ingest.pivot and desk.dataset is None
        st.markdown(f"**The rows{', before each series becomes a column' if waits else ' that they become'}**")
        if seen.problem is not None:
            st.warning(markdown_text(str(seen.problem)))
            return
        pivoted = desk.dataset is not None and desk.dataset.pivoted_by is not None
        rows = (_head(desk.dataset, desk.dataset.key) if pivoted else seen.rows).rename(columns={LINE: "line"})
        look.table(rows, "preview", exact=True, height=_HEIGHT, **describe_data.stamp_columns(rows))


@st.cache_data(max_entries=8, show_spinner=False)
def _head(_data: Dataset, key: str) -> pd.DataFrame:
    """Return the first rows of a data set, as wide as a preview."""
    names = [column.name for column in _data.columns][:MOST_COLUMNS]
    return _data.read([LINE, *names]).head(MOST_LINES)


# The project is part of the key: nobody is shown another's file, whatever its fingerprint.
@st.cache_data(max_entries=32, show_spinner=False)
def _preview(project_id: str, fingerprint: str, path: str, settings: str) -> Preview:
    return preview_file(Path(path), IngestSettings.model_validate_json(settings))
