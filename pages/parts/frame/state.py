"""Where a page finds its project: the id in the address, remembered by the session. The only user of `st.session_state`."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import streamlit as st

from core.context import Context
from core.data.dataset import Dataset
from core.data.store import dataset_key, load_dataset
from core.errors.model import PlumblineError, WorkspaceError
from core.quality.profile import QualityProfile
from core.quality.step import profile_key
from core.recipe.model import Recipe
from core.workspace.files import home_folder
from core.workspace.jobs import launch_queued
from core.workspace.projects import Project, Workspace
from core.workspace.runs import Run
from pages.parts.server.gc_freeze import spare_what_stays

Shown = TypeVar("Shown")

_PROJECT = "project"
_FAULT = "fault"
_TOLD = "edits-told"


@st.cache_resource
def _workspace(home: str) -> Workspace:
    return Workspace(Path(home))


def workspace() -> Workspace:
    """Return the workspace of this server."""
    return _workspace(str(home_folder()))


def project() -> Project | None:
    """Return the project that the address or the session names, and write it into the address."""
    named = st.query_params.get(_PROJECT) or st.session_state.get(_PROJECT)
    if not named:
        return None
    try:
        found = workspace().project(named)
    except WorkspaceError:
        leave_project()
        return None
    st.session_state[_PROJECT] = found.id
    st.query_params[_PROJECT] = found.id
    return found


def enter_project(project_id: str) -> None:
    """Make this the project of the session."""
    st.session_state[_PROJECT] = project_id


def leave_project() -> None:
    """Forget the project of the session and of the address."""
    st.session_state.pop(_PROJECT, None)
    st.query_params.pop(_PROJECT, None)


def dataset(of: Project, recipe: Recipe) -> Dataset | None:
    """Return the project's file as read under this recipe, or None where it has not been read so yet."""
    source = workspace().source(of.id)
    if source is None:
        return None
    folder = workspace().tables(of.id) / dataset_key(source.path, recipe.ingest, source.fingerprint)
    return _dataset(str(folder)) if (folder / "dataset.json").exists() else None


@st.cache_resource(max_entries=16, show_spinner=False)
def _dataset(folder: str) -> Dataset:
    return load_dataset(Path(folder))


def quality(of: Project, data: Dataset, recipe: Recipe) -> QualityProfile | None:
    """Return the profile under this recipe, or None where it has not been made yet."""
    return on_shelf(of, "profile", profile_key(Context(dataset=data, recipe=recipe)), QualityProfile)


def on_shelf(of: Project, step: str, key: str, kind: type) -> object | None:
    """Return a step's result under this key, or None where there is none."""
    if not workspace().cache(of.id).has(step, key):
        return None
    try:
        return _result(of.id, step, key, kind)
    except LookupError:
        return None


# What was not found is thrown, because what is returned would be remembered: a damaged file that was made anew stays lost.
@st.cache_resource(max_entries=32, show_spinner=False)
def _result(project_id: str, step: str, key: str, _kind: type) -> object:
    found = workspace().cache(project_id).find(step, key, _kind)
    if found is None:
        raise LookupError(key)
    spare_what_stays()
    return found


def change(of: Project, make: Callable[[Recipe], Recipe], note: str | Callable[[Recipe, Recipe], str]) -> None:
    """Keep what `make` makes of the recipe as it stands now; one that is refused is told on the page that is drawn next."""
    try:
        workspace().change_recipe(of.id, make, note)
    except PlumblineError as error:
        report_fault(error)


def start(of: Project, kind: str, parent: str | None = None) -> Run:
    """Start a job for the project, or return the one of this kind that already runs."""
    run = workspace().start_run(of.id, kind, parent)
    launch_queued(workspace())
    return run


def fetch(project_id: str, folder: Path, name: str) -> None:
    """Start the job that copies a file of the server's folder into a project."""
    workspace().start_arrival(project_id, folder, name)
    launch_queued(workspace())


def ask(of: Project, kind: str, parent: str | None = None) -> None:
    """Start a job at the press of a button; a refusal is told on the page that is drawn next."""
    try:
        start(of, kind, parent)
    except WorkspaceError as error:
        report_fault(error)


def resume(run_id: str) -> None:
    """Start a run again where it broke off."""
    try:
        workspace().resume_run(run_id)
    except WorkspaceError as error:
        report_fault(error)
    launch_queued(workspace())


def mirror(key: str, value: Shown) -> Shown:
    """Make the widget `key` show `value`, whatever undo, a remedy or another tab has changed since it was drawn; return it.

    It is to be the widget's default too, at every drawing: a browser that has not drawn the widget yet begins with the default of
    the latest drawing, and tells it as if a user had chosen it.
    """
    if key in st.session_state and st.session_state[key] != value:
        st.session_state[key] = value
    return value


def value_of(key: str) -> object:
    """Return what a widget holds now."""
    return st.session_state[key]


def choose(key: str, value: object) -> None:
    """Let a widget hold a value, from a button elsewhere: the address alone does not move one that is drawn already."""
    st.session_state[key] = value


def settle_edits(name: str, shown: Sequence[bool]) -> str:
    """Return the key of a table of boxes whose remembered ticks agree with what is to be `shown`.

    A tick is laid over the table until its key changes: the key stays as long as both say the same, so that the table keeps its
    place, and is another one after undo, or where other rows are shown.
    """
    place = f"{name}-version"
    key = f"{name}-{st.session_state.get(place, 0)}"
    ticked = st.session_state.get(key, {}).get("edited_rows", {})
    if any(int(row) >= len(shown) or set(change.values()) != {shown[int(row)]} for row, change in ticked.items()):
        st.session_state[place] = st.session_state.get(place, 0) + 1
    return f"{name}-{st.session_state.get(place, 0)}"


def take_edits(key: str) -> dict[int, dict[str, object]]:
    """Return what was edited in a table since this was asked last, by row.

    A browser tells all edits since it drew the table, also those that were taken back meanwhile and that it has not drawn yet.
    """
    edited = st.session_state[key]["edited_rows"]
    table, told = st.session_state.get(_TOLD, (key, {}))
    st.session_state[_TOLD] = key, edited
    known = told if table == key else {}
    return {int(row): change for row, change in edited.items() if known.get(row) != change}


def report_fault(error: PlumblineError) -> None:
    """Remember a refused change, to be told on the page that is drawn next."""
    st.session_state[_FAULT] = str(error)


def take_fault() -> str | None:
    """Return the refused change that has not been told yet."""
    return st.session_state.pop(_FAULT, None)
