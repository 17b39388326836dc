"""Figures of bad values: by column, and over time."""

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from core.charts.style import LOOKS, Theme, Words, add_note, finish, label_rows, rows_height
from core.charts.timeline import as_times, name_era, set_time_axis
from core.data.eras import Era
from core.quality.column.profile import MOST_RANKED, ColumnProfile, rank_worst
from core.text.escape import plain_text, plotly_text
from core.text.format import format_count, format_percent

if TYPE_CHECKING:
    from core.quality.profile import QualityProfile

_FEW_ROWS = 8

_KINDS = {"missing": "", "infinite": "/", "unparseable": "x", "sentinel": "."}


def plot_bad_values(profile: "QualityProfile", theme: Theme = "light") -> go.Figure:
    """Draw the columns with the most bad values, worst first, as bars stacked by kind."""
    look = LOOKS[theme]
    affected = rank_worst(profile.columns)
    worst = affected[:MOST_RANKED]
    names = [column.name for column in worst]
    figure = go.Figure()
    for color, (kind, pattern) in zip(look.bad_kinds, _KINDS.items(), strict=True):
        counts = [getattr(column.bad, kind) for column in worst]
        if not any(counts):
            continue
        figure.add_bar(
            x=[100 * count / max(profile.rows, 1) for count in counts],
            y=list(range(len(worst))),
            orientation="h",
            name=kind,
            marker={
                "color": color,
                "line": {"width": 0},
                "pattern": {
                    "shape": pattern,
                    "size": 6,
                    "solidity": 0.25,
                    "fillmode": "overlay",
                    "fgcolor": look.background,
                },
            },
            customdata=[(plotly_text(name), f"{count:,}") for name, count in zip(names, counts, strict=True)],
            hovertemplate="%{customdata[0]}<br>%{customdata[1]} " + kind + " (%{x:,.3~r}% of rows)<extra></extra>",
        )
    label_rows(figure, names)
    figure.update_xaxes(rangemode="tozero", range=None if worst else [0, 100])
    figure.update_layout(barmode="stack", hovermode="closest", showlegend=bool(worst))
    if not worst:
        add_note(figure, "No column has bad values.", theme)
    listed = ", ".join(f"{plain_text(c.name, 40)} {format_percent(c.bad.total / profile.rows)}" for c in worst[:3])
    words = Words(
        title="Bad values by column",
        x="Bad values (% of rows)",
        y="",
        alt=f"Bar chart of bad values in {len(affected):,} of {len(profile.columns):,} columns. Worst: {listed}."
        if worst
        else "No column has bad values.",
        subtitle=_selection_text(affected),
    )
    return finish(figure, words, theme, rows_height(len(worst)))


def plot_bad_over_time(profile: "QualityProfile", theme: Theme = "light") -> go.Figure:
    """Draw the share of bad values of the worst columns by period.

    The era boundaries are marked.
    """
    look = LOOKS[theme]
    affected = rank_worst(profile.columns)
    worst = affected[:MOST_RANKED]
    edges = as_times((*profile.periods, profile.eras.end))
    figure = go.Figure()
    if worst:
        shares = np.array([column.bad_by_period for column in worst], dtype=np.float64)
        names = np.array([plotly_text(column.name) for column in worst], dtype=object)
        figure.add_heatmap(
            x=edges,
            y=list(range(len(worst))),
            z=100 * shares,
            zmin=0,
            zmax=100,
            # A non-linear scale: a single bad value must be visible, and 5% must differ from 1%.
            colorscale=list(zip((0, 1e-6, 0.05, 0.3, 1), look.sequential, strict=True)),
            colorbar={
                "title": {"text": "Bad (%)"},
                # On a short colour bar the labels 0 and 30 would overlap.
                "tickvals": [0, 100] if len(worst) < _FEW_ROWS else [0, 30, 100],
                "len": max(70, min(200, 21 * len(worst))),
            },
            customdata=np.broadcast_to(names[:, None], shares.shape),
            hovertemplate="%{customdata}<br>%{x}<br>%{z:,.3~r}% bad<extra></extra>",
            hoverongaps=False,
            xgap=0,
            ygap=1,
        )
    label_rows(figure, [column.name for column in worst])
    set_time_axis(figure, edges)
    figure.update_xaxes(showgrid=False, range=[str(edges[0]), str(edges[-1])])
    cuts = as_times((profile.eras.start, profile.eras.validation_from, profile.eras.test_from, profile.eras.end))
    for era in Era:
        if era is not Era.TRAIN:
            cut = str(cuts[era])
            line = {"width": 1.5, "dash": "dot", "color": look.text}
            figure.add_shape(type="line", x0=cut, x1=cut, y0=0, y1=1, yref="paper", line=line, name=era.name.lower())
        name_era(figure, era, cuts[era], cuts[era + 1], theme)
    if not worst:
        add_note(figure, "No column has bad values.", theme)
    words = Words(
        title="Bad values over time",
        x="Time",
        y="",
        alt=f"Heatmap of the share of bad values of {format_count(len(worst), 'column')} in "
        f"{format_count(len(profile.periods), 'period')}; "
        f"validation starts {profile.eras.validation_from[:10]}, test {profile.eras.test_from[:10]}."
        if worst
        else "No column has bad values.",
        subtitle=f"{_selection_text(affected)} Cleaning applies its thresholds to the train era only." if worst else "",
    )
    return finish(figure, words, theme, rows_height(len(worst)))


def _selection_text(affected: list[ColumnProfile]) -> str:
    return f"Worst {MOST_RANKED} of {len(affected):,} columns with bad values." if len(affected) > MOST_RANKED else ""
