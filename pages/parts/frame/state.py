"""The session's project, its cached results, and the widgets' state. The only user of `st.session_state`."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from core.data.checksums import is_sound, stored_bytes
from core.data.dataset import Dataset
from core.data.store import DESCRIPTION_FILE, dataset_key, load_dataset
from core.errors.data import DamagedDataset
from core.errors.model import PlumblineError, WorkspaceError
from core.errors.workspace import NoProject
from core.forecast.evaluation.trials import Trials
from core.recipe.model import Recipe
from core.workspace.audit import Action, record_action
from core.workspace.files import home_folder
from core.workspace.jobs import launch_queued, prepare_worker
from core.workspace.projects import Project, SourceFile, Workspace
from core.workspace.runs import Run, RunKind
from pages.parts.server import login
from pages.parts.server.gc_freeze import freeze_long_lived

Value = TypeVar("Value")
Result = TypeVar("Result")

_PROJECT = "project"
_OPENED = "opened-project"
_RUN = "run"
_PENDING_ERROR = "pending-error"
_WALK = "walk"
_SEEN_EDITS = "seen-edits"
# Bytes of a stored table that a page checks when it opens it, in at most half a second.
_CHECKED_BY_PAGES = 400_000_000


@st.cache_resource
def _open_workspace(home: str) -> Workspace:
    return Workspace(Path(home))


def owner() -> str:
    """Return the signed-in user, or that of this server without a login."""
    found = login.current_owner()
    if found is None:
        raise NoProject()
    return found


def workspace() -> Workspace:
    """Return the workspace of the owner."""
    return _open_workspace(str(home_folder())).for_owner(owner())


def record(action: Action, what: str) -> None:
    """Append a line about the user to the audit log."""
    record_action(home_folder(), login.current_owner(), action, what)


def current_project() -> Project | None:
    """Return the project named in the URL or the session, and write it into the URL; None if there is no such project."""
    project_id = st.query_params.get(_PROJECT) or st.session_state.get(_PROJECT)
    if not project_id:
        return None
    try:
        project = workspace().project(project_id)
    except WorkspaceError:
        _leave_project()
        return None
    if st.session_state.get(_OPENED) != project.id:
        st.session_state[_OPENED] = project.id
        record("open", project.id)
    st.session_state[_PROJECT] = project.id
    st.query_params[_PROJECT] = project.id
    prepare_worker()
    return project


def enter_project(project_id: str) -> None:
    """Make this the project of the session."""
    st.session_state[_PROJECT] = project_id


def _leave_project() -> None:
    st.session_state.pop(_PROJECT, None)
    st.query_params.pop(_PROJECT, None)


def rename_project(project_id: str, name_key: str) -> None:
    """Rename a project from a widget."""
    workspace().rename_project(project_id, st.session_state[name_key])


def delete_project(project_id: str) -> None:
    """Delete a project from a button."""
    record("delete", project_id)
    workspace().delete_project(project_id)


def duplicate_project(project_id: str) -> None:
    """Duplicate a project; the next run of the page shows why that failed."""
    try:
        workspace().duplicate_project(project_id)
    except WorkspaceError as error:
        set_pending_error(error)


def dataset(project: Project, recipe: Recipe) -> Dataset | None:
    """Return the project's data as read under this recipe, or None if they have to be read, perhaps again."""
    source = workspace().source(project.id)
    if source is None:
        return None
    folder = workspace().tables(project.id) / dataset_key(source.path, recipe.ingest, source.fingerprint)
    if not (folder / DESCRIPTION_FILE).exists():
        return None
    try:
        return _load_dataset(str(folder))
    except DamagedDataset:
        return None  # the next run reads the file again


def earlier_reading(project: Project, source: SourceFile) -> Dataset | None:
    """Return the latest data set that the file was read into under any recipe, or None."""
    written = sorted(
        workspace().tables(project.id).glob(f"*/{DESCRIPTION_FILE}"),
        key=lambda file: file.stat().st_mtime,
        reverse=True,
    )
    for file in written:
        with suppress(DamagedDataset):
            reading = _load_dataset(str(file.parent))
            if reading.fingerprint == source.fingerprint:
                return reading
    return None


@st.cache_resource(max_entries=16, show_spinner=False)
def _load_dataset(folder: str) -> Dataset:
    place = Path(folder)
    # Larger ones are checked by the runs that read them.
    if stored_bytes(place) < _CHECKED_BY_PAGES and not is_sound(place):
        raise DamagedDataset(folder=folder)
    return load_dataset(place)


def cached_result(project: Project, step: str, key: str, kind: type[Result]) -> Result | None:
    """Return the cached result of a step under this key, or None if there is none."""
    if not workspace().cache(project.id).has(step, key):
        return None
    try:
        return _load_result(project.id, step, key, kind)
    except LookupError:
        return None


# A missing result is raised: a returned None would be cached, and a damaged file that was rebuilt would stay lost.
@st.cache_resource(max_entries=32, show_spinner=False)
def _load_result(project_id: str, step: str, key: str, _kind: type[Result]) -> Result:
    found = workspace().cache(project_id).find(step, key, _kind)
    if found is None:
        raise LookupError(key)
    freeze_long_lived()
    return found


def change_recipe(
    project: Project, change: Callable[[Recipe], Recipe], note: str | Callable[[Recipe, Recipe], str]
) -> None:
    """Save the changed recipe under `note`; the next run of the page shows why a change was refused."""
    try:
        workspace().change_recipe(project.id, change, note)
    except PlumblineError as error:
        set_pending_error(error)


def undo(project_id: str) -> None:
    """Make the previous recipe current."""
    workspace().undo(project_id)


def redo(project_id: str) -> None:
    """Make the recipe current that was undone last."""
    workspace().redo(project_id)


def restore(project_id: str, entry_id: int) -> None:
    """Make the recipe of an entry of the history current."""
    workspace().go_to(project_id, entry_id)


def selected_run() -> str | None:
    """Return the id of the training that the URL or the session names, and write it into the URL."""
    run_id: str | None = st.query_params.get(_RUN) or st.session_state.get(_RUN)
    if run_id:
        st.query_params[_RUN] = st.session_state[_RUN] = run_id
    return run_id


def select_run(run_id: str | None) -> None:
    """Make this the training that Results and Export show; None: the latest with the current settings."""
    st.session_state.pop(_RUN, None)
    st.query_params.pop(_RUN, None)
    if run_id is not None:
        st.session_state[_RUN] = run_id


def label_run(run_id: str, name_key: str, note_key: str) -> None:
    """Save the name and the note of a run from two widgets."""
    workspace().label_run(run_id, st.session_state[name_key], st.session_state[note_key])


def count_trials(project: Project, fingerprint: str) -> Trials:
    """Return the counts of the ledger for a project and a file."""
    return workspace().ledger(project.id).count(fingerprint)


def record_look(project: Project, fingerprint: str) -> None:
    """Record that the user looks at the target's values in the test era, which opens it."""
    workspace().ledger(project.id).record_look(fingerprint)


def find_run(run_id: str) -> Run | None:
    """Return a run, or None if it was deleted with its project, as in another tab."""
    try:
        return workspace().run(run_id)
    except WorkspaceError:
        return None


def request_stop(run_id: str) -> None:
    """Ask a run to stop."""
    workspace().request_stop(run_id)


def launch() -> None:
    """Start the jobs that are queued, as far as there are processors."""
    launch_queued(workspace())


def start_run(
    project: Project, kind: RunKind, parent: str | None = None, prepare: Callable[[Path], None] | None = None
) -> Run:
    """Start a job for the project, or return the active one of this kind; `prepare` gets the folder of a new run first."""
    run = workspace().start_run(project.id, kind, parent, prepare)
    launch()
    return run


def start_copy(project_id: str, folder: Path, name: str) -> None:
    """Start the job that copies a file of the server's folder into a project."""
    workspace().start_arrival(project_id, folder, name)
    launch_queued(workspace())


def request_run(
    project: Project, kind: RunKind, parent: str | None = None, prepare: Callable[[Path], None] | None = None
) -> None:
    """Start a job from a button; the next run of the page shows why it was refused."""
    if kind == "training":
        select_run(None)
    if kind == "opening":
        record("open test era", parent or "")
    try:
        start_run(project, kind, parent, prepare)
    except WorkspaceError as error:
        set_pending_error(error)


def delete_run(run_id: str) -> None:
    """Delete a run that has ended; the next run of the page shows why it was refused."""
    if st.session_state.get(_RUN) == run_id:
        select_run(None)
    try:
        workspace().delete_run(run_id)
    except WorkspaceError as error:
        set_pending_error(error)


def request_walk(project: Project) -> None:
    """Start the job that runs every step, from a button on a page that turns to the verdict when it ends."""
    request_run(project, "training")
    run = workspace().latest_run(project.id, "training")
    st.session_state[_WALK] = None if run is None else run.id


def ends_on_verdict(run_id: str) -> bool:
    """Return, once, whether this run was started to end on the verdict."""
    if st.session_state.get(_WALK) != run_id:
        return False
    del st.session_state[_WALK]
    return True


def resume_run(run_id: str) -> None:
    """Resume a run from its last checkpoint; the next run of the page shows why it was refused."""
    try:
        workspace().resume_run(run_id)
    except WorkspaceError as error:
        set_pending_error(error)
    launch_queued(workspace())


def sync_widget(key: str, value: Value) -> Value:
    """Make the widget `key` show `value` after undo, a remedy or another tab changed it; return the value.

    Pass the returned value as the widget's default in every run: a browser that has not drawn the widget yet starts from
    the latest default and reports it as if the user had chosen it.
    """
    if key in st.session_state and st.session_state[key] != value:
        st.session_state[key] = value
    return value


def widget_value(key: str) -> Any:
    """Return the value of a widget, whose type depends on the widget."""
    return st.session_state[key]


def set_widget(key: str, value: object) -> None:
    """Set a widget from elsewhere: a change of the URL alone does not move a widget that is on the page."""
    st.session_state[key] = value


def forget_widget(key: str) -> None:
    """Give a widget its default again when it is drawn next."""
    st.session_state.pop(key, None)


def editor_key(name: str, shown: Sequence[bool]) -> str:
    """Return the key of a table of check boxes whose stored edits agree with what is to be `shown`.

    Streamlit lays edits over the table until its key changes. The key stays while both agree, to keep the scroll position,
    and changes after undo or if other rows are shown.
    """
    version = f"{name}-version"
    key = f"{name}-{st.session_state.get(version, 0)}"
    edited = st.session_state.get(key, {}).get("edited_rows", {})
    if any(int(row) >= len(shown) or set(change.values()) != {shown[int(row)]} for row, change in edited.items()):
        st.session_state[version] = st.session_state.get(version, 0) + 1
    return f"{name}-{st.session_state.get(version, 0)}"


def new_edits(key: str) -> dict[int, dict[str, Any]]:
    """Return the edits of a table since the last call, by row.

    A browser reports all edits since it drew the table, even those that were undone and not redrawn yet.
    """
    edited = st.session_state[key]["edited_rows"]
    table, seen = st.session_state.get(_SEEN_EDITS, (key, {}))
    st.session_state[_SEEN_EDITS] = key, edited
    known = seen if table == key else {}
    return {int(row): change for row, change in edited.items() if known.get(row) != change}


def set_pending_error(error: PlumblineError) -> None:
    """Store an error for the next run of the page to show."""
    st.session_state[_PENDING_ERROR] = str(error)


def pop_pending_error() -> str | None:
    """Return and clear the stored error."""
    return st.session_state.pop(_PENDING_ERROR, None)
