"""How errors are shown: what to fix, or the id of an internal error, never its traceback."""

import logging
import re
import secrets

import streamlit as st

from core.errors.model import PlumblineError
from core.recipe.model import Recipe
from core.text.escape import markdown_text

_LOG = logging.getLogger("plumbline")
_FIELD = re.compile(rf"\b({'|'.join(Recipe.model_fields)})\.([a-z_]+)\b(?:\.\d+)?")


def error_text(error: PlumblineError | str) -> str:
    """Return an error as markdown; recipe fields are replaced by the titles of their widgets."""
    return markdown_text(_FIELD.sub(_widget_title, str(error)))


def _widget_title(match: re.Match[str]) -> str:
    field = type(getattr(Recipe(), match[1])).model_fields.get(match[2])
    return f"“{field.title}”" if field is not None else match[0]


def show_script_error(error: Exception) -> bool:
    """Show an error that ended a page's script, and log a bug under the id that the user sees.

    Returns True: Streamlit need not show it again.
    """
    if isinstance(error, PlumblineError):
        st.error(error_text(error))
        return True
    error_id = secrets.token_hex(4)
    _LOG.error("error id %s", error_id, exc_info=error)
    st.error(f"Internal error; your project is safe. Error id {error_id} in the server's log.")
    return True
