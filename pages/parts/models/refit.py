"""Refit on the Export page: which network the bundle has, and the job that refits it on train and validation."""

import streamlit as st

from core.delivery.delivery_text import refit_text
from core.delivery.results import Walked
from core.refit import ask_undo
from core.text.escape import markdown_text
from core.text.format import format_estimate
from core.workspace.runs import Run, RunState
from pages.parts.frame import state
from pages.parts.frame.context import LoadedContext
from pages.parts.models import job_panel, training_curve

# Baselines, checks, report and bundle are made anew: about this share of the whole run.
_SHARE_OF_RUN = 0.4


def show(context: LoadedContext, run: Run, results: Walked) -> None:
    """Show which network the bundle of a training has, with the toggle that refits it, or the job that does."""
    st.header("Network in the bundle")
    jobs = state.workspace().runs(run.project_id, kind="refit")
    job = next((each for each in jobs if each.parent == run.id), None)
    if job is not None and job.state.active:
        job_panel.show_running(job)
        return
    if run.state is not RunState.FINISHED:
        st.caption("The training was stopped: finish it before you refit the network.")
        return
    job_panel.show_failure(job)
    is_refitted = results.refit is not None
    st.toggle(
        "Refit on train and validation",
        value=state.sync_widget(f"refit-{run.id}", is_refitted),
        key=f"refit-{run.id}",
        help="Trains the network again on train and validation, for the epochs found, and puts it into the bundle.",
        on_change=_request,
        args=(context, run, not is_refitted),
    )
    if results.refit is not None:
        st.markdown(markdown_text(refit_text(results.refit)))
        return
    st.markdown(
        "The bundle has the evaluated network, trained on train only. A refit also learns from the validation rows, which are "
        "newer; it cannot be evaluated on them any more. "
        f"It takes about **{format_estimate(_estimate(context, run, results))}**."
    )
    if job is not None and job.state is RunState.STOPPED:
        st.button(
            "Resume refit",
            key=f"resume-{job.id}",
            icon=":material/resume:",
            help="Continues from the last epoch.",
            on_click=state.resume_run,
            args=(job.id,),
        )


def _request(context: LoadedContext, run: Run, wanted: bool) -> None:
    state.request_run(context.project, "refit", run.id, None if wanted else ask_undo)


def _estimate(context: LoadedContext, run: Run, results: Walked) -> float:
    """Return about how long a refit takes: its epochs at the speed of the training, and the files."""
    curve = training_curve.curve_of(run)
    epochs = 0.0
    if curve.speed is not None and curve.train_windows is not None:
        train, validation, _ = context.quality.eras.rows
        epochs = sum(results.training.best_epochs) * curve.train_windows * (1 + validation / train) / curve.speed
    return max(1.0, epochs + _SHARE_OF_RUN * run.seconds)
