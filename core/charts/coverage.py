"""Figure of the coverage of the prediction interval, over time and by volatility."""

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.charts.style import LOOKS, Theme, Words, add_level, finish
from core.forecast.evaluation.interval_scores import coverage_band
from core.forecast.evaluation.volatility import TERCILES
from core.text.format import format_count, format_percent

if TYPE_CHECKING:
    from core.forecast.evaluation.interval_scores import IntervalScores


def plot_coverage(interval: "IntervalScores", theme: Theme = "light") -> go.Figure:
    """Draw the coverage over time, and at low, middle and high volatility known at the origin.

    Bars show where a nominal interval of as many outcomes is with a probability of 99%.
    """
    look = LOOKS[theme]
    by_volatility = interval.coverage_by_volatility
    figure = make_subplots(
        cols=1 if by_volatility is None else 2,
        column_widths=None if by_volatility is None else [0.72, 0.28],
        shared_yaxes=True,
        horizontal_spacing=0.03,
    )
    spans, worth = interval.over_time, interval.effective_n / interval.n
    times = np.array([span.end for span in spans], dtype="datetime64[us]")
    _add_shares(
        figure, interval, times, [span.coverage for span in spans], [round(worth * span.n) for span in spans], 1, theme
    )
    if by_volatility is not None:
        _add_shares(
            figure, interval, np.array(TERCILES), list(by_volatility), [interval.effective_n // 3] * 3, 2, theme
        )
    add_level(figure, 100 * interval.nominal, {"color": look.muted, "dash": "dash", "width": 1.2})
    figure.update_yaxes(ticksuffix="%")
    figure.update_layout(showlegend=False, hovermode="closest")
    shares = ""
    if by_volatility is not None:
        listed = ", ".join(
            f"{name} {format_percent(share)}" for name, share in zip(TERCILES, by_volatility, strict=True)
        )
        shares = f" By volatility: {listed}."
    held = (
        f"The interval covers {format_percent(interval.coverage)} of {format_count(interval.n, 'test outcome')}, nominal "
        f"{format_percent(interval.nominal)}."
    )
    words = Words(
        title="Coverage of the prediction interval, test era",
        x="End of the span",
        y="Coverage",
        alt=f"{held}{shares} Over time it is between {format_percent(min(span.coverage for span in spans))} and "
        f"{format_percent(max(span.coverage for span in spans))} in {format_count(len(spans), 'span')}.",
        subtitle=f"{held} Thin lines: where 99 of 100 nominal intervals would be.",
    )
    finish(figure, words, theme, 240)
    if by_volatility is not None:
        figure.update_xaxes(title_text="Volatility known at the origin", col=2)
        figure.update_yaxes(title_text="", col=2)
    return figure


def _add_shares(
    figure: go.Figure,
    interval: "IntervalScores",
    places: np.ndarray,
    shares: list[float],
    counts: list[int],
    column: int,
    theme: Theme,
) -> None:
    """Draw shares at their places, each with the band of as many nominal outcomes."""
    look = LOOKS[theme]
    lows, highs = zip(*(coverage_band(interval.nominal, max(count, 1)) for count in counts), strict=True)
    middle = 50 * (np.array(lows) + np.array(highs))
    figure.add_scatter(
        x=places,
        y=middle,
        mode="markers",
        marker={"opacity": 0},
        error_y={"array": 50 * (np.array(highs) - np.array(lows)), "color": look.muted, "thickness": 1, "width": 5},
        hoverinfo="skip",
        row=1,
        col=column,
    )
    figure.add_scatter(
        x=places,
        y=100 * np.array(shares),
        mode="markers+lines" if column == 1 else "markers",
        marker={"color": look.model("lstm").color, "size": 9},
        line={"color": look.model("lstm").color, "width": 1},
        hovertemplate="%{y:.1f}%<extra></extra>",
        row=1,
        col=column,
    )
