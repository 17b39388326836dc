"""The texts of the errors in a recipe, as a user reads them."""

from pathlib import Path

import pytest

from core.errors.model import PlumblineError
from core.errors.recipe import InvalidSetting, NotARecipe, RecipeUnreadable

TEXTS = [
    (
        RecipeUnreadable(path=Path("r.json"), reason="No such file or directory"),
        "Cannot read the recipe r.json: No such file or directory.",
        "Check the path.",
    ),
    (
        InvalidSetting(setting="training.epochs", problem="Input should be greater than or equal to 1", found="0"),
        "Recipe setting training.epochs: Input should be greater than or equal to 1; found 0.",
        "Correct this setting. `python -m core recipe` writes a recipe with every setting and its default.",
    ),
    (
        InvalidSetting(setting="", problem="Invalid JSON: EOF while parsing", found="''"),
        "The recipe is invalid: Invalid JSON: EOF while parsing; found ''.",
        "Correct this setting. `python -m core recipe` writes a recipe with every setting and its default.",
    ),
    (
        NotARecipe(is_json=False),
        "This file is not a recipe: it is not JSON.",
        "Choose the recipe.json of a project.",
    ),
    (
        NotARecipe(is_json=True),
        "This file is not a recipe: it has no recipe sections.",
        "Choose the recipe.json of a project.",
    ),
]


@pytest.mark.parametrize(("error", "message", "hint"), TEXTS)
def test_texts(error: PlumblineError, message: str, hint: str) -> None:
    assert (error.message, error.hint) == (message, hint)
