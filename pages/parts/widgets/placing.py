"""How charts, tables and summary sentences are placed, the same on every page."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from pandas.io.formats.style import Styler
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.column_types import ColumnConfig

from core.charts.period import has_time_axis, period_text, zoom_period
from core.charts.style import Theme, words_of
from core.text.escape import markdown_text
from core.text.format import ABSENT, format_time
from pages.parts.widgets import linked_period

ColumnConfigs = Mapping[str, ColumnConfig]

_MOST_ROWS_WHOLE = 20
_SCROLLED_HEIGHT = 390
# pandas writes a style cell by cell, and refuses to do so for a large table.
_MOST_STYLED_CELLS = 20_000
_CHART_CONFIG = {"displaylogo": False, "displayModeBar": False}


def side_by_side() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return the places of settings and of what they change: side by side if the row is wide enough, else stacked."""
    with st.container(horizontal=True, key="side-by-side"):
        return st.container(), st.container()


def summarise(sentence: str) -> None:
    """Show the page's result in one sentence, which is plain text."""
    st.markdown(f"**{markdown_text(sentence)}**")


def local_time(when: datetime) -> str:
    """Return a time in the browser's time zone, as ISO date and time to the second."""
    return format_time(np.datetime64(when.astimezone(_timezone()).replace(tzinfo=None)))


def _timezone() -> tzinfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def theme() -> Theme:
    """Return the browser's theme."""
    return "dark" if st.context.theme.type == "dark" else "light"


def chart(figure: go.Figure, key: str) -> None:
    """Place a figure under its title, with its text alternative; its zoom survives a rerun of the page.

    A period that is selected in one chart over time zooms all of them.
    """
    if has_time_axis(figure):
        _time_chart(figure, key)
        return
    with st.container(gap="xxsmall"):
        chart_heading(figure)
        st.plotly_chart(
            figure,
            key=key,
            theme=None,
            width="stretch",
            config=_CHART_CONFIG,
            alt=words_of(figure).alt,
        )


def _time_chart(figure: go.Figure, key: str) -> None:
    period = linked_period.current()
    zoomed = None if period is None else zoom_period(figure, period)
    # Another period is another chart: the box that was drawn is not drawn again.
    shown_key = key if zoomed is None else f"{key}-{'-'.join(map(str, period or ()))}"
    with st.container(gap="xxsmall"):
        chart_heading(figure)
        shown = zoomed or figure
        # A drag selects a period.
        shown.update_layout(dragmode="select", selectdirection="h")
        selected = st.plotly_chart(
            shown,
            key=shown_key,
            theme=None,
            width="stretch",
            on_select="rerun",
            selection_mode="box",
            config=_CHART_CONFIG,
            alt=words_of(figure).alt,
        )
        # Below the chart: above it, the chart would move, and be drawn anew.
        if period is not None and zoomed is not None:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.caption(f"Zoomed to {period_text(figure, period) or 'the selected rows'}.", width="content")
                if st.button("Show all", key=f"{key}-all", type="tertiary"):
                    linked_period.clear()
                    # The whole page, also from a fragment: every chart is zoomed.
                    st.rerun()
    linked_period.follow(shown_key, selected.selection.box)


def pick_point(figure: go.Figure, key: str) -> int | None:
    """Place a figure as `chart` does, and return the index of the clicked point, if any."""
    with st.container(gap="xxsmall"):
        chart_heading(figure)
        points = st.plotly_chart(
            figure,
            key=key,
            theme=None,
            width="stretch",
            on_select="rerun",
            selection_mode="points",
            config=_CHART_CONFIG,
            alt=words_of(figure).alt,
        ).selection.points
    return points[0]["point_index"] if points else None


def chart_heading(figure: go.Figure) -> None:
    """Show a figure's title and subtitle as text, which wraps in a narrow window."""
    words = words_of(figure)
    st.markdown(f"**{markdown_text(words.title)}**")
    if words.subtitle:
        st.caption(markdown_text(words.subtitle))


def table(
    frame: pd.DataFrame | Styler,
    key: str,
    column_config: ColumnConfigs | None = None,
    *,
    exact: bool = False,
    height: int | None = None,
) -> None:
    """Place a table: a short one in full, a long one scrolled; missing values are dashes.

    Parameters
    ----------
    frame
        A styled frame is formatted as its style says, unless it has more than 20,000 cells.
    column_config
        Streamlit's column settings by column name.
    exact
        Show floats with all their digits, not with five significant ones.
    height
        Pixels; by default as tall as a short table.
    """
    data = frame.data if isinstance(frame, Styler) else frame
    styled = isinstance(frame, Styler) and data.size <= _MOST_STYLED_CELLS
    # Without a precision, "%g" shows every digit; "plain" would show 100.2 as 100.19999999999999.
    number_format = "%g" if exact else "%.5g"
    floats = () if styled else data.select_dtypes("float")
    formats = {name: st.column_config.NumberColumn(format=number_format) for name in floats}
    st.dataframe(
        frame if styled else data,
        key=key,
        width="stretch",
        height=height or ("content" if len(data) <= _MOST_ROWS_WHOLE else "auto"),
        hide_index=True,
        column_config=formats | dict(column_config or {}) or None,
        placeholder=ABSENT,
    )


def pick_row(frame: pd.DataFrame | Styler, key: str, column_config: ColumnConfigs | None = None) -> int | None:
    """Place a table and return the position of the selected row, if any."""
    rows = len(frame.data if isinstance(frame, Styler) else frame)
    selected = st.dataframe(
        frame,
        key=key,
        width="stretch",
        height="content" if rows <= _MOST_ROWS_WHOLE // 2 else _SCROLLED_HEIGHT,
        hide_index=True,
        column_config=column_config,
        on_select="rerun",
        selection_mode="single-row",
        placeholder=ABSENT,
    ).selection.rows
    return selected[0] if selected and selected[0] < rows else None


def text_table(frame: pd.DataFrame) -> None:
    """Place a short table of sentences, each shown in full; the first column heads the rows."""
    shown = frame.map(lambda cell: markdown_text(cell) if isinstance(cell, str) else cell)
    st.table(shown.set_index(shown.columns[0]), border="horizontal")
