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
