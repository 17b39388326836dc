"""Names in a recipe that the data do not have."""

import pytest

from core.findings.recipe import AbsentColumns
from core.recipe.unknown_names import check_unknown_names


@pytest.mark.fires("absent-columns")
def test_unknown_names_are_reported_once_with_their_settings_and_the_nearest_names() -> None:
    named = {"Ignore": ["vix", "Clsoe"], "Zero means missing": ["vix"], "Numbers, not dates": ["Date"]}
    assert check_unknown_names(named, ["Date", "Close"]) == (
        AbsentColumns(names=("vix", "Clsoe"), settings=("Ignore", "Zero means missing"), nearest=(("Clsoe", "Close"),)),
    )


def test_at_most_three_nearest_names_are_suggested() -> None:
    known = [f"price {letter}" for letter in "abcdef"]
    (found,) = check_unknown_names({"Ignore": [f"prise {letter}" for letter in "abcdef"]}, known)
    assert (found.count, len(found.nearest)) == (6, 3)


@pytest.mark.silent("absent-columns")
def test_known_names_are_not_reported() -> None:
    assert check_unknown_names({"Ignore": ["Date"], "Zero means missing": []}, ["Date", "Close"]) == ()
