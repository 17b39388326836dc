"""Step 6: the network's settings, its losses while it trains, and the buttons to train, stop and resume."""

import streamlit as st

from pages.parts.frame import frame, state
from pages.parts.models import describe_models, job_panel, trained_run, training_plan
from pages.parts.widgets import forms, placing

context = frame.open_step("training")
run = state.workspace().latest_run(context.project.id, "training")

frame.show_findings(context, trained_run.expected_findings(context), key="question", counted=False)
settings, losses = placing.side_by_side()
with settings:
    training_plan.choose_preset(context)
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
            "plateau",
        )
        forms.edit(context.project, context.recipe, "training", "gradient_clip", "seeds", "seed")
        forms.edit(context.project, context.recipe, "evaluation", "lstm_adds")
    st.caption(training_plan.describe(context))
    for text in (describe_models.volatility_inputs_text(context), describe_models.inputs_text(context)):
        if text:
            st.caption(text)
with losses:
    if run is not None and run.state.active:
        job_panel.show_running_training(run)
    else:
        job_panel.show_last_training(context.project, run, training_plan.find_obstacle(context))
if run is None or not run.state.active:
    job_panel.watch_trainings(context.project, run)
if run is not None and not run.state.active:
    trained_run.show_errors_in_units(run)
    frame.show_findings(context, trained_run.training_findings(run))
    frame.link_next_step("training")
