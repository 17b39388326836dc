"""Step 6: settings of the network, its loss while it learns, stop and resume."""

import streamlit as st

from pages.parts.frame import frame, state
from pages.parts.models import describe_models, job_panel, trained_run
from pages.parts.widgets import forms, placing

context = frame.open_step("training")
run = state.workspace().latest_run(context.project.id, "training")
busy = run is not None and run.state.active

settings, losses = placing.beside()
with settings:
    forms.edit(context.project, context.recipe, "training", "predict", "horizon", "window", "epochs", "patience")
    with st.expander("Network and optimiser"):
        forms.edit(
            context.project,
            context.recipe,
            "training",
            "cell",
            "units",
            "dropout",
            "loss",
            "batch_size",
            "learning_rate",
        )
        forms.edit(context.project, context.recipe, "training", "gradient_clip", "seeds", "seed")
    st.caption(describe_models.training_input(context))
with losses:
    if busy:
        job_panel.follow_training(run)
    else:
        job_panel.offer_training(context.project, run)
if run is not None and not busy:
    frame.show_findings(context, trained_run.training_findings(run))
    frame.next_step("training")
