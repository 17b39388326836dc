"""Scoring new rows on the Export page: the project's newest file in one click, or another file, with this model or a bundle."""

import math
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core.charts.scoring import plot_scored
from core.delivery.download_name import download_name
from core.delivery.scoring_job import CSV_FILE, Scoring, load_scored, load_scoring
from core.errors.model import PlumblineError, WorkspaceError
from core.forecast.evaluation.units import Unit
from core.text.escape import markdown_text
from core.text.format import format_count, format_percent, format_time
from core.workspace.files import FILE_TYPES, copy_whole
from core.workspace.runs import Run, RunState
from core.workspace.scorings import Offered, start_scoring
from pages.parts.frame import error_messages, state
from pages.parts.frame.context import LoadedContext
from pages.parts.frame.findings import show_findings
from pages.parts.models import job_panel
from pages.parts.server import login
from pages.parts.widgets import placing

_DATA, _BUNDLE = "score-data", "score-bundle"
_MOST_ROWS = 5000


def show(context: LoadedContext, training: Run | None) -> None:
    """Draw the buttons that score rows, the job at work, and what the last one gave.

    Parameters
    ----------
    context
        The project and its file.
    training
        The training whose model scores; None if there is none, so a bundle must be uploaded.
    """
    st.header("Score new rows")
    last = state.workspace().latest_run(context.project.id, "scoring")
    if last is not None and last.state.active:
        job_panel.show_running(last)
    else:
        job_panel.show_failure(last)
        if training is not None:
            _show_own_file(context, training)
        _show_other_file(context, training)
    finished = [
        run for run in state.workspace().runs(context.project.id, kind="scoring") if run.state is RunState.FINISHED
    ]
    if finished:
        _show_result(context, finished[0])


def _show_own_file(context: LoadedContext, training: Run) -> None:
    is_new = context.source.fingerprint != training.fingerprint
    st.button(
        "Score newest file",
        key="score-newest",
        type="primary",
        icon=":material/play_arrow:",
        help="Uses this training's model. Replace the file on Upload to score a later one.",
        on_click=_start,
        args=(context, training.id),
    )
    name = markdown_text(context.source.name)
    st.caption(
        f"{name} is newer than the training: its new rows are scored."
        if is_new
        else f"{name} is the file of the training: the forecast beyond its last row is new."
    )


def _show_other_file(context: LoadedContext, training: Run | None) -> None:
    with st.expander("Score another file", expanded=training is None):
        data = st.file_uploader("New rows, up to 200 MB", key=_DATA, type=FILE_TYPES)
        bundle = st.file_uploader(
            "Bundle of another project" + ("" if training is None else " (optional)"),
            key=_BUNDLE,
            type="zip",
            help="A bundle.zip that Plumbline wrote. Nothing in it is run.",
        )
        st.button(
            "Score file",
            key="score-file",
            disabled=data is None or (training is None and bundle is None),
            on_click=_start,
            args=(context, None if training is None else training.id, _offer(data), _offer(bundle)),
        )


def _offer(upload: Any) -> Offered | None:
    return None if upload is None else Offered(name=upload.name, copy_to=partial(copy_whole, upload))


def _start(
    context: LoadedContext, training: str | None, data: Offered | None = None, bundle: Offered | None = None
) -> None:
    """Start the job; the next run of the page shows why it was refused."""
    try:
        start_scoring(state.workspace(), context.project.id, training, data, bundle)
        state.launch()
    except WorkspaceError as error:
        state.set_pending_error(error)


def _show_result(context: LoadedContext, run: Run) -> None:
    try:
        result = load_scoring(run.folder)
    except PlumblineError as error:
        st.error(error_messages.error_text(error))
        return
    st.markdown(f"**{markdown_text(summary(result))}**")
    model = f"the bundle {result.bundle_name}" if result.bundle_name else "this project's model"
    st.caption(
        markdown_text(
            f"Scored {placing.local_time(run.created)} with {model} of {format_time(result.made[:19])}, trained on data to "
            f"{format_time(result.trained_until)}."
        )
    )
    show_findings(context, result.findings, key=f"scored-{run.id[:8]}", counted=True)
    if not result.rows:
        return
    table = _load(str(run.folder))
    series = _choose_series(table)
    unit = _choose_unit(result)
    task = result.task
    figure = plot_scored(table, task.quantity, series, placing.theme(), unit=unit, is_probability=task.is_direction)
    placing.chart(figure, "scored")
    shown = table if series is None else table[table["series"].astype(str) == series]
    if len(shown) > _MOST_ROWS:
        st.caption(f"The latest {_MOST_ROWS:,} of {len(shown):,} rows; the CSV has all.")
    placing.table(_style(shown.iloc[::-1].head(_MOST_ROWS), result, unit), "scored-table", exact=True)
    st.download_button(
        "Download scored rows",
        data=(run.folder / CSV_FILE).read_bytes,
        file_name=download_name(result.data_name, run.created.date().isoformat(), "scored", "csv"),
        mime=login.for_user("text/csv"),
        key="download-scored",
        on_click="ignore",
        icon=":material/download:",
        help="All rows, in the target's own unit."
        if task.predict != "volatility"
        else "All rows, as fractions per row.",
    )


def summary(result: Scoring) -> str:
    """Return what was scored, in a sentence."""
    name = result.data_name or "The file"
    if not result.rows:
        return f"{name}: no predictions, since columns of the model are missing."
    if not result.new:
        return f"{name}: {format_count(result.rows, 'prediction')}, all of them within the data of training."
    return f"{name}: {format_count(result.rows, 'prediction')}, {result.new:,} of them after the data of training."


@st.cache_resource(max_entries=8, show_spinner=False)
def _load(folder: str) -> pd.DataFrame:
    return load_scored(Path(folder))


def _choose_series(table: pd.DataFrame) -> str | None:
    if "series" not in table:
        return None
    names = list(dict.fromkeys(table["series"].astype(str)))
    chosen: str = st.selectbox("Series", names, key="scored-series")
    return chosen


def _choose_unit(result: Scoring) -> Unit:
    units = result.units
    if len(units) == 1:
        return units[0]
    name = st.segmented_control(
        "Unit", [unit.name for unit in units], default=units[0].name, key="scored-unit", required=True
    )
    return next(unit for unit in units if unit.name == name)


def _style(table: pd.DataFrame, result: Scoring, unit: Unit) -> pd.DataFrame:
    """Return the table as it is shown: times as text, levels in the unit, probabilities in percent."""
    shown = table.drop(columns="horizon").copy()
    for name in ("origin", "time"):
        shown[name] = [None if pd.isna(time) else format_time(time.to_datetime64()) for time in shown[name]]
    for name in ("lstm", "lower", "upper"):
        if result.task.is_direction:
            shown[name] = [None if pd.isna(value) else format_percent(value) for value in shown[name]]
        else:
            shown[name] = _six_digits(unit.factor * shown[name])
    if not result.task.is_direction:
        shown["actual"] = _six_digits(unit.factor * shown["actual"])
    else:
        shown["actual"] = shown["actual"].map({0.0: "no", 1.0: "yes"})
    heading = {name: unit.heading(name) for name in ("lstm", "lower", "upper", "actual")} if unit.name else {}
    return shown.rename(columns=heading)


def _six_digits(levels: pd.Series) -> pd.Series:
    """Return levels to six significant digits of the largest."""
    size = levels.abs().max()
    return levels.round(int(max(0, 5 - math.floor(math.log10(size)))) if size > 0 else 6)
