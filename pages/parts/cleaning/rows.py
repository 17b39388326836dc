"""How many rows stay once every column was cleaned, and why the others go."""

from dataclasses import dataclass

import streamlit as st

from core.cleaning.plan import CleaningPlan
from core.errors import PlumblineError
from core.findings import Finding
from core.preparation import clean_dataset
from pages.parts import faults, frame
from pages.parts.desk import Desk

_CELLS_AT_ONCE = 10_000_000


@dataclass(frozen=True)
class _Rows:
    stay: int
    go: int
    findings: tuple[Finding, ...]


def show(desk: Desk, plan: CleaningPlan) -> None:
    """Say how many rows stay; where the file is large, when asked."""
    if desk.dataset.rows * len(plan.kept) > _CELLS_AT_ONCE and not st.button("Count the rows that stay", key="rows"):
        return
    try:
        rows = _clean(desk.key, desk)
    except PlumblineError as error:
        st.warning(faults.say(error))
        return
    st.markdown(f"**{rows.stay:,} rows stay, {rows.go:,} go.**")
    frame.show_findings(desk, rows.findings, "rows", counted=False)


# The desk is no part of the key: what it holds is told by `key`. The cleaned rows themselves are let go of.
@st.cache_resource(max_entries=8, show_spinner="Cleaning the rows.")
def _clean(key: str, _desk: Desk) -> _Rows:
    done = clean_dataset(_desk.dataset, _desk.recipe, _desk.quality).clean
    return _Rows(len(done.frame), done.dropped_rows, done.findings)
