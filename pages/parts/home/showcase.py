"""A picture of what comes out: which questions about the sample can be answered, computed when the page is first shown."""

import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import streamlit as st

from core.charts.quality.forecastability import plot_forecastability
from core.context import Context
from core.data.builtin import Sample, write_sample
from core.ingest.step import read
from core.quality.forecastability.question import Forecastability
from core.quality.step import profile
from core.recipe.model import Recipe
from pages.parts.widgets import placing


def show(sample: Sample) -> None:
    """Draw the map of predictability of a sample's target."""
    placing.chart(plot_forecastability(_map_target(sample), placing.theme()), "showcase-map")
    st.caption(f"{sample.title}, computed on this machine from the sample itself.")


# Not Streamlit's cache: it is the same in every session and in every test, and small.
@cache
def _map_target(sample: Sample) -> Forecastability:
    """Return the questions about a sample's target; the file and its tables are deleted again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sample(sample.name, folder / "sample.csv")
        recipe = Recipe().change("ingest", target=sample.target)
        context = Context(dataset=read(folder / "sample.csv", recipe, folder / "tables"), recipe=recipe)
        found = profile(context).forecastability
    return replace(found, questions=tuple(asked for asked in found.questions if asked.column == sample.target))
