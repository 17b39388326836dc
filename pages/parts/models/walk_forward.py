"""Walk-forward on the Results page: the periods and their scores, or the job that runs them."""

import pandas as pd
import streamlit as st

from core.charts.walk_forward import plot_walk_forward
from core.delivery.results import Walked
from core.executor import count_workers
from core.forecast.evaluation.walk_forward import Slice, WalkForward
from core.text.escape import markdown_text
from core.text.format import format_count, format_error, format_estimate, format_percent
from core.workspace.runs import Run, RunState
from pages.parts.frame import state
from pages.parts.frame.context import LoadedContext
from pages.parts.models import job_panel
from pages.parts.widgets import forms, placing

# A fold is fitted on three quarters of the rows on average.
_SHARE_OF_TRAINING = 0.75
_COLUMNS = {
    "gain": "How much lower the LSTM's loss is than that of the naive forecast.",
    "LSTM": "Mean judged loss of the LSTM over all periods.",
    "naive": "Mean judged loss of the naive forecast that is hardest to beat over all periods.",
    "rows": "Number of forecasts.",
}


def show(context: LoadedContext, run: Run, results: Walked) -> None:
    """Show the walk-forward periods of a training, or the job that runs them with the time it will take."""
    st.subheader("Other periods")
    found = results.evaluation.walk_forward
    if found is not None:
        _show_periods(found)
    else:
        _show_job(context, run)
    with st.expander("Walk-forward settings of the next training"):
        forms.edit(context.project, context.recipe, "evaluation", "walk_forward_folds")


def _show_periods(found: WalkForward) -> None:
    placing.summarise(found.sentence)
    placing.chart(plot_walk_forward(found, placing.theme()), "walk-forward")
    for period in found.periods:
        if period.reason:
            st.caption(markdown_text(f"{period.start[:10]} to {period.end[:10]} could not be scored: {period.reason}"))
    _show_slices(found, "Year", found.pooled("year"))
    _show_slices(found, "Volatility", found.pooled("volatility"))


def _show_slices(found: WalkForward, heading: str, slices: tuple[Slice, ...]) -> None:
    """Draw a table of the LSTM's gain on parts of all periods."""
    rows = [
        {
            heading: each.name,
            "gain": format_percent(found.gain(each.losses)),
            "LSTM": format_error(each.losses["lstm"]),
            "naive": format_error(each.losses[found.rival]),
            "rows": f"{each.n:,}",
        }
        for each in slices
    ]
    columns = {name: st.column_config.Column(help=text, alignment="right") for name, text in _COLUMNS.items()}
    placing.table(pd.DataFrame(rows), f"walk-forward-{heading.lower()}", columns)


def _show_job(context: LoadedContext, run: Run) -> None:
    """Show the active job of this training, how the last one ended, or the button that starts one."""
    folds = run.recipe.evaluation.walk_forward_folds
    if not folds:
        st.caption("This training was made without walk-forward folds.")
        return
    if run.state is not RunState.FINISHED:
        st.caption("The training was stopped: finish it before you run walk-forward folds.")
        return
    jobs = state.workspace().runs(run.project_id, kind="folds")
    job = next((each for each in jobs if each.parent == run.id), None)
    if job is not None and job.state.active:
        job_panel.show_running(job)
        return
    job_panel.show_failure(job)
    seconds = _SHARE_OF_TRAINING * run.seconds * folds / count_workers(folds)
    st.markdown(
        f"Cleaning, ranking and network are refitted before each of {format_count(folds, 'earlier period')}, and scored on it. "
        f"It takes about **{format_estimate(seconds)}** and does not open the test era."
    )
    if job is not None and job.state is RunState.STOPPED:
        st.button(
            "Resume walk-forward",
            key=f"resume-{job.id}",
            icon=":material/resume:",
            help="Folds that are finished are not repeated.",
            on_click=state.resume_run,
            args=(job.id,),
        )
    else:
        st.button(
            "Run walk-forward",
            key="run-folds",
            icon=":material/timeline:",
            on_click=state.request_run,
            args=(context.project, "folds", run.id),
        )
