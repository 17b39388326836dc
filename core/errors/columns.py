"""Errors about columns that a recipe or a user names."""

from collections.abc import Sequence

from core.errors.model import RecipeError
from core.text.nearest import nearest_names


def absent_column(name: str, names: Sequence[str], role: str | None = None) -> RecipeError:
    """Return the error for a column that is not there, with the names nearest to it; `role` is what the recipe wants of it.

    Examples
    --------
    >>> str(absent_column("Clsoe", ["Open", "Close"]))
    "There is no column 'Clsoe'. The nearest name is 'Close'."
    >>> absent_column("Clsoe", ["Open", "Close"], "target").message
    "The recipe names 'Clsoe' as the target, but this file has no such column."
    """
    message = f"There is no column {name!r}."
    if role is not None:
        message = f"The recipe names {name!r} as the {role}, but this file has no such column."
    near = nearest_names(name, names)
    if not near:
        some = ", ".join(repr(known) for known in names[:8])
        return RecipeError(message, f"The columns are {some}{', …' if len(names) > 8 else ''}.")
    listed = ", ".join(repr(found) for found in near)
    return RecipeError(message, f"The nearest name{' is' if len(near) == 1 else 's are'} {listed}.")
