"""Plotly for a page that loads nothing: the library compressed, and figures as data that it draws once it is unpacked."""

import base64
import gzip
import json
from functools import cache
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs


@cache
def packed_plotly() -> str:
    """Return plotly.js, gzipped, as base64: less than half of its size. The same version gives the same text."""
    return base64.b64encode(gzip.compress(get_plotlyjs().encode(), 9, mtime=0)).decode()


def embed_figure(figure: go.Figure, name: str, config: dict[str, Any]) -> str:
    """Return the placeholder of a figure and its data as HTML; no text of the figure can end the element that holds it.

    Parameters
    ----------
    figure
        The figure.
    name
        The identifier of its place, of letters, digits and hyphens.
    config
        Plotly's settings.
    """
    drawn = f'{{"figure":{figure.to_json()},"config":{json.dumps(config)}}}'
    for mark, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("/", "\\u002f")):
        drawn = drawn.replace(mark, escaped)
    height = figure.layout.height or 400
    return (
        f'<div id="{name}" class="plot" style="height:{height:g}px"></div>'
        f'<script type="application/json" data-figure="{name}">{drawn}</script>'
    )
