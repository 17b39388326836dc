"""How many rows stay once every column was cleaned, and why the others go."""

from dataclasses import dataclass

import streamlit as st

from core.cleaning.plan import CleaningPlan
from core.errors.model import PlumblineError
from core.findings.model import Finding
from core.samples.prepare import clean_dataset
from pages.parts.frame import frame, internal_error
from pages.parts.frame.context import PageContext

_CELLS_AT_ONCE = 10_000_000


@dataclass(frozen=True, kw_only=True)
class _Rows:
    stay: int
    go: int
    findings: tuple[Finding, ...]


def show(context: PageContext, plan: CleaningPlan) -> None:
    """Say how many rows stay; where the file is large, when asked."""
    if context.dataset.rows * len(plan.kept) > _CELLS_AT_ONCE and not st.button("Count the rows that stay", key="rows"):
        return
    try:
        rows = _clean(context.key, context)
    except PlumblineError as error:
        st.warning(internal_error.say(error))
        return
    st.markdown(f"**{rows.stay:,} rows stay, {rows.go:,} go.**")
    frame.show_findings(context, rows.findings, "rows", counted=False)


# The context is no part of the key: what it holds is told by `key`. The cleaned rows themselves are let go of.
@st.cache_resource(max_entries=8, show_spinner="Cleaning the rows.")
def _clean(key: str, _desk: PageContext) -> _Rows:
    done = clean_dataset(_desk.dataset, _desk.recipe, _desk.quality).clean
    return _Rows(stay=len(done.frame), go=done.dropped_rows, findings=done.findings)
