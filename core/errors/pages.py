"""Errors in what a user types into a page."""

from core.errors.model import RecipeError


class NotNumbers(RecipeError, code="not-numbers"):
    """A text box that takes a list of numbers holds something else."""

    setting: str
    text: str
    hint = "Enter numbers separated by commas, such as 1, 5, 20."

    @property
    def message(self) -> str:
        """What was typed, and into which setting."""
        return f"{self.setting}: '{self.text}' is not a list of numbers."


class NotComparable(RecipeError, code="not-comparable"):
    """A filter of the data view compares a column with a text of another kind."""

    column: str
    text: str
    kind: str

    @property
    def message(self) -> str:
        """The column and what was typed."""
        return f"'{self.text}' is not {self.kind}, so {self.column} cannot be compared with it."

    @property
    def hint(self) -> str:
        """What to enter."""
        return "Enter a date such as 2024-01-31." if self.kind == "a date" else "Enter a number such as 1234.5."


class RowNotFound(RecipeError, code="row-not-found"):
    """The data view is asked for a line or a time that none of the rows shown has."""

    text: str
    hint = "Enter a line number of the file or a date such as 2024-01-31, or show all rows."

    @property
    def message(self) -> str:
        """What was looked for."""
        return f"None of the rows shown is line '{self.text}', or as late as that time."
