"""A column over time: its line with gaps and missing values, its stationarity, and its autocorrelation."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.charts.quality import over_time as charts
from core.charts.style import Theme
from core.data.dataset import Dataset
from core.data.eras import Eras
from core.data.frequency import SamplingFrequency, find_frequency
from core.quality.profile import QualityProfile
from core.quality.step import profile_key
from core.quality.views.calendar import Calendar, find_calendar
from core.quality.views.over_time import Extent, OverTime, find_extent, read_over_time
from core.quality.views.pair import name_series
from core.regression.acf import Autocorrelation, autocorrelate
from core.regression.stationarity import MOST_ROWS, Stationarity, assess_stationarity
from pages.parts.frame.context import LoadedContext
from pages.parts.quality import describe_over_time
from pages.parts.widgets import placing, ranges

Form = Literal["levels", "changes"]
_FORMS: tuple[Form, ...] = get_args(Form)


@dataclass(frozen=True)
class _Choice:
    """The chosen column, of the chosen series."""

    column: str
    series: str | None


@dataclass(frozen=True, kw_only=True)
class _LineKey:
    """The cache key of a line: `key` is that of the data and their profile."""

    key: str
    choice: _Choice
    as_changes: bool
    span: tuple[np.datetime64, np.datetime64]
    theme: Theme
    sealed: bool
    log_scale: bool


@dataclass(frozen=True)
class _Outline:
    """What is known of a series before its line is drawn."""

    calendar: Calendar
    extent: Extent | None


@dataclass(frozen=True)
class _Dependence:
    """Autocorrelation and stationarity, each of the levels and of the changes."""

    acf: tuple[Autocorrelation, Autocorrelation]
    stationarity: tuple[Stationarity, Stationarity]


@st.fragment
def show(context: LoadedContext) -> None:
    """Draw the choice of a column, a series and a range, and what they show."""
    data, quality = context.dataset, context.quality
    roles = (data.time_column, data.series_column)
    names = [column.name for column in quality.columns if column.kind.is_numeric and column.name not in roles]
    if not names:
        st.info("This file has no numeric columns.")
        return
    key = profile_key(context.work)
    all_series = _series_names(data.key, data)
    left, *middle, right = st.columns([2, 2, 2] if all_series else 2)
    first = names.index(quality.target) if quality.target in names else 0
    column = left.selectbox("Column", names, index=first, key="over-time-column")
    series = middle[0].selectbox("Series", all_series, key="over-time-series") if all_series else None
    choice = _Choice(column, series)
    form = right.segmented_control("Values", _FORMS, default="levels", required=True, key="over-time-values")

    # Rows are read once if any result is missing from the cache, and are not cached themselves.
    @cache
    def read() -> OverTime:
        return read_over_time(data, quality, column, choice.series)

    outline = _outline(key, choice, read)
    if outline.extent is None:
        st.info("All rows of this series have the same time.")
    else:
        span = ranges.choose_within(outline.extent, f"over-time-range-{choice.series}", data.is_counted)
        line = _LineKey(
            key=key,
            choice=choice,
            as_changes=form == "changes",
            span=span,
            theme=placing.theme(),
            sealed=context.is_sealed(column),
            log_scale=form == "levels"
            and _is_positive(quality, column)
            and right.toggle("Log scale", key="over-time-log"),
        )
        placing.chart(_draw_line(line, read, outline.calendar, quality.eras), "over-time-line")
    st.markdown(describe_over_time.calendar_text(outline.calendar))
    spots = describe_over_time.spots_table(outline.calendar)
    if len(spots):
        with st.expander(f"Gaps, repeats and missing values: {len(spots):,}"):
            placing.table(spots, "over-time-spots")
    st.header("Stationarity")
    dependence = _measure_dependence(key, choice, read)
    st.markdown(describe_over_time.stationarity_text(*dependence.stationarity))
    placing.chart(charts.plot_autocorrelation(*dependence.acf, column, placing.theme()), "over-time-memory")


def _is_positive(quality: QualityProfile, column: str) -> bool:
    least = quality.column(column).all.min
    return least is not None and least > 0


@st.cache_resource(max_entries=16, show_spinner=False)
def _series_names(key: str, _data: Dataset) -> tuple[str, ...]:
    return name_series(_data)


# Results are cached, rows are not. The key identifies the data and their profile.
_cached = st.cache_resource(max_entries=64, show_spinner=False)


@_cached
def _outline(key: str, choice: _Choice, _read: Callable[[], OverTime]) -> _Outline:
    return _Outline(find_calendar(_read(), _frequency(key, choice.series, _read)), find_extent(_read().times))


@_cached
def _frequency(key: str, series: str | None, _read: Callable[[], OverTime]) -> SamplingFrequency:
    return find_frequency(_read().times, None)


@_cached
def _draw_line(line: _LineKey, _read: Callable[[], OverTime], _calendar: Calendar, _eras: Eras) -> go.Figure:
    return charts.plot_over_time(
        _read(), line.as_changes, _calendar, line.span, _eras, line.theme, sealed=line.sealed, log_scale=line.log_scale
    )


@_cached
def _measure_dependence(key: str, choice: _Choice, _read: Callable[[], OverTime]) -> _Dependence:
    levels, changes = (_read().last_train_values(as_changes, MOST_ROWS) for as_changes in (False, True))
    return _Dependence(
        (autocorrelate(levels), autocorrelate(changes)), (assess_stationarity(levels), assess_stationarity(changes))
    )
