"""The reasons for dropping a column, as a user reads them."""

import pytest

from core.cleaning.plan import plan_cleaning
from core.data.columns import Kind
from core.quality.profile import ColumnProfile
from core.recipe.model import CleaningSettings
from tests.cleaning.examples import column, profile_of, reason_for

REASONS = [
    (
        column("a", train={"bad_ratio": 0.521}),
        CleaningSettings(),
        "52.1% of its values in the train era are bad, more than 30%",
    ),
    (column("a", constant=True), CleaningSettings(), "it is constant in the train era"),
    (
        column("a", train={"relative_variance": 3e-5}),
        CleaningSettings(),
        "its relative variance in the train era is 3e-05, less than 0.0001",
    ),
    (
        column("a", Kind.INTEGER, train={"unique_ratio": 1.0}, identifier_like=True),
        CleaningSettings(),
        "it looks like an identifier: 100% of its values in the train era are distinct, more than 95%",
    ),
    (
        column("a", train={"top_share": 0.9991}),
        CleaningSettings(),
        "one value makes up 99.9% of its valid values in the train era, more than 99.8%",
    ),
    (
        column("a", train={"stale_ratio": 0.6}),
        CleaningSettings(max_stale_ratio=0.5),
        "60% of its rows in the train era are in runs of equal values, more than 50%",
    ),
    (column("a", Kind.TEXT), CleaningSettings(), "models cannot use text"),
    (column("a", Kind.TIME), CleaningSettings(), "models cannot use dates"),
    (column("a", Kind.EMPTY), CleaningSettings(), "it has no values"),
    (column("a"), CleaningSettings(drop=("a",)), "dropped manually"),
    (
        column("a", train={"bad_ratio": 0.9}),
        CleaningSettings(keep=("a",)),
        "kept manually; 90% of its values in the train era are bad, more than 30%",
    ),
]
ADVANTAGES = [
    (
        {"bad_ratio": 0.1},
        {},
        "its correlation with 'b', which has fewer bad values, is 0.99999 in the train era, more than 0.9999",
    ),
    (
        {},
        {("b", "close"): 0.5},
        "its correlation with 'b', which is more strongly correlated with the target, is 0.99999 in the train era, "
        "more than 0.9999",
    ),
]


@pytest.mark.parametrize(("given", "settings", "text"), REASONS)
def test_reasons_of_one_column(given: ColumnProfile, settings: CleaningSettings, text: str) -> None:
    assert reason_for("a", plan_cleaning(profile_of(given), settings)) == text


@pytest.mark.parametrize(("train", "correlations", "text"), ADVANTAGES)
def test_reasons_of_a_near_duplicate(
    train: dict[str, float], correlations: dict[tuple[str, str], float], text: str
) -> None:
    profile = profile_of(column("a", train=train), column("b"), correlations=correlations | {("a", "b"): 0.99999})
    assert reason_for("a", plan_cleaning(profile, CleaningSettings())) == text


def test_reason_of_an_equally_good_near_duplicate() -> None:
    profile = profile_of(column("b"), column("a"), correlations={("a", "b"): -1.0})
    text = "its correlation with 'a', an equally good column, is 1 in the train era, more than 0.9999"
    assert reason_for("b", plan_cleaning(profile, CleaningSettings())) == text
