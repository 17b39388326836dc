"""How a file comes into a project: chosen by the user, sent in pieces, found on the server, or made from a sample."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.data.builtin import Sample, write_sample
from core.data.dataset import BAD_CELLS_FILE, Dataset
from core.delivery.tables import csv_text, findings_table
from core.errors.model import PlumblineError
from core.ingest.containers.limits import Limits
from core.ingest.layout.decode import LONGEST_LINE
from core.ingest.layout.dialect import MAX_COLUMNS
from core.recipe.model import Recipe
from core.text.escape import plain_text
from core.workspace.data_folder import MOST_LISTED, data_folder, list_files
from core.workspace.files import FILE_TYPES, home_folder
from core.workspace.projects import Project
from core.workspace.uploads.uploads import Uploads, largest_upload
from pages.parts.frame import internal_error, state
from pages.parts.upload import slice_sender


@dataclass(frozen=True)
class Arrival:
    """A file that has come: what to call it, and how it enters the project of an id."""

    name: str
    enter: Callable[[str], object]


def choose_file(key: str, use: Callable[[Arrival], None], confirm: bool = False) -> None:
    """Offer every way for a file to come, and `use` the one that has come; a small one waits for a click to `confirm`."""
    try:
        if arrival := _offer(key, confirm):
            with st.spinner("The file is being taken in."):
                use(arrival)
    except PlumblineError as error:
        st.error(internal_error.say(error))


def _offer(key: str, confirm: bool) -> Arrival | None:
    arrival = None
    small = st.file_uploader("A table with a column of dates, at most 200 MB", key=f"file-{key}", type=FILE_TYPES)
    st.caption(_limits())
    if small and (not confirm or st.button("Use this file", type="primary")):
        name = plain_text(small.name, 80) or "Untitled"
        arrival = Arrival(name, lambda project_id: state.workspace().add_file(project_id, name, small))
    with st.expander("Larger than 200 MB, or a poor connection"):
        if token := slice_sender.send_file(key):
            arrival = _sent(token)
    if folder := data_folder():
        with st.expander("A file on the server"):
            arrival = _choose_on_server(folder, key) or arrival
    return arrival


def _limits() -> str:
    limits = Limits()
    return (
        f"CSV, text, Parquet or Excel, plain or compressed. At most {MAX_COLUMNS:,} columns and {LONGEST_LINE >> 20} MB a line. "
        f"What is compressed unpacks to at most {limits.unpacked / 1e9:,.3g} GB and {limits.ratio} times its size. "
        f"Larger files, up to {largest_upload() / 1e9:,.4g} GB, are sent below."
    )


def _sent(token: str) -> Arrival:
    uploads = Uploads(home_folder())

    def enter(project_id: str) -> None:
        upload = uploads.take(token)
        state.workspace().adopt_file(project_id, upload)
        uploads.cancel(token)

    return Arrival(uploads.find(token).name, enter)


def _choose_on_server(folder: Path, key: str) -> Arrival | None:
    names = list_files(folder)
    if len(names) == MOST_LISTED:
        names = list_files(folder, st.text_input("Part of its path", key=f"search-{key}"))
    name = st.selectbox("File", names, index=None, placeholder="Choose a file", key=f"server-{key}")
    if not names:
        st.caption("There is no table of this name in the server's folder.")
    if not st.button("Use the server's file", key=f"use-{key}", disabled=name is None):
        return None
    return Arrival(Path(name).name, lambda project_id: state.fetch(project_id, folder, name))


def offer_report(data: Dataset) -> None:
    """Offer what was found while reading, and the cells that could not be read, as tables for other programs."""
    with st.container(horizontal=True):
        st.download_button(
            "Download import report",
            data=lambda: csv_text(findings_table(data.findings)).encode(),
            file_name="import_report.csv",
            mime="text/csv",
            on_click="ignore",
            icon=":material/download:",
        )
        st.download_button(
            "Download bad cells",
            data=(data.folder / BAD_CELLS_FILE).read_bytes,
            file_name="bad_cells.csv",
            mime="text/csv",
            on_click="ignore",
            icon=":material/download:",
            help="Line, column and text of every cell that does not fit its column.",
        )


def start_project(arrival: Arrival) -> None:
    """Make a project of a file that has come and go to its first step; where the file cannot enter, no project stays."""
    project = state.workspace().create_project(arrival.name)
    try:
        arrival.enter(project.id)
    except PlumblineError:
        state.workspace().delete_project(project.id)
        raise
    go_to(project)


def replace_file(project: Project, arrival: Arrival) -> None:
    """Give a project another file and draw its page anew; its settings stay."""
    arrival.enter(project.id)
    st.rerun()


def start_sample(sample: Sample) -> None:
    """Make a project of a sample and go to its first step."""
    project = state.workspace().create_project(sample.title)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{sample.name}.csv"
        write_sample(sample.name, path)
        state.workspace().add_file(project.id, path.name, path)
    recipe = Recipe().change("ingest", target=sample.target)
    state.workspace().save_recipe(project.id, recipe, f"Sample: {sample.title}")
    go_to(project)


def go_to(project: Project) -> None:
    """Open a project at its first step."""
    state.enter_project(project.id)
    st.switch_page("upload.py", query_params={"project": project.id})
