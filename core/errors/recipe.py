"""Errors in a recipe file or in the value of a setting."""

from pathlib import Path

from core.errors.model import RecipeError


class RecipeUnreadable(RecipeError, code="recipe-unreadable"):
    """A recipe file cannot be opened or read."""

    path: Path
    reason: str | None
    hint = "Check the path."

    @property
    def message(self) -> str:
        """The path, and the reason given by the operating system."""
        return f"Cannot read the recipe {self.path}: {self.reason or 'unknown reason'}."


class InvalidSetting(RecipeError, code="invalid-setting"):
    """A setting has an unknown name, or a value of the wrong type or out of range.

    `setting` is its dotted path, empty if the whole recipe is invalid. `problem` is the reason given by the validation, and
    `found` the value as Python writes it.
    """

    setting: str
    problem: str
    found: str
    hint = "Correct this setting. `python -m core recipe` writes a recipe with every setting and its default."

    @property
    def message(self) -> str:
        """The setting, what is wrong with it, and its value."""
        subject = f"Recipe setting {self.setting}" if self.setting else "The recipe is invalid"
        return f"{subject}: {self.problem}; found {self.found[:80]}."


class NotARecipe(RecipeError, code="not-a-recipe"):
    """A file uploaded as a recipe is not JSON, or has no section of a recipe."""

    is_json: bool
    hint = "Choose the recipe.json of a project."

    @property
    def message(self) -> str:
        """Whether the file is not JSON, or lacks the sections of a recipe."""
        reason = "it has no recipe sections" if self.is_json else "it is not JSON"
        return f"This file is not a recipe: {reason}."
