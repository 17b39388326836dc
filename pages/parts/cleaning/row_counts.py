"""How many rows are kept after every column was cleaned, and why the others are dropped."""

from dataclasses import dataclass

import streamlit as st

from core.cleaning.plan import CleaningPlan
from core.errors.model import PlumblineError
from core.findings.model import Finding
from core.samples.prepare import clean_dataset
from pages.parts.frame import error_messages, frame
from pages.parts.frame.context import LoadedContext

_MOST_CELLS_UNASKED = 10_000_000


@dataclass(frozen=True, kw_only=True)
class _RowCounts:
    kept: int
    dropped: int
    findings: tuple[Finding, ...]


def show(context: LoadedContext, plan: CleaningPlan) -> None:
    """Show how many rows are kept; for a large file, only after a click."""
    large = context.dataset.rows * len(plan.kept) > _MOST_CELLS_UNASKED
    if large and not st.button("Count kept rows", key="rows"):
        return
    try:
        rows = _count(context.cleaning_key, context)
    except PlumblineError as error:
        st.warning(error_messages.error_text(error))
        return
    st.markdown(f"**{rows.kept:,} rows kept, {rows.dropped:,} dropped.**")
    frame.show_findings(context, rows.findings, "rows", counted=False)


# Keyed by `key`, which identifies the settings and the profile in the context. The cleaned rows are not cached.
@st.cache_resource(max_entries=8, show_spinner="Cleaning the rows.")
def _count(key: str, _context: LoadedContext) -> _RowCounts:
    cleaned = clean_dataset(_context.dataset, _context.recipe, _context.quality).clean
    return _RowCounts(kept=len(cleaned.frame), dropped=cleaned.dropped_rows, findings=cleaned.findings)
