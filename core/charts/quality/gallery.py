"""The gallery: small histograms of many columns in a single figure, for speed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from core.charts.style import LOOKS, Theme, Words, add_note, finish
from core.quality.views.gallery import Order, measure_column
from core.text.escape import plain_text, plotly_text
from core.text.format import format_count, format_number, format_percent

if TYPE_CHECKING:
    from core.quality.column.profile import ColumnProfile

TILES_A_PAGE = 24
_TILES_A_ROW, _TILE_HEIGHT = 4, 108
_BARS_HEIGHT, _MARGIN = 0.48, 0.03
# The width of a tile in a window of 900 pixels.
_MOST_LETTERS = 14


def plot_gallery(columns: Sequence["ColumnProfile"], order: Order, theme: Theme = "light") -> go.Figure:
    """Draw a page of columns as small histograms.

    Each has its name, the number it is sorted by, and its skewness.

    The tiles are the points of the first trace, in the order of the columns.

    Parameters
    ----------
    columns
        The columns of the page.
    order
        What they are sorted by.
    theme
        The theme of the figure.
    """
    look = LOOKS[theme]
    figure = go.Figure()
    rows = max(1, -(-len(columns) // _TILES_A_ROW))
    tiles = [(place % _TILES_A_ROW, place // _TILES_A_ROW) for place in range(len(columns))]
    figure.add_bar(
        x=[across + 0.5 for across, _ in tiles],
        y=[1 - 2 * _MARGIN] * len(tiles),
        base=[-down - 1 + _MARGIN for _, down in tiles],
        width=1 - 2 * _MARGIN,
        marker={"color": look.grid, "opacity": 0.35, "line": {"width": 0}},
        selected={"marker": {"color": look.kept, "opacity": 0.3}},
        unselected={"marker": {"opacity": 0.35}},
        customdata=[_tile_text(column) for column in columns],
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=False,
    )
    _add_small_histograms(figure, columns, tiles, theme)
    for height, size, color, texts in (
        (0.02, 12, look.text, [plotly_text(column.name, _MOST_LETTERS) for column in columns]),
        (0.17, 11, look.muted, ["<br>".join(_two_numbers(column, order)) for column in columns]),
    ):
        figure.add_scatter(
            x=[across + 2 * _MARGIN for across, _ in tiles],
            y=[-down - _MARGIN - height for _, down in tiles],
            mode="text",
            text=texts,
            textposition="bottom right",
            textfont={"size": size, "color": color},
            unselected={"textfont": {"color": color}},
            hoverinfo="skip",
            showlegend=False,
        )
    figure.update_layout(barmode="overlay", hovermode="closest", dragmode=False)
    if not columns:
        add_note(figure, "No numeric column has this name.", theme)
    listed = "; ".join(
        f"{plain_text(column.name, 30)}: {', '.join(_two_numbers(column, order))}" for column in columns[:8]
    )
    words = Words(
        title="Histograms",
        x="Values of each column",
        y="Number of values",
        alt=f"Small histograms of {format_count(len(columns), 'column')}, sorted by {order}. {listed}.",
        subtitle="Click a column for its details below." if columns else "",
    )
    figure = finish(figure, words, theme, 20 + rows * _TILE_HEIGHT)
    figure.update_xaxes(visible=False, range=[0, _TILES_A_ROW], fixedrange=True)
    figure.update_yaxes(visible=False, range=[-rows, 0], fixedrange=True)
    return figure.update_layout(margin={"l": 0, "r": 0, "t": 4, "b": 4})


def _add_small_histograms(
    figure: go.Figure, columns: Sequence["ColumnProfile"], tiles: list[tuple[int, int]], theme: Theme
) -> None:
    look = LOOKS[theme]
    places, heights, bases, widths = [], [], [], []
    for column, (across, down) in zip(columns, tiles, strict=True):
        if column.histogram is None:
            continue
        counts = np.array(column.histogram.counts)
        width = (1 - 4 * _MARGIN) / len(counts)
        places.append(across + 2 * _MARGIN + width * (np.arange(len(counts)) + 0.5))
        heights.append(_BARS_HEIGHT * counts / counts.max())
        bases.append(np.full(len(counts), -down - 1 + 2 * _MARGIN))
        widths.append(np.full(len(counts), width))
    if places:
        figure.add_bar(
            x=np.concatenate(places).round(4),
            y=np.concatenate(heights).round(4),
            base=np.concatenate(bases).round(4),
            width=np.concatenate(widths).round(4),
            marker={"color": look.kept, "opacity": 0.8, "line": {"width": 0}},
            unselected={"marker": {"opacity": 0.8}},
            hoverinfo="skip",
            showlegend=False,
        )


def _two_numbers(column: "ColumnProfile", order: Order) -> list[str]:
    if column.histogram is None:
        return ["constant or empty"]
    shown: dict[Order, str] = {"skewness": "skew", "bad ratio": "bad", "excess kurtosis": "kurtosis", "drift": "lag 1"}
    pair: list[Order] = ["skewness", "excess kurtosis"]
    if order not in ("file order", "name", *pair):
        pair = [order, "skewness"]
    texts = []
    for name in pair:
        number = measure_column(column, name)
        share = name in ("bad ratio", "outliers")
        texts.append(f"{shown.get(name, name)} {format_percent(number) if share else format_number(number)}")
    return texts


def _tile_text(column: "ColumnProfile") -> str:
    found = column.all
    lines = [
        plotly_text(column.name),
        f"{format_number(found.min)} to {format_number(found.max)}, median {format_number(found.median)}",
        f"skewness {format_number(found.skewness)}, excess kurtosis {format_number(found.kurtosis)}",
        f"outliers {format_percent(found.outlier_ratio)}, bad {format_percent(found.bad_ratio)}",
        f"lag-1 autocorrelation {format_number(found.autocorrelation)}",
    ]
    return "<br>".join(lines)
