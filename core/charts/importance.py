"""Figures of feature importance."""

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from core.charts.style import LOOKS, Theme, Words, finish, label_line, label_rows, rows_height
from core.text.escape import plain_text, plotly_text
from core.text.feature_tokens import feature_label
from core.text.format import format_count, format_number

if TYPE_CHECKING:
    from core.importance.ranking import ImportanceRanking

MOST_FEATURES = 40

_PATTERNS = {"signal": "", "unstable": "/", "noise": "."}


def plot_ranking(ranking: "ImportanceRanking", theme: Theme = "light") -> go.Figure:
    """Draw the importance of the best features, with their labels and the noise level."""
    look = LOOKS[theme]
    shown = sorted(ranking.features, key=lambda feature: feature.rank)[:MOST_FEATURES]
    chosen = set(ranking.chosen)
    colors = {"signal": look.kept, "unstable": look.unstable, "noise": look.dropped}
    figure = go.Figure()
    for label, color in colors.items():
        rows = [(place, feature) for place, feature in enumerate(shown) if feature.label == label]
        if not rows:
            continue
        figure.add_bar(
            x=[feature.importance for _, feature in rows],
            y=[place for place, _ in rows],
            orientation="h",
            name=label,
            marker={
                "color": color,
                "line": {"width": 0},
                "pattern": {
                    "shape": _PATTERNS[label],
                    "size": 6,
                    "solidity": 0.25,
                    "fillmode": "overlay",
                    "fgcolor": look.background,
                },
            },
            customdata=[
                (plotly_text(feature_label(feature.name)), feature.rank, feature.rank_low, feature.rank_high)
                for _, feature in rows
            ],
            hovertemplate="%{customdata[0]}<br>importance %{x:,.3~r}<br>rank %{customdata[1]}, "
            "%{customdata[2]} to %{customdata[3]} across fits<extra>" + label + "</extra>",
        )
    label_rows(figure, [feature_label(feature.name) for feature in shown])
    # In the margin: a narrow figure has no room between the longest bar and the end of the axis.
    labels = [feature.label + (", chosen" if feature.name in chosen else "") for feature in shown]
    for place, label in enumerate(labels):
        figure.add_annotation(
            text=label,
            x=1,
            xref="paper",
            xanchor="left",
            y=place,
            showarrow=False,
            font={"size": 11, "color": look.muted},
        )
    widest = max([ranking.noise_line, *(feature.importance for feature in shown)])
    lowest = min([0.0, *(feature.importance for feature in shown)])
    span = (1.05 * lowest, 1.05 * widest or 1)
    figure.update_xaxes(range=span)
    figure.add_vline(x=ranking.noise_line, line={"color": look.text, "width": 1.5, "dash": "dash"})
    label_line(figure, f"noise level {format_number(ranking.noise_line)}", ranking.noise_line, span, theme)
    figure.update_layout(barmode="overlay", hovermode="closest", margin={"r": 4 + 7 * max(map(len, labels), default=0)})
    signal = sum(feature.label == "signal" for feature in ranking.features)
    best = plain_text(feature_label(shown[0].name), 40) if shown else "none"
    selection = f"{len(shown)} of {len(ranking.features):,} features. " if len(shown) < len(ranking.features) else ""
    words = Words(
        title="Feature importance against noise",
        x="Importance (mean over fits)",
        y="",
        alt=f"Bar chart of the importance of {format_count(len(shown), 'feature')}; {signal} of {len(ranking.features):,} are "
        f"signal above the noise level {format_number(ranking.noise_line)}. Highest: {best}.",
        subtitle=f"{selection}Mean over {format_count(ranking.fits, 'fit')} on the train era. Bars left of the dashed line are "
        "no better than noise.",
    )
    return finish(figure, words, theme, rows_height(len(shown)))
