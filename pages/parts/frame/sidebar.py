"""The sidebar: the project, its eight steps with their state, undo, and the jobs that run."""

import streamlit as st

from core.recipe.model import Recipe
from core.steps import STEPS
from core.text.escape import markdown_text
from core.workspace.projects import Project
from core.workspace.runs import RunState
from pages.parts.frame import state
from pages.parts.frame.context import page_context
from pages.parts.models import job_panel

DONE, STALE, TO_DO = "done", "stale: something before it changed", "not yet"
_ICONS = {
    DONE: ":material/check_circle:",
    STALE: ":material/history:",
    TO_DO: ":material/radio_button_unchecked:",
}


def show(page: str) -> None:
    """Draw the sidebar beside the page of this address."""
    project = state.project()
    with st.sidebar:
        st.page_link("home.py", label="Projects", icon=":material/home:")
        if project is None:
            return
        st.markdown(f"**{markdown_text(project.name)}**")
        states = _states(project)
        for number, step in enumerate(STEPS, start=1):
            st.page_link(
                step.file,
                label=f"{number} {step.title}",
                icon=_ICONS[states[step.name]],
                help=states[step.name].capitalize(),
                query_params={"project": project.id},
            )
        _undo(project, page)
        _jobs(project)


def _undo(project: Project, page: str) -> None:
    steps = state.workspace().steps(project.id)
    left, right = st.columns(2)
    left.button(
        "Undo",
        icon=":material/undo:",
        key="undo",
        width="stretch",
        disabled=steps.back is None,
        help="Nothing to take back" if steps.back is None else f"Take back: {markdown_text(steps.back)}",
        on_click=state.workspace().undo,
        args=(project.id,),
    )
    right.button(
        "Redo",
        icon=":material/redo:",
        key="redo",
        width="stretch",
        disabled=steps.onward is None,
        help="Nothing to bring back" if steps.onward is None else f"Bring back: {markdown_text(steps.onward)}",
        on_click=state.workspace().redo,
        args=(project.id,),
    )
    asked = st.button(
        "History",
        key="history",
        icon=":material/manage_history:",
        type="tertiary",
        help="Every change in words; go back to any, compare any two.",
        on_click=state.choose,
        args=("part", "History"),
    )
    if asked and page != "cleaning":
        st.switch_page("cleaning.py", query_params={"project": project.id, "part": "History"})


def _jobs(project: Project) -> None:
    if not state.workspace().runs(project.id, active=True):
        return

    @st.fragment(run_every=2.0, key="jobs")
    def watch() -> None:
        runs = state.workspace().runs(project.id, active=True)
        if runs:
            st.caption("Running")
        for run in runs:
            job_panel.show_progress(run)

    watch()


def _states(project: Project) -> dict[str, str]:
    context = page_context(project)
    seen = DONE if context.quality else _earlier(project, "profile", "")
    states = dict.fromkeys(("upload", "quality", "cleaning"), seen)
    for step in STEPS:
        if step.key is None or step.name in states:
            continue
        key = step.key(context.work) if context.quality else ""
        made = context.quality and state.workspace().cache(project.id).has(step.name, key)
        states[step.name] = DONE if made else _earlier(project, step.name, key)
    states["training"] = _training(project, context.recipe)
    opened = states["training"] == DONE and state.workspace().runs(project.id, kind="opening")
    states["results"] = DONE if opened else TO_DO if states["training"] != STALE else STALE
    states["export"] = states["training"]
    return states


def _earlier(project: Project, step: str, key: str) -> str:
    return STALE if state.workspace().cache(project.id).has_other(step, key) else TO_DO


def _training(project: Project, recipe: Recipe) -> str:
    ended = [
        run
        for run in state.workspace().runs(project.id, kind="training")
        if run.state in (RunState.FINISHED, RunState.STOPPED)
    ]
    if not ended:
        return TO_DO
    return DONE if any(run.recipe == recipe for run in ended) else STALE
