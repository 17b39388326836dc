"""All trainings of a project side by side: losses, settings that differ, own names; a click selects one."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from core.delivery.results import Walked
from core.errors.model import PlumblineError
from core.io.fingerprint import fingerprint_of
from core.recipe.diff import differing_settings
from core.text.format import ABSENT, format_error
from core.workspace.runs import Run
from pages.parts.frame import state
from pages.parts.frame.context import LoadedContext
from pages.parts.models import describe_models, run_controls, trained_run
from pages.parts.widgets import placing

# A tint under cells that differ from the selected training, readable in both themes.
_DIFFERENT = "background-color: rgba(0, 114, 178, 0.18)"
_NUMBERS = {
    "validation loss": "Mean judged loss of the LSTM on the validation era, which chose the epoch.",
    "test loss": "Mean judged loss of the LSTM on the test era, if it was opened for this training.",
    "best epoch": "The epoch whose weights are kept.",
    "features": "Number of features that enter the network.",
}


def show(context: LoadedContext, selected: Run) -> None:
    """Draw the table of all trainings, best validation loss first, and the name and note of the selected one."""
    trainings = state.workspace().runs(context.project.id, kind="training")
    st.subheader("Trainings")
    if len(trainings) > 1:
        st.caption("Select a row to show its results. Tinted settings differ from those of the selected training.")
    ranked = sorted(((run, _results_of(run)) for run in trainings), key=_rank)
    runs = [run for run, _ in ranked]
    place = next(place for place, run in enumerate(runs) if run.id == selected.id)
    key = f"leaderboard-{fingerprint_of([run.id for run in runs])}"
    columns = {
        heading: st.column_config.Column(help=meaning, alignment="right") for heading, meaning in _NUMBERS.items()
    }
    st.dataframe(
        _style(leaderboard_table(ranked, trainings), place),
        key=key,
        hide_index=True,
        column_config=columns | {"training": st.column_config.TextColumn(pinned=True)},
        on_select=lambda: _select(key, runs),
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [place]}},
        placeholder=ABSENT,
        alt=f"{len(runs):,} trainings, best validation loss first.",
    )
    name = describe_models.run_name(selected, trainings)
    _edit_label(selected, name)
    with st.container(horizontal=True):
        run_controls.offer_settings(context.project, selected, name, context.recipe)
        run_controls.offer_deletion(selected, name)


def leaderboard_table(ranked: Sequence[tuple[Run, Walked | None]], trainings: Sequence[Run]) -> pd.DataFrame:
    """Return one row per training: losses, best epoch, features, the settings that differ, state, start and note."""
    different = differing_settings([run.recipe for run, _ in ranked])
    return pd.DataFrame(
        [
            {
                "training": describe_models.run_name(run, trainings),
                "validation loss": _loss(found, "validation"),
                "test loss": _loss(found, "test"),
                "best epoch": "" if found is None else ", ".join(map(str, found.training.best_epochs)),
                "features": None if found is None else len(found.chosen),
                **{title: values[place] for title, values in different.items()},
                "state": run.state.value,
                "started": placing.local_time(run.created),
                "note": run.note,
            }
            for place, (run, found) in enumerate(ranked)
        ]
    )


def _style(table: pd.DataFrame, selected: int) -> Styler:
    fixed = {"training", *_NUMBERS, "state", "started", "note"}
    settings = [name for name in table.columns if name not in fixed]

    def tint(column: pd.Series) -> list[str]:
        return [_DIFFERENT if value != column.iloc[selected] else "" for value in column]

    formats = {"validation loss": format_error, "test loss": format_error, "features": "{:.0f}"}
    return table.style.apply(tint, subset=settings).format(formats, na_rep=ABSENT)


def _results_of(run: Run) -> Walked | None:
    """Return the results of a training, or None if it left none that this version can read."""
    try:
        return trained_run.load_results(run) if trained_run.has_results(run) else None
    except PlumblineError:
        return None


def _rank(entry: tuple[Run, Walked | None]) -> float:
    loss = _loss(entry[1], "validation")
    return float("inf") if loss is None else loss


def _loss(found: Walked | None, era: str) -> float | None:
    if found is None:
        return None
    scores = (found.evaluation.test if era == "test" else found.evaluation.validation) or {}
    return scores["lstm"].mean_loss if "lstm" in scores else None


def _select(key: str, runs: Sequence[Run]) -> None:
    rows = state.widget_value(key).selection.rows
    if rows and rows[0] < len(runs) and trained_run.has_results(runs[rows[0]]):
        state.select_run(runs[rows[0]].id)


def _edit_label(run: Run, shown: str) -> None:
    """Draw the boxes for the user's own name and note of a training."""
    left, right = st.columns([1, 2])
    name, note = f"name-{run.id}", f"note-{run.id}"
    left.text_input(
        "Name",
        run.name,
        key=name,
        placeholder=shown,
        max_chars=60,
        on_change=state.label_run,
        args=(run.id, name, note),
    )
    right.text_input(
        "Note",
        run.note,
        key=note,
        placeholder="What is special about this training?",
        max_chars=500,
        on_change=state.label_run,
        args=(run.id, name, note),
    )
