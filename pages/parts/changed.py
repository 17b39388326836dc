"""What a newer file of a project changed, against the one before it."""

import streamlit as st

from core import pipeline
from core.delivery.tables import csv_text
from core.escaping import markdown_text
from core.ingest.changes import restated_cells
from core.workspace.projects import SourceFile
from pages.parts import describe_data, frame, live, look, state
from pages.parts.desk import Desk


def show(desk: Desk) -> None:
    """List what changed since the earlier file of the project, where there is one."""
    earlier = state.workspace().previous_source(desk.project.id)
    if earlier is None:
        return
    st.subheader(f"What changed since {markdown_text(earlier.name)}")
    key = pipeline.changes_key(earlier, desk.dataset, desk.recipe)
    found = state.on_shelf(desk.project, "changes", key, pipeline.Comparison)
    if found is None:
        live.offer(desk.project, "profile", "Compare with the earlier file")
        return
    if found.changes is not None:
        look.answer(describe_data.changes(found.changes))
    frame.show_findings(desk, found.findings, key="changes", counted=False)
    if found.changes is not None and found.changes.columns:
        st.download_button(
            "Download restated cells",
            data=lambda: _restated(desk, earlier),
            file_name="restated_cells.csv",
            mime="text/csv",
            on_click="ignore",
            icon=":material/download:",
        )


def _restated(desk: Desk, earlier: SourceFile) -> bytes:
    old = pipeline.read_earlier(earlier, desk.recipe, state.workspace().tables(desk.project.id))
    return csv_text(restated_cells(old, desk.dataset)).encode()
