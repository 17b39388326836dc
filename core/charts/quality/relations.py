"""Pictures of two columns: how they hang together, whether that lasts, and which moves first."""

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from core.charts.bands import band_marker
from core.charts.style import LOOKS, Theme, Words, finish, note
from core.charts.timeline import as_times, even, set_time_axis, shade_eras, thin, thinned_note
from core.data.eras import Eras
from core.quality.numerics.sampling import RELATION_ROWS
from core.text.escape import plain_text
from core.text.format import format_number

if TYPE_CHECKING:
    from core.quality.views.leads import Leads
    from core.quality.views.pair import Scatter
    from core.quality.views.rolling_correlation import RollingCorrelation

_TAIL = 0.005
_DIGITS = 5
# A browser takes a tenth of a second longer for twice as many.
_MOST_MARKERS = 1_000
# A correlation over many rows moves slowly: two values a pixel are more than is seen.
_MOST_STEPS = 2_000


def plot_pair(scatter: "Scatter", theme: Theme = "light") -> go.Figure:
    """Return the judged rows as points, at most a thousand, with the straight line and the smooth curve of all."""
    look = LOOKS[theme]
    x_name, y_name = (plain_text(label, 48) for label in scatter.labels)
    figure = go.Figure()
    outside = 0
    places = even(len(scatter.x), _MOST_MARKERS)
    if len(places):
        figure.add_scatter(
            x=_short(scatter.x[places]),
            y=_short(scatter.y[places]),
            mode="markers",
            name="train rows",
            marker={"color": look.kept, "size": 5, "opacity": 0.4},
            hovertemplate="%{x}, %{y}<extra></extra>",
        )
        ranges = [_middle(values) for values in (scatter.x, scatter.y)]
        figure.update_xaxes(range=ranges[0])
        figure.update_yaxes(range=ranges[1])
        points = scatter.x[places], scatter.y[places]
        inside = [(low <= v) & (v <= high) for v, (low, high) in zip(points, ranges, strict=True)]
        outside = len(places) - int(np.count_nonzero(inside[0] & inside[1]))
    else:
        note(figure, "No train row is good in both columns.", theme)
    straight = look.model("linear")
    for (x, y), name, line in (
        (scatter.line, "straight line", {"color": straight.color, "dash": straight.dash, "width": 2}),
        (scatter.curve, "smooth curve", {"color": look.text, "width": 2.5}),
    ):
        if len(x):
            figure.add_scatter(x=_short(x), y=_short(y), mode="lines", name=name, line=line, hoverinfo="skip")
    figure.update_layout(hovermode="closest")
    drawn = f"{len(places):,} of {scatter.rows:,} train rows are drawn" if len(places) < scatter.rows else ""
    every = ", evenly chosen" if len(places) < len(scatter.x) else ""
    stretches = (
        ", in stretches evenly apart" if scatter.rows > RELATION_ROWS else every or ", those good in both columns"
    )
    beyond = f"{outside:,} far point{' lies' if outside == 1 else 's lie'} outside the picture" if outside else ""
    words = Words(
        title=f"{'C' + y_name[1:] if y_name.startswith('change of ') else y_name} against {x_name}",
        x=x_name,
        y=y_name,
        alt=f"Scatter of {y_name} against {x_name}, {len(places):,} train rows. {_describe_shape(scatter)}",
        subtitle=". ".join(part for part in (drawn and drawn + stretches, beyond) if part)
        + ("." if drawn or beyond else ""),
    )
    return finish(figure, words, theme, 340)


def plot_rolling(rolling: "RollingCorrelation", eras: Eras | None = None, theme: Theme = "light") -> go.Figure:
    """Return the correlation over time, the eras behind it."""
    look = LOOKS[theme]
    names = " and ".join(plain_text(label, 40) for label in rolling.labels)
    times = as_times(rolling.times)
    places = thin(rolling.values, most=_MOST_STEPS)
    figure = go.Figure()
    figure.add_scatter(
        x=times[places],
        y=np.round(rolling.values[places], 3),
        mode="lines",
        name="correlation",
        line={"color": look.kept, "width": 1.5},
        hovertemplate="%{y:.2f}<extra></extra>",
        showlegend=False,
    )
    if np.isnan(rolling.values).all():
        note(figure, rolling.sentence, theme)
    else:
        set_time_axis(figure, times)
        if eras is not None:
            shade_eras(figure, eras, theme)
    figure.update_yaxes(range=[-1.05, 1.05], tickvals=[-1, -0.5, 0, 0.5, 1])
    words = Words(
        title=f"Correlation of {names}, over {rolling.window:,} rows in a row",
        x="Time",
        y="Pearson's correlation",
        alt=f"Line of the correlation of {names} over time. {rolling.sentence}",
        subtitle=f"{rolling.sentence} {thinned_note(len(places), len(times))}".strip(),
    )
    return finish(figure, words, theme, 270)


def plot_leads(leads: "Leads", theme: Theme = "light") -> go.Figure:
    """Return the correlations at lags, and the band that unrelated columns stay within."""
    look = LOOKS[theme]
    feature, other = plain_text(leads.feature, 24), plain_text(leads.other, 24)
    lags, found = np.array(leads.lags), np.array(leads.correlations)
    beyond = np.abs(found) > (leads.band or np.inf)
    figure = go.Figure()
    figure.add_bar(
        x=lags,
        y=np.round(found, 4),
        marker=band_marker(beyond, theme),
        customdata=[_describe_lag(lag) for lag in leads.lags],
        hovertemplate="%{customdata}<br>%{y:.3f}<extra></extra>",
        showlegend=False,
    )
    if leads.band is None:
        note(figure, leads.sentence, theme)
    else:
        figure.add_scatter(
            x=[lags[0] - 0.5, lags[-1] + 0.5, None] * 2,
            y=[leads.band, leads.band, None, -leads.band, -leads.band, None],
            mode="lines",
            name="unrelated columns stay within",
            line={"color": look.text, "dash": "dash", "width": 1},
            hoverinfo="skip",
        )
    most = max(float(np.abs(found).max(initial=0)), leads.band or 0.1) * 1.15
    figure.update_yaxes(range=[-most, most])
    figure.update_xaxes(range=[lags[0] - 0.7, lags[-1] + 0.7], dtick=10, tickangle=0)
    figure.update_layout(bargap=0.3, hovermode="closest")
    words = Words(
        title=f"Which moves first: {feature} or {other}",
        x=f"Lag in rows (right: {feature} first)",
        y="Correlation",
        alt=f"Bars of the correlation at lags {lags[0]} to {lags[-1]}. {leads.sentence}",
        subtitle=leads.sentence,
    )
    return finish(figure, words, theme, 340)


def _describe_lag(lag: int) -> str:
    if lag == 0:
        return "same row"
    return f"{abs(lag)} row{'s' if abs(lag) > 1 else ''} {'later' if lag > 0 else 'earlier'}"


def _describe_shape(scatter: "Scatter") -> str:
    if not scatter.curve.size:
        return "There are too few points for a line."
    at, height = scatter.curve
    ends = ", ".join(format_number(float(height[place])) for place in (0, len(height) // 2, -1))
    return f"The smooth curve is at {ends} at the low end, in the middle and at the high end."


def _middle(values: np.ndarray) -> list[float]:
    """Return the range of nearly all values, and of all where the rest is not far away: a few far points would hide the others."""
    low, high = np.quantile(values, [_TAIL, 1 - _TAIL])
    least, most = float(values.min()), float(values.max())
    margin = 0.06 * (high - low)
    if most - least > 1.6 * (high - low) > 0:
        return [max(low - 4 * margin, least - margin), min(high + 4 * margin, most + margin)]
    margin = 0.06 * (most - least) or 0.5
    return [least - margin, most + margin]


def _short(values: np.ndarray) -> list[float]:
    """Return values in five digits of their largest: a picture shows no more, and is sent in half the bytes."""
    size = np.abs(values).max(initial=0)
    if not size:
        return values.tolist()
    digits = int(np.clip(_DIGITS - np.ceil(np.log10(size)), -300, 300))
    return np.round(values, digits).tolist() if abs(digits) < 20 else values.tolist()
