"""The known names closest to one that was mistyped."""

import difflib
from collections.abc import Sequence


def nearest_names(name: str, names: Sequence[str]) -> list[str]:
    """Return at most three of the names that are nearly the same, the nearest first."""
    by_lower = {known.lower(): known for known in reversed(names)}
    return [by_lower[found] for found in difflib.get_close_matches(name.lower(), list(by_lower), n=3, cutoff=0.5)]
