"""Reading and changing a recipe: errors name the setting, and dependent settings are reset."""

from pathlib import Path

import pytest

from core.errors.recipe import InvalidSetting, RecipeUnreadable
from core.recipe.model import Recipe, read_recipe


def test_a_recipe_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "recipe.json"
    path.write_text(Recipe().change("training", epochs=7).model_dump_json())
    assert read_recipe(path).training.epochs == 7


def test_an_absent_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(RecipeUnreadable) as caught:
        read_recipe(tmp_path / "absent.json")
    assert (caught.value.path, caught.value.reason) == (tmp_path / "absent.json", "No such file or directory")


@pytest.mark.parametrize(
    ("document", "setting", "found"),
    [
        ({"training": {"epochs": 0}}, "training.epochs", "0"),
        ({"training": {"speed": 1}}, "training.speed", "1"),
        ({"past": {}}, "past", "{}"),
        ({"features": {"lags": [1, 0]}}, "features.lags.1", "0"),
    ],
)
def test_an_invalid_setting_is_named_with_its_value(document: dict[str, object], setting: str, found: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        read_recipe(document)
    assert (caught.value.setting, caught.value.found) == (setting, found)


def test_a_file_that_is_not_json_is_invalid(tmp_path: Path) -> None:
    path = tmp_path / "recipe.json"
    path.write_text("{")
    with pytest.raises(InvalidSetting) as caught:
        read_recipe(path)
    assert caught.value.setting == ""


def test_turning_series_into_columns_resets_the_target() -> None:
    recipe = Recipe().change("ingest", target="close")
    assert recipe.change("ingest", pivot=True).ingest.target is None
    assert recipe.change("ingest", pivot=False).ingest.target == "close"
