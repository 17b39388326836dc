"""Step 6: settings of the network, its loss while it learns, stop and resume."""

import streamlit as st

from pages.parts import describe_models, forms, frame, live, look, outcome, state

desk = frame.open_step("training")
run = state.workspace().latest_run(desk.project.id, "training")
busy = run is not None and run.state.active

settings, losses = look.beside()
with settings:
    forms.edit(desk.project, desk.recipe, "training", "predict", "horizon", "window", "epochs", "patience")
    with st.expander("Network and optimiser"):
        forms.edit(
            desk.project, desk.recipe, "training", "cell", "units", "dropout", "loss", "batch_size", "learning_rate"
        )
        forms.edit(desk.project, desk.recipe, "training", "gradient_clip", "seeds", "seed")
    st.caption(describe_models.training_input(desk))
with losses:
    if busy:
        live.follow_training(run)
    else:
        live.offer_training(desk.project, run)
if run is not None and not busy:
    frame.show_findings(desk, outcome.training_findings(run))
    frame.next_step("training")
