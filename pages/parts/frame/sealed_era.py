"""The switch that shows the target's values in the sealed test era."""

import streamlit as st

from pages.parts.frame import state
from pages.parts.frame.context import LoadedContext


def show_switch(context: LoadedContext) -> None:
    """Draw the switch while the test era is sealed; using it is a look, which the ledger counts as an opening."""
    target = context.quality.roles.target
    if target is None or not context.is_sealed(target):
        return
    st.toggle(
        "Show the test era",
        key="show-test-era",
        help="The target's values in the test era are hidden, so no choice can depend on them. Showing them counts as an opening "
        "of the test era, for all trainings of this project.",
        on_change=state.record_look,
        args=(context.project, context.source.fingerprint),
    )
