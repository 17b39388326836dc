"""A column over time: the line with what its calendar lacks, its memory, and whether it keeps its level."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.charts.quality import over_time as charts
from core.charts.style import Theme
from core.data.dataset import Dataset
from core.data.eras import Eras
from core.data.frequency import SamplingFrequency, find_frequency
from core.quality.step import profile_key
from core.quality.views.calendar import Calendar, find_calendar
from core.quality.views.over_time import Extent, OverTime, find_extent, read_over_time
from core.quality.views.pair import name_series
from core.regression.acf import Memory, measure_memory
from core.regression.stationarity import LONGEST, Stationarity, judge_stationarity
from pages.parts.frame.context import PageContext
from pages.parts.quality import describe_over_time
from pages.parts.widgets import placing

_FORMS = ("levels", "changes")


@dataclass(frozen=True)
class _Choice:
    """Which column of which series is looked at."""

    column: str
    series: str | None


@dataclass(frozen=True, kw_only=True)
class _View:
    """What a line is found again by: the data and their profile, and what is looked at of them, how, and in which colours."""

    key: str
    choice: _Choice
    as_changes: bool
    span: tuple[np.datetime64, np.datetime64]
    theme: Theme


@dataclass(frozen=True)
class _Seen:
    """What is found of a choice before it is drawn."""

    calendar: Calendar
    extent: Extent | None


@dataclass(frozen=True)
class _Remembered:
    """What is judged of the levels and of the changes."""

    memory: tuple[Memory, Memory]
    stationarity: tuple[Stationarity, Stationarity]


@st.fragment
def show(context: PageContext) -> None:
    """Offer a column, a series and a range, and draw what is there."""
    data, quality = context.dataset, context.quality
    names = [
        c.name for c in quality.columns if c.kind.is_numeric and c.name not in (data.time_column, data.series_column)
    ]
    if not names:
        st.info("This file has no column of numbers.")
        return
    key = profile_key(context.work)
    every = _series_names(data.key, data)
    one, *two, three = st.columns([2, 2, 2] if every else 2)
    first = names.index(quality.target) if quality.target in names else 0
    column = one.selectbox("Column", names, index=first, key="over-time-column")
    choice = _Choice(column, two[0].selectbox("Series", every, key="over-time-series") if every else None)
    form = three.segmented_control("Values", _FORMS, default="levels", required=True, key="over-time-values")

    # Rows are read once where anything is missing, and are not kept.
    @cache
    def read() -> OverTime:
        return read_over_time(data, quality, column, choice.series)

    seen = _look_at(key, choice, read)
    span = _offer_range(seen.extent, choice, data.is_counted)
    if span is None:
        st.info("All rows of this series have one time.")
    else:
        view = _View(key=key, choice=choice, as_changes=form == "changes", span=span, theme=placing.theme())
        placing.chart(_draw(view, read, seen.calendar, quality.eras), "over-time-line")
    st.markdown(describe_over_time.calendar(seen.calendar))
    spots = describe_over_time.spots(seen.calendar)
    if len(spots):
        with st.expander(f"Where: {len(spots):,} place{'s' if len(spots) > 1 else ''}"):
            placing.table(spots, "over-time-spots")
    st.subheader("Does it keep its level?")
    remembered = _remember(key, choice, read)
    st.markdown(describe_over_time.stationarity(*remembered.stationarity))
    placing.chart(charts.plot_memory(*remembered.memory, column, placing.theme()), "over-time-memory")


def _offer_range(extent: Extent | None, choice: _Choice, counted: bool) -> tuple[np.datetime64, np.datetime64] | None:
    if extent is None:
        return None
    ends = extent.first.item(), extent.last.item()
    # Another series has other ends: the key holds it, so that a range is not carried over.
    first, last = st.slider(
        "Range",
        *ends,
        ends,
        step=extent.step.item(),
        format="X" if counted else "YYYY-MM-DD" if extent.step >= np.timedelta64(1, "D") else "YYYY-MM-DD HH:mm",
        key=f"over-time-range-{choice.series}",
        help="A narrower range is drawn in full detail: rows are left out only where more than 4,000 lie in it.",
    )
    return np.datetime64(first, "us"), np.datetime64(last, "us")


@st.cache_resource(max_entries=16, show_spinner=False)
def _series_names(key: str, _data: Dataset) -> tuple[str, ...]:
    return name_series(_data)


# What is small is kept, rows never; it is found again by the data's key and the choice.
_keep = st.cache_resource(max_entries=64, show_spinner=False)


@_keep
def _look_at(key: str, choice: _Choice, _read: Callable[[], OverTime]) -> _Seen:
    return _Seen(find_calendar(_read(), _follow(key, choice.series, _read)), find_extent(_read().times))


@_keep
def _follow(key: str, series: str | None, _read: Callable[[], OverTime]) -> SamplingFrequency:
    return find_frequency(_read().times, None)


@_keep
def _draw(view: _View, _read: Callable[[], OverTime], _calendar: Calendar, _eras: Eras) -> go.Figure:
    return charts.plot_over_time(_read(), view.as_changes, _calendar, view.span, _eras, view.theme)


@_keep
def _remember(key: str, choice: _Choice, _read: Callable[[], OverTime]) -> _Remembered:
    levels, changes = (_read().learned_from(as_changes, LONGEST) for as_changes in (False, True))
    return _Remembered(
        (measure_memory(levels), measure_memory(changes)), (judge_stationarity(levels), judge_stationarity(changes))
    )
