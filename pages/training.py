"""Step 6: settings of the network, its loss while it learns, stop and resume."""

import streamlit as st

from pages.parts import describe, forms, frame, live, state

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
    st.caption(describe.training_input(desk))
with right:
    if busy:
        st.caption("Settings that you change now are for the next training; this one keeps its own.")
        live.follow_training(run)
    else:
        live.tell_end(desk.project, run)
        st.button(
            "Train",
            type="primary",
            icon=":material/play_arrow:",
            key="train",
            on_click=state.ask,
            args=(desk.project, "training"),
        )
        if run is None:
            st.info("Nothing was trained yet. Training goes on when you close this page, and you find it here again.")
        else:
            st.caption(describe.run(run))
            live.show_losses(run)
if run is not None and not busy:
    frame.next_step("training")
