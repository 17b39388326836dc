"""Step 1: a file becomes a data set: what was read, how, and what was lost (nothing)."""

from functools import partial

import streamlit as st

from core.charts.ingest import plot_series
from pages.parts import describe_data, forms, frame, look, uploader

desk = frame.open_step("upload", needs_profile=False)

with st.expander("Upload another file into this project", expanded=desk.dataset is None):
    uploader.choose_file(desk.project.id, partial(uploader.replace_file, desk.project), confirm=True)

names = tuple(column.name for column in desk.dataset.columns) if desk.dataset else ()
if desk.quality is None:
    forms.edit(desk.project, desk.recipe, "ingest", "delimiter", "encoding", "decimal", "day_first")
    forms.edit(desk.project, desk.recipe, "ingest", "time_column", "target", options=names)
    st.stop()

data, quality = desk.dataset, desk.quality
look.answer(describe_data.dataset(data))

left, right = st.columns([1, 2], gap="large")
with left:
    forms.edit(
        desk.project, desk.recipe, "ingest", "target", options=desk.numbers, shown={"target": quality.roles.target}
    )
    forms.edit(
        desk.project,
        desk.recipe,
        "ingest",
        "time_column",
        "series_column",
        "ignore",
        options=names,
        shown={"time_column": data.time_column, "series_column": data.series_column},
    )
    forms.edit_split(desk.project, desk.recipe)
with right:
    if quality.roles.target:
        look.chart(plot_series(*describe_data.series(data, quality.roles.target), quality.eras, look.theme()), "series")
    st.caption(describe_data.eras(quality.eras))

frame.show_findings(desk, data.findings)

st.subheader("First rows, as they were understood")
head = describe_data.first_rows(data)
look.table(head, "preview", exact=True, **describe_data.stamp_columns(head))
with st.expander("How the file was read"):
    forms.edit(desk.project, desk.recipe, "ingest", "delimiter", "encoding", "decimal", "day_first", "sentinels")
    look.table(describe_data.columns(data), "columns")
frame.next_step("upload")
