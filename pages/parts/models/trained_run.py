"""The results of a training: choosing a run, its verdict, and opening the sealed test era."""

from pathlib import Path

import pandas as pd
import streamlit as st

from core.delivery.results import Walked, load_predictions, load_walked, walked_at
from core.delivery.volatility_text import errors_text
from core.findings.model import Finding
from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.evidence import list_evidence
from core.forecast.evaluation.guide_check import check_guide
from core.forecast.evaluation.verdict import find_outlook, title_verdict
from core.forecast.evaluation.verdict_findings import check_flatness
from core.quality.forecastability.checks import check_question
from core.text.escape import markdown_text
from core.text.format import format_count
from core.workspace.runs import Run, RunState
from pages.parts.frame import state
from pages.parts.frame.context import LoadedContext
from pages.parts.models import describe_models
from pages.parts.upload import describe_data

_BOXES = {
    "skill": (st.success, ":material/check_circle:"),
    "no_evidence": (st.warning, ":material/balance:"),
    "worse": (st.error, ":material/trending_down:"),
    "cannot_judge": (st.info, ":material/help:"),
}
_MARKS = {
    True: ":green-badge[:material/check: passed]",
    False: ":orange-badge[:material/close: failed]",
    None: ":gray-badge[:material/question_mark: not known]",
}


def choose_training(context: LoadedContext) -> tuple[Run, Walked]:
    """Return the selected training and its results: by default the latest with the current settings.

    The verdict counts the trials so far, which may be more than when the files were written. Stops the page if no training has
    finished.
    """
    trainings = state.workspace().runs(context.project.id, kind="training")
    ended = [run for run in trainings if has_results(run)]
    if not ended:
        running = state.workspace().runs(context.project.id, kind="training", active=True)
        st.info(f"No finished training yet. {'One is running.' if running else 'Train the network first.'}")
        st.page_link("training.py", label="Go to Training", query_params={"project": context.project.id})
        st.stop()
    ended.sort(key=lambda run: run.recipe != context.recipe)
    selected = state.selected_run()
    run = next((run for run in ended if run.id == selected), ended[0])
    st.caption(describe_models.run_title(run, trainings, context.recipe))
    return run, load_results(run).recount(state.count_trials(context.project, run.fingerprint))


def has_training(context: LoadedContext) -> bool:
    """Return whether a training of the project has ended and left results."""
    return any(has_results(run) for run in state.workspace().runs(context.project.id, kind="training"))


def has_results(run: Run) -> bool:
    """Return whether a training has ended and left results."""
    return run.state in (RunState.FINISHED, RunState.STOPPED) and walked_at(run.folder) is not None


def load_results(run: Run) -> Walked:
    """Return the results of a training as they were written; raises `WorkspaceError` if they cannot be read."""
    return _load_walked(str(run.folder), walked_at(run.folder))


def show_recount(context: LoadedContext, run: Run, results: Walked) -> None:
    """Show if trials were added since the files of a training were written, with the button that updates them."""
    evaluation = load_results(run).evaluation
    if evaluation.trials == results.evaluation.trials:
        return
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


def expected_findings(context: LoadedContext) -> tuple[Finding, ...]:
    """Return a finding if the map of predictability has no answer to the question of the recipe."""
    target = context.quality.target
    if target is None:
        return ()
    training = context.recipe.training
    found = check_question(context.quality.forecastability, target, training.horizon, training.predict)
    return (found,) if found else ()


def show_errors_in_units(run: Run) -> None:
    """Show how far the last training's forecasts of a volatility are off, in percent per row and a year."""
    text = errors_text(load_results(run).evaluation) if has_results(run) else ""
    if text:
        st.caption(markdown_text(text))


def training_findings(run: Run) -> tuple[Finding, ...]:
    """Return the findings of a training, and whether its predictions hardly vary; none if it left no results."""
    if walked_at(run.folder) is None:
        return ()
    results = load_results(run)
    flat = check_flatness(results.evaluation, has_skill=results.verdict.level == "skill")
    return (*results.training.findings, *([] if flat is None else [flat]))


def show_ending(run: Run) -> None:
    """Show why the networks of a training ended, if it left results."""
    if has_results(run):
        st.caption(markdown_text(load_results(run).training.ended))


# The time of writing is part of the key: opening the test era rewrites the results.
@st.cache_resource(max_entries=64, show_spinner=False)
def _load_walked(folder: str, written: int | None) -> Walked:
    return load_walked(Path(folder))


def predictions(run: Run) -> pd.DataFrame:
    """Return the predictions of the eras that are open, one row per origin."""
    return _load_predictions(str(run.folder), walked_at(run.folder))


@st.cache_resource(max_entries=8, show_spinner=False)
def _load_predictions(folder: str, written: int | None) -> pd.DataFrame:
    return load_predictions(Path(folder))


def show_verdict(results: Walked) -> None:
    """Show the verdict, or the outlook on validation while the test era is sealed, in large letters, and its sentence."""
    box, icon = _BOXES[find_outlook(results.evaluation)]
    if results.evaluation.test is None:
        box = st.info
    box(f"## {icon} {title_verdict(results.evaluation)}\n{markdown_text(results.verdict.sentence)}")


def show_evidence(evaluation: Evaluation) -> None:
    """List the checks behind the verdict with their numbers."""
    found = list_evidence(evaluation)
    if not found:
        return
    scores, era = evaluation.judged
    st.subheader(f"Evidence on {scores['lstm'].n:,} {era} rows")
    with st.container(key="evidence", gap="xsmall"):
        for check in found:
            left, right = st.columns([1, 2])
            left.markdown(f"**{markdown_text(check.name)}**")
            right.markdown(f"{_MARKS[check.passed]} {markdown_text(check.sentence)}")


def show_guide(evaluation: Evaluation) -> None:
    """Show what the map of predictability recommended, and how that fared."""
    checked = check_guide(evaluation)
    if evaluation.guide is not None and checked is not None:
        st.markdown(f"**Guide.** {markdown_text(evaluation.guide.text)} {markdown_text(checked.sentence)}")


def show_lstm_adds(evaluation: Evaluation) -> None:
    """Show in a sentence what memory and non-linearity add, with how it was measured."""
    adds = evaluation.lstm_adds
    if adds is None:
        return
    st.subheader("What the LSTM adds", help=describe_models.LSTM_ADDS)
    st.markdown(markdown_text(adds.sentence))
    st.caption(f"On {adds.n:,} {adds.era} rows.")


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
