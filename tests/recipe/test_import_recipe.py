"""A recipe from elsewhere: all that fits is applied, and whatever does not is named."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors.model import RecipeError
from core.recipe.import_recipe import SECTIONS, adopt_recipe
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


def adopt(document: object, *args: object):
    return adopt_recipe(json.dumps(document).encode(), Recipe(), COLUMNS, *args)


def test_a_recipe_that_fits_is_applied_whole_but_for_how_the_file_is_read():
    adopted = adopt(OTHER.model_dump(mode="json"))
    assert adopted.findings == ()
    assert adopted.recipe == OTHER.model_copy(update={"ingest": Recipe().ingest})


def test_only_the_sections_that_are_wished_are_taken():
    adopted = adopt(OTHER.model_dump(mode="json"), ("cleaning", "features"))
    assert adopted.recipe == Recipe(cleaning=OTHER.cleaning, features=OTHER.features)


def test_names_that_are_not_in_the_file_are_named_and_the_others_applied():
    document = OTHER.change("cleaning", drop=("vix", "oil"), keep=("Wti",)).model_dump(mode="json")
    (finding,) = adopt(document).findings
    assert finding.code == "absent-columns"
    assert "oil" in finding.title
    assert "The nearest name to Wti is wti." in finding.detail
    assert adopt(document).recipe.cleaning.drop == ("vix",)
    assert adopt(document).recipe.cleaning.keep == ()


def test_unknown_settings_and_refused_values_are_named_each_and_the_others_applied():
    document = {"cleaning": {"max_bad_ratio": 7, "of_next_year": 1, "fill": "linear", "max_fill": 3}, "future": {}}
    adopted = adopt(document)
    assert sorted(finding.title for finding in adopted.findings) == [
        "'cleaning.fill' of the recipe is passed over",
        "'cleaning.max_bad_ratio' of the recipe is passed over",
        "'cleaning.of_next_year' of the recipe is passed over",
    ]
    assert adopted.recipe == Recipe().change("cleaning", max_fill=3)


def test_values_that_contradict_each_other_leave_their_section_at_its_defaults():
    document = {"split": {"train": 0.9}, "cleaning": {"log": ["vix"], "returns": ["vix"]}, "training": {"epochs": 5}}
    adopted = adopt(document)
    assert [finding.code for finding in adopted.findings] == ["setting-passed-over"] * 2
    assert adopted.recipe == Recipe().change("training", epochs=5)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"a": 1}', b"\xff\xfe", b"[" * 100_000, b"null"])
def test_what_is_no_recipe_is_refused_in_a_sentence(content):
    with pytest.raises(RecipeError, match="no recipe"):
        adopt_recipe(content, Recipe(), COLUMNS)


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
def test_whatever_stands_in_a_file_the_recipe_stays_one(document):
    recipe = adopt(document).recipe
    assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe
