"""Any two columns: their class, scatter, rolling correlation, and which one leads."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.charts.quality import relations as charts
from core.charts.style import Theme
from core.data.dataset import Dataset
from core.quality.pairwise.relations import Relation
from core.quality.profile import QualityProfile
from core.quality.step import profile_key
from core.quality.views.cross_correlation import cross_correlate
from core.quality.views.pair import Pair, classify_pair, name_series, read_pair, relation_of, scatter_pair
from core.quality.views.rolling_correlation import WINDOWS, propose_window, roll_correlation
from pages.parts.frame.context import LoadedContext
from pages.parts.quality import describe_relations
from pages.parts.widgets import placing

_ALL_SERIES = "all series"
_CHANGES, _LEVELS = "changes", "levels"


@dataclass(frozen=True, kw_only=True)
class _Choice:
    """The two chosen columns, of which series, as levels or as changes, and the window of the rolling correlation in rows."""

    feature: str
    other: str
    series: str | None
    as_changes: bool
    window: int


@dataclass(frozen=True, kw_only=True)
class _PairKey:
    """The cache key of a figure: `key` is that of the data and their profile."""

    key: str
    choice: _Choice
    theme: Theme
    sealed: bool


@st.fragment
def show(context: LoadedContext, feature: str | None, other: str | None = None) -> None:
    """Draw the choice of two columns, at first `feature` and `other` (by default the target), and how they are related."""
    data, quality = context.dataset, context.quality
    names = [column.name for column in quality.columns if column.kind.is_numeric and column.name != data.time_column]
    if len(names) < 2:
        st.info("A relation needs two numeric columns; this file has fewer.")
        return
    st.header("Two columns")
    initial = feature or next(name for name in names if name != quality.target)
    left, middle, right = st.columns(3)
    # The key holds the row of the table: selecting another row moves this box too.
    chosen = left.selectbox("Feature", names, index=names.index(initial), key=f"pair-feature-{initial}")
    others = [name for name in names if name != chosen]
    initial_other = next((name for name in (other, quality.target) if name in others), others[0])
    against = middle.selectbox("Against", others, index=others.index(initial_other), key=f"pair-against-{other or ''}")
    series = _choose_series(data, right)
    as_changes, window = _choose_view(quality, (chosen, against), data, series)
    choice = _Choice(feature=chosen, other=against, series=series, as_changes=as_changes, window=window)
    sealed = context.is_sealed(chosen, against)
    _draw(_PairKey(key=profile_key(context.work), choice=choice, theme=placing.theme(), sealed=sealed), context)


def _draw(pair_key: _PairKey, context: LoadedContext) -> None:
    """Draw one figure after the other: the browser shows the first while the next is computed."""
    choice = pair_key.choice

    # Rows are read once if any figure is missing from the cache, and are not cached themselves.
    @cache
    def read() -> Pair:
        return read_pair(context.dataset, context.quality, (choice.feature, choice.other), choice.series)

    st.markdown(describe_relations.pair_text(_relate(pair_key, read, context.quality), context.quality))
    with st.grid(2, min_column_width=380):
        placing.chart(_draw_scatter(pair_key, read), "pair-scatter")
        placing.chart(_draw_leads(pair_key, read), "pair-leads")
    placing.chart(_draw_rolling(pair_key, read, context.quality), "pair-rolling")


def _choose_series(data: Dataset, place: DeltaGenerator) -> str | None:
    if data.series_column is None:
        return None
    names = _series_names(data.key, data)
    chosen = place.selectbox("Series", [_ALL_SERIES, *names], key="pair-series")
    return None if chosen == _ALL_SERIES else chosen


def _choose_view(
    quality: QualityProfile, names: tuple[str, str], data: Dataset, series: str | None
) -> tuple[bool, int]:
    """Return whether columns are shown as changes, and the window of the rolling correlation in rows."""
    left, right = st.columns([1, 2])
    as_changes = True
    if any(quality.column(name).is_differenced for name in names):
        form = left.segmented_control(
            "Values",
            [_CHANGES, _LEVELS],
            default=_CHANGES,
            required=True,
            key="pair-values",
            help="Row-to-row changes of columns that do not mean-revert within a row, as in the test of the relation, or levels. "
            "Levels that drift often look related only because they share a trend (spurious correlation).",
        )
        as_changes = form == _CHANGES
    series_count = len(_series_names(data.key, data)) if data.series_column else 1
    window = right.select_slider(
        "Window of the rolling correlation (rows)",
        WINDOWS,
        propose_window(data.rows // max(1, series_count)),
        key="pair-window",
        format_func="{:,}".format,
        help="Each point is the correlation over this many rows up to it.",
    )
    return as_changes, window


@st.cache_resource(max_entries=16, show_spinner=False)
def _series_names(key: str, _data: Dataset) -> tuple[str, ...]:
    return name_series(_data)


# Figures are cached, rows are not. The key identifies the data and their profile.
_cached = st.cache_resource(max_entries=64, show_spinner=False)


@_cached
def _relate(pair_key: _PairKey, _read: Callable[[], Pair], _quality: QualityProfile) -> Relation:
    return relation_of(_read(), _quality) if pair_key.choice.series is None else classify_pair(_read())


@_cached
def _draw_scatter(pair_key: _PairKey, _read: Callable[[], Pair]) -> go.Figure:
    return charts.plot_pair(scatter_pair(_read(), pair_key.choice.as_changes), pair_key.theme)


@_cached
def _draw_leads(pair_key: _PairKey, _read: Callable[[], Pair]) -> go.Figure:
    return charts.plot_cross_correlation(cross_correlate(_read()), pair_key.theme)


@_cached
def _draw_rolling(pair_key: _PairKey, _read: Callable[[], Pair], _quality: QualityProfile) -> go.Figure:
    rolling = roll_correlation(_read(), pair_key.choice.window, pair_key.choice.as_changes)
    return charts.plot_rolling(rolling, _quality.eras, pair_key.theme, sealed=pair_key.sealed)
