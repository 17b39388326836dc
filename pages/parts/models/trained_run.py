"""The results of a training: choosing a run, its verdict, and opening the sealed test era."""

from pathlib import Path

import pandas as pd
import streamlit as st

from core.delivery.results import Walked, load_predictions, load_walked, walked_at
from core.findings.model import Finding
from core.forecast.evaluation.verdict import Verdict
from core.quality.forecastability.checks import check_question
from core.text.escape import markdown_text
from core.workspace.runs import Run, RunState
from pages.parts.frame import state
from pages.parts.frame.context import LoadedContext
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

    Stops the page if no training has finished.
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
    return run, _load_walked(str(run.folder), walked_at(run.folder))


def expected_findings(context: LoadedContext) -> tuple[Finding, ...]:
    """Return a finding if the map of predictability has no answer to the question of the recipe."""
    target = context.quality.target
    found = target and check_question(context.quality.forecastability, target, context.recipe.training.horizon)
    return (found,) if found else ()


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
    """Draw the button that opens the sealed test era, with the number of openings so far."""
    count = state.workspace().openings(context.project.id)
    st.markdown(
        "The test era is sealed: nothing has been fitted or selected on it. Choose a model on the validation era first. "
        "Each opening is logged in the report, because every look weakens the test. "
        f"Openings in this project so far: **{count}**.{describe_data.short_test_warning(context.quality.eras)}"
    )
    st.button(
        "Open test era",
        key="open-test",
        icon=":material/lock_open:",
        on_click=state.request_run,
        args=(context.project, "opening", run.id),
    )


def _label(run: Run) -> str:
    network = f"{run.recipe.training.cell.upper()} {', '.join(str(units) for units in run.recipe.training.units)}"
    # The id makes the label unique: the select box identifies options by their labels.
    return f"{placing.local_time(run.created)} · {network} · {run.state.value} · {run.id[:6]}"
