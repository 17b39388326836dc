"""Any two columns: their class, the scatter, the correlation over time, and which moves first."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import plotly.graph_objects as go
import streamlit as st

from core.charts.quality import relations as charts
from core.charts.style import Theme
from core.data.dataset import Dataset
from core.quality.pairwise.relations import Relation
from core.quality.profile import QualityProfile
from core.quality.step import profile_key
from core.quality.views.leads import find_leads
from core.quality.views.pair import Pair, judge_pair, name_series, read_pair, relation_of, scatter_pair
from core.quality.views.rolling_correlation import WINDOWS, propose_window, roll_correlation
from pages.parts.frame.context import PageContext
from pages.parts.quality import describe_relations
from pages.parts.widgets import placing

_ALL_SERIES = "all series"
_CHANGES, _LEVELS = "changes", "levels"


@dataclass(frozen=True, kw_only=True)
class _Choice:
    """Which two columns are looked at, of which series, and how."""

    feature: str
    other: str
    series: str | None
    judged: bool
    window: int


@dataclass(frozen=True, kw_only=True)
class _Sought:
    """What a picture is found again by: the data and their profile, what is looked at of them, and in which colours."""

    key: str
    choice: _Choice
    theme: Theme


@st.fragment
def show(context: PageContext, feature: str | None, other: str | None = None) -> None:
    """Offer two columns, `feature` against `other` (the target, where none is named), and draw what ties them together."""
    data, quality = context.dataset, context.quality
    names = [column.name for column in quality.columns if column.kind.is_numeric and column.name != data.time_column]
    if len(names) < 2:
        st.info("A relation needs two columns of numbers; this file has fewer.")
        return
    st.subheader("Two columns side by side")
    first = feature or next(name for name in names if name != quality.target)
    one, two, three = st.columns(3)
    # The key holds the row of the table: choosing another moves this box too.
    chosen = one.selectbox("Feature", names, index=names.index(first), key=f"pair-feature-{first}")
    others = [name for name in names if name != chosen]
    wanted = next((name for name in (other, quality.target) if name in others), others[0])
    against = two.selectbox("Against", others, index=others.index(wanted), key=f"pair-against-{other or ''}")
    series = _offer_series(data, three)
    judged, window = _offer_view(quality, (chosen, against), data, series)
    choice = _Choice(feature=chosen, other=against, series=series, judged=judged, window=window)
    _show_chosen(_Sought(key=profile_key(context.work), choice=choice, theme=placing.theme()), context)


def _show_chosen(sought: _Sought, context: PageContext) -> None:
    """Draw one picture after the other: the browser draws the first while the next is made."""
    choice = sought.choice

    # Rows are read once where any picture is missing, and are not kept.
    @cache
    def read() -> Pair:
        return read_pair(context.dataset, context.quality, (choice.feature, choice.other), choice.series)

    st.markdown(describe_relations.pair(_relate(sought, read, context.quality), context.quality))
    with st.grid(2, min_column_width=380):
        placing.chart(_plot_scatter(sought, read), "pair-scatter")
        placing.chart(_plot_leads(sought, read), "pair-leads")
    placing.chart(_plot_rolling(sought, read, context.quality), "pair-rolling")


def _offer_series(data: Dataset, place: st.delta_generator.DeltaGenerator) -> str | None:
    if data.series_column is None:
        return None
    names = _series_names(data.key, data)
    chosen = place.selectbox("Series", [_ALL_SERIES, *names], key="pair-series")
    return None if chosen == _ALL_SERIES else chosen


def _offer_view(quality: QualityProfile, names: tuple[str, str], data: Dataset, series: str | None) -> tuple[bool, int]:
    """Return whether changes are drawn, where one of the columns drifts, and the window of the rolling correlation."""
    form, length = st.columns([1, 2])
    judged = True
    if any(quality.column(name).drifts for name in names):
        asked = form.segmented_control(
            "Values",
            [_CHANGES, _LEVELS],
            default=_CHANGES,
            required=True,
            key="pair-values",
            help="Changes from row to row of a column that drifts, as the relation is judged; or the values as they are. "
            "Levels that drift seem related when they only share a trend.",
        )
        judged = asked == _CHANGES
    series_count = len(_series_names(data.key, data)) if data.series_column else 1
    window = length.select_slider(
        "Window of the correlation over time (rows)",
        WINDOWS,
        propose_window(data.rows // max(1, series_count)),
        key="pair-window",
        format_func="{:,}".format,
        help="The correlation is computed anew at each row, over so many rows up to it.",
    )
    return judged, window


@st.cache_resource(max_entries=16, show_spinner=False)
def _series_names(key: str, _data: Dataset) -> tuple[str, ...]:
    return name_series(_data)


# Figures and not rows are kept, and found again by the data's key and the choice: never by the data themselves.
_keep = st.cache_resource(max_entries=64, show_spinner=False)


@_keep
def _relate(sought: _Sought, _read: Callable[[], Pair], _quality: QualityProfile) -> Relation:
    return relation_of(_read(), _quality) if sought.choice.series is None else judge_pair(_read())


@_keep
def _plot_scatter(sought: _Sought, _read: Callable[[], Pair]) -> go.Figure:
    return charts.plot_pair(scatter_pair(_read(), sought.choice.judged), sought.theme)


@_keep
def _plot_leads(sought: _Sought, _read: Callable[[], Pair]) -> go.Figure:
    return charts.plot_leads(find_leads(_read()), sought.theme)


@_keep
def _plot_rolling(sought: _Sought, _read: Callable[[], Pair], _quality: QualityProfile) -> go.Figure:
    rolling = roll_correlation(_read(), sought.choice.window, sought.choice.judged)
    return charts.plot_rolling(rolling, _quality.eras, sought.theme)
