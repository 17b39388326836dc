"""Step 1: what to forecast, the file and how it was read, and the split into eras."""

from functools import partial

import streamlit as st

from core.charts.ingest import plot_series
from pages.parts.frame import frame, sealed_era
from pages.parts.frame.context import LoadedContext
from pages.parts.models import walk_panel
from pages.parts.upload import describe_data, file_changes, preview, publication_delays, uploader
from pages.parts.widgets import forms, placing

context = frame.open_upload(preview.show)

if isinstance(context, LoadedContext):
    data, quality = context.dataset, context.quality
    placing.summarise(describe_data.dataset_sentence(data))
    walk_panel.show(context)
    st.header("What to forecast")
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
        if reason := describe_data.target_reason(data, context.recipe):
            st.caption(reason)
        forms.edit_roles(context.project, context.recipe, data)
        forms.edit_split(context.project, context.recipe, data, quality.eras)
        publication_delays.edit(context.project, context.recipe, context.numeric_columns)
    with series_chart:
        if quality.roles.target:
            times, values, name = describe_data.first_series(data, quality.roles.target)
            sealed = context.is_sealed(quality.roles.target)
            placing.chart(plot_series(times, values, name, quality.eras, placing.theme(), sealed=sealed), "series")
            sealed_era.show_switch(context)
        st.caption(describe_data.eras_text(quality.eras, data.is_counted, context.trials))
    frame.show_findings(context, data.findings)

st.header("File")
preview.show(context)
if isinstance(context, LoadedContext):
    uploader.show_downloads(context.dataset)
    file_changes.show(context)
with st.expander("Replace file", expanded=context.dataset is None):
    uploader.choose_file(context.project.id, partial(uploader.replace_file, context.project), confirm=True)
if isinstance(context, LoadedContext):
    frame.link_next_step("upload")
