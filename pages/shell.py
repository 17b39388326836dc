"""The entry point of every page: navigation and sidebar."""

from pathlib import Path

import streamlit as st

from core.steps import STEPS
from pages.parts.frame import sidebar, state, step_bar, step_states
from pages.parts.server import login

HERE = Path(__file__).parent

st.set_page_config(page_title="Plumbline", page_icon=str(HERE / "parts" / "frame" / "icon.png"), layout="wide")
st.html(HERE / "parts" / "frame" / "frame.css")
login.require_login()
page = st.navigation(
    [
        st.Page(HERE / "home.py", title="Projects", url_path="projects", default=True),
        *(st.Page(HERE / step.file, title=step.title, url_path=step.name) for step in STEPS),
    ],
    position="hidden",
)
project = state.current_project()
states = {} if project is None else step_states.find_states(project)
sidebar.show(page.url_path, project, states)
if project is not None:
    step_bar.show(project, states)
page.run()
