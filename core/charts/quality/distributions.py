"""Figures of the distribution of a column or of its changes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from core.charts.style import LOOKS, Theme, Words, add_note, finish
from core.quality.numerics.density import smooth_histogram
from core.quality.numerics.quantiles import QUANTILE_SHARES, Histogram, normal_scores
from core.text.escape import plain_text
from core.text.format import format_number, format_percent

if TYPE_CHECKING:
    from core.quality.column.profile import ColumnProfile

_TOP = 0.8
_Q01, _Q25, _MEDIAN, _Q75, _Q99 = (QUANTILE_SHARES.index(share) for share in (0.01, 0.25, 0.5, 0.75, 0.99))


@dataclass(frozen=True, kw_only=True)
class _Shape:
    """The distribution of a column's levels or of its changes."""

    name: str
    count: int
    mean: float | None
    skewness: float | None
    kurtosis: float | None
    outlier_ratio: float | None
    quantiles: tuple[float, ...]
    histogram: Histogram | None


def plot_distribution(column: "ColumnProfile", theme: Theme = "light", changes: bool = False) -> go.Figure:
    """Draw a histogram with density, mean, median, and a box plot above it.

    Parameters
    ----------
    column
        The column.
    theme
        The theme of the figure.
    changes
        Whether to draw its changes instead of its levels.
    """
    shape = _changes(column) if changes else _levels(column)
    figure = go.Figure()
    subtitle = alt = f"{_capitalise(shape.name)} has no histogram: it has no numbers, or only one distinct value."
    if shape.histogram is None:
        add_note(figure, alt, theme)
        subtitle = ""
    else:
        _add_bars(figure, shape, shape.histogram, theme)
        _add_box(figure, shape, theme)
        lowest, highest = format_number(shape.quantiles[0]), format_number(shape.quantiles[-1])
        subtitle = (
            f"Skewness {format_number(shape.skewness)}, excess kurtosis {format_number(shape.kurtosis)}, "
            f"{format_percent(shape.outlier_ratio)} outliers by robust z-score. Range {lowest} to {highest}; values beyond the "
            "axis are counted in the end bars."
        )
        alt = (
            f"Histogram of {shape.count:,} values of {shape.name}: mean {format_number(shape.mean)}, median "
            f"{format_number(shape.quantiles[_MEDIAN])}, quartiles {format_number(shape.quantiles[_Q25])} and "
            f"{format_number(shape.quantiles[_Q75])}, range {lowest} to {highest}."
        )
    figure.update_layout(
        bargap=0,
        hovermode="closest",
        yaxis={"domain": [0, _TOP]},
        yaxis2={"domain": [_TOP + 0.03, 1], "range": [-1, 1], "visible": False, "fixedrange": True},
    )
    figure.update_layout(yaxis={"rangemode": "tozero", "hoverformat": ","})
    figure.update_xaxes(showgrid=False)
    words = Words(
        title=f"Distribution of {shape.name}",
        x=_capitalise(shape.name),
        y="Number of values",
        alt=alt,
        subtitle=subtitle,
    )
    finish(figure, words, theme, 300)
    return figure if shape.histogram is None else figure.update_layout(yaxis2={"title": {"text": ""}})


def _add_bars(figure: go.Figure, shape: _Shape, histogram: Histogram, theme: Theme) -> None:
    look = LOOKS[theme]
    edges, counts = np.array(histogram.edges), np.array(histogram.counts)
    spans = [
        f"{format_number(low)} to {format_number(high)}"
        for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ]
    spans[0], spans[-1] = f"up to {format_number(float(edges[1]))}", f"from {format_number(float(edges[-2]))}"
    figure.add_bar(
        x=(edges[:-1] + edges[1:]) / 2,
        y=counts,
        width=np.diff(edges),
        name="values",
        marker={"color": look.kept, "opacity": 0.6, "line": {"width": 0.5, "color": look.background}},
        customdata=spans,
        hovertemplate="%{customdata}<br>%{y:,} values<extra></extra>",
        showlegend=False,
    )
    density = smooth_histogram(histogram, shape.quantiles)
    if density is not None:
        figure.add_scatter(
            x=density.at,
            y=density.height,
            mode="lines",
            name="density",
            line={"color": look.kept, "width": 2},
            hoverinfo="skip",
        )
    top = 1.06 * float(counts.max())
    for name, value, dash in (("mean", shape.mean, "solid"), ("median", shape.quantiles[_MEDIAN], "dash")):
        if value is not None and edges[0] <= value <= edges[-1]:
            figure.add_scatter(
                x=[value, value],
                y=[0, top],
                mode="lines",
                name=f"{name} {format_number(value)}",
                line={"color": look.text, "dash": dash, "width": 1.5},
                hoverinfo="skip",
            )


def _add_box(figure: go.Figure, shape: _Shape, theme: Theme) -> None:
    look = LOOKS[theme]
    q01, q25, median, q75, q99 = (shape.quantiles[place] for place in (_Q01, _Q25, _MEDIAN, _Q75, _Q99))
    line = {"color": look.text, "width": 1.5}
    text = f"1% {format_number(q01)}<br>25% {format_number(q25)}<br>median {format_number(median)}"
    text += f"<br>75% {format_number(q75)}<br>99% {format_number(q99)}"
    figure.add_scatter(x=[q01, q99], y=[0, 0], mode="lines", line=line, yaxis="y2", showlegend=False, hoverinfo="skip")
    figure.add_scatter(
        x=[q25, q75, q75, q25, q25, None, median, median],
        y=[-0.7, -0.7, 0.7, 0.7, -0.7, None, -0.7, 0.7],
        mode="lines",
        fill="toself",
        fillcolor=look.background,
        line=line,
        yaxis="y2",
        name="box",
        text=text,
        hoverinfo="text",
        hoveron="fills",
        showlegend=False,
    )


def plot_qq(column: "ColumnProfile", theme: Theme = "light", changes: bool = False) -> go.Figure:
    """Draw a normal Q-Q plot, with the line of a normal of the same quartiles.

    Parameters
    ----------
    column
        The column.
    theme
        The theme of the figure.
    changes
        Whether to draw its changes instead of its levels.
    """
    look = LOOKS[theme]
    shape = _changes(column) if changes else _levels(column)
    figure = go.Figure()
    alt = f"{_capitalise(shape.name)} has no Q-Q plot: it has no numbers, or only one distinct value."
    subtitle = ""
    if shape.histogram is None:
        add_note(figure, alt, theme)
    else:
        lowest, highest = format_number(shape.quantiles[0]), format_number(shape.quantiles[-1])
        scores, values = normal_scores(shape.count), np.array(shape.quantiles)
        with np.errstate(over="ignore"):
            slope = (values[_Q75] - values[_Q25]) / (scores[_Q75] - scores[_Q25])
        middle = values[_Q25] - slope * scores[_Q25]
        figure.add_scatter(
            x=scores[[0, -1]],
            y=middle + slope * scores[[0, -1]],
            mode="lines",
            name="normal with the same quartiles",
            line={"color": look.muted, "dash": "dash", "width": 1.5},
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=scores,
            y=values,
            mode="markers",
            name="quantiles",
            marker={"color": look.kept, "size": 6},
            customdata=[f"{100 * share:.4g}%" for share in QUANTILE_SHARES],
            hovertemplate="%{customdata} quantile: %{y:,.3~r}<br>normal %{x:.2f}<extra></extra>",
        )
        subtitle = "Normal values lie on the line. Heavy tails bend below it on the left and above it on the right."
        alt = (
            f"Normal Q-Q plot of {shape.name}: range {lowest} to {highest}; on the line it would be "
            f"{format_number(float(middle + slope * scores[0]))} to {format_number(float(middle + slope * scores[-1]))}."
        )
    figure.update_layout(hovermode="closest")
    words = Words(
        title=f"Normal Q-Q plot of {shape.name}",
        x="Normal quantile",
        y=_capitalise(shape.name),
        alt=alt,
        subtitle=subtitle,
    )
    return finish(figure, words, theme, 270)


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:] if text.startswith("changes of ") else text


def _levels(column: "ColumnProfile") -> _Shape:
    found = column.all
    return _Shape(
        name=plain_text(column.name, 40),
        count=found.valid,
        mean=found.mean,
        skewness=found.skewness,
        kurtosis=found.kurtosis,
        outlier_ratio=found.outlier_ratio,
        quantiles=column.quantiles,
        histogram=column.histogram,
    )


def _changes(column: "ColumnProfile") -> _Shape:
    name, found = f"changes of {plain_text(column.name, 40)}", column.changes
    if found is None:
        return _Shape(
            name=name,
            count=0,
            mean=None,
            skewness=None,
            kurtosis=None,
            outlier_ratio=None,
            quantiles=(),
            histogram=None,
        )
    return _Shape(
        name=name,
        count=found.count,
        mean=found.mean,
        skewness=found.skewness,
        kurtosis=found.kurtosis,
        outlier_ratio=found.outlier_ratio,
        quantiles=found.quantiles,
        histogram=found.histogram,
    )
