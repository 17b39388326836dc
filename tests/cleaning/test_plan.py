"""Which columns go, for which reason, what a choice by hand changes, and what a threshold would cost."""

import pytest

from core.cleaning.plan import THRESHOLDS, CleaningPlan, plan_cleaning, trace_consequences
from core.data.columns import Kind
from core.errors.model import RecipeError
from core.findings.model import Severity
from core.io.json import from_json, to_json
from core.quality.profile import QualityProfile
from core.recipe.model import CleaningSettings
from tests.cleaning.examples import LOOSEST, column, profile_of, reason_for


def codes(plan: CleaningPlan) -> list[str]:
    return [finding.code for finding in plan.findings]


# ---- one rule at a time


def test_good_columns_stay_without_a_word() -> None:
    plan = plan_cleaning(profile_of(column("vix"), column("gold")), CleaningSettings())
    assert plan.kept == ("vix", "gold")
    assert plan.dropped == plan.findings == ()
    assert [decision.reasons for decision in plan.columns] == [(), ()]


def test_time_series_and_target_are_no_features() -> None:
    profile = profile_of(column("vix"), column("ticker", Kind.TEXT), series="ticker")
    assert [decision.name for decision in plan_cleaning(profile, CleaningSettings()).columns] == ["vix"]


def test_a_column_with_many_bad_values_goes_with_the_number_and_the_threshold() -> None:
    plan = plan_cleaning(profile_of(column("a", train={"bad_ratio": 0.521})), CleaningSettings())
    assert plan.dropped == ("a",)
    assert reason_for("a", plan) == "52.1 % of its values are bad in the train era, more than 30 %"


def test_a_ratio_at_the_threshold_stays_and_one_just_above_shows_its_digits() -> None:
    profile = profile_of(column("at", train={"bad_ratio": 0.3}), column("above", train={"bad_ratio": 0.300004}))
    plan = plan_cleaning(profile, CleaningSettings())
    assert plan.kept == ("at",)
    assert reason_for("above", plan).startswith("30.0004 %")


def test_a_constant_goes_and_says_so() -> None:
    plan = plan_cleaning(profile_of(column("a", constant=True, train={"relative_variance": None})), CleaningSettings())
    assert reason_for("a", plan) == "its value never changes in the train era"


def test_a_near_constant_goes_by_its_relative_variance() -> None:
    plan = plan_cleaning(profile_of(column("a", train={"relative_variance": 3e-5})), CleaningSettings())
    assert reason_for("a", plan) == "its relative variance is 3e-05 in the train era, less than 0.0001"


def test_uniqueness_acts_on_columns_that_look_like_identifiers_alone() -> None:
    profile = profile_of(
        column("price", train={"unique_ratio": 1.0}),
        column("row", Kind.INTEGER, train={"unique_ratio": 1.0}, identifier_like=True),
    )
    plan = plan_cleaning(profile, CleaningSettings())
    assert plan.kept == ("price",)
    assert "identifier: 100 % of its values are distinct in the train era, more than 95 %" in reason_for("row", plan)


def test_a_column_of_almost_one_value_goes_and_a_yearly_event_stays() -> None:
    profile = profile_of(
        column("event", train={"top_share": 1 - 1 / 252}),
        column("volume", train={"top_share": 0.9}),
        column("once", train={"top_share": 1 - 1 / 700}),
    )
    plan = plan_cleaning(profile, CleaningSettings())
    assert plan.kept == ("event", "volume")
    assert reason_for("once", plan) == "one value fills 99.9 % of its good rows in the train era, more than 99.8 %"


def test_a_constant_is_judged_by_its_variance_alone() -> None:
    still = profile_of(column("a", constant=True, train={"top_share": 1.0}))
    assert reason_for("a", plan_cleaning(still, CleaningSettings())) == "its value never changes in the train era"
    assert plan_cleaning(still, CleaningSettings(min_relative_variance=0)).kept == ("a",)


def test_columns_that_stand_still_go_only_where_that_is_asked_for() -> None:
    profile = profile_of(column("rate", train={"stale_ratio": 1.0}), column("vix", train={"stale_ratio": 0.2}))
    assert plan_cleaning(profile, CleaningSettings()).dropped == ()
    plan = plan_cleaning(profile, CleaningSettings(max_stale_ratio=0.5))
    assert plan.kept == ("vix",)
    assert reason_for("rate", plan) == "it stands still in 100 % of the train era, more than 50 %"


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.CATEGORY, Kind.TIME, Kind.EMPTY])
def test_a_kind_that_no_model_can_use_goes_even_at_the_loosest_thresholds(kind: Kind) -> None:
    plan = plan_cleaning(profile_of(column("vix"), column("note", kind)), LOOSEST)
    assert plan.dropped == ("note",)
    assert reason_for("note", plan)


def test_text_is_said_to_be_unused() -> None:
    plan = plan_cleaning(profile_of(column("note", Kind.TEXT)), CleaningSettings())
    assert reason_for("note", plan) == "text is not used by the models"


# ---- correlated columns


def test_of_two_copies_the_one_with_more_bad_values_goes() -> None:
    profile = profile_of(column("a", train={"bad_ratio": 0.1}), column("b"), correlations={("a", "b"): -0.99999})
    plan = plan_cleaning(profile, CleaningSettings())
    assert plan.kept == ("b",)
    assert reason_for("a", plan) == (
        "its correlation with 'b', which has fewer bad values, is 0.99999 in the train era, more than 0.9999"
    )


def test_of_two_equally_good_copies_the_one_further_from_the_target_goes() -> None:
    near = {("a", "b"): 1.0, ("a", "close"): 0.3, ("b", "close"): -0.5}
    plan = plan_cleaning(profile_of(column("a"), column("b"), correlations=near), CleaningSettings())
    assert plan.kept == ("b",)
    assert "which is closer to the target" in reason_for("a", plan)


def test_of_two_exact_copies_the_later_name_goes_whatever_the_last_bit_of_a_correlation_says() -> None:
    near = {("a", "b"): 1 + 1e-15, ("a", "close"): 0.3, ("b", "close"): 0.3 + 1e-12}
    assert plan_cleaning(profile_of(column("b"), column("a"), correlations=near), CleaningSettings()).kept == ("a",)


def test_a_copy_of_the_target_is_not_dropped() -> None:
    profile = profile_of(column("adjusted"), correlations={("adjusted", "close"): 1.0})
    assert plan_cleaning(profile, CleaningSettings()).kept == ("adjusted",)


def test_a_column_is_compared_only_with_columns_that_stay() -> None:
    pairs = {("a", "b"): 0.99999, ("b", "c"): 0.99999, ("a", "c"): 0.5}
    plan = plan_cleaning(profile_of(column("a"), column("b"), column("c"), correlations=pairs), CleaningSettings())
    assert plan.kept == ("a", "c")


def test_when_the_better_copy_is_dropped_by_hand_the_other_stays() -> None:
    profile = profile_of(column("a"), column("b"), correlations={("a", "b"): 1.0})
    plan = plan_cleaning(profile, CleaningSettings(drop=("a",)))
    assert plan.kept == ("b",)
    assert [decision.overridden for decision in plan.columns] == [True, False]


def test_a_copy_kept_by_hand_does_not_drive_out_the_better_one() -> None:
    profile = profile_of(column("a"), column("b"), correlations={("a", "b"): 1.0})
    assert plan_cleaning(profile, CleaningSettings(keep=("b",))).kept == ("a", "b")


def test_a_repeated_column_that_is_kept_by_hand_still_stands_for_others_like_it() -> None:
    profile = profile_of(
        column("a"), column("b"), column("c"), correlations={("a", "b"): 1.0, ("b", "c"): 1.0, ("a", "c"): 0.5}
    )
    assert plan_cleaning(profile, CleaningSettings()).kept == ("a", "c")
    plan = plan_cleaning(profile, CleaningSettings(keep=("b",)))
    assert plan.kept == ("a", "b")
    assert "correlation with 'b', which says the same" in reason_for("c", plan)


# ---- choices by hand


def test_keep_by_hand_wins_and_the_reasons_still_say_what_is_wrong() -> None:
    plan = plan_cleaning(profile_of(column("a", train={"bad_ratio": 0.9})), CleaningSettings(keep=("a",), drop=("a",)))
    assert plan.kept == ("a",)
    assert plan.columns[0].overridden
    assert reason_for("a", plan).startswith("kept by hand; 90 % of its values")
    assert codes(plan) == ["kept-and-dropped"]


def test_a_choice_that_the_thresholds_share_overrides_nothing() -> None:
    profile = profile_of(column("a", train={"bad_ratio": 0.9}), column("b"))
    plan = plan_cleaning(profile, CleaningSettings(keep=("b",), drop=("a",)))
    assert plan.kept == ("b",)
    assert not any(decision.overridden for decision in plan.columns)


def test_text_cannot_be_kept_by_hand_and_that_is_said() -> None:
    plan = plan_cleaning(profile_of(column("vix"), column("note", Kind.TEXT)), CleaningSettings(keep=("note",)))
    assert plan.dropped == ("note",)
    assert not plan.columns[1].overridden
    assert codes(plan) == ["cannot-keep"]


@pytest.mark.parametrize("field", ["keep", "drop"])
def test_a_name_that_is_not_there_is_a_warning_with_the_nearest_name(field: str) -> None:
    plan = plan_cleaning(profile_of(column("vix")), CleaningSettings(**{field: ("vixx",)}))
    assert plan.kept == ("vix",)
    (finding,) = plan.findings
    assert (finding.code, finding.severity, finding.column) == ("unknown-column", Severity.WARNING, "vixx")
    assert "'vix'" in finding.detail


def test_many_names_that_are_not_there_are_counted() -> None:
    lost = CleaningSettings(drop=tuple(f"old{number}" for number in range(40)), log=("old0",))
    found = plan_cleaning(profile_of(column("vix")), lost).findings
    assert [finding.code for finding in found] == ["unknown-column"] * 6
    assert found[-1].title == "36 more names of the recipe are not there, such as 'old5'"


@pytest.mark.parametrize("field", ["log", "difference", "returns", "clip_columns"])
@pytest.mark.parametrize("name", ["date", "close"])
def test_roles_are_no_features_to_change_or_clip(field: str, name: str) -> None:
    (told,) = plan_cleaning(profile_of(column("vix")), CleaningSettings(**{field: (name,)})).findings
    assert (told.code, told.column) == ("not-a-feature", name)
    assert bool(told.detail) == (name == "close")


def test_the_target_cannot_be_dropped_by_hand() -> None:
    assert codes(plan_cleaning(profile_of(column("vix")), CleaningSettings(drop=("close",)))) == ["not-a-feature"]


def test_nothing_kept_is_a_problem_but_no_error() -> None:
    plan = plan_cleaning(profile_of(column("vix")), CleaningSettings(drop=("vix",)))
    assert plan.kept == ()
    assert [(finding.code, finding.severity) for finding in plan.findings] == [("no-features", Severity.PROBLEM)]


def test_a_file_of_nothing_but_a_target_is_worth_a_remark_only() -> None:
    plan = plan_cleaning(profile_of(), CleaningSettings())
    assert [finding.severity for finding in plan.findings] == [Severity.INFO]


def test_a_plan_goes_to_json_and_back() -> None:
    plan = plan_cleaning(profile_of(column("vix")), CleaningSettings(drop=("vix", "none")))
    assert from_json(CleaningPlan, to_json(plan)) == plan


# ---- consequences


@pytest.fixture
def mixed() -> QualityProfile:
    return profile_of(
        column("a", train={"bad_ratio": 0.10, "relative_variance": 0.02}),
        column("b", train={"bad_ratio": 0.25, "relative_variance": 0.01}),
        column("c", train={"bad_ratio": 0.60, "relative_variance": 0.03}),
        column("d", train={"relative_variance": 0.08, "unique_ratio": 0.9}, identifier_like=True),
        column("e", train={"top_share": 0.9, "stale_ratio": 0.4, "relative_variance": 0.09}),
        correlations={("a", "b"): 0.8, ("a", "d"): 0.7},
    )


@pytest.mark.parametrize("field", THRESHOLDS)
def test_the_curve_says_what_planning_at_each_threshold_keeps(mixed: QualityProfile, field: str) -> None:
    chosen = CleaningSettings()
    curve = trace_consequences(mixed, chosen, field, points=11)
    planned = [len(plan_cleaning(mixed, chosen.model_copy(update={field: at})).kept) for at in curve.thresholds]
    assert list(curve.remaining) == planned
    assert curve.current == getattr(chosen, field)
    assert curve.current in curve.thresholds
    assert list(curve.thresholds) == sorted(set(curve.thresholds))


@pytest.mark.parametrize(
    ("field", "span"),
    [
        ("max_bad_ratio", (0, 1)),
        ("min_relative_variance", (0, 0.1)),
        ("max_unique_ratio", (0, 1)),
        ("max_top_share", (0.5, 1)),
        ("max_stale_ratio", (0, 1)),
        ("max_correlation", (0.5, 1)),
    ],
)
def test_the_curve_spans_the_range_of_its_setting(mixed: QualityProfile, field: str, span: tuple[float, float]) -> None:
    curve = trace_consequences(mixed, CleaningSettings(), field)
    assert (curve.thresholds[0], curve.thresholds[-1]) == span


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("max_bad_ratio", ("b", "a")),
        ("min_relative_variance", ("b", "a", "d", "e")),
        ("max_unique_ratio", ("d",)),
        ("max_top_share", ("e",)),
        ("max_stale_ratio", ("e",)),
        ("max_correlation", ("b", "a")),
    ],
)
def test_the_next_to_go_are_named_in_order(mixed: QualityProfile, field: str, names: tuple[str, ...]) -> None:
    assert trace_consequences(mixed, CleaningSettings(), field).next_to_go == names


def test_a_column_kept_by_hand_is_never_next_to_go(mixed: QualityProfile) -> None:
    assert trace_consequences(mixed, CleaningSettings(keep=("b",)), "max_bad_ratio").next_to_go == ("a",)


def test_a_setting_that_drops_no_columns_has_no_curve(mixed: QualityProfile) -> None:
    with pytest.raises(RecipeError, match="max_fill"):
        trace_consequences(mixed, CleaningSettings(), "max_fill")
