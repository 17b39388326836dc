"""What the user sees of a fault of the program: a number to find it by, never its insides."""

import logging
import secrets

import streamlit as st

from core.errors import PlumblineError
from core.escaping import markdown_text

_LOG = logging.getLogger("plumbline")


def tell(error: Exception) -> bool:
    """Show a fault in one sentence; a bug goes to the log under the number that the user sees. Returns True: it is told."""
    if isinstance(error, PlumblineError):
        st.error(markdown_text(str(error)))
        return True
    number = secrets.token_hex(4)
    _LOG.error("fault %s", number, exc_info=error)
    st.error(
        f"This page failed by a fault of the program; your project is safe. The server's log tells more under {number}."
    )
    return True
