"""Step 1: a file becomes a data set: what was read, how, and what was lost (nothing)."""

from functools import partial

import streamlit as st

from core.charts.ingest import plot_series
from pages.parts.frame import frame
from pages.parts.frame.context import PageContext
from pages.parts.upload import describe_data, file_changes, preview, publication_delays, uploader
from pages.parts.widgets import forms, placing


def _meanwhile(context: PageContext) -> None:
    st.container()  # the place of the uploader, so that the preview does not move
    preview.show(context)


context = frame.open_step("upload", needs_profile=False, meanwhile=_meanwhile)

data, quality = context.dataset, context.quality
with st.container():
    with st.expander("Upload another file into this project", expanded=data is None):
        uploader.choose_file(context.project.id, partial(uploader.replace_file, context.project), confirm=True)
    if quality is not None:
        placing.answer(describe_data.dataset(data))
if context.has_file:
    preview.show(context)
if quality is None:
    st.stop()

frame.show_findings(context, data.findings)
uploader.offer_report(data)
file_changes.show(context)

st.subheader("What to forecast")
settings, picture = placing.beside()
with settings:
    forms.edit(
        context.project,
        context.recipe,
        "ingest",
        "target",
        options=context.numbers,
        shown={"target": quality.roles.target},
    )
    forms.edit_roles(context.project, context.recipe, data)
    publication_delays.edit(context.project, context.recipe, context.numbers)
    forms.edit_split(context.project, context.recipe)
with picture:
    if quality.roles.target:
        placing.chart(
            plot_series(*describe_data.series(data, quality.roles.target), quality.eras, placing.theme()), "series"
        )
    st.caption(describe_data.eras(quality.eras, data.is_counted))
frame.next_step("upload")
