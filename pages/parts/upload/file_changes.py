"""What a project's newer file changed compared with its previous one."""

import streamlit as st

from core.delivery.tables import csv_text
from core.ingest.revisions.compare import restated_cells
from core.ingest.step import Comparison, EarlierFile, comparison_key, read_earlier
from core.text.escape import markdown_text
from pages.parts.frame import frame, state
from pages.parts.frame.context import LoadedContext
from pages.parts.models import job_panel
from pages.parts.server import login
from pages.parts.upload import describe_data
from pages.parts.widgets import placing


def show(context: LoadedContext) -> None:
    """List what changed since the project's previous file, if it had one."""
    previous = state.workspace().previous_source(context.project.id)
    if previous is None:
        return
    st.header(f"Changes since {markdown_text(previous.name)}")
    earlier = EarlierFile(path=previous.path, fingerprint=previous.fingerprint)
    key = comparison_key(context.work, earlier)
    comparison = state.cached_result(context.project, "changes", key, Comparison)
    if comparison is None:
        job_panel.show_job(context.project, "profile", "Compare with previous file")
        return
    if comparison.changes is not None:
        placing.summarise(describe_data.changes_sentence(comparison.changes))
    frame.show_findings(context, comparison.findings, key="changes", counted=False)
    if comparison.changes is not None and comparison.changes.columns:
        st.download_button(
            "Download restated values",
            data=lambda: _restated_csv(context, earlier),
            file_name="restated_cells.csv",
            mime=login.for_user("text/csv"),
            key="download-restated",
            on_click="ignore",
            icon=":material/download:",
        )


def _restated_csv(context: LoadedContext, earlier: EarlierFile) -> bytes:
    old = read_earlier(context.work, earlier, state.workspace().tables(context.project.id))
    return csv_text(restated_cells(old, context.dataset)).encode()
