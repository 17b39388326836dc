"""The steps as one line above the page, in place of the sidebar in a narrow window."""

import streamlit as st

from core.steps import STEPS
from core.workspace.projects import Project
from pages.parts.frame.step_states import ICONS, StepStates

# A fold without content: while it is open, the style sheet shows the sidebar.
_MENU = '<details class="menu"><summary>Menu</summary></details>'


def show(project: Project, states: StepStates) -> None:
    """Draw the links to all steps and the fold that opens the sidebar; the style sheet hides them in a wide window."""
    with st.container(key="step-bar", horizontal=True, gap="xxsmall", vertical_alignment="center"):
        st.html(_MENU, width="content")
        for step in STEPS:
            st.page_link(
                step.file,
                label=step.title,
                icon=ICONS[states[step.name]],
                query_params={"project": project.id},
                width="content",
            )
