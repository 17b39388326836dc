"""The sidebar: the project, its steps and their state, undo, and the running jobs."""

import streamlit as st

from core.steps import STEPS
from core.text.escape import markdown_text
from core.version import __version__
from core.workspace.projects import Project
from pages.parts.frame import state
from pages.parts.frame.anchor import PAGE_ANCHOR
from pages.parts.frame.step_states import ICONS, StepStates
from pages.parts.models import job_panel
from pages.parts.server import login

_POLL_SECONDS = 2.0


def show(page: str, project: Project | None, states: StepStates) -> None:
    """Draw the sidebar beside the page with this URL path."""
    with st.sidebar:
        st.html(f'<a class="skip-link" href="#{PAGE_ANCHOR}">Skip to the page</a>')
        with st.container(key="sidebar-home"):
            st.page_link("home.py", label="Projects", icon=":material/home:")
        if project is None:
            with st.container(key="sidebar-more"):
                login.show_user()
                st.caption(f"Plumbline {__version__}")
            return
        with st.container(key="sidebar-name"):
            st.markdown(f"**{markdown_text(project.name)}**")
        for number, step in enumerate(STEPS, start=1):
            st.page_link(
                step.file,
                label=f"{number} {step.title}",
                icon=ICONS[states[step.name]],
                help=states[step.name],
                query_params={"project": project.id},
            )
        with st.container(key="sidebar-more"):
            _show_undo(project, page)
            _show_jobs(project)
            login.show_user()
            st.caption(f"Plumbline {__version__}")


def _show_undo(project: Project, page: str) -> None:
    steps = state.workspace().steps(project.id)
    left, right = st.columns(2)
    left.button(
        "Undo",
        icon=":material/undo:",
        key="undo",
        width="stretch",
        disabled=steps.back is None,
        help="Nothing to undo" if steps.back is None else f"Undo: {markdown_text(steps.back)}",
        on_click=state.undo,
        args=(project.id,),
    )
    right.button(
        "Redo",
        icon=":material/redo:",
        key="redo",
        width="stretch",
        disabled=steps.onward is None,
        help="Nothing to redo" if steps.onward is None else f"Redo: {markdown_text(steps.onward)}",
        on_click=state.redo,
        args=(project.id,),
    )
    clicked = st.button(
        "History",
        key="history",
        icon=":material/manage_history:",
        type="tertiary",
        help="All changes: restore any state, or compare two.",
        on_click=state.set_widget,
        args=("part", "History"),
    )
    if clicked and page != "cleaning":
        st.switch_page("cleaning.py", query_params={"project": project.id, "part": "History"})


def _show_jobs(project: Project) -> None:
    if not state.workspace().runs(project.id, active=True):
        return

    @st.fragment(run_every=_POLL_SECONDS, key="jobs")
    def poll() -> None:
        runs = state.workspace().runs(project.id, active=True)
        if runs:
            st.caption("Running")
        for run in runs:
            job_panel.show_progress(run)

    poll()
