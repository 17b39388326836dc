"""What the user sees of a fault of the program: a number to find it by, never its insides."""

import logging
import re
import secrets

import streamlit as st

from core.errors.model import PlumblineError
from core.recipe.model import Recipe
from core.text.escape import markdown_text

_LOG = logging.getLogger("plumbline")
_FIELD = re.compile(rf"\b({'|'.join(Recipe.model_fields)})\.([a-z_]+)\b(?:\.\d+)?")


def say(error: PlumblineError | str) -> str:
    """Return what is at fault and what to do, as markdown; a field of the recipe is called by the title of its control."""
    return markdown_text(_FIELD.sub(_title, str(error)))


def _title(named: re.Match[str]) -> str:
    field = type(getattr(Recipe(), named[1])).model_fields.get(named[2])
    return f"“{field.title}”" if field is not None else named[0]


def tell(error: Exception) -> bool:
    """Show a fault in one sentence; a bug goes to the log under the number that the user sees. Returns True: it is told."""
    if isinstance(error, PlumblineError):
        st.error(say(error))
        return True
    number = secrets.token_hex(4)
    _LOG.error("fault %s", number, exc_info=error)
    st.error(
        f"This page failed by a fault of the program; your project is safe. The server's log tells more under {number}."
    )
    return True
