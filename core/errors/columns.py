"""Errors about columns that a recipe or a user names."""

from collections.abc import Sequence

from core.errors.model import RecipeError
from core.text.nearest import suggest_names


class UnknownColumn(RecipeError, code="unknown-column"):
    """A recipe or a user names a column that the data do not have.

    Examples
    --------
    >>> str(UnknownColumn(column="Clsoe", columns=["Open", "Close"]))
    "There is no column 'Clsoe'. The nearest name is 'Close'."
    >>> UnknownColumn(column="Clsoe", columns=["Open", "Close"], role="target").message
    "The recipe names 'Clsoe' as the target, but this file has no such column."
    """

    column: str
    columns: Sequence[str]
    role: str | None = None

    @property
    def message(self) -> str:
        """The name, and its role in the recipe if it has one."""
        if self.role is None:
            return f"There is no column {self.column!r}."
        return f"The recipe names {self.column!r} as the {self.role}, but this file has no such column."

    @property
    def hint(self) -> str:
        """The nearest names, or some of the columns if none is near."""
        return suggest_names(self.column, self.columns)
