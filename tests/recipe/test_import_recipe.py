"""Import of a recipe: what fits is applied, and what does not is reported."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors.recipe import NotARecipe
from core.findings.recipe import AbsentColumns, SettingPassedOver
from core.recipe.import_recipe import SECTIONS, import_recipe
from core.recipe.model import Recipe

COLUMNS = ["date", "close", "vix", "wti"]
OTHER = (
    Recipe()
    .change("ingest", target="close", delimiter=";")
    .change("cleaning", max_bad_ratio=0.1, drop=("vix",), log=("wti",), fill="median")
    .change("features", lags=(1, 5))
    .change("training", epochs=7)
    .change("split", train=0.6, validation=0.2, test=0.2)
)


def imported_from(document: object, *args: object):
    return import_recipe(json.dumps(document).encode(), Recipe(), COLUMNS, *args)


@pytest.mark.silent("absent-columns", "setting-passed-over")
def test_a_recipe_that_fits_is_applied_except_for_the_settings_of_reading():
    imported = imported_from(OTHER.model_dump(mode="json"))
    assert imported.findings == ()
    assert imported.recipe == OTHER.model_copy(update={"ingest": Recipe().ingest})


def test_only_the_requested_sections_are_replaced():
    imported = imported_from(OTHER.model_dump(mode="json"), ("cleaning", "features"))
    assert imported.recipe == Recipe(cleaning=OTHER.cleaning, features=OTHER.features)


@pytest.mark.fires("absent-columns")
def test_unknown_columns_are_reported_and_the_others_applied():
    document = OTHER.change("cleaning", drop=("vix", "oil"), keep=("Wti",)).model_dump(mode="json")
    settings = ("Columns to keep", "Columns to drop")
    expected = AbsentColumns(names=("Wti", "oil"), settings=settings, nearest=(("Wti", "wti"),))
    assert imported_from(document).findings == (expected,)
    assert imported_from(document).recipe.cleaning.drop == ("vix",)
    assert imported_from(document).recipe.cleaning.keep == ()


@pytest.mark.fires("setting-passed-over")
def test_unknown_settings_and_invalid_values_are_reported_and_the_others_applied():
    document = {"cleaning": {"max_bad_ratio": 7, "of_next_year": 1, "fill": "linear", "max_fill": 3}, "future": {}}
    imported = imported_from(document)
    assert all(isinstance(finding, SettingPassedOver) for finding in imported.findings)
    assert {finding.setting: finding.found for finding in imported.findings} == {
        "cleaning.fill": "'linear'",
        "cleaning.max_bad_ratio": "7",
        "cleaning.of_next_year": None,
    }
    assert imported.recipe == Recipe().change("cleaning", max_fill=3)


@pytest.mark.fires("setting-passed-over")
def test_contradictory_values_leave_their_section_at_its_defaults():
    document = {"split": {"train": 0.9}, "cleaning": {"log": ["vix"], "returns": ["vix"]}, "training": {"epochs": 5}}
    imported = imported_from(document)
    assert sorted(finding.setting for finding in imported.findings) == ["cleaning", "split"]
    assert imported.recipe == Recipe().change("training", epochs=5)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"a": 1}', b"\xff\xfe", b"[" * 100_000, b"null"])
def test_other_content_is_refused(content):
    with pytest.raises(NotARecipe):
        import_recipe(content, Recipe(), COLUMNS)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
fields = st.sampled_from([name for part in SECTIONS for name in type(getattr(Recipe(), part)).model_fields])


@given(
    st.dictionaries(
        st.sampled_from(SECTIONS), st.dictionaries(fields, json_values, max_size=4) | json_values, min_size=1
    )
)
def test_any_content_yields_a_valid_recipe(document):
    recipe = imported_from(document).recipe
    assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe
