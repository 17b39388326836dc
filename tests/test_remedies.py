"""A remedy adds to what is set and breaks nothing."""

import pytest

from core.errors import RecipeError
from core.findings import Remedy
from core.recipe import Recipe
from core.remedies import apply_remedy


def test_names_are_added_once_and_other_values_replace():
    recipe = Recipe().change("cleaning", drop=("a",))
    assert apply_remedy(recipe, Remedy("", "cleaning", "drop", ("a", "b"))).cleaning.drop == ("a", "b")
    assert apply_remedy(recipe, Remedy("", "cleaning", "fill", "median")).cleaning.fill == "median"


def test_clipping_a_column_sets_a_bound_only_where_there_is_none():
    clip = Remedy("", "cleaning", "clip_columns", ("a",))
    assert apply_remedy(Recipe(), clip).cleaning.clip_robust_z == 5
    for field, value in (("clip_quantile", 0.01), ("clip_robust_z", 3.0)):
        recipe = Recipe().change("cleaning", **{field: value})
        changed = apply_remedy(recipe, clip).cleaning
        assert changed.clip_columns == ("a",)
        assert getattr(changed, field) == value
    assert apply_remedy(Recipe().change("cleaning", clip_quantile=0.01), clip).cleaning.clip_robust_z == 0


def test_a_remedy_that_does_not_fit_is_refused_with_words():
    with pytest.raises(RecipeError, match="return"):
        apply_remedy(Recipe().change("cleaning", log=("a",)), Remedy("", "cleaning", "returns", ("a",)))
