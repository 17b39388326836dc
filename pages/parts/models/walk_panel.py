"""The express lane: every step as one job, ticked off while it runs, which ends on the verdict."""

from collections.abc import Iterator

import streamlit as st

from core.delivery.results import WORK
from core.forecast.network.training_cache import is_trained
from core.steps import STEPS, Step
from core.workspace.runs import Run, RunState
from pages.parts.frame import state
from pages.parts.frame.context import LoadedContext
from pages.parts.models import job_panel, trained_run

_POLL_SECONDS = 1.0
# Their results are not kept in the cache of steps: they are files of the run.
_OF_RUN = ("training", "results", "export")


def show(context: LoadedContext) -> None:
    """Draw the button that runs every step with the current settings; while they run, the steps that are done."""
    run = state.workspace().latest_run(context.project.id, "training")
    if run is not None and run.state.active:
        _show_running(context, run)
        return
    if run is not None and state.ends_on_verdict(run.id) and trained_run.has_results(run):
        st.switch_page("results.py", query_params={"project": context.project.id})
    is_current = run is not None and run.recipe == context.recipe
    if is_current:
        job_panel.show_failure(run)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Run everything",
            key="run-everything",
            type="primary",
            icon=":material/play_arrow:",
            help="Cleans with the current settings, regresses, ranks, trains and evaluates. Every step can be changed afterwards. "
            "The test era stays sealed.",
            on_click=state.request_walk,
            args=(context.project,),
        )
        if is_current and run is not None and run.state is RunState.FINISHED:
            st.page_link("results.py", label="See the verdict", query_params={"project": context.project.id})
        else:
            st.caption("All steps with the current settings, up to the verdict. Or take one step at a time.")


def _show_running(context: LoadedContext, run: Run) -> None:
    """Show the steps of an active run until it ends, then rerun the page."""

    @st.fragment(run_every=_POLL_SECONDS, key=f"walk-{run.id}")
    def poll() -> None:
        current = state.find_run(run.id)
        if current is None or not current.state.active:
            st.rerun()
        _show_steps(context, current)
        job_panel.show_progress(current)
        job_panel.show_stop(current, "What is done is kept.")

    poll()


def _show_steps(context: LoadedContext, run: Run) -> None:
    """Draw a row of steps: done, under way, and still to do."""
    with st.container(horizontal=True, gap="small", key="walk-steps"):
        is_next = True
        for step, done in _done_steps(context, run):
            mark = ":green[:material/check_circle:]" if done else ":material/radio_button_unchecked:"
            if not done and is_next:
                mark, is_next = ":blue[:material/pending:]", False
            st.markdown(f"{mark} {step.title}", width="content")


def _done_steps(context: LoadedContext, run: Run) -> Iterator[tuple[Step, bool]]:
    """Yield the steps of a walk and whether each is done; one is not done before the one ahead of it."""
    done = True
    for step in STEPS:
        if step.key is not None and step.job is not None:
            # Results are cached under the name of their job.
            done = done and context.work.cache.has(step.job, step.key(context.work.under(run.recipe)))
        elif step.name in _OF_RUN:
            done = done and step.name == "training" and is_trained(run.folder / WORK)
        yield step, done
