"""The forecasts of an era over time, with a choice of series, range and scale, and the predicted changes."""

import numpy as np
import pandas as pd
import streamlit as st

from core.charts import results as charts
from core.charts.direction import plot_probability, plot_reliability
from core.charts.results import EraName
from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.units import Unit, units_of
from pages.parts.widgets import placing, ranges

# Fewer rows are legible at once.
_LONG = 500
_MOST_SERIES = 200


def choose_unit(evaluation: Evaluation) -> Unit:
    """Return the unit to show levels in, with a control if there are several: a volatility is quoted per row or a year."""
    units = {unit.name: unit for unit in units_of(evaluation)}
    if len(units) == 1:
        return next(iter(units.values()))
    names = list(units)
    return units[st.segmented_control("Volatility in %", names, default=names[-1], required=True, key="unit")]


@st.fragment
def show(evaluation: Evaluation, predictions: pd.DataFrame, era: EraName, unit: Unit, is_counted: bool) -> None:
    """Draw forecast and actual over time, and predicted against actual changes."""
    target, theme = evaluation.task.quantity, placing.theme()
    series = _choose_series(predictions)
    rows, _ = charts.rows_of(predictions, era, series)
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    span = None
    if len(rows) > _LONG:
        with left:
            span = ranges.choose(rows["time"].to_numpy("datetime64[us]"), f"forecast-range-{era}-{series}", is_counted)
    if evaluation.task.is_direction:
        event = evaluation.task.event
        placing.chart(plot_probability(predictions, era, event, series, theme, span=span), "predictions")
        if era == evaluation.judged[1]:
            placing.chart(plot_reliability(evaluation, theme), "changes")
        return
    drawn = [name for name in ("actual", "lstm", "lower") if name in rows]
    is_positive = bool(len(rows)) and not np.any(rows[drawn].to_numpy() <= 0)
    log_scale = is_positive and right.toggle("Log scale", key="forecast-log")
    figure = charts.plot_predictions(predictions, era, target, series, theme, unit=unit, span=span, log_scale=log_scale)
    placing.chart(figure, "predictions")
    changes = charts.plot_changes(predictions, era, target, theme, mean_is_rival=evaluation.mean_is_rival, unit=unit)
    placing.chart(changes, "changes")


def _choose_series(frame: pd.DataFrame) -> str | None:
    """Return the series to draw, or None if there is only one."""
    if "series" not in frame.columns:
        return None
    return st.selectbox("Series", sorted(frame["series"].unique())[:_MOST_SERIES], key="drawn-series")
