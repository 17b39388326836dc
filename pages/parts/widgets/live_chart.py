"""A chart that is updated in place every second: no flicker, and zoom and hover survive."""

from pathlib import Path

import plotly
import plotly.graph_objects as go
import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

from core.charts.style import words_of
from pages.parts.widgets import placing

# Streamlit replaces its own chart element if the figure changes; `Plotly.react` updates it in place.
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
  const place = parentElement.querySelector(".live-chart");
  const figure = JSON.parse(data.figure);
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", data.alt);
  place.style.height = `${figure.layout.height}px`;
  plotly().then((library) =>
    library.react(place, figure.data, figure.layout, { displaylogo: false, displayModeBar: false, responsive: true })
  );
}
"""

_component = st.components.v2.component(
    "live_chart",
    html='<div class="live-chart" style="width: 100%"></div>',
    js=_SCRIPT,
    isolate_styles=False,
)


def _serve_plotly(_: Request) -> FileResponse:
    script = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    return FileResponse(script, media_type="text/javascript", headers={"Cache-Control": "max-age=86400"})


ROUTE = Route("/plotly.min.js", _serve_plotly)


def chart(figure: go.Figure, key: str) -> None:
    """Place a figure that changes while it is on the page, under its title."""
    with st.container(gap="xxsmall"):
        placing.chart_heading(figure)
        bare_chart(figure, key)


def bare_chart(figure: go.Figure, key: str) -> None:
    """Place a figure that changes while it is on the page, without its title."""
    _component(key=key, data={"figure": figure.to_json(), "alt": words_of(figure).alt})
