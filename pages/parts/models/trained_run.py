"""What a training left behind: choosing one, its verdict, and the sealed test era."""

from pathlib import Path

import pandas as pd
import streamlit as st

from core.delivery.results import Walked, load_predictions, load_walked, walked_at
from core.findings.model import Finding
from core.forecast.evaluation.verdict import Verdict
from core.text.escape import markdown_text
from core.workspace.runs import Run, RunState
from pages.parts.frame import state
from pages.parts.frame.context import PageContext
from pages.parts.upload import describe_data

_LOOK = {
    "skill": (st.success, ":material/check_circle:", "Skill"),
    "no_evidence": (st.warning, ":material/balance:", "No evidence"),
    "worse": (st.error, ":material/trending_down:", "Worse"),
    "cannot_judge": (st.info, ":material/help:", "No verdict"),
}


def choose(context: PageContext) -> tuple[Run, Walked]:
    """Return the training to look at: the latest of the present settings, or the one chosen; stops the page without one."""
    ended = [
        run
        for run in state.workspace().runs(context.project.id, kind="training")
        if run.state in (RunState.FINISHED, RunState.STOPPED) and walked_at(run.folder)
    ]
    if not ended:
        busy = state.workspace().runs(context.project.id, kind="training", active=True)
        st.info(f"No training has ended yet. {'One is at work.' if busy else 'Train the network first.'}")
        st.page_link("training.py", label="Go to Training", query_params={"project": context.project.id})
        st.stop()
    ended.sort(key=lambda run: run.recipe != context.recipe)
    run = ended[0]
    if len(ended) > 1:
        run = st.selectbox("Training", ended, format_func=_name, key="training-run")
    if run.recipe != context.recipe:
        st.caption("This training was made with other settings than those of the project now.")
    return run, walked(run)


def walked(run: Run) -> Walked:
    """Return what a training left behind."""
    return _walked(str(run.folder), walked_at(run.folder))


def training_findings(run: Run) -> tuple[Finding, ...]:
    """Return what the losses of an ended training tell, and what its rows and features lacked; none where it left nothing."""
    return walked(run).training.findings if walked_at(run.folder) else ()


# The stamp is part of the key: an opening of the test era writes the results anew.
@st.cache_resource(max_entries=16, show_spinner=False)
def _walked(folder: str, stamp: int) -> Walked:
    return load_walked(Path(folder))


def predictions(run: Run) -> pd.DataFrame:
    """Return the predictions of the eras that are open."""
    return _predictions(str(run.folder), walked_at(run.folder))


@st.cache_resource(max_entries=8, show_spinner=False)
def _predictions(folder: str, stamp: int) -> pd.DataFrame:
    return load_predictions(Path(folder))


def choose_series(frame: pd.DataFrame) -> str | None:
    """Return the series to draw, where there are several."""
    if "series" not in frame.columns:
        return None
    return st.selectbox("Series", sorted(frame["series"].unique())[:200], key="drawn-series")


def show_verdict(verdict: Verdict) -> None:
    """Say the verdict before any chart."""
    box, icon, title = _LOOK[verdict.level]
    box(f"**{title}.** {markdown_text(verdict.sentence)}", icon=icon)


def opening_of(run: Run) -> Run | None:
    """Return the latest opening of the test era for this training, or None."""
    openings = state.workspace().runs(run.project_id, kind="opening")
    return next((opening for opening in openings if opening.parent == run.id), None)


def offer_opening(context: PageContext, run: Run) -> None:
    """Offer to open the sealed test era; each opening is counted."""
    count = state.workspace().openings(context.project.id)
    st.markdown(
        "The test era is sealed: nothing has been learned or chosen by it. Choose by the validation era, then open it. "
        f"Openings in this project so far: **{count}**; each is counted and reported, since every look makes the next one "
        f"worth less.{describe_data.too_short(context.quality.eras)}"
    )
    st.button(
        "Open the test era",
        key="open-test",
        icon=":material/lock_open:",
        on_click=state.ask,
        args=(context.project, "opening", run.id),
    )


def _name(run: Run) -> str:
    shape = f"{run.recipe.training.cell.upper()} {', '.join(str(units) for units in run.recipe.training.units)}"
    # The select box tells options apart by their words alone.
    return f"{run.created:%Y-%m-%d %H:%M:%S} · {shape} · {run.state.value} · {run.id[:6]}"
