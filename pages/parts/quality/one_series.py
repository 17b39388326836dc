"""The choice of one series of a panel, to which every view of the page is then narrowed."""

from dataclasses import replace

import streamlit as st

from core.data.dataset import Dataset
from core.errors.model import PlumblineError
from core.quality.profile import QualityProfile
from core.quality.step import profile_key
from core.quality.views.one_series import MOST_CELLS, profile_series, take_series
from core.quality.views.pair import name_series
from pages.parts.frame import error_messages, state
from pages.parts.frame.context import LoadedContext

_ALL = "All series"


def choose(context: LoadedContext) -> str | None:
    """Draw the choice of a series, unless there is only one, and return it; None for all."""
    data = context.dataset
    series = () if data.series_column is None else _names(data.key, data)
    if len(series) < 2:
        return None
    is_long = data.rows / len(series) * len(data.columns) > MOST_CELLS
    chosen = st.selectbox(
        "Series",
        [_ALL, *series],
        key="quality-series",
        disabled=is_long,
        width=220,
        help=f"A series of more than {MOST_CELLS:,} cells is not profiled alone." if is_long else None,
    )
    return chosen if chosen in series else None


def narrow(context: LoadedContext, series: str | None) -> LoadedContext:
    """Return the context with the data and the profile of one series; the page ends here if it cannot be profiled."""
    if series is None:
        return context
    try:
        with st.spinner(f"Profiling {series}"):
            taken, quality = _profile(f"{context.project.id}-{profile_key(context.work)}", series, context)
    except PlumblineError as error:
        st.error(error_messages.error_text(error))
        st.stop()
    return replace(context, dataset=taken, quality=quality, work=replace(context.work, dataset=taken, results={}))


@st.cache_resource(max_entries=16, show_spinner=False)
def _names(key: str, _data: Dataset) -> tuple[str, ...]:
    return name_series(_data)


@st.cache_resource(max_entries=16, show_spinner=False)
def _profile(key: str, series: str, _context: LoadedContext) -> tuple[Dataset, QualityProfile]:
    folder = state.workspace().tables(_context.project.id).parent / "series"
    taken = take_series(_context.dataset, series, folder)
    return taken, profile_series(taken, _context.quality.roles.target, _context.quality.eras, _context.recipe)
