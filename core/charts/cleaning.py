"""Figures of cleaning: how many columns each value of a threshold keeps."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from core.charts.style import LOOKS, Theme, Words, finish, label_line
from core.recipe.diff import format_setting
from core.recipe.model import CleaningSettings, stops_of
from core.text.escape import plain_text
from core.text.format import format_count

if TYPE_CHECKING:
    from core.cleaning.plan import ConsequenceCurve

# More labels would overlap in a narrow column of the page.
_TICKS: tuple[float, ...] = (0.0, 0.5, 1.0)


def plot_consequences(curve: "ConsequenceCurve", theme: Theme = "light") -> go.Figure:
    """Draw how many columns each value of a threshold keeps, with the current value marked."""
    look = LOOKS[theme]
    field = CleaningSettings.model_fields[curve.setting]
    setting = field.title or curve.setting
    nearest = int(np.abs(np.array(curve.thresholds) - curve.current).argmin())
    remaining = curve.remaining[nearest]
    # A slider with unequal steps is drawn step by step, so the mark stays below its thumb.
    stepwise = bool(stops_of(field))
    places: Sequence[float] = range(len(curve.thresholds)) if stepwise else curve.thresholds
    shown = [format_setting(field, threshold) for threshold in curve.thresholds]
    now = format_setting(field, curve.current)
    here, most = places[nearest], max(*curve.remaining, 1)
    ticks, tick_texts = _TICKS, [format_setting(field, tick) for tick in _TICKS]
    if stepwise:
        step = max(1, len(places) // 3)
        ticks, tick_texts = tuple(places[::step]), shown[::step]
    # Built in one call for speed: six of these are redrawn at every move of a slider.
    figure = go.Figure(
        data=[
            {
                "type": "scatter",
                "x": list(places),
                "y": curve.remaining,
                "mode": "lines",
                "line": {"color": look.kept, "width": 2, "shape": "vh" if curve.setting.startswith("min_") else "hv"},
                "customdata": shown,
                "hovertemplate": "%{customdata}: %{y:,} columns kept<extra></extra>",
            },
            {
                "type": "scatter",
                "x": [here],
                "y": [remaining],
                "mode": "markers",
                "marker": {"color": look.text, "size": 11, "symbol": "diamond"},
                "cliponaxis": False,
                "hoverinfo": "skip",
            },
        ],
        layout={
            "showlegend": False,
            "hovermode": "closest",
            "margin": {"r": 28},
            "xaxis": {
                # Without a range the label above the line would widen the axis.
                "range": [places[0], places[-1]],
                "tickvals": ticks,
                "tickangle": 0,
                "ticktext": tick_texts,
            },
            "yaxis": {"range": [0, 1.12 * most], "tickformat": ",d", "nticks": 4, "dtick": 1 if most < 5 else None},
            "shapes": [
                {
                    "type": "line",
                    "x0": here,
                    "x1": here,
                    "y0": 0,
                    "y1": 1,
                    "yref": "paper",
                    "line": {"color": look.muted, "width": 1, "dash": "dot"},
                }
            ],
        },
    )
    label_line(figure, f"now {now}: {remaining:,} kept", here, (places[0], places[-1]), theme)
    names = [plain_text(name, 24) for name in curve.next_dropped]
    following = f"Next to drop: {', '.join(names)}." if names else "A stricter limit drops no more columns."
    words = Words(
        title=f"{format_count(remaining, 'column')} kept",
        x=setting,
        y="Columns kept",
        alt=f"{format_count(remaining, 'column')} kept at the current limit {now}; "
        f"{min(curve.remaining):,} to {max(curve.remaining):,} over its range. {following}",
        # One line at any width, so nothing below moves when the names change.
        subtitle=plain_text(following.removesuffix("."), 44) if names else following,
    )
    return finish(figure, words, theme, 140)
