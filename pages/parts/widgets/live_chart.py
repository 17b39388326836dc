"""A figure that is drawn again every second without being taken down: no flicker, and zoom and hover stay."""

from pathlib import Path

import plotly
import plotly.graph_objects as go
import streamlit as st
from starlette.responses import FileResponse
from starlette.routing import Route

from core.charts.style import words_of
from pages.parts.widgets import placing

# Streamlit's own chart element is made anew whenever its figure changes; `Plotly.react` changes it in place.
_SCRIPT = """
const address = "/plotly.min.js";
let loading = null;

function plotly() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve(window.Plotly);
    script.onerror = reject;
    document.head.appendChild(script);
  });
  return loading;
}

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".moving-figure");
  const figure = JSON.parse(data.figure);
  place.setAttribute("aria-label", data.alt);
  place.style.height = `${figure.layout.height}px`;
  plotly().then((library) =>
    library.react(place, figure.data, figure.layout, { displaylogo: false, displayModeBar: false, responsive: true })
  );
}
"""

_figure = st.components.v2.component(
    "moving_figure",
    html='<div class="moving-figure" role="img" style="width: 100%"></div>',
    js=_SCRIPT,
    isolate_styles=False,
)


def _serve_plotly(_: object) -> FileResponse:
    script = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    return FileResponse(script, media_type="text/javascript", headers={"Cache-Control": "max-age=86400"})


ROUTE = Route("/plotly.min.js", _serve_plotly)


def chart(figure: go.Figure, key: str) -> None:
    """Place a figure that changes while it is looked at, under its words."""
    with st.container(gap="xxsmall"):
        placing.head(figure)
        place(figure, key)


def place(figure: go.Figure, key: str) -> None:
    """Place a figure that changes while it is looked at, without its words, for whoever says them."""
    _figure(key=key, data={"figure": figure.to_json(), "alt": words_of(figure).alt})
