"""How a file comes into a project: chosen by the user, or made from a sample."""

import tempfile
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.escaping import plain_text
from core.ingest.samples import Sample, write_sample
from core.recipe import Recipe
from core.workspace.projects import Project
from pages.parts import state


def choose_file(key: str) -> UploadedFile | None:
    """Return the file that the user chose, or None."""
    return st.file_uploader(
        "A table with a column of dates: CSV or text, at most 200 MB and 20,000 columns",
        key=f"file-{key}",
        type=["csv", "tsv", "txt"],
    )


def start_project(file: UploadedFile) -> None:
    """Make a project of an uploaded file and go to its first step."""
    name = plain_text(file.name, 80) or "Untitled"
    project = state.workspace().create_project(name)
    state.workspace().add_file(project.id, name, file)
    go_to(project)


def replace_file(project: Project, file: UploadedFile) -> None:
    """Give a project another file; its settings stay."""
    state.workspace().add_file(project.id, plain_text(file.name, 80) or "Untitled", file)


def start_sample(sample: Sample) -> None:
    """Make a project of a sample and go to its first step."""
    project = state.workspace().create_project(sample.title)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{sample.name}.csv"
        write_sample(sample.name, path)
        state.workspace().add_file(project.id, path.name, path)
    state.save(project, Recipe().change("ingest", target=sample.target), f"Sample: {sample.title}")
    go_to(project)


def go_to(project: Project) -> None:
    """Open a project at its first step."""
    state.enter_project(project.id)
    st.switch_page("upload.py", query_params={"project": project.id})
