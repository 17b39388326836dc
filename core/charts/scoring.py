"""Figure of scored new rows: outcomes so far, and predictions with their interval."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts.results import add_band
from core.charts.style import LOOKS, Theme, Words, add_note, finish
from core.charts.timeline import (
    add_line,
    as_times,
    as_values,
    downsample,
    downsampling_note,
    set_time_axis,
    shade_era,
)
from core.data.eras import Era
from core.forecast.evaluation.scores import LABELS
from core.forecast.evaluation.units import OWN, Unit
from core.text.escape import plain_text

# Rows of the data of training that are drawn before the new ones.
_BEFORE = 120


def plot_scored(
    scored: pd.DataFrame,
    quantity: str,
    series: str | None = None,
    theme: Theme = "light",
    *,
    unit: Unit = OWN,
    is_probability: bool = False,
) -> go.Figure:
    """Draw predictions with their interval, and the outcomes so far; the eras of the model's own data are shaded.

    Of the data of training only the latest rows are drawn.

    Parameters
    ----------
    scored
        The predictions, with `actual` and `era`.
    quantity
        What is predicted, in words.
    series
        The series of a panel.
    theme
        The theme of the figure.
    unit
        The unit to draw levels in.
    is_probability
        Whether probabilities are predicted: outcomes are then marks at 0 and 100%.
    """
    look = LOOKS[theme]
    rows = scored if series is None else scored[scored["series"].astype(str) == series]
    is_new = (rows["era"] == "new").to_numpy()
    first = int(np.argmax(is_new)) if is_new.any() else len(rows)
    rows = rows.iloc[max(0, first - _BEFORE) :]
    # Beyond the data the time may be unknown; the row is then drawn at its origin.
    times = as_times(rows["time"].fillna(rows["origin"]))
    scale = 100.0 if is_probability else unit.factor
    lstm, lower, upper, actual = (scale * as_values(rows[name]) for name in ("lstm", "lower", "upper", "actual"))
    drawn = downsample(lstm, lower, upper, actual)
    figure = go.Figure()
    set_time_axis(figure, times)
    for era in Era:
        inside = (rows["era"] == era.name.lower()).to_numpy()
        if inside.any():
            shade_era(figure, era, times[inside].min(), times[inside].max(), theme)
    if np.isfinite(lower).any():
        name = "Confidence band" if is_probability else "Prediction interval"
        add_band(figure, times[drawn], lower[drawn], upper[drawn], theme, name)
    ink = look.model("lstm")
    if is_probability:
        figure.add_scatter(
            x=times[drawn],
            y=actual[drawn],
            name="What happened",
            mode="markers",
            marker={"color": look.actual.color, "size": 4, "symbol": "line-ns-open"},
        )
    else:
        add_line(figure, times[drawn], actual[drawn], "Actual", {"color": look.actual.color, "width": 1.3})
    add_line(figure, times[drawn], lstm[drawn], LABELS["lstm"], {"color": ink.color, "width": 1.8})
    ahead = np.isnan(actual)
    if ahead.any():
        figure.add_scatter(
            x=times[ahead],
            y=lstm[ahead],
            name="Outcome not yet known",
            mode="markers",
            marker={"color": ink.color, "size": 8, "symbol": "diamond"},
        )
    figure.update_layout(hovermode="x unified")
    if not len(rows):
        add_note(figure, "There are no predictions.", theme)
    short = plain_text(quantity, 60) + (f" of {plain_text(series, 16)}" if series is not None else "")
    axis = unit.heading(plain_text(quantity, 40))
    words = Words(
        title=f"{short}: predictions",
        x="Time of the predicted row",
        y=f"{plain_text(quantity, 40)} (%)" if is_probability else axis,
        alt=f"Line chart of the predictions of {short} and the outcomes so far, over {len(rows):,} rows.",
        subtitle=downsampling_note(len(drawn), len(rows)),
    )
    return finish(figure, words, theme, 370)
