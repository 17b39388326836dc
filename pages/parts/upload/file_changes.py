"""What a newer file of a project changed, against the one before it."""

import streamlit as st

from core.delivery.tables import csv_text
from core.ingest.revisions.compare import restated_cells
from core.ingest.step import Comparison, EarlierFile, comparison_key, read_earlier
from core.text.escape import markdown_text
from pages.parts.frame import frame, state
from pages.parts.frame.context import PageContext
from pages.parts.models import job_panel
from pages.parts.upload import describe_data
from pages.parts.widgets import placing


def show(context: PageContext) -> None:
    """List what changed since the earlier file of the project, where there is one."""
    earlier = state.workspace().previous_source(context.project.id)
    if earlier is None:
        return
    st.subheader(f"What changed since {markdown_text(earlier.name)}")
    file = EarlierFile(path=earlier.path, fingerprint=earlier.fingerprint)
    found = state.on_shelf(context.project, "changes", comparison_key(context.work, file), Comparison)
    if found is None:
        job_panel.offer(context.project, "profile", "Compare with the earlier file")
        return
    if found.changes is not None:
        placing.answer(describe_data.changes(found.changes))
    frame.show_findings(context, found.findings, key="changes", counted=False)
    if found.changes is not None and found.changes.columns:
        st.download_button(
            "Download restated cells",
            data=lambda: _restated(context, file),
            file_name="restated_cells.csv",
            mime="text/csv",
            on_click="ignore",
            icon=":material/download:",
        )


def _restated(context: PageContext, earlier: EarlierFile) -> bytes:
    old = read_earlier(context.work, earlier, state.workspace().tables(context.project.id))
    return csv_text(restated_cells(old, context.dataset)).encode()
