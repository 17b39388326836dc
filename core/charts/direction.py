"""Figures of a predicted direction: the probability over time, and its reliability."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts.results import EraName, Span, add_band, rows_of
from core.charts.style import LOOKS, Theme, Words, add_note, finish, keep_square
from core.charts.timeline import (
    add_line,
    as_times,
    as_values,
    downsample,
    downsampling_note,
    sample_evenly,
    set_time_axis,
    shade_era,
)
from core.data.eras import Era
from core.quality.views.over_time import rows_between
from core.text.escape import plain_text
from core.text.format import format_p, format_percent

if TYPE_CHECKING:
    from core.forecast.evaluation.evaluation import Evaluation


def plot_probability(
    predictions: pd.DataFrame,
    era: EraName,
    event: str,
    series: str | None = None,
    theme: Theme = "light",
    *,
    span: Span | None = None,
) -> go.Figure:
    """Draw the predicted probability over one era, with its confidence band if it has one, and outcomes as marks at 0 and 100%.

    Parameters
    ----------
    predictions
        The table of `predictions.csv`.
    era
        The era.
    event
        What the probability is of, in words.
    series
        The series of a panel, by default the first.
    theme
        The theme of the figure.
    span
        The first and last time to draw; all by default.
    """
    look = LOOKS[theme]
    rows, _ = rows_of(predictions, era, series)
    if span is not None:
        rows = rows[rows_between(rows["time"].to_numpy("datetime64[us]"), *span)]
    times = as_times(rows["time"])
    actual, lstm, naive, lower, upper = (
        100 * as_values(rows[name]) for name in ("actual", "lstm", "mean", "lower", "upper")
    )
    drawn = downsample(lstm, naive, lower, upper)
    has_band = bool(np.isfinite(lower).any())
    figure = go.Figure()
    set_time_axis(figure, times)
    ink = look.model("lstm")
    if len(rows):
        shade_era(figure, Era[era.upper()], times.min(), times.max(), theme)
        if has_band:
            add_band(figure, times[drawn], lower[drawn], upper[drawn], theme, "Confidence band")
        add_line(
            figure,
            times[drawn],
            naive[drawn],
            "Train frequency",
            {"color": look.model("mean").color, "dash": look.model("mean").dash, "width": 1.3},
        )
        add_line(figure, times[drawn], lstm[drawn], "LSTM", {"color": ink.color, "width": 1.6})
        marked = sample_evenly(len(rows))
        figure.add_scatter(
            x=times[marked],
            y=actual[marked],
            mode="markers",
            name="Actual",
            marker={"color": look.actual.color, "size": 5, "opacity": 0.35, "symbol": "line-ns-open"},
            hovertemplate="%{y:.0f}%",
        )
    else:
        add_note(figure, f"There are no predictions in the {era} era.", theme)
    figure.update_yaxes(range=[-4, 104], ticksuffix="%", hoverformat=".1f")
    figure.update_layout(hovermode="x unified")
    short = plain_text(event, 48)
    calibrated = "On validation the calibration is in sample." if era == "validation" and has_band else ""
    parts = ["Marks at 100% are rises, at 0% the others.", downsampling_note(len(drawn), len(rows)), calibrated]
    reach = f" between {_percent(lstm.min())} and {_percent(lstm.max())}" if len(rows) else ""
    words = Words(
        title=f"Probability that {short}, {era} era",
        x="Time of the predicted row",
        y="Probability",
        alt=f"Line chart of the LSTM's probability that {short} over {len(rows):,} rows of the {era} era{reach}, and of what "
        "happened.",
        subtitle=" ".join(part for part in parts if part),
    )
    return finish(figure, words, theme, 370)


def plot_reliability(evaluation: "Evaluation", theme: Theme = "light") -> go.Figure:
    """Draw how often a rise followed the LSTM's probabilities, by bin; reliable ones lie on the diagonal."""
    look, (_, era) = LOOKS[theme], evaluation.judged
    bins = evaluation.reliability
    figure = go.Figure()
    alt = subtitle = f"Too few rows of the {era} era for a bin of forecasts."
    if bins:
        predicted, observed, low, high = (
            100 * np.array([getattr(each, name) for each in bins]) for name in ("predicted", "observed", "low", "high")
        )
        ends = [min(predicted.min(), low.min()) - 2, max(predicted.max(), high.max()) + 2]
        diagonal = {"color": look.muted, "dash": "dash", "width": 1.5}
        figure.add_scatter(x=ends, y=ends, mode="lines", name="reliable", line=diagonal, hoverinfo="skip")
        figure.add_scatter(
            x=predicted,
            y=observed,
            mode="markers",
            name="LSTM",
            marker={"color": look.model("lstm").color, "size": 9},
            error_y={"array": high - observed, "arrayminus": observed - low, "thickness": 1.5, "width": 5},
            customdata=[each.n for each in bins],
            hovertemplate="predicted %{x:.1f}%<br>observed %{y:.1f}%<br>%{customdata:,} rows<extra></extra>",
        )
        figure.update_xaxes(range=ends)
        figure.update_yaxes(range=ends)
        known = f"Hosmer-Lemeshow {format_p(evaluation.reliability_p)}"
        subtitle = f"{known}: a small p means unreliable. Bars: 90% intervals of the frequency."
        pairs = ", ".join(f"{_percent(100 * each.predicted)} {_percent(100 * each.observed)}" for each in bins)
        alt = f"Reliability diagram of {len(bins)} bins, predicted and observed: {pairs}. {known}."
    else:
        add_note(figure, alt, theme)
    figure.update_xaxes(ticksuffix="%")
    figure.update_yaxes(ticksuffix="%")
    figure.update_layout(hovermode="closest", showlegend=bool(bins))
    words = Words(
        title=f"Reliability of the probabilities, {era} era",
        x="Mean predicted probability",
        y="Frequency of rises",
        alt=alt,
        subtitle=subtitle,
    )
    return keep_square(finish(figure, words, theme, 370))


def _percent(value: float) -> str:
    return format_percent(float(value) / 100)
