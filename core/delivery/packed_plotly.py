"""Plotly for a page that loads nothing: the library and its figures compressed, and drawn once they are unpacked."""

import base64
import gzip
import json
from functools import cache
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs


@cache
def packed_plotly() -> str:
    """Return plotly.js packed: less than half of its size. The same version gives the same text."""
    return _pack(get_plotlyjs())


def embed_figure(figure: go.Figure, name: str, config: dict[str, Any]) -> str:
    """Return the placeholder of a figure and its packed data as HTML; no text of the figure can end the element that holds it.

    Parameters
    ----------
    figure
        The figure.
    name
        The identifier of its place, of letters, digits and hyphens.
    config
        Plotly's settings.
    """
    drawn = _pack(f'{{"figure":{figure.to_json()},"config":{json.dumps(config)}}}')
    height = figure.layout.height or 400
    return (
        f'<div id="{name}" class="plot" style="height:{height:g}px"></div>'
        f'<script type="application/octet-stream" data-figure="{name}">{drawn}</script>'
    )


def _pack(text: str) -> str:
    """Return a text gzipped, as base64."""
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()
