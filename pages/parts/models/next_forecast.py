"""The next forecast on Results: its value, change, interval and date, the last rows before it, and a table to copy."""

from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from core.charts.next_forecast import plot_next_forecast
from core.delivery.next_forecast import NextForecast, is_relative
from core.delivery.results import Walked, load_ahead, walked_at
from core.delivery.tables import csv_text
from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.units import Unit, units_of
from core.forecast.evaluation.verdict import title_verdict
from core.text.escape import markdown_text
from core.text.format import ABSENT, format_count, format_error, format_number, format_percent, format_time
from core.workspace.runs import Run
from pages.parts.frame import sealed_era
from pages.parts.frame.context import LoadedContext
from pages.parts.widgets import placing

_FEW_ROWS = 8


def show(context: LoadedContext, run: Run, results: Walked) -> None:
    """Draw the forecast beyond the last row of a training, if it left one."""
    ahead = _load_ahead(str(run.folder), walked_at(run.folder))
    if ahead is None or ahead.table.empty:
        return
    evaluation, is_counted = results.evaluation, context.dataset.is_counted
    unit = units_of(evaluation)[-1]
    with st.container(key="next-forecast", gap="small"):
        st.subheader("Next forecast")
        row = _choose_row(ahead.table)
        _show_numbers(row, evaluation, unit, run.recipe.evaluation.coverage, is_counted)
        verdict = title_verdict(evaluation).lower()
        made = (
            f"Made from the rows up to {_time_text(row['origin'], is_counted)} {_network_text(results)} "
            f"Verdict on this model: {verdict}."
        )
        if context.sealed_columns:
            st.caption(
                f"{markdown_text(made)} The rows before the forecast are in the sealed test era: their chart is hidden."
            )
            sealed_era.show_switch(context)
        else:
            st.caption(markdown_text(made))
            _show_recent(ahead, row, evaluation, unit)
        with st.expander("Table to copy"):
            table = forecast_table(ahead.table, evaluation, unit, is_counted=is_counted)
            placing.table(table, "next-forecast-table")
            st.code(csv_text(ahead.table), language=None, height="content" if len(table) <= _FEW_ROWS else 200)


@st.cache_resource(max_entries=16, show_spinner=False)
def _load_ahead(folder: str, written: int | None) -> NextForecast | None:
    return load_ahead(Path(folder))


def _choose_row(table: pd.DataFrame) -> pd.Series:
    if "series" not in table:
        return table.iloc[0]
    series = st.selectbox("Series", sorted(table["series"]), key="next-series")
    return table[table["series"] == series].iloc[0]


def _show_numbers(row: pd.Series, evaluation: Evaluation, unit: Unit, coverage: float, is_counted: bool) -> None:
    """Draw the forecast with its change, its interval and its date."""
    band = "confidence band" if evaluation.task.is_direction else "prediction interval"
    name = _series_name(row, evaluation.task.quantity)
    forecast, interval, date = st.columns([3, 3, 2])
    forecast.metric(
        markdown_text(name),
        level_text(row["forecast"], evaluation, unit),
        None if np.isnan(row["change"]) else f"{change_text(row['change'], evaluation, unit)} from the last value",
        delta_color="off",
    )
    if np.isfinite(row["lower"]):
        ends = (level_text(row[end], evaluation, unit) for end in ("lower", "upper"))
        interval.metric(f"{format_percent(coverage)} {band}", " to ".join(ends))
    else:
        interval.metric("Interval", ABSENT, help="Too few validation rows to calibrate an interval.")
    ahead = evaluation.task.horizon
    date.metric(
        f"{format_count(ahead, 'row')} ahead",
        _time_text(row["time"], is_counted),
        help="On the market's own calendar, as learned from the file. Holidays are not known.",
    )


def _network_text(results: Walked) -> str:
    if results.refit is None:
        return "by the network trained on the train era."
    return (
        f"by the network refitted on train and validation up to {format_time(results.refit.until)}, which was not evaluated. The "
        "verdict is about the network trained on the train era alone."
    )


def _series_name(row: pd.Series, quantity: str) -> str:
    return f"{quantity} of {row['series']}" if "series" in row else quantity


def _show_recent(ahead: NextForecast, row: pd.Series, evaluation: Evaluation, unit: Unit) -> None:
    recent = ahead.recent
    if "series" in row:
        recent = recent[recent["series"] == row["series"]]
    task, theme = evaluation.task, placing.theme()
    if task.is_direction:
        figure = plot_next_forecast(recent, None, _series_name(row, task.target), theme)
    else:
        figure = plot_next_forecast(recent, row, _series_name(row, task.quantity), theme, unit)
    placing.chart(figure, "next-forecast-chart")


def forecast_table(table: pd.DataFrame, evaluation: Evaluation, unit: Unit, *, is_counted: bool) -> pd.DataFrame:
    """Return the next forecasts as texts, one row a series."""
    names = {"series": list(map(str, table["series"]))} if "series" in table else {}
    levels = {
        name: [level_text(level, evaluation, unit) for level in table[name]]
        for name in ("last", "forecast", "lower", "upper")
        if table[name].notna().any()
    }
    changes = {}
    if table["change"].notna().any():
        changes = {"change": [change_text(change, evaluation, unit) for change in table["change"]]}
    times = {name: [_time_text(time, is_counted) for time in table[name]] for name in ("time", "origin")}
    return pd.DataFrame(names | {"time": times["time"]} | levels | changes | {"made from rows up to": times["origin"]})


def level_text(level: float, evaluation: Evaluation, unit: Unit) -> str:
    """Return a level: a probability and a volatility in percent, a price with the digits of a price."""
    if evaluation.task.is_direction:
        return format_percent(level)
    if evaluation.volatility is not None:
        return unit.text(level)
    if not np.isfinite(level):
        return ABSENT
    size = abs(level)
    return f"{level:,.2f}" if size >= 100 else format_error(level) if size else "0"


def change_text(change: float, evaluation: Evaluation, unit: Unit) -> str:
    """Return a change with its sign: in percent if it is relative, else in the target's unit."""
    if not np.isfinite(change):
        return ABSENT
    sign = "+" if change > 0 else "−" if change < 0 else ""
    if is_relative(evaluation.task):
        return f"{sign}{format_percent(abs(change))}"
    return f"{sign}{format_number(abs(unit.factor * change))}"


def _time_text(time: pd.Timestamp, is_counted: bool) -> str:
    if pd.isna(time):
        return "next row"
    if is_counted:
        return f"row {int(time.timestamp()):,}"
    return format_time(np.datetime64(time))
