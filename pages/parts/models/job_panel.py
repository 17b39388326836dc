"""Jobs on the page: progress, time left, how they ended, and the buttons that start, stop and resume them."""

from datetime import UTC, datetime

import streamlit as st

from core.charts.training import plot_loss
from core.forecast.network.training_summary import EpochLoss
from core.steps import title_of_job
from core.text.escape import markdown_text
from core.text.format import format_duration, format_error
from core.workspace.projects import Project
from core.workspace.runs import Run, RunKind, RunState
from pages.parts.frame import error_messages, state
from pages.parts.models import describe_models, trained_run
from pages.parts.widgets import live_chart, placing

_POLL_SECONDS = 1.0


def show_running(run: Run) -> None:
    """Show an active run until it ends, then rerun the page."""

    @st.fragment(run_every=_POLL_SECONDS, key=f"job-{run.id}")
    def poll() -> None:
        current = state.find_run(run.id)
        if current is None or not current.state.active:
            st.rerun()
        show_progress(current)
        if current.kind == "importance":
            _show_fit_loss(current)
            show_stop(current, "Keeps the fits that are done, and ranks with them.")
        else:
            show_stop(current)

    poll()


def _show_fit_loss(run: Run) -> None:
    """Show the loss of the current CatBoost fit on the rows after it."""
    losses = state.workspace().metrics(run.id).get("val_loss", {})
    trees = max(losses, default=0)
    if (latest := losses.get(trees)) is not None:
        st.caption(f"Validation loss of the current fit: {format_error(latest)}. Trees so far: {trees:,}.")


def show_stop(run: Run, explanation: str | None = None) -> None:
    """Draw the button that stops a run."""
    st.button(
        "Stop",
        key=f"stop-{run.id}",
        icon=":material/stop_circle:",
        help=explanation,
        disabled=run.state is RunState.STOPPING,
        on_click=state.request_stop,
        args=(run.id,),
    )


def show_progress(run: Run) -> None:
    """Draw the progress bar of a run, with the elapsed and the remaining time."""
    step = state.workspace().last_step(run.id)
    title = title_of_job(run.kind)
    now = datetime.now(UTC)
    if run.state is RunState.QUEUED:
        st.progress(0.0, text=f"{title} is queued")
    elif run.state is RunState.STOPPING:
        st.progress(step.share if step else 0.0, text=f"{title} is stopping")
    elif run.heartbeat is not None and run.stalled(now):
        silent = format_duration((now - run.heartbeat).total_seconds())
        text = f":material/warning: {title} has stalled: no sign of life for {silent}. Wait, or stop it and resume it later."
        st.progress(step.share if step else 0.0, text=text)
    elif step is None:
        st.progress(0.0, text=f"{title} is starting")
    else:
        left = "" if step.remaining is None else f", about {format_duration(step.remaining)} left"
        elapsed = format_duration(step.elapsed)
        st.progress(step.share, text=f"{markdown_text(step.text)} · {elapsed} elapsed{left}")


def show_failure(run: Run | None) -> None:
    """Show why a run failed or was interrupted, with the button that starts it again."""
    if run is None or run.state not in (RunState.FAILED, RunState.INTERRUPTED):
        return
    title = title_of_job(run.kind)
    if run.state is RunState.INTERRUPTED:
        cause = markdown_text(run.message[:1].lower() + run.message[1:])
        st.warning(f"{title} was interrupted: {cause} Saved work is kept.")
        st.button("Resume", key=f"resume-{run.id}", type="primary", on_click=state.resume_run, args=(run.id,))
    elif run.error_id:
        st.error(f"{title}: internal error; your data are fine. Error id {run.error_id} in the run's log.")
        st.button("Try again", key=f"resume-{run.id}", on_click=state.resume_run, args=(run.id,))
    else:
        st.error(error_messages.error_text(f"{run.message} {run.hint}"))


def show_job(project: Project, kind: RunKind, label: str) -> None:
    """Show the project's active job of this kind, or how the last one failed and the button that starts one."""
    run = state.workspace().latest_run(project.id, kind)
    if run is not None and run.state.active:
        show_running(run)
        return
    if run is not None and run.recipe == state.workspace().recipe(project.id):
        show_failure(run)
    st.button(label, type="primary", key=f"start-{kind}", on_click=state.request_run, args=(project, kind))


def show_running_training(run: Run) -> None:
    """Show an active training until it ends: its progress and the growing loss chart."""

    @st.fragment(run_every=_POLL_SECONDS, key=f"training-{run.id}")
    def poll() -> None:
        current = state.find_run(run.id)
        if current is None or not current.state.active:
            st.rerun()
        with st.container():
            st.caption("Changes apply to the next run.")
            show_progress(current)
            show_stop(current, "Stops after the current batch and keeps the best weights so far.")
        show_losses(current)

    poll()


def show_last_training(project: Project, run: Run | None) -> None:
    """Show how the last training ended, its losses, and the button that starts one."""
    # The same containers as in `show_running_training`: the chart keeps its place when a training starts or ends.
    with st.container():
        with st.container():
            show_failure(run)
            with st.container(horizontal=True):
                st.button(
                    "Train",
                    type="primary",
                    icon=":material/play_arrow:",
                    key="train",
                    on_click=state.request_run,
                    args=(project, "training"),
                )
                _show_resume(run)
            if run is None:
                st.info("No training yet. A training keeps running if you close this page.")
            else:
                st.caption(describe_models.run_text(run))
        if run is not None:
            show_losses(run)


def _show_resume(run: Run | None) -> None:
    """Draw the button that resumes a stopped training, unless its test era was opened: that would be a second look."""
    if run is None or run.state is not RunState.STOPPED or trained_run.latest_opening(run) is not None:
        return
    st.button(
        "Resume",
        icon=":material/resume:",
        key=f"resume-{run.id}",
        help="Continues from the last epoch with this run's own settings.",
        on_click=state.resume_run,
        args=(run.id,),
    )


def show_losses(run: Run) -> None:
    """Draw loss and val_loss of every finished epoch of a training."""
    metrics = state.workspace().metrics(run.id)
    history = epoch_losses(metrics)
    if not history:
        return
    best = min(history, key=lambda point: point.val_loss)
    figure = plot_loss(
        history,
        best.epoch,
        placing.theme(),
        persistence_val_loss=metrics.get("persistence_val_loss", {}).get(0),
        mean_val_loss=metrics.get("mean_val_loss", {}).get(0),
    )
    live_chart.chart(figure, f"loss-{run.id}")
    last = history[-1]
    st.caption(
        f"Epoch {last.epoch}: loss {format_error(last.loss)}, val_loss {format_error(last.val_loss)}. "
        f"Best val_loss {format_error(best.val_loss)} at epoch {best.epoch}."
    )


def epoch_losses(metrics: dict[str, dict[int, float | None]]) -> tuple[EpochLoss, ...]:
    """Return one point per epoch, in order; of an epoch repeated after a resume, its last values.

    Epochs whose loss was not finite (None) are left out.
    """
    loss, val_loss = metrics.get("loss", {}), metrics.get("val_loss", {})
    points = ((epoch, loss[epoch], val_loss[epoch]) for epoch in sorted(loss.keys() & val_loss.keys()))
    return tuple(
        EpochLoss(member=0, epoch=epoch, loss=on_train, val_loss=on_validation)
        for epoch, on_train, on_validation in points
        if on_train is not None and on_validation is not None
    )
