"""Figure of the walk-forward periods: how much lower the loss of the LSTM is in each."""

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from core.charts.style import LOOKS, Theme, Words, add_level, add_note, finish
from core.forecast.evaluation.scores import naive_phrase
from core.text.format import format_count

if TYPE_CHECKING:
    from core.forecast.evaluation.walk_forward import WalkForward


def plot_walk_forward(found: "WalkForward", theme: Theme = "light") -> go.Figure:
    """Draw the gain over the best naive forecast in each period, and in the colour of their eras the periods themselves.

    Parameters
    ----------
    found
        The walk-forward periods.
    theme
        The theme of the figure.
    """
    look, rival = LOOKS[theme], naive_phrase(found.rival, found.loss)
    figure = go.Figure()
    eras = ("train", "validation", "test")
    for period, gain in zip(found.periods, found.gains, strict=True):
        start, end = np.datetime64(period.start, "ms"), np.datetime64(period.end, "ms")
        figure.add_vrect(
            x0=start, x1=end, fillcolor=look.eras[eras.index(period.era)], line_width=0, layer="below", opacity=0.6
        )
        if gain is None:
            continue
        rows = 0 if period.whole is None else period.whole.n
        figure.add_bar(
            x=[start + (end - start) // 2],
            y=[100 * gain],
            width=[0.8 * float((end - start) / np.timedelta64(1, "ms"))],
            marker={"color": look.model("lstm").color, "line": {"width": 0}},
            customdata=[f"{period.start[:10]} to {period.end[:10]}, {period.era}, {format_count(rows, 'row')}"],
            hovertemplate="%{customdata}<br>%{y:,.3~r}%<extra></extra>",
        )
    if not found.scored:
        add_note(figure, found.sentence, theme)
    rule = look.model(found.rival)
    add_level(figure, 0, {"color": rule.color, "dash": rule.dash, "width": 1.5})
    figure.update_yaxes(ticksuffix="%")
    figure.update_layout(showlegend=False, hovermode="closest")
    words = Words(
        title="Walk-forward: refitted before each period",
        x="Time of the predicted row",
        y="Loss lower by",
        alt=f"Bars of how much lower the LSTM's loss is than that of {rival}, by period. {found.sentence}",
        subtitle=f"How much lower the LSTM's loss is than that of {rival}. The background is the era that the period starts in.",
    )
    return finish(figure, words, theme, 260)
