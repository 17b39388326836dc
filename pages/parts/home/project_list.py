"""The list of projects: how far each has come, and the menu that renames, duplicates or deletes it."""

from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from core.errors.model import PlumblineError
from core.forecast.evaluation.verdict import title_verdict
from core.steps import step_of_job
from core.text.escape import markdown_text
from core.text.format import format_count
from core.workspace.projects import Project
from core.workspace.runs import Run, RunState
from pages.parts.frame import error_messages, state
from pages.parts.models import trained_run
from pages.parts.upload import uploader
from pages.parts.widgets import placing

_MOST_LISTED, _MANY = 20, 5


@dataclass(frozen=True, kw_only=True)
class Overview:
    """What the list shows of a project; texts are plain, and empty if there is nothing to show."""

    data: str
    progress: str
    changed: datetime


def show() -> None:
    """List the projects, the latest change first; of many, those that a search finds."""
    if error := state.pop_pending_error():
        st.error(error_messages.error_text(error))
    projects = [(project, _overview(project)) for project in state.workspace().projects()]
    if not projects:
        return
    st.header("Your projects")
    if len(projects) > _MANY:
        words = st.text_input("Search", key="search-projects", placeholder="Part of a name or file").casefold()
        projects = [pair for pair in projects if words in f"{pair[0].name} {pair[1].data}".casefold()]
        if not projects:
            st.caption("No project matches.")
    projects.sort(key=lambda pair: pair[1].changed, reverse=True)
    for project, overview in projects[:_MOST_LISTED]:
        _show_project(project, overview)
    if len(projects) > _MOST_LISTED:
        st.caption(f"And {len(projects) - _MOST_LISTED:,} more. Search for a name to find them.")


def _overview(project: Project) -> Overview:
    """Return what is known of a project; of a damaged one, that it cannot be read, so that it can still be deleted."""
    try:
        entries, runs = state.workspace().history(project.id), state.workspace().runs(project.id)
        ended = [run.ended for run in runs if run.ended]
        return Overview(
            data=_describe_data(project),
            progress=_describe_progress(runs),
            changed=max([entries[0].created, *ended]),
        )
    except PlumblineError as error:
        return Overview(data="", progress=error.message, changed=project.created)


def _describe_data(project: Project) -> str:
    source, recipe = state.workspace().source(project.id), state.workspace().recipe(project.id)
    parts = ["no file yet"] if source is None else [source.name]
    if (data := state.dataset(project, recipe)) is not None:
        parts.append(format_count(data.rows, "row"))
    if recipe.ingest.target:
        parts.append(f"target {recipe.ingest.target}")
    return " · ".join(parts)


def _describe_progress(runs: tuple[Run, ...]) -> str:
    """Return the last step that a job has finished, and the verdict of the latest training; `runs` come latest first."""
    steps = [step_of_job(run.kind).title for run in runs if run.state is RunState.FINISHED]
    trained = next((run for run in runs if run.kind == "training" and trained_run.has_results(run)), None)
    parts = steps[:1] or ["Not read yet"]
    if trained is not None:
        parts.append(_describe_verdict(trained))
    return " · ".join(parts)


def _describe_verdict(run: Run) -> str:
    try:
        return title_verdict(trained_run.load_results(run).evaluation)
    except PlumblineError:
        return "Train again: an earlier version computed the results"


def _show_project(project: Project, overview: Overview) -> None:
    name, progress, opener, menu = st.columns([5, 3.2, 1, 0.9], vertical_alignment="center", gap="small")
    name.markdown(f"**{markdown_text(project.name)}**  \n:gray[{markdown_text(overview.data)}]")
    changed = placing.local_time(overview.changed)
    progress.markdown(f"{markdown_text(overview.progress)}  \n:gray[changed {changed}]")
    if opener.button("Open", key=f"open-{project.id}"):
        uploader.open_project(project)
    with menu.popover("", icon=":material/more_horiz:", help="Rename, duplicate or delete"):
        _show_menu(project)


def _show_menu(project: Project) -> None:
    name_key = f"name-{project.id}"
    st.text_input(
        "Name", project.name, key=name_key, on_change=state.rename_project, args=(project.id, name_key), max_chars=120
    )
    st.button(
        "Duplicate",
        key=f"duplicate-{project.id}",
        icon=":material/content_copy:",
        help="A copy of the file and the current settings, without the trainings.",
        on_click=state.duplicate_project,
        args=(project.id,),
        width="stretch",
    )
    st.button(
        "Delete project",
        key=f"delete-{project.id}",
        icon=":material/delete:",
        help="This permanently deletes the project with its file and models.",
        on_click=state.delete_project,
        args=(project.id,),
        width="stretch",
    )
