"""Projects: start from a sample or a file, open, delete."""

import streamlit as st

from core.data.builtin import list_samples
from core.text.escape import markdown_text
from pages.parts.frame import state
from pages.parts.upload import uploader

st.title("Plumbline")
st.caption("From a CSV to a forecast that says truthfully whether it is worth anything.")

with st.grid(2, min_column_width=320, gap="large") as grid:
    with grid.cell():
        st.subheader("Start with a sample")
        for sample in list_samples():
            if st.button(
                sample.title, key=f"sample-{sample.name}", help=sample.description, width="stretch", wrap=True
            ):
                uploader.start_sample(sample)
            st.caption(sample.description)
    with grid.cell():
        st.subheader("Upload a file")
        uploader.choose_file("new", uploader.start_project)

projects = state.workspace().projects()
if projects:
    st.subheader("Your projects")
for project in projects:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"{markdown_text(project.name)}  \n:gray[created {project.created:%Y-%m-%d %H:%M}]", width="stretch"
        )
        if st.button("Open", key=f"open-{project.id}"):
            uploader.go_to(project)
        with st.popover("Delete"):
            st.write("The project, its file and its models go for good.")
            st.button(
                "Delete it",
                key=f"delete-{project.id}",
                type="primary",
                on_click=state.workspace().delete_project,
                args=(project.id,),
            )
