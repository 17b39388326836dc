"""Projects: start one from a sample or a file, open one, delete one."""

import streamlit as st

from core.data.builtin import list_samples
from core.text.escape import markdown_text
from pages.parts.frame import state
from pages.parts.upload import uploader
from pages.parts.widgets import placing

st.title("Plumbline")
st.caption("Turn a CSV into a forecast, and find out honestly whether it beats a naive one.")

with st.grid(2, min_column_width=320, gap="large") as grid:
    with grid.cell():
        st.subheader("Samples")
        for sample in list_samples():
            if st.button(
                sample.title, key=f"sample-{sample.name}", help=sample.description, width="stretch", wrap=True
            ):
                uploader.start_sample(sample)
            st.caption(sample.description)
    with grid.cell():
        st.subheader("Your data")
        uploader.choose_file("new", uploader.start_project)

projects = state.workspace().projects()
if projects:
    st.subheader("Your projects")
for project in projects:
    with st.container(horizontal=True, vertical_alignment="center"):
        created = placing.local_time(project.created)
        st.markdown(f"{markdown_text(project.name)}  \n:gray[created {created}]", width="stretch")
        if st.button("Open", key=f"open-{project.id}"):
            uploader.open_project(project)
        with st.popover("Delete"):
            st.write("This permanently deletes the project with its file and models.")
            st.button(
                "Delete project",
                key=f"delete-{project.id}",
                type="primary",
                on_click=state.workspace().delete_project,
                args=(project.id,),
            )
