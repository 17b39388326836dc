"""The period that is selected in one chart over time, and shown by all charts of the project."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from core.charts.period import Period
from pages.parts.frame import state

_PERIOD, _SEEN = "period", "period-seen"


def current() -> Period | None:
    """Return the selected period; None for all rows."""
    return st.session_state.get(_key(_PERIOD))


def clear() -> None:
    """Show all rows again."""
    st.session_state.pop(_key(_PERIOD), None)
    st.session_state.pop(_key(_SEEN), None)


def follow(key: str, boxes: Sequence[Mapping[str, Any]]) -> None:
    """Make the period of a new box in the chart `key` that of all charts, and rerun the page; an emptied one shows all rows."""
    found = _read_box(boxes[-1]) if boxes else None
    seen = st.session_state.setdefault(_key(_SEEN), {})
    if found == seen.get(key):
        return
    seen[key] = found
    st.session_state[_key(_PERIOD)] = found
    st.rerun()


def _key(name: str) -> str:
    """Return the key of a project's own state: another project may have no rows in the period."""
    project = state.current_project()
    return f"{name}-{project.id if project else ''}"


def _read_box(box: Mapping[str, Any]) -> Period | None:
    first, last = sorted(np.datetime64(str(end).replace(" ", "T"), "us") for end in box["x"][:2])
    return None if first == last else (first, last)
