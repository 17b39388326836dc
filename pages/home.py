"""Projects: start one from a sample or a file, and open, rename, duplicate or delete one."""

import streamlit as st

from core.data.builtin import list_samples
from pages.parts.frame.anchor import PAGE_ANCHOR
from pages.parts.home import project_list, showcase
from pages.parts.upload import uploader

first, *others = list_samples()

with st.grid(2, min_column_width=360, gap="large") as grid:
    with grid.cell():
        st.title("Plumbline", anchor=PAGE_ANCHOR)
        st.markdown("Turn a CSV into a forecast, and find out honestly whether it beats a naive one.")
        if st.button("Try the S&P 500 sample", key=f"sample-{first.name}", type="primary"):
            uploader.start_sample(first)
        st.caption(first.description)
        with st.expander("Other samples"):
            for sample in others:
                if st.button(sample.title, key=f"sample-{sample.name}", width="stretch", wrap=True):
                    uploader.start_sample(sample)
                st.caption(sample.description)
    picture = grid.cell().container(key="showcase")

st.header("Your data")
with st.container(key="drop-zone"):
    uploader.choose_file("new", uploader.start_project)
project_list.show()
# Last: the sample is read and profiled when a server shows it for the first time.
with picture, st.spinner("Asking what can be forecast in the sample"):
    showcase.show(first)
