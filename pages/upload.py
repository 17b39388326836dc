"""Step 1: the file, how it was read, its target and column roles, and the split into eras."""

from functools import partial

import streamlit as st

from core.charts.ingest import plot_series
from pages.parts.frame import frame, sealed_era
from pages.parts.frame.context import LoadedContext, PageContext
from pages.parts.upload import describe_data, file_changes, preview, publication_delays, uploader
from pages.parts.widgets import forms, placing


def _show_preview(context: PageContext) -> None:
    st.container()  # takes the place of the uploader, to keep the preview from moving
    preview.show(context)


context = frame.open_upload(_show_preview)

with st.container():
    with st.expander("Replace file", expanded=context.dataset is None):
        uploader.choose_file(context.project.id, partial(uploader.replace_file, context.project), confirm=True)
    if isinstance(context, LoadedContext):
        placing.summarise(describe_data.dataset_sentence(context.dataset))
preview.show(context)
if not isinstance(context, LoadedContext):
    st.stop()

data, quality = context.dataset, context.quality
frame.show_findings(context, data.findings)
uploader.show_downloads(data)
file_changes.show(context)

st.subheader("Target, column roles and split")
settings, series_chart = placing.side_by_side()
with settings:
    forms.edit(
        context.project,
        context.recipe,
        "ingest",
        "target",
        options=context.numeric_columns,
        inferred={"target": quality.roles.target},
    )
    forms.edit_roles(context.project, context.recipe, data)
    publication_delays.edit(context.project, context.recipe, context.numeric_columns)
    forms.edit_split(context.project, context.recipe)
with series_chart:
    if quality.roles.target:
        times, values, name = describe_data.first_series(data, quality.roles.target)
        sealed = context.is_sealed(quality.roles.target)
        placing.chart(plot_series(times, values, name, quality.eras, placing.theme(), sealed=sealed), "series")
        sealed_era.show_switch(context)
    st.caption(describe_data.eras_text(quality.eras, data.is_counted, context.trials))
frame.link_next_step("upload")
