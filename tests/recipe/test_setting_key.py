"""Equal keys mean the same training: of the same file, whatever is judged or explained by it."""

import pytest

from core.recipe.model import Recipe
from core.recipe.setting_key import setting_key

KEY = setting_key("5f", Recipe())
CHOSEN = Recipe().change("training", features=("vix",))


@pytest.mark.parametrize(
    ("section", "field", "value"),
    [
        ("ingest", "target", "close"),
        ("split", "embargo", 3),
        ("cleaning", "scale", "robust"),
        ("features", "lags", (1,)),
        ("importance", "top_k", 1),
        ("training", "seed", 1),
    ],
)
def test_whatever_changes_a_training_changes_the_key(section, field, value):
    assert setting_key("5f", Recipe().change(section, **{field: value})) != KEY


def test_another_file_is_another_training():
    assert setting_key("a0", Recipe()) != KEY


@pytest.mark.parametrize(
    ("section", "field", "value"),
    [
        ("evaluation", "coverage", 0.8),
        ("regression", "hac_lags", 3),
        ("ingest", "known_at_origin", ("vix",)),
    ],
)
def test_what_judges_or_explains_does_not(section, field, value):
    changed = Recipe().change(section, **{field: value})
    assert changed != Recipe()
    assert setting_key("5f", changed) == KEY


def test_the_ranking_has_no_part_in_features_that_are_selected_manually():
    assert setting_key("5f", CHOSEN.change("importance", top_k=1)) == setting_key("5f", CHOSEN) != KEY
