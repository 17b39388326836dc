"""Jobs on the page: progress, time left, how they ended, and the buttons that start, stop and resume them."""

from datetime import UTC, datetime

import streamlit as st

from core.errors.model import PlumblineError
from core.steps import title_of_job
from core.text.escape import markdown_text
from core.text.format import format_count, format_duration, format_error, format_ordinal
from core.workspace.jobs import most_jobs
from core.workspace.projects import Project
from core.workspace.runs import Run, RunKind, RunState
from pages.parts.frame import error_messages, state
from pages.parts.models import describe_models, run_controls, trained_run, training_curve

_POLL_SECONDS = 1.0
# The losses of a training move faster.
_TRAINING_POLL_SECONDS = 0.5
# Another browser may start a training.
_WATCH_SECONDS = 2.0


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
    if run.state is RunState.QUEUED and run.process is None:
        st.progress(0.0, text=f"{title} is {_queue_text(run)}")
    elif run.state is RunState.STOPPING:
        # A training that has heard of it still evaluates the best weights so far.
        doing = f" · {markdown_text(step.text)}" if step and run.stop_seen else ""
        st.progress(step.share if step else 0.0, text=f"{title} is stopping{doing}")
    elif run.heartbeat is not None and run.stalled(now):
        silent = format_duration((now - run.heartbeat).total_seconds())
        text = f":material/warning: {title} has stalled: no sign of life for {silent}. Wait, or stop it and resume it later."
        st.progress(step.share if step else 0.0, text=text)
    elif step is None or run.state is RunState.QUEUED:
        st.progress(0.0, text=f"{title} is starting")
    else:
        left = "" if step.remaining is None else f", about {format_duration(step.remaining)} left"
        elapsed = format_duration(step.elapsed)
        st.progress(step.share, text=f"{markdown_text(step.text)} · {elapsed} elapsed{left}")


def _queue_text(run: Run) -> str:
    """Return the place of a job in the queue, and how many run at a time."""
    place, most = state.workspace().queue_place(run.id), most_jobs()
    shown = "next" if place == 1 else format_ordinal(place)
    return f"{shown} in the queue; {format_count(most, 'job')} {'runs' if most == 1 else 'run'} at a time"


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

    @st.fragment(run_every=_TRAINING_POLL_SECONDS, key=f"training-{run.id}")
    def poll() -> None:
        current = state.find_run(run.id)
        if current is None or not current.state.active:
            st.rerun()
        with st.container():
            st.caption("Changes apply to the next run.")
            show_progress(current)
            show_stop(current, "Stops after the current batch and keeps the best weights so far.")
        training_curve.show(current)

    poll()


def watch_trainings(project: Project, run: Run | None) -> None:
    """Rerun the page when another browser starts, resumes or deletes a training; `run` is the latest one, which has ended."""
    shown = None if run is None else (run.id, run.state)

    @st.fragment(run_every=_WATCH_SECONDS, key="watch-trainings")
    def poll() -> None:
        latest = state.workspace().latest_run(project.id, "training")
        if (None if latest is None else (latest.id, latest.state)) != shown:
            st.rerun()

    poll()


def show_last_training(project: Project, run: Run | None, obstacle: PlumblineError | None = None) -> None:
    """Show how the last training ended, its losses, and the button that starts one, unless an obstacle is known."""
    # The same containers as in `show_running_training`: the chart keeps its place when a training starts or ends.
    with st.container():
        with st.container():
            show_failure(run)
            if obstacle is not None:
                st.warning(error_messages.error_text(obstacle))
            with st.container(horizontal=True):
                st.button(
                    "Train",
                    # One filled button a page: that of an interrupted training resumes it.
                    type="secondary" if run is not None and run.state is RunState.INTERRUPTED else "primary",
                    disabled=obstacle is not None,
                    icon=":material/play_arrow:",
                    key="train",
                    on_click=state.request_run,
                    args=(project, "training"),
                )
                _show_resume(run)
                if run is not None:
                    trainings = state.workspace().runs(project.id, kind="training")
                    run_controls.offer_continuation(project, run, describe_models.run_name(run, trainings))
            if run is None:
                st.info("No training yet. A training keeps running if you close this page.")
            else:
                st.caption(describe_models.run_text(run))
                trained_run.show_ending(run)
        if run is not None:
            training_curve.show(run)


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
