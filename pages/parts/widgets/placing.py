"""How figures, tables and answers are placed, the same on every page."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from pandas.io.formats.style import Styler
from streamlit.delta_generator import DeltaGenerator

from core.charts.style import words_of
from core.text.escape import markdown_text
from core.text.format import ABSENT

_WHOLE = 20
# A style is written cell by cell, and pandas refuses one of many.
_MOST_STYLED = 20_000
_BARE = {"displaylogo": False, "displayModeBar": False}


def beside() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return the place of settings and that of what they change: side by side where a row holds both, else one upon the other."""
    with st.container(horizontal=True, key="beside"):
        return st.container(), st.container()


def answer(sentence: str) -> None:
    """Say the page's answer in one sentence; the sentence is plain text."""
    st.markdown(f"**{markdown_text(sentence)}**")


def moment(when: datetime) -> str:
    """Return a time as the reader's own clock shows it, ISO."""
    return f"{when.astimezone(_timezone()):%Y-%m-%d %H:%M:%S}"


def _timezone() -> tzinfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def theme() -> str:
    """Return the reader's theme, `light` or `dark`."""
    return "dark" if st.context.theme.type == "dark" else "light"


def chart(figure: go.Figure, key: str) -> None:
    """Place a figure under its words, with its text alternative, so that it keeps its zoom when the page is drawn again."""
    with st.container(gap="xxsmall"):
        head(figure)
        st.plotly_chart(
            figure,
            key=key,
            theme=None,
            width="stretch",
            config=_BARE,
            alt=words_of(figure).alt,
        )


def pick_point(figure: go.Figure, key: str) -> int | None:
    """Place a figure as `chart` does, and return the place of the point that the reader clicked."""
    with st.container(gap="xxsmall"):
        head(figure)
        points = st.plotly_chart(
            figure,
            key=key,
            theme=None,
            width="stretch",
            on_select="rerun",
            selection_mode="points",
            config=_BARE,
            alt=words_of(figure).alt,
        ).selection.points
    return points[0]["point_index"] if points else None


def head(figure: go.Figure) -> None:
    """Say a figure's title and subtitle as text, which wraps where a narrow window cuts it."""
    words = words_of(figure)
    st.markdown(f"**{markdown_text(words.title)}**")
    if words.subtitle:
        st.caption(markdown_text(words.subtitle))


def table(
    frame: pd.DataFrame | Styler, key: str, exact: bool = False, height: int | None = None, **columns: object
) -> None:
    """Place a table; numbers to the right, sortable, in five digits unless they are to stand `exact`ly as in the file.

    A short table is shown whole, a long one scrolls; what does not exist is a dash. A styled one is written as its style says.
    `columns` are Streamlit's column settings by name.
    """
    data = frame.data if isinstance(frame, Styler) else frame
    if data.size > _MOST_STYLED:
        frame = data
    # Of a number without a precision, "%g" shows every digit; "plain" shows 100.2 as 100.19999999999999.
    shape = "%g" if exact else "%.5g"
    floats = () if data is not frame else data.select_dtypes("float")
    formats = {name: st.column_config.NumberColumn(format=shape) for name in floats}
    st.dataframe(
        frame,
        key=key,
        width="stretch",
        height=height or ("content" if len(data) <= _WHOLE else "auto"),
        hide_index=True,
        column_config=formats | columns or None,
        placeholder=ABSENT,
    )


def pick_row(frame: pd.DataFrame | Styler, key: str, rows: int, **columns: object) -> int | None:
    """Place a table of so many rows, as it is styled, and return the place of the row that the reader chose.

    `columns` are Streamlit's column settings by name.
    """
    chosen = st.dataframe(
        frame,
        key=key,
        width="stretch",
        height="content" if rows <= _WHOLE // 2 else 390,
        hide_index=True,
        column_config=columns or None,
        on_select="rerun",
        selection_mode="single-row",
        placeholder=ABSENT,
    ).selection.rows
    return chosen[0] if chosen and chosen[0] < rows else None


def sentences(frame: pd.DataFrame) -> None:
    """Place a short table whose cells are sentences, each shown whole; the first column heads the rows."""
    shown = frame.map(lambda cell: markdown_text(cell) if isinstance(cell, str) else cell)
    st.table(shown.set_index(shown.columns[0]), border="horizontal")
