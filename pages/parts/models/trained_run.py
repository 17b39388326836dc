"""The results of a training: choosing a run, its verdict, and opening the sealed test era."""

from pathlib import Path

import pandas as pd
import streamlit as st

from core.delivery.results import Walked, load_predictions, load_walked, walked_at
from core.findings.model import Finding
from core.forecast.evaluation.verdict import Verdict
from core.text.escape import markdown_text
from core.text.format import format_count
from core.workspace.runs import Run, RunState
from pages.parts.frame import state
from pages.parts.frame.context import LoadedContext
from pages.parts.models import describe_models
from pages.parts.upload import describe_data
from pages.parts.widgets import placing

_BOXES = {
    "skill": (st.success, ":material/check_circle:", "Skill"),
    "no_evidence": (st.warning, ":material/balance:", "No evidence"),
    "worse": (st.error, ":material/trending_down:", "Worse"),
    "cannot_judge": (st.info, ":material/help:", "No verdict"),
}
_MOST_SERIES = 200


def choose_training(context: LoadedContext) -> tuple[Run, Walked]:
    """Return the training to show and its results: the latest with the current settings, or the chosen one.

    The verdict counts the trials so far, which may be more than when the files were written. Stops the page if no training has
    finished.
    """
    ended = [
        run
        for run in state.workspace().runs(context.project.id, kind="training")
        if run.state in (RunState.FINISHED, RunState.STOPPED) and walked_at(run.folder) is not None
    ]
    if not ended:
        running = state.workspace().runs(context.project.id, kind="training", active=True)
        st.info(f"No finished training yet. {'One is running.' if running else 'Train the network first.'}")
        st.page_link("training.py", label="Go to Training", query_params={"project": context.project.id})
        st.stop()
    ended.sort(key=lambda run: run.recipe != context.recipe)
    run = ended[0]
    if len(ended) > 1:
        run = st.selectbox("Training", ended, format_func=_label, key="training-run")
    if run.recipe != context.recipe:
        st.caption("The project's settings have changed since this training.")
    written = _load_walked(str(run.folder), walked_at(run.folder))
    results = written.recount(state.count_trials(context.project, run.fingerprint))
    if results.evaluation.trials != written.evaluation.trials:
        _show_recount(context, run, written)
    return run, results


def _show_recount(context: LoadedContext, run: Run, written: Walked) -> None:
    """Show that trials have been added since the files of a training were written, with the button that updates them."""
    evaluation = written.evaluation
    if evaluation.test is None:
        st.caption("The files of this training were written before the latest trials and openings.")
        return
    judged = format_count(evaluation.trials.judged_on_test or 0, "trial")
    st.caption(f"The files of this training count {judged}; this page counts all so far.")
    st.button(
        "Update files",
        key="update-files",
        icon=":material/sync:",
        help="Writes the report, the bundle and the scores anew. It shows nothing new, so it is not counted.",
        on_click=state.request_run,
        args=(context.project, "opening", run.id),
    )


def training_findings(run: Run) -> tuple[Finding, ...]:
    """Return the findings of a training; none if it left no results."""
    written = walked_at(run.folder)
    return () if written is None else _load_walked(str(run.folder), written).training.findings


# The time of writing is part of the key: opening the test era rewrites the results.
@st.cache_resource(max_entries=16, show_spinner=False)
def _load_walked(folder: str, written: int | None) -> Walked:
    return load_walked(Path(folder))


def predictions(run: Run) -> pd.DataFrame:
    """Return the predictions of the eras that are open, one row per origin."""
    return _load_predictions(str(run.folder), walked_at(run.folder))


@st.cache_resource(max_entries=8, show_spinner=False)
def _load_predictions(folder: str, written: int | None) -> pd.DataFrame:
    return load_predictions(Path(folder))


def choose_series(frame: pd.DataFrame) -> str | None:
    """Return the series to draw, or None if there is only one."""
    if "series" not in frame.columns:
        return None
    return st.selectbox("Series", sorted(frame["series"].unique())[:_MOST_SERIES], key="drawn-series")


def show_verdict(verdict: Verdict) -> None:
    """Show the verdict in a box."""
    box, icon, title = _BOXES[verdict.level]
    box(f"**{title}.** {markdown_text(verdict.sentence)}", icon=icon)


def latest_opening(run: Run) -> Run | None:
    """Return the latest job that opened the test era for this training, or None."""
    openings = state.workspace().runs(run.project_id, kind="opening")
    return next((opening for opening in openings if opening.parent == run.id), None)


def show_open_test(context: LoadedContext, run: Run) -> None:
    """Draw the button that scores a training on the test era, with the number of openings so far."""
    trials = state.count_trials(context.project, run.fingerprint)
    st.markdown(
        f"{describe_models.opening_text(trials)}{describe_data.short_test_warning(context.quality.eras)}",
    )
    st.button(
        "Score on test era" if trials.is_open else "Open test era",
        key="open-test",
        icon=":material/lock_open:",
        on_click=state.request_run,
        args=(context.project, "opening", run.id),
    )


def _label(run: Run) -> str:
    network = f"{run.recipe.training.cell.upper()} {', '.join(str(units) for units in run.recipe.training.units)}"
    # The id makes the label unique: the select box identifies options by their labels.
    return f"{placing.local_time(run.created)} · {network} · {run.state.value} · {run.id[:6]}"
