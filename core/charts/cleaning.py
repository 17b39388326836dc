"""Pictures of step 3: what a threshold costs, and a column before and after cleaning."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts.style import LOOKS, Theme, Words, finish, name_line
from core.charts.timeline import add_line, as_times, as_values, even, set_time_axis, shade_eras, thin, thinned_note
from core.escaping import plain_text
from core.ingest.eras import Eras
from core.recipe import CleaningSettings, stops_of
from core.recipe_changes import say_value

if TYPE_CHECKING:
    from core.cleaning.plan import ConsequenceCurve

MOST_MARKS = 1000
_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


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
    shown = [say_value(field, threshold) for threshold in curve.thresholds]
    now = say_value(field, curve.current)
    here, most = places[nearest], max(*curve.remaining, 1)
    ticks = places[:: max(1, len(places) // 4)] if stepwise else _QUARTERS
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
                "tickvals": ticks,
                "ticktext": [shown[place] if stepwise else say_value(field, place) for place in ticks],
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
    name_line(figure, f"now {now}: {remaining:,} remain", here, (places[0], places[-1]), theme)
    names = [plain_text(name, 24) for name in curve.next_to_go]
    following = f"Stricter, the next to go: {', '.join(names)}." if names else "Stricter, no further column goes."
    words = Words(
        title=f"{remaining:,} {'column remains' if remaining == 1 else 'columns remain'}",
        x=setting,
        y="Columns",
        alt=f"{remaining:,} columns remain at the present threshold {now}; "
        f"{min(curve.remaining):,} to {max(curve.remaining):,} over its range. {following}",
        # On one line at any width, so that nothing below moves when the names change.
        subtitle=plain_text(f"Next to go: {', '.join(names)}", 44) if names else "Stricter, no further column goes.",
    )
    return finish(figure, words, theme, 140)


def plot_before_after(
    times: pd.Series | np.ndarray,
    before: pd.Series | np.ndarray,
    after: pd.Series | np.ndarray,
    name: str,
    eras: Eras | None,
    theme: Theme = "light",
) -> go.Figure:
    """Return a column before and after cleaning, row by row, the values that cleaning filled or changed marked."""
    look = LOOKS[theme]
    stamps, old, new = as_times(times), as_values(before), as_values(after)
    filled = np.flatnonzero(np.isnan(old) & np.isfinite(new))
    changed = np.flatnonzero(np.isfinite(old) & np.isfinite(new) & (old != new))
    gone = int(np.count_nonzero(np.isfinite(old) & np.isnan(new)))
    drawn = thin(old, new)
    figure = go.Figure()
    if eras is not None:
        shade_eras(figure, eras, theme)
    set_time_axis(figure, stamps)
    add_line(figure, stamps[drawn], old[drawn], "before", {"color": look.dropped, "width": 3.5})
    add_line(figure, stamps[drawn], new[drawn], "after", {"color": look.kept, "width": 1.3})
    marks = (("filled", filled, "circle-open"), ("changed", changed, "x-thin-open"))
    for label, rows, symbol in marks:
        if len(rows):
            some = rows[even(len(rows), MOST_MARKS)]
            figure.add_scatter(
                x=stamps[some],
                y=new[some],
                mode="markers",
                name=f"{label} ({len(rows):,})",
                marker={"color": look.bad, "symbol": symbol, "size": 7, "line": {"width": 1.5, "color": look.bad}},
                hovertemplate=label + " to %{y:,.3~r}<extra></extra>",
            )
    figure.update_layout(hovermode="x unified")
    short = plain_text(name, 40)
    told = f"{len(filled):,} values filled, {len(changed):,} changed, {gone:,} gone with their rows."
    words = Words(
        title=f"{short} before and after cleaning",
        x="Time",
        y=short,
        alt=f"Lines of {short} before and after cleaning: {told}",
        subtitle=f"{told} {thinned_note(len(drawn), len(old))}",
    )
    return finish(figure, words, theme)
