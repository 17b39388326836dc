"""Sparklines of the columns that a table lists."""

import pandas as pd
import streamlit as st

from core.data.dataset import Dataset
from core.data.eras import Eras
from core.quality.step import profile_key
from core.quality.views.sparklines import draw_sparklines
from pages.parts.frame.context import LoadedContext
from pages.parts.widgets.placing import ColumnConfigs

_HEADING = "over time"
CONFIG: ColumnConfigs = {
    _HEADING: st.column_config.LineChartColumn(
        width=110,
        help="All rows in time order, each point the mean of 1/40 of them. Stretches without values are left out. In a panel, the "
        "first series.",
    )
}


def add(context: LoadedContext, table: pd.DataFrame, after: str = "column") -> pd.DataFrame:
    """Return a table that lists columns by name under `column`, with their sparklines behind the column `after`.

    A large table of data has none, and a sealed test era is left out of the target's.
    """
    lines = _draw(profile_key(context.work), context.sealed_columns, context.dataset, context.quality.eras)
    if not lines or table.empty:
        return table
    place = list(table.columns).index(after) + 1
    shown = [lines.get(name, []) for name in table["column"]]
    return pd.concat(
        [table.iloc[:, :place], pd.Series(shown, index=table.index, name=_HEADING), table.iloc[:, place:]], axis=1
    )


@st.cache_resource(max_entries=16, show_spinner=False)
def _draw(key: str, sealed: tuple[str, ...], _data: Dataset, _eras: Eras) -> dict[str, list[float]]:
    return draw_sparklines(_data, _eras, sealed)
