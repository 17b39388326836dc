"""Step 1: a file becomes a data set: what was read, how, and what was lost (nothing)."""

from functools import partial

import streamlit as st

from core.charts.ingest import plot_series
from pages.parts import changed, describe_data, forms, frame, lateness, look, preview, uploader
from pages.parts.desk import Desk


def _meanwhile(desk: Desk) -> None:
    st.container()  # the place of the uploader, so that the preview does not move
    preview.show(desk)


desk = frame.open_step("upload", needs_profile=False, meanwhile=_meanwhile)

data, quality = desk.dataset, desk.quality
with st.container():
    with st.expander("Upload another file into this project", expanded=data is None):
        uploader.choose_file(desk.project.id, partial(uploader.replace_file, desk.project), confirm=True)
    if quality is not None:
        look.answer(describe_data.dataset(data))
if desk.has_file:
    preview.show(desk)
if quality is None:
    st.stop()

frame.show_findings(desk, data.findings)
uploader.offer_report(data)
changed.show(desk)

st.subheader("What to forecast")
settings, picture = look.beside()
with settings:
    forms.edit(
        desk.project, desk.recipe, "ingest", "target", options=desk.numbers, shown={"target": quality.roles.target}
    )
    forms.edit_roles(desk.project, desk.recipe, data)
    lateness.edit(desk.project, desk.recipe, desk.numbers)
    forms.edit_split(desk.project, desk.recipe)
with picture:
    if quality.roles.target:
        look.chart(plot_series(*describe_data.series(data, quality.roles.target), quality.eras, look.theme()), "series")
    st.caption(describe_data.eras(quality.eras, data.is_counted))
frame.next_step("upload")
