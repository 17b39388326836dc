"""A running job, seen: how far it is, how long it may still take, and how to stop it."""

import streamlit as st

from core.charts.training import plot_loss
from core.forecast.network.training import EpochLoss
from core.steps import step_of_job
from core.text.escape import markdown_text
from core.workspace.projects import Project
from core.workspace.runs import Run, RunState
from pages.parts.frame import internal_error, state
from pages.parts.models import describe_models, trained_run
from pages.parts.widgets import live_chart, placing

_EVERY = 1.0


def words(kind: str) -> str:
    """Return a job's kind in the words of the pages."""
    return step_of_job(kind).job_title


def follow(run: Run) -> None:
    """Show an active run until it ends, then draw the page anew."""

    @st.fragment(run_every=_EVERY, key=f"follow-{run.id}")
    def watch() -> None:
        now = state.workspace().run(run.id)
        if not now.state.active:
            st.rerun()
        show_progress(now)
        _offer_stop(now)

    watch()


def _offer_stop(run: Run, says: str | None = None) -> None:
    st.button(
        "Stop",
        key=f"stop-{run.id}",
        icon=":material/stop_circle:",
        help=says,
        disabled=run.state is RunState.STOPPING,
        on_click=state.workspace().request_stop,
        args=(run.id,),
    )


def show_progress(run: Run) -> None:
    """Draw one line on how far a run is."""
    step = state.workspace().last_step(run.id)
    if run.state is RunState.QUEUED:
        st.progress(0.0, text=f"{words(run.kind)} waits for a free place")
    elif run.state is RunState.STOPPING:
        st.progress(step.share if step else 0.0, text=f"{words(run.kind)} is stopping")
    elif step is None:
        st.progress(0.0, text=f"{words(run.kind)} is starting")
    else:
        left = "" if step.remaining is None else f", about {_clock(step.remaining)} left"
        st.progress(step.share, text=f"{markdown_text(step.text)} · {_clock(step.elapsed)} so far{left}")


def tell_end(project: Project, run: Run | None) -> None:
    """Say how the last run of a kind ended, where it did not end well, and offer the way on."""
    if run is None or run.state in (RunState.FINISHED, RunState.STOPPED) or run.state.active:
        return
    name = words(run.kind)
    if run.state is RunState.INTERRUPTED:
        st.warning(f"{name} was interrupted: its process ended from outside. Nothing that was saved is lost.")
        st.button("Resume", key=f"resume-{run.id}", type="primary", on_click=state.resume, args=(run.id,))
    elif run.error_id:
        st.error(
            f"{name} failed by a fault of the program, not of your data. Number {run.error_id} finds it in the run's log."
        )
        st.button("Try again", key=f"resume-{run.id}", on_click=state.resume, args=(run.id,))
    else:
        st.error(internal_error.say(f"{run.message} {run.hint}"))


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def offer(project: Project, kind: str, label: str) -> None:
    """Show the project's job of this kind while it runs, else how it ended and the button that starts it."""
    run = state.workspace().latest_run(project.id, kind)
    if run is not None and run.state.active:
        follow(run)
        return
    if run is not None and run.recipe == state.workspace().recipe(project.id):
        tell_end(project, run)
    st.button(label, type="primary", key=f"start-{kind}", on_click=state.ask, args=(project, kind))


def follow_training(run: Run) -> None:
    """Show a training until it ends: its progress and a loss chart that grows."""

    @st.fragment(run_every=_EVERY, key=f"training-{run.id}")
    def watch() -> None:
        now = state.workspace().run(run.id)
        if not now.state.active:
            st.rerun()
        with st.container():
            st.caption("Settings that you change now are for the next training; this one keeps its own.")
            show_progress(now)
            _offer_stop(now, "Ends after the batch at hand and keeps the best weights so far.")
        show_losses(now)

    watch()


def offer_training(project: Project, run: Run | None) -> None:
    """Show how the last training ended, the button that starts one, and the losses of the last."""
    # The same boxes in the same order as above: chart and caption stay where they are when a training starts or ends.
    with st.container():
        with st.container():
            tell_end(project, run)
            with st.container(horizontal=True):
                st.button(
                    "Train",
                    type="primary",
                    icon=":material/play_arrow:",
                    key="train",
                    on_click=state.ask,
                    args=(project, "training"),
                )
                _offer_to_go_on(run)
            if run is None:
                st.info(
                    "Nothing was trained yet. Training goes on when you close this page, and you find it here again."
                )
            else:
                st.caption(describe_models.run(run))
        if run is not None:
            show_losses(run)


def _offer_to_go_on(run: Run | None) -> None:
    """Offer to train on from where a training was stopped, unless the test era was opened for it: that would be a second look."""
    if run is None or run.state is not RunState.STOPPED or trained_run.opening_of(run) is not None:
        return
    st.button(
        "Resume",
        icon=":material/resume:",
        key=f"resume-{run.id}",
        help="Trains on from its last epoch, with the settings that it was started with.",
        on_click=state.resume,
        args=(run.id,),
    )


def show_losses(run: Run) -> None:
    """Draw the loss and val_loss of every epoch that a training has told so far."""
    told = state.workspace().metrics(run.id)
    history = losses(told)
    if history:
        best = min(history, key=lambda point: point.val_loss)
        rivals = {name: told.get(name, {}).get(0) for name in ("persistence_val_loss", "mean_val_loss")}
        live_chart.chart(plot_loss(history, best.epoch, placing.theme(), **rivals), f"loss-{run.id}")
        st.caption(
            f"Epoch {history[-1].epoch}: loss {history[-1].loss:.4g}, val_loss {history[-1].val_loss:.4g}. "
            f"Best val_loss {best.val_loss:.4g} at epoch {best.epoch}."
        )


def losses(told: dict[str, dict[int, float | None]]) -> tuple[EpochLoss, ...]:
    """Return one point an epoch; an epoch that was repeated after a resume counts once, as it was last."""
    loss, val_loss = told.get("loss", {}), told.get("val_loss", {})
    return tuple(
        EpochLoss(member=0, epoch=epoch, loss=loss[epoch], val_loss=val_loss[epoch])
        for epoch in sorted(loss.keys() & val_loss.keys())
    )
