"""Figures of two columns: scatter plot, rolling correlation, and cross-correlation."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from core.charts.style import LOOKS, Theme, Words, add_note, band_marker, finish
from core.charts.timeline import (
    SEALED_NOTE,
    as_times,
    downsample,
    downsampling_note,
    mask_test_era,
    sample_evenly,
    set_time_axis,
    shade_eras,
)
from core.data.eras import Eras
from core.quality.numerics.sampling import RELATION_ROWS
from core.text.escape import plain_text
from core.text.format import format_count, format_number

if TYPE_CHECKING:
    from core.quality.views.cross_correlation import CrossCorrelation
    from core.quality.views.pair import Scatter
    from core.quality.views.rolling_correlation import RollingCorrelation

_TAIL = 0.005
_DIGITS = 5
# Twice as many would take a browser a tenth of a second longer.
_MOST_MARKERS = 1_000
# A rolling correlation is smooth: more than two values per pixel are invisible.
_MOST_STEPS = 2_000


def plot_pair(scatter: "Scatter", theme: Theme = "light") -> go.Figure:
    """Draw a scatter plot of the tested rows with a linear fit and a smooth curve.

    At most a thousand points are drawn; the fits use all of them.
    """
    look = LOOKS[theme]
    x_name, y_name = (plain_text(label, 48) for label in scatter.labels)
    figure = go.Figure()
    outside = 0
    places = sample_evenly(len(scatter.x), _MOST_MARKERS)
    if len(places):
        figure.add_scatter(
            x=_round_values(scatter.x[places]),
            y=_round_values(scatter.y[places]),
            mode="markers",
            name="train rows",
            marker={"color": look.kept, "size": 5, "opacity": 0.4},
            hovertemplate="%{x}, %{y}<extra></extra>",
        )
        ranges = [_axis_range(values) for values in (scatter.x, scatter.y)]
        figure.update_xaxes(range=ranges[0])
        figure.update_yaxes(range=ranges[1])
        points = scatter.x[places], scatter.y[places]
        inside = [(low <= v) & (v <= high) for v, (low, high) in zip(points, ranges, strict=True)]
        outside = len(places) - int(np.count_nonzero(inside[0] & inside[1]))
    else:
        add_note(figure, "No train row is valid in both columns.", theme)
    linear = look.model("linear")
    for (x, y), name, line in (
        (scatter.line, "linear fit", {"color": linear.color, "dash": linear.dash, "width": 2}),
        (scatter.curve, "smooth curve", {"color": look.text, "width": 2.5}),
    ):
        if len(x):
            figure.add_scatter(
                x=_round_values(x), y=_round_values(y), mode="lines", name=name, line=line, hoverinfo="skip"
            )
    figure.update_layout(hovermode="closest")
    words = Words(
        title=f"{'C' + y_name[1:] if y_name.startswith('change of ') else y_name} against {x_name}",
        x=x_name,
        y=y_name,
        alt=f"Scatter of {y_name} against {x_name}, {len(places):,} train rows. {_curve_text(scatter)}",
        subtitle=_sample_text(scatter, len(places), outside),
    )
    return finish(figure, words, theme, 340)


def plot_rolling(
    rolling: "RollingCorrelation", eras: Eras | None = None, theme: Theme = "light", *, sealed: bool = False
) -> go.Figure:
    """Draw the rolling correlation with the eras behind it.

    Parameters
    ----------
    rolling
        The rolling correlation.
    eras
        The eras to shade, if known.
    theme
        The theme of the figure.
    sealed
        Whether to leave out windows that end in the test era.
    """
    look = LOOKS[theme]
    if eras is not None and sealed:
        rolling = replace(rolling, values=mask_test_era(rolling.times, rolling.values, eras))
    names = " and ".join(plain_text(label, 40) for label in rolling.labels)
    times = as_times(rolling.times)
    places = downsample(rolling.values, most=_MOST_STEPS)
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
        add_note(figure, rolling.sentence, theme)
    else:
        set_time_axis(figure, times)
        if eras is not None:
            shade_eras(figure, eras, theme, sealed=sealed)
    figure.update_yaxes(range=[-1.05, 1.05], tickvals=[-1, -0.5, 0, 0.5, 1])
    words = Words(
        title=f"Rolling correlation of {names}, {rolling.window:,} rows",
        x="Time",
        y="Pearson correlation",
        alt=f"Line chart of the rolling correlation of {names}. {rolling.sentence}",
        subtitle=f"{rolling.sentence} {SEALED_NOTE if sealed else ''} {downsampling_note(len(places), len(times))}".strip(),
    )
    return finish(figure, words, theme, 270)


def plot_cross_correlation(found: "CrossCorrelation", theme: Theme = "light") -> go.Figure:
    """Draw the correlations at lags, with the 95% band of unrelated columns."""
    look = LOOKS[theme]
    feature, other = plain_text(found.feature, 24), plain_text(found.other, 24)
    lags, correlations = np.array(found.lags), np.array(found.correlations)
    beyond = np.abs(correlations) > (found.band or np.inf)
    figure = go.Figure()
    figure.add_bar(
        x=lags,
        y=np.round(correlations, 4),
        marker=band_marker(beyond, theme),
        customdata=[_lag_text(lag) for lag in found.lags],
        hovertemplate="%{customdata}<br>%{y:.3f}<extra></extra>",
        showlegend=False,
    )
    if found.band is None:
        add_note(figure, found.sentence, theme)
    else:
        figure.add_scatter(
            x=[lags[0] - 0.5, lags[-1] + 0.5, None] * 2,
            y=[found.band, found.band, None, -found.band, -found.band, None],
            mode="lines",
            name="95% band of unrelated columns",
            line={"color": look.text, "dash": "dash", "width": 1},
            hoverinfo="skip",
        )
    most = max(float(np.abs(correlations).max(initial=0)), found.band or 0.1) * 1.15
    figure.update_yaxes(range=[-most, most])
    figure.update_xaxes(range=[lags[0] - 0.7, lags[-1] + 0.7], dtick=10, tickangle=0)
    figure.update_layout(bargap=0.3, hovermode="closest")
    words = Words(
        title=f"Cross-correlation of {feature} and {other}",
        x=f"Lag in rows (right: {feature} leads)",
        y="Correlation",
        alt=f"Bar chart of the correlation at lags {lags[0]} to {lags[-1]}. {found.sentence}",
        subtitle=found.sentence,
    )
    return finish(figure, words, theme, 340)


def _sample_text(scatter: "Scatter", drawn: int, outside: int) -> str:
    """Return which train rows are drawn, and how many of the points lie outside the axes."""
    parts = []
    if drawn < scatter.rows:
        how = "evenly spaced" if drawn < len(scatter.x) else "those valid in both columns"
        if scatter.rows > RELATION_ROWS:
            how = "in evenly spaced stretches"
        parts.append(f"{drawn:,} of {scatter.rows:,} train rows drawn, {how}.")
    if outside:
        parts.append(f"{format_count(outside, 'outlier')} outside the axes.")
    return " ".join(parts)


def _lag_text(lag: int) -> str:
    if lag == 0:
        return "same row"
    return f"{format_count(abs(lag), 'row')} {'later' if lag > 0 else 'earlier'}"


def _curve_text(scatter: "Scatter") -> str:
    if not scatter.curve.size:
        return "There are too few points for a fit."
    at, height = scatter.curve
    ends = ", ".join(format_number(float(height[place])) for place in (0, len(height) // 2, -1))
    return f"The smooth curve is at {ends} on the left, in the middle and on the right."


def _axis_range(values: np.ndarray) -> list[float]:
    """Return an axis range for values, shape (n,).

    It omits outliers that would squeeze the other points.
    """
    low, high = np.quantile(values, [_TAIL, 1 - _TAIL])
    least, most = float(values.min()), float(values.max())
    margin = 0.06 * (high - low)
    if most - least > 1.6 * (high - low) > 0:
        return [max(low - 4 * margin, least - margin), min(high + 4 * margin, most + margin)]
    margin = 0.06 * (most - least) or 0.5
    return [least - margin, most + margin]


def _round_values(values: np.ndarray) -> list[float]:
    """Return values, shape (n,), rounded to five digits of the largest.

    A figure shows no more, and the JSON is half as large.
    """
    size = np.abs(values).max(initial=0)
    if not size:
        return values.tolist()
    digits = int(np.clip(_DIGITS - np.ceil(np.log10(size)), -300, 300))
    return np.round(values, digits).tolist() if abs(digits) < 20 else values.tolist()
