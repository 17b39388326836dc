"""The known names closest to a mistyped one."""

import difflib
from collections.abc import Sequence

from core.text.format import format_list


def nearest_names(name: str, names: Sequence[str]) -> list[str]:
    """Return at most three known names similar to `name`, the nearest first."""
    by_lower = {known.lower(): known for known in reversed(names)}
    return [by_lower[found] for found in difflib.get_close_matches(name.lower(), list(by_lower), n=3, cutoff=0.5)]


def suggest_names(name: str, names: Sequence[str]) -> str:
    """Return a sentence with the nearest names, or the first known names if none is near.

    Examples
    --------
    >>> suggest_names("Clsoe", ["Open", "Close"]), suggest_names("vix", ["Open", "Close"]), suggest_names("vix", [])
    ("The nearest name is 'Close'.", "The columns are 'Open', 'Close'.", '')
    """
    if near := nearest_names(name, names):
        quoted = ", ".join(map(repr, near))
        return f"The nearest name is {quoted}." if len(near) == 1 else f"The nearest names are {quoted}."
    return f"The columns are {format_list([repr(known) for known in names], 8)}." if names else ""
