"""Figure of the next forecast: the last rows of a series, and the forecast after them with its interval."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts.style import LOOKS, Theme, Words, finish
from core.charts.timeline import add_line, as_times, as_values, level_format, set_time_axis
from core.forecast.evaluation.units import OWN, Unit
from core.text.escape import plain_text
from core.text.format import format_count


def plot_next_forecast(
    recent: pd.DataFrame,
    row: "pd.Series | None",
    quantity: str,
    theme: Theme = "light",
    unit: Unit = OWN,
) -> go.Figure:
    """Draw the last rows of one series, and the forecast with its interval after them.

    Parameters
    ----------
    recent
        The columns `time` and `value` of the rows before the forecast.
    row
        `time`, `forecast`, `lower` and `upper`; None draws the rows alone, as for a probability.
    quantity
        What the values are.
    theme, unit
        The theme of the figure, and the unit to draw values in.
    """
    look = LOOKS[theme]
    times, values = as_times(recent["time"]), unit.factor * as_values(recent["value"])
    figure = go.Figure()
    has_forecast = row is not None and not pd.isna(row["time"])
    ahead = as_times(np.array([row["time"]], dtype="datetime64[us]")) if row is not None and has_forecast else times[:0]
    set_time_axis(figure, np.r_[times, ahead])
    add_line(figure, times, values, "Actual", {"color": look.actual.color, "width": 1.5})
    if row is not None and has_forecast:
        ink = look.model("lstm")
        forecast, lower, upper = (unit.factor * float(row[name]) for name in ("forecast", "lower", "upper"))
        both = np.r_[times[-1:], ahead]
        add_line(figure, both, np.r_[values[-1:], forecast], "", {"color": ink.color, "dash": "dot", "width": 1.2})
        figure.data[-1].update(showlegend=False, hoverinfo="skip")
        bar = {"type": "data", "array": [upper - forecast], "arrayminus": [forecast - lower], "width": 6}
        figure.add_scatter(
            x=ahead,
            y=[forecast],
            mode="markers",
            name="LSTM forecast with its interval" if np.isfinite(lower) else "LSTM forecast",
            marker={"color": ink.color, "size": 9, "symbol": "diamond"},
            error_y=bar | {"color": ink.color, "thickness": 1.8} if np.isfinite(lower) else None,
            hovertemplate=f"%{{y:{level_format(values)}}}",
        )
    figure.update_layout(hovermode="x unified")
    name = plain_text(quantity, 40)
    after = " and the forecast after them" if has_forecast else ""
    rows = format_count(len(recent), "row")
    words = Words(
        title=f"{name}: the last {rows}{after}",
        x="Time",
        y=unit.heading(name),
        alt=f"Line chart of {unit.heading(name)} over the last {rows}{after}.",
    )
    return finish(figure, words, theme, 260)
