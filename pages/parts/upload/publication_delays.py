"""Publication delays: which columns are published with a lag of how many rows, and which are known in time."""

from collections.abc import Sequence
from typing import Any, TypedDict
from zlib import crc32

import pandas as pd
import streamlit as st

from core.recipe.model import IngestSettings, Recipe
from core.text.format import format_count
from core.workspace.projects import Project
from pages.parts.frame import state
from pages.parts.widgets import forms

_FIELD = IngestSettings.model_fields["availability_lag"]
_DELAY = "delay (rows)"


class TableEdits(TypedDict):
    """What Streamlit's data editor stores of a table: edits by row position, new rows, positions of deleted rows."""

    edited_rows: dict[int, dict[str, Any]]
    added_rows: list[dict[str, Any]]
    deleted_rows: list[int]


def edit(project: Project, recipe: Recipe, names: Sequence[str]) -> None:
    """Draw the table of delays, in which rows can be added, changed and removed."""
    delays = recipe.ingest.availability_lag
    count = f": {len(delays):,}" if delays else ""
    with st.expander(f"Publication delays{count}", expanded=bool(delays)):
        st.caption(_FIELD.description or "")
        # Edits are laid over the table in which they were made: another table needs another key.
        key = f"delays-{crc32(repr(delays).encode())}"
        st.data_editor(
            pd.DataFrame({"column": list(delays), _DELAY: list(delays.values())}).astype({_DELAY: "Int64"}),
            key=key,
            num_rows="dynamic",
            hide_index=True,
            column_config={
                "column": st.column_config.SelectboxColumn(options=sorted({*names, *delays}), required=True),
                _DELAY: st.column_config.NumberColumn(min_value=0, max_value=10_000, step=1, required=True),
            },
            on_change=_save,
            args=(project, key, tuple(delays.items())),
            alt=f"Publication delays of {format_count(len(delays), 'column')}.",
        )
        forms.edit(project, recipe, "ingest", "known_at_origin", options=tuple(names))


def _save(project: Project, key: str, delays: Sequence[tuple[str, int]]) -> None:
    forms.save_field(project, "ingest", "availability_lag", apply_edits(state.widget_value(key), delays))


def apply_edits(edits: TableEdits, delays: Sequence[tuple[str, int]]) -> dict[str, int]:
    """Return the delays by column after edits of the table; rows that are not filled in yet are ignored.

    Examples
    --------
    >>> edits = {"edited_rows": {0: {"delay (rows)": 5}}, "added_rows": [{"column": "oil"}], "deleted_rows": [1]}
    >>> apply_edits(edits, (("cpi", 21), ("gdp", 63)))
    {'cpi': 5}
    """
    rows: list[dict[str, Any]] = [{"column": name, _DELAY: delay} for name, delay in delays]
    for place, change in edits["edited_rows"].items():
        rows[int(place)] |= change
    kept = [row for place, row in enumerate(rows) if place not in edits["deleted_rows"]]
    filled = [row for row in (*kept, *edits["added_rows"]) if row.get("column") and row.get(_DELAY) is not None]
    return {row["column"]: row[_DELAY] for row in filled}
