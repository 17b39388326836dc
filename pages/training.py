"""Step 6: settings of the network, its loss while it learns, stop and resume."""

import streamlit as st

from pages.parts import describe_models, forms, frame, live, state

desk = frame.open_step("training")
run = state.workspace().latest_run(desk.project.id, "training")
busy = run is not None and run.state.active

left, right = st.columns([1, 2], gap="large")
with left:
    forms.edit(desk.project, desk.recipe, "training", "predict", "horizon", "window", "epochs", "patience")
    with st.expander("Network and optimiser"):
        forms.edit(
            desk.project, desk.recipe, "training", "cell", "units", "dropout", "loss", "batch_size", "learning_rate"
        )
        forms.edit(desk.project, desk.recipe, "training", "gradient_clip", "seeds", "seed")
    st.caption(describe_models.training_input(desk))
with right:
    if busy:
        live.follow_training(run)
    else:
        live.offer_training(desk.project, run)
if run is not None and not busy:
    frame.next_step("training")
