"""Step 8: the files of a training: model bundle, report, data, predictions, recipe and script."""

import streamlit as st

from core.delivery.script import render_script
from pages.parts.frame import frame
from pages.parts.models import describe_models, trained_run
from pages.parts.widgets import placing

context = frame.open_step("export")
run, results = trained_run.choose_training(context)
placing.summarise(describe_models.export_sentence(results))
trained_run.show_recount(context, run, results)
st.page_link(
    "results.py",
    label="Choose another training in Results",
    icon=":material/arrow_back:",
    query_params={"project": context.project.id, "run": run.id},
)

for file in describe_models.FILES:
    path = run.folder / file.name
    left, right = st.columns([3, 1], vertical_alignment="center")
    left.markdown(f"**{file.title}** · {describe_models.file_size(path)}  \n{file.description}")
    right.download_button(
        f"Download {file.short}",
        data=path.read_bytes if path.exists() else b"",
        file_name=f"{run.id[:8]}-{file.name}",
        mime=file.mime,
        key=f"download-{file.short}",
        on_click="ignore",
        disabled=not path.exists(),
        width="stretch",
        wrap=True,
    )
left, right = st.columns([3, 1], vertical_alignment="center")
left.markdown("**Script**  \nAll steps as a short Python script, to run without the pages.")
right.download_button(
    "Download script",
    data=render_script(run.recipe, "your-data.csv"),
    file_name=f"{run.id[:8]}-walk.py",
    mime="text/x-python",
    key="download-script",
    on_click="ignore",
    width="stretch",
    wrap=True,
)
