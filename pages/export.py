"""Step 8: the files of a training: model bundle, report, data, predictions, recipe and script; and scoring of new rows."""

import streamlit as st

from core.text.escape import markdown_text
from pages.parts.frame import frame
from pages.parts.models import describe_models, downloads, refit, scoring, trained_run
from pages.parts.widgets import placing

context = frame.open_step("export")
top, bottom = st.container(), st.container()
if not trained_run.has_training(context):
    with bottom:
        scoring.show(context, None)
with top:
    run, results = trained_run.choose_training(context)
    placing.summarise(describe_models.export_sentence(results))
    st.caption(markdown_text(describe_models.verified_sentence(results)))
    trained_run.show_recount(context, run, results)
    st.page_link(
        "results.py",
        label="Choose another training in Results",
        icon=":material/arrow_back:",
        query_params={"project": context.project.id, "run": run.id},
    )
with bottom:
    scoring.show(context, run)
    refit.show(context, run, results)
    downloads.show(context, run, results)
