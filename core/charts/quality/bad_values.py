"""Pictures of step 2: what is bad, where and when."""

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from core.charts.style import LOOKS, Theme, Words, finish, label_rows, note, rows_height
from core.charts.timeline import as_times, name_era, set_time_axis
from core.data.eras import Era
from core.quality.column.profile import MOST_RANKED, ColumnProfile, rank_worst
from core.text.escape import plain_text, plotly_text
from core.text.format import format_percent

if TYPE_CHECKING:
    from core.quality.profile import QualityProfile

_FEW_ROWS = 8

_KINDS = {"missing": "", "infinite": "/", "unparseable": "x", "sentinel": "."}


def plot_bad_values(profile: "QualityProfile", theme: Theme = "light") -> go.Figure:
    """Return the columns with the most bad values, worst first, as bars stacked by what is wrong."""
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
            hovertemplate="%{customdata[0]}<br>%{customdata[1]} " + kind + " (%{x:,.3~r} % of rows)<extra></extra>",
        )
    label_rows(figure, names)
    figure.update_xaxes(rangemode="tozero", range=None if worst else [0, 100])
    figure.update_layout(barmode="stack", hovermode="closest", showlegend=bool(worst))
    if not worst:
        note(figure, "No column holds a bad value.", theme)
    listed = ", ".join(f"{plain_text(c.name, 40)} {format_percent(c.bad.total / profile.rows)}" for c in worst[:3])
    words = Words(
        title="Bad values by column",
        x="Bad values (% of rows)",
        y="Column",
        alt=f"Bars of bad values in {len(affected):,} of {len(profile.columns):,} columns. Worst: {listed}."
        if worst
        else "No column holds a bad value.",
        subtitle=_say_rest(affected),
    )
    return finish(figure, words, theme, rows_height(len(worst)))


def plot_bad_over_time(profile: "QualityProfile", theme: Theme = "light") -> go.Figure:
    """Return when the worst columns were bad: the share of bad values in each span of time, the cuts of the eras marked."""
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
            # A single bad value must be seen, and 5 % must differ from 1 %: the scale is not even.
            colorscale=list(zip((0, 1e-6, 0.05, 0.3, 1), look.sequential, strict=True)),
            colorbar={
                "title": {"text": "Bad (%)"},
                # On a short bar the 30 would stand on the 0.
                "tickvals": [0, 100] if len(worst) < _FEW_ROWS else [0, 30, 100],
                "len": max(70, min(200, 21 * len(worst))),
            },
            customdata=np.broadcast_to(names[:, None], shares.shape),
            hovertemplate="%{customdata}<br>%{x}<br>%{z:,.3~r} % bad<extra></extra>",
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
        note(figure, "No column holds a bad value.", theme)
    words = Words(
        title="Bad values over time",
        x="Time",
        y="Column",
        alt=f"Heatmap of the share of bad values of {len(worst)} columns in {len(profile.periods)} spans of time; "
        f"validation begins {profile.eras.validation_from[:10]}, test {profile.eras.test_from[:10]}."
        if worst
        else "No column holds a bad value.",
        subtitle=f"{_say_rest(affected)} The thresholds of step 3 judge the train era alone." if worst else "",
    )
    return finish(figure, words, theme, rows_height(len(worst)))


def _say_rest(affected: list[ColumnProfile]) -> str:
    return (
        f"The worst {MOST_RANKED} of {len(affected):,} columns with bad values." if len(affected) > MOST_RANKED else ""
    )
