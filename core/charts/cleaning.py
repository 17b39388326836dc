"""Pictures of step 3: what each place of a threshold's slider costs."""

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from core.charts.style import LOOKS, Theme, Words, finish, name_line
from core.recipe.diff import format_setting
from core.recipe.model import CleaningSettings, stops_of
from core.text.escape import plain_text

if TYPE_CHECKING:
    from core.cleaning.plan import ConsequenceCurve

MOST_MARKS = 1000
# No more: in a narrow column of the page further labels would meet.
_TICKS = (0.0, 0.5, 1.0)


def plot_consequences(curve: "ConsequenceCurve", theme: Theme = "light") -> go.Figure:
    """Return how many columns remain at each place of a slider, the present place marked."""
    look = LOOKS[theme]
    field = CleaningSettings.model_fields[curve.setting]
    setting = field.title or curve.setting
    nearest = int(np.abs(np.array(curve.thresholds) - curve.current).argmin())
    remaining = curve.remaining[nearest]
    # A slider that walks in unequal steps is drawn step by step, so that the mark stands under its thumb.
    stepwise = bool(stops_of(field))
    places = list(range(len(curve.thresholds))) if stepwise else curve.thresholds
    shown = [format_setting(field, threshold) for threshold in curve.thresholds]
    now = format_setting(field, curve.current)
    here, most = places[nearest], max(*curve.remaining, 1)
    ticks = places[:: max(1, len(places) // 3)] if stepwise else _TICKS
    # Made in one piece, for six of these are drawn anew at every move of a slider.
    figure = go.Figure(
        data=[
            {
                "type": "scatter",
                "x": places,
                "y": curve.remaining,
                "mode": "lines",
                "line": {"color": look.kept, "width": 2, "shape": "vh" if curve.setting.startswith("min_") else "hv"},
                "customdata": shown,
                "hovertemplate": "%{customdata}: %{y:,} columns remain<extra></extra>",
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
                # Else the words above the line would widen the axis, the more the narrower the figure.
                "range": [places[0], places[-1]],
                "tickvals": ticks,
                "tickangle": 0,
                "ticktext": [shown[place] if stepwise else format_setting(field, place) for place in ticks],
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
    remain = "remains" if remaining == 1 else "remain"
    name_line(figure, f"now {now}: {remaining:,} {remain}", here, (places[0], places[-1]), theme)
    names = [plain_text(name, 24) for name in curve.next_dropped]
    following = f"Stricter, the next to go: {', '.join(names)}." if names else "Stricter, no further column goes."
    words = Words(
        title=f"{remaining:,} column{'s' if remaining != 1 else ''} {remain}",
        x=setting,
        y="Columns",
        alt=f"{remaining:,} columns remain at the present threshold {now}; "
        f"{min(curve.remaining):,} to {max(curve.remaining):,} over its range. {following}",
        # On one line at any width, so that nothing below moves when the names change.
        subtitle=plain_text(f"Next to go: {', '.join(names)}", 44) if names else "Stricter, no further column goes.",
    )
    return finish(figure, words, theme, 140)
