"""What relates to the target: in a straight line, otherwise, or not at all."""

import streamlit as st

from pages.parts import describe_data, look
from pages.parts.desk import Desk


def show(desk: Desk) -> None:
    """Say how many features relate, and list them."""
    if not desk.quality.relations:
        st.info("Choose a target that holds numbers in step 1; relations are judged against it.")
        return
    st.markdown(describe_data.relations_sentence(desk.quality))
    look.table(describe_data.relations(desk.quality), "relations")
