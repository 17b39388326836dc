"""How a file enters a project: uploaded, uploaded in chunks, copied from the server's folder, or made from a sample."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.data.builtin import Sample, write_sample
from core.data.dataset import BAD_CELLS_FILE, Dataset
from core.delivery.tables import csv_text, findings_table
from core.errors.model import PlumblineError
from core.errors.workspace import UnknownUpload
from core.ingest.containers.limits import Limits
from core.ingest.layout.decode import LONGEST_LINE
from core.ingest.layout.dialect import MAX_COLUMNS
from core.recipe.model import Recipe
from core.text.escape import plain_text
from core.workspace.data_folder import MOST_LISTED, data_folder, list_files
from core.workspace.files import FILE_TYPES, home_folder
from core.workspace.projects import Project
from core.workspace.uploads.uploads import Uploads, largest_upload
from pages.parts.frame import error_messages, state
from pages.parts.server import login
from pages.parts.upload import chunked_uploader


@dataclass(frozen=True)
class NewFile:
    """A chosen file: its name, and how it is added to the project with a given id."""

    name: str
    add_to: Callable[[str], object]


def choose_file(key: str, use: Callable[[NewFile], None], confirm: bool = False) -> None:
    """Draw every way to choose a file, and `use` the chosen one; an ordinary upload waits for a click if `confirm`."""
    try:
        if file := _chosen_file(key, confirm):
            with st.spinner("Adding the file."):
                use(file)
    except PlumblineError as error:
        st.error(error_messages.error_text(error))


def _chosen_file(key: str, confirm: bool) -> NewFile | None:
    chosen = None
    upload = st.file_uploader("Table with a date column, up to 200 MB", key=f"file-{key}", type=FILE_TYPES)
    st.caption(_limits_text())
    if upload and (not confirm or st.button("Use this file", key="use-upload", type="primary")):
        name = plain_text(upload.name, 80) or "Untitled"
        chosen = NewFile(name, lambda project_id: state.workspace().add_file(project_id, name, upload))
    with st.expander("Larger file or slow connection"):
        if token := chunked_uploader.upload_file(key):
            chosen = _chunked_file(token)
    if folder := data_folder():
        with st.expander("File on the server"):
            chosen = _server_file(folder, key) or chosen
    return chosen


def _limits_text() -> str:
    limits = Limits()
    return (
        "CSV, text, Parquet or Excel, plain or compressed. "
        f"At most {MAX_COLUMNS:,} columns and {LONGEST_LINE >> 20} MB per line. "
        f"Compressed files may expand to at most {limits.unpacked / 1e9:,.3g} GB and {limits.ratio} times their size. "
        f"Upload larger files, up to {largest_upload() / 1e9:,.4g} GB, below."
    )


def _chunked_file(token: str) -> NewFile:
    uploads = Uploads(home_folder())

    def add_to(project_id: str) -> None:
        upload = uploads.take(token)
        state.workspace().adopt_file(project_id, upload)
        uploads.cancel(token)

    upload = uploads.find(token)
    if upload.owner != state.owner():
        raise UnknownUpload()
    return NewFile(upload.name, add_to)


def _server_file(folder: Path, key: str) -> NewFile | None:
    names = list_files(folder)
    if len(names) == MOST_LISTED:
        names = list_files(folder, st.text_input("Part of the path", key=f"search-{key}"))
    name = st.selectbox("File", names, index=None, placeholder="Choose a file", key=f"server-{key}")
    if not names:
        st.caption("No matching table in the server's folder.")
    clicked = st.button("Use server file", key=f"use-{key}", disabled=name is None)
    if name is None or not clicked:
        return None
    return NewFile(Path(name).name, lambda project_id: state.start_copy(project_id, folder, name))


def show_downloads(data: Dataset) -> None:
    """Draw the downloads of the reader's findings and of the cells that could not be read."""
    with st.container(horizontal=True):
        st.download_button(
            "Download import report",
            data=lambda: csv_text(findings_table(data.findings)).encode(),
            file_name="import_report.csv",
            mime=login.for_user("text/csv"),
            key="download-report",
            on_click="ignore",
            icon=":material/download:",
        )
        st.download_button(
            "Download bad cells",
            data=(data.folder / BAD_CELLS_FILE).read_bytes,
            file_name="bad_cells.csv",
            mime=login.for_user("text/csv"),
            key="download-bad-cells",
            on_click="ignore",
            icon=":material/download:",
            help="Line, column and text of every cell that does not match its column's type.",
        )


def start_project(file: NewFile) -> None:
    """Create a project for a file and open its first step; delete it again if the file cannot be added."""
    project = state.workspace().create_project(file.name)
    try:
        file.add_to(project.id)
    except PlumblineError:
        state.workspace().delete_project(project.id)
        raise
    open_project(project)


def replace_file(project: Project, file: NewFile) -> None:
    """Replace a project's file and rerun its page; the settings are kept."""
    file.add_to(project.id)
    st.rerun()


def start_sample(sample: Sample) -> None:
    """Create a project for a sample and open its first step."""
    project = state.workspace().create_project(sample.title)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{sample.name}.csv"
        write_sample(sample.name, path)
        state.workspace().add_file(project.id, path.name, path)
    recipe = Recipe().change("ingest", target=sample.target)
    state.workspace().save_recipe(project.id, recipe, f"Sample: {sample.title}")
    open_project(project)


def open_project(project: Project) -> None:
    """Open a project at its first step."""
    state.enter_project(project.id)
    st.switch_page("upload.py", query_params={"project": project.id})
