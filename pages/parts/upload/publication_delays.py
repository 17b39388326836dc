"""Which columns are known late, and by how many rows: a small table that grows."""

from collections.abc import Mapping, Sequence
from zlib import crc32

import pandas as pd
import streamlit as st

from core.recipe.model import IngestSettings, Recipe
from core.workspace.projects import Project
from pages.parts.frame import state
from pages.parts.widgets import forms

_FIELD = IngestSettings.model_fields["availability_lag"]


def edit(project: Project, recipe: Recipe, names: Sequence[str]) -> None:
    """Draw the table of columns with their lags; a row can be added, changed and removed."""
    lags = recipe.ingest.availability_lag
    told = f": {len(lags):,}" if lags else ""
    with st.expander(f"Columns that are known late{told}", expanded=bool(lags)):
        st.caption(_FIELD.description)
        # Edits are laid over the table that they were made in: another table has another key.
        key = f"availability-{crc32(repr(lags).encode())}"
        st.data_editor(
            pd.DataFrame({"column": list(lags), "rows late": list(lags.values())}).astype({"rows late": "Int64"}),
            key=key,
            num_rows="dynamic",
            hide_index=True,
            column_config={
                "column": st.column_config.SelectboxColumn(options=sorted({*names, *lags}), required=True),
                "rows late": st.column_config.NumberColumn(min_value=0, max_value=10_000, step=1, required=True),
            },
            on_change=_save,
            args=(project, key, tuple(lags.items())),
            alt=f"{len(lags):,} columns with the rows by which they are known late.",
        )


def _save(project: Project, key: str, lags: Sequence[tuple[str, int]]) -> None:
    forms.save_field(project, "ingest", "availability_lag", read_edits(state.value_of(key), lags))


def read_edits(edits: Mapping[str, object], lags: Sequence[tuple[str, int]]) -> dict[str, int]:
    """Return the lags that a table of `lags` tells after edits; a row that is not filled in yet tells none.

    Examples
    --------
    >>> edits = {"edited_rows": {0: {"rows late": 5}}, "added_rows": [{"column": "oil"}], "deleted_rows": [1]}
    >>> read_edits(edits, (("cpi", 21), ("gdp", 63)))
    {'cpi': 5}
    """
    rows = [{"column": name, "rows late": late} for name, late in lags]
    for place, change in edits["edited_rows"].items():
        rows[int(place)] |= change
    stay = [row for place, row in enumerate(rows) if place not in edits["deleted_rows"]]
    told = [*stay, *edits["added_rows"]]
    return {row["column"]: row["rows late"] for row in told if row.get("column") and row.get("rows late") is not None}
