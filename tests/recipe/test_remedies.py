"""A remedy adds to the settings and keeps the recipe valid."""

import pytest

from core.errors.recipe import InvalidSetting
from core.findings.model import Remedy
from core.recipe.model import Recipe
from core.recipe.remedies import apply_remedy, holds_remedy


def test_names_are_added_once_and_other_values_replace():
    recipe = Recipe().change("cleaning", drop=("a",))
    assert apply_remedy(recipe, Remedy(label="", section="cleaning", field="drop", value=("a", "b"))).cleaning.drop == (
        "a",
        "b",
    )
    assert (
        apply_remedy(recipe, Remedy(label="", section="cleaning", field="fill", value="median")).cleaning.fill
        == "median"
    )


def test_lags_are_added_and_a_longer_lag_is_kept():
    recipe = Recipe().change("ingest", availability_lag={"cpi": 30})
    late = Remedy(label="", section="ingest", field="availability_lag", value=(("cpi", 21), ("gdp", 63)))
    assert not holds_remedy(recipe, late)
    changed = apply_remedy(recipe, late)
    assert changed.ingest.availability_lag == {"cpi": 30, "gdp": 63}
    assert holds_remedy(changed, late)


def test_clipping_a_column_sets_a_bound_if_there_is_none():
    clip = Remedy(label="", section="cleaning", field="clip_columns", value=("a",))
    changed = apply_remedy(Recipe(), clip)
    assert (changed.cleaning.clip_robust_z, changed.cleaning.clip_columns) == (5, ("a",))
    assert not holds_remedy(Recipe(), clip)
    assert holds_remedy(changed, clip)
    more = apply_remedy(
        changed.change("cleaning", clip_robust_z=3.0),
        Remedy(label="", section="cleaning", field="clip_columns", value=("b",)),
    )
    assert (more.cleaning.clip_robust_z, more.cleaning.clip_columns) == (3, ("a", "b"))


@pytest.mark.parametrize(("field", "value"), [("clip_quantile", 0.01), ("clip_robust_z", 3.0)])
def test_if_all_columns_are_clipped_clipping_one_changes_nothing(field, value):
    clip, recipe = (
        Remedy(label="", section="cleaning", field="clip_columns", value=("a",)),
        Recipe().change("cleaning", **{field: value}),
    )
    assert holds_remedy(recipe, clip)
    assert apply_remedy(recipe, clip) == recipe


def test_a_return_replaces_a_log_or_difference_and_vice_versa():
    recipe = Recipe().change("cleaning", log=("a", "b"), difference=("a",))
    changed = apply_remedy(recipe, Remedy(label="", section="cleaning", field="returns", value=("a",))).cleaning
    assert (changed.returns, changed.log, changed.difference) == (("a",), ("b",), ())
    back = apply_remedy(
        recipe.change("cleaning", log=(), difference=(), returns=("a",)),
        Remedy(label="", section="cleaning", field="log", value=("a",)),
    )
    assert (back.cleaning.returns, back.cleaning.log) == ((), ("a",))


def test_an_invalid_remedy_is_refused():
    with pytest.raises(InvalidSetting, match="learning_rate"):
        apply_remedy(Recipe(), Remedy(label="", section="training", field="learning_rate", value=5.0))
