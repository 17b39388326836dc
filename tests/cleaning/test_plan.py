"""Which columns are dropped and why, what a manual choice changes, and the effect of each threshold."""

import json
from typing import get_args

import pytest

from core.cleaning.plan import THRESHOLDS, CleaningPlan, plan_cleaning, trace_consequences
from core.data.columns import Kind
from core.errors.cleaning import NotAThreshold
from core.findings.cleaning import CannotKeep, ColumnNotFound, KeptAndDropped, NoFeatures, NotAFeature, Setting
from core.findings.limit import FurtherFindings
from core.findings.model import Severity
from core.io.json import from_json, to_json
from core.quality.profile import QualityProfile
from core.recipe.model import CleaningSettings
from tests.cleaning.examples import LOOSEST, column, profile_of, reason_for

# ---- one threshold at a time


@pytest.mark.silent(
    "no-features",
    "not-a-feature",
    "cannot-keep",
    "kept-and-dropped",
    "unknown-column",
)
def test_valid_columns_are_kept_without_reason_or_finding() -> None:
    settings = CleaningSettings(keep=("vix",), drop=("gold",), log=("vix",), clip_columns=("oil",))
    plan = plan_cleaning(profile_of(column("vix"), column("gold"), column("oil")), settings)
    assert plan.kept == ("vix", "oil")
    assert plan.findings == plan.unknown_columns == ()
    plan = plan_cleaning(profile_of(column("vix"), column("gold")), CleaningSettings())
    assert plan.kept == ("vix", "gold")
    assert plan.dropped == plan.findings == ()
    assert [decision.reasons for decision in plan.columns] == [(), ()]


def test_time_series_and_target_are_not_features() -> None:
    profile = profile_of(column("vix"), column("ticker", Kind.TEXT), series="ticker")
    assert [decision.name for decision in plan_cleaning(profile, CleaningSettings()).columns] == ["vix"]


def test_a_column_with_many_bad_values_is_dropped() -> None:
    plan = plan_cleaning(profile_of(column("a", train={"bad_ratio": 0.521})), CleaningSettings())
    assert plan.dropped == ("a",)
    assert "52.1%" in reason_for("a", plan)


def test_a_ratio_at_the_threshold_is_kept_and_one_just_above_shows_enough_digits() -> None:
    profile = profile_of(column("at", train={"bad_ratio": 0.3}), column("above", train={"bad_ratio": 0.300004}))
    plan = plan_cleaning(profile, CleaningSettings())
    assert plan.kept == ("at",)
    assert "30.0004%" in reason_for("above", plan)


def test_a_constant_is_dropped() -> None:
    plan = plan_cleaning(profile_of(column("a", constant=True, train={"relative_variance": None})), CleaningSettings())
    assert plan.dropped == ("a",)
    assert len(plan.columns[0].reasons) == 1


def test_a_near_constant_is_dropped_by_its_relative_variance() -> None:
    plan = plan_cleaning(profile_of(column("a", train={"relative_variance": 3e-5})), CleaningSettings())
    assert plan.dropped == ("a",)
    assert "3e-05" in reason_for("a", plan)


def test_uniqueness_applies_to_identifier_like_columns_only() -> None:
    profile = profile_of(
        column("price", train={"unique_ratio": 1.0}),
        column("row", Kind.INTEGER, train={"unique_ratio": 1.0}, identifier_like=True),
    )
    plan = plan_cleaning(profile, CleaningSettings())
    assert plan.kept == ("price",)
    assert "identifier" in reason_for("row", plan)


def test_a_column_of_almost_one_value_is_dropped_and_a_yearly_event_is_kept() -> None:
    profile = profile_of(
        column("event", train={"top_share": 1 - 1 / 252}),
        column("volume", train={"top_share": 0.9}),
        column("once", train={"top_share": 1 - 1 / 700}),
    )
    plan = plan_cleaning(profile, CleaningSettings())
    assert plan.kept == ("event", "volume")
    assert "99.9%" in reason_for("once", plan)


def test_a_constant_is_judged_by_its_variance_alone() -> None:
    constant = profile_of(column("a", constant=True, train={"top_share": 1.0}))
    plan = plan_cleaning(constant, CleaningSettings())
    assert plan.dropped == ("a",)
    assert len(plan.columns[0].reasons) == 1
    assert plan_cleaning(constant, CleaningSettings(min_relative_variance=0)).kept == ("a",)


def test_stale_columns_are_dropped_only_on_request() -> None:
    profile = profile_of(column("rate", train={"stale_ratio": 1.0}), column("vix", train={"stale_ratio": 0.2}))
    assert plan_cleaning(profile, CleaningSettings()).dropped == ()
    plan = plan_cleaning(profile, CleaningSettings(max_stale_ratio=0.5))
    assert plan.kept == ("vix",)
    assert "100%" in reason_for("rate", plan)


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.CATEGORY, Kind.TIME, Kind.EMPTY])
def test_a_kind_that_no_model_can_use_is_dropped_even_at_the_loosest_thresholds(kind: Kind) -> None:
    plan = plan_cleaning(profile_of(column("vix"), column("note", kind)), LOOSEST)
    assert plan.dropped == ("note",)
    assert reason_for("note", plan)


# ---- correlated columns


def test_of_two_copies_the_one_with_more_bad_values_is_dropped() -> None:
    profile = profile_of(column("a", train={"bad_ratio": 0.1}), column("b"), correlations={("a", "b"): -0.99999})
    plan = plan_cleaning(profile, CleaningSettings())
    assert plan.kept == ("b",)
    assert "'b', which has fewer bad values, is 0.99999" in reason_for("a", plan)


def test_of_two_equally_good_copies_the_one_less_correlated_with_the_target_is_dropped() -> None:
    near = {("a", "b"): 1.0, ("a", "close"): 0.3, ("b", "close"): -0.5}
    plan = plan_cleaning(profile_of(column("a"), column("b"), correlations=near), CleaningSettings())
    assert plan.kept == ("b",)
    assert "correlated with the target" in reason_for("a", plan)


def test_of_two_exact_copies_the_later_name_is_dropped_despite_rounding_errors_of_correlations() -> None:
    near = {("a", "b"): 1 + 1e-15, ("a", "close"): 0.3, ("b", "close"): 0.3 + 1e-12}
    assert plan_cleaning(profile_of(column("b"), column("a"), correlations=near), CleaningSettings()).kept == ("a",)


def test_a_copy_of_the_target_is_not_dropped() -> None:
    profile = profile_of(column("adjusted"), correlations={("adjusted", "close"): 1.0})
    assert plan_cleaning(profile, CleaningSettings()).kept == ("adjusted",)


def test_a_column_is_compared_with_kept_columns_only() -> None:
    pairs = {("a", "b"): 0.99999, ("b", "c"): 0.99999, ("a", "c"): 0.5}
    plan = plan_cleaning(profile_of(column("a"), column("b"), column("c"), correlations=pairs), CleaningSettings())
    assert plan.kept == ("a", "c")


def test_if_the_better_copy_is_dropped_manually_the_other_is_kept() -> None:
    profile = profile_of(column("a"), column("b"), correlations={("a", "b"): 1.0})
    plan = plan_cleaning(profile, CleaningSettings(drop=("a",)))
    assert plan.kept == ("b",)
    assert [decision.overridden for decision in plan.columns] == [True, False]


def test_a_manually_kept_copy_does_not_displace_the_better_one() -> None:
    profile = profile_of(column("a"), column("b"), correlations={("a", "b"): 1.0})
    assert plan_cleaning(profile, CleaningSettings(keep=("b",))).kept == ("a", "b")


def test_a_manually_kept_copy_still_displaces_its_own_copies() -> None:
    profile = profile_of(
        column("a"), column("b"), column("c"), correlations={("a", "b"): 1.0, ("b", "c"): 1.0, ("a", "c"): 0.5}
    )
    assert plan_cleaning(profile, CleaningSettings()).kept == ("a", "c")
    plan = plan_cleaning(profile, CleaningSettings(keep=("b",)))
    assert plan.kept == ("a", "b")
    assert "correlation with 'b', an equally good column" in reason_for("c", plan)


# ---- manual choices


@pytest.mark.fires("kept-and-dropped")
def test_keeping_manually_wins_and_the_reasons_against_it_are_listed() -> None:
    plan = plan_cleaning(profile_of(column("a", train={"bad_ratio": 0.9})), CleaningSettings(keep=("a",), drop=("a",)))
    assert plan.kept == ("a",)
    assert plan.columns[0].overridden
    manual, reason = plan.columns[0].reasons
    assert "kept" in manual
    assert "90%" in reason
    assert plan.findings == (KeptAndDropped(column="a"),)


def test_a_manual_choice_that_agrees_with_the_thresholds_is_not_an_override() -> None:
    profile = profile_of(column("a", train={"bad_ratio": 0.9}), column("b"))
    plan = plan_cleaning(profile, CleaningSettings(keep=("b",), drop=("a",)))
    assert plan.kept == ("b",)
    assert not any(decision.overridden for decision in plan.columns)


@pytest.mark.fires("cannot-keep")
def test_text_cannot_be_kept_manually() -> None:
    plan = plan_cleaning(profile_of(column("vix"), column("note", Kind.TEXT)), CleaningSettings(keep=("note",)))
    assert plan.dropped == ("note",)
    assert not plan.columns[1].overridden
    assert plan.findings == (CannotKeep(column="note", kind="text"),)


@pytest.mark.fires("unknown-column")
@pytest.mark.parametrize("field", ["keep", "drop"])
def test_an_unknown_name_is_a_warning(field: Setting) -> None:
    plan = plan_cleaning(profile_of(column("vix")), CleaningSettings(**{field: ("vixx",)}))
    assert plan.kept == ("vix",)
    assert plan.findings == plan.unknown_columns == (ColumnNotFound(column="vixx", setting=field, columns=("vix",)),)
    assert plan.findings[0].severity == Severity.WARNING


@pytest.mark.fires("unknown-column")
def test_many_unknown_names_are_summed_up() -> None:
    settings = CleaningSettings(drop=tuple(f"old{number}" for number in range(40)), log=("old0",))
    plan = plan_cleaning(profile_of(column("vix")), settings)
    assert [finding.code for finding in plan.findings] == ["unknown-column"] * 6
    *listed, further = plan.unknown_columns
    assert [finding.column for finding in listed] == [f"old{number}" for number in range(5)]
    assert isinstance(further, FurtherFindings)
    assert (further.count, further.columns[0], further.severity) == (36, "old5", Severity.WARNING)


@pytest.mark.fires("not-a-feature")
@pytest.mark.parametrize("field", get_args(Setting))
@pytest.mark.parametrize(("name", "role"), [("date", "time"), ("ticker", "series"), ("close", "target")])
def test_time_series_and_target_cannot_be_cleaned(field: Setting, name: str, role: str) -> None:
    profile = profile_of(column("vix"), column("ticker", Kind.TEXT), series="ticker")
    plan = plan_cleaning(profile, CleaningSettings(**{field: (name,)}))
    assert plan.findings == (NotAFeature(column=name, role=role, setting=field),)
    assert plan.unknown_columns == ()


@pytest.mark.fires("no-features")
def test_dropping_every_column_is_a_problem_but_not_an_error() -> None:
    plan = plan_cleaning(profile_of(column("vix")), CleaningSettings(drop=("vix",)))
    assert plan.kept == ()
    assert plan.findings == (NoFeatures(count=1),)
    assert plan.findings[0].severity == Severity.PROBLEM


@pytest.mark.fires("no-features")
def test_a_file_with_only_a_target_is_an_info() -> None:
    plan = plan_cleaning(profile_of(), CleaningSettings())
    assert plan.findings == (NoFeatures(count=None),)
    assert plan.findings[0].severity == Severity.INFO


def test_a_plan_survives_json_which_has_its_columns_and_findings_only() -> None:
    plan = plan_cleaning(profile_of(column("vix")), CleaningSettings(drop=("vix", "none")))
    assert from_json(CleaningPlan, to_json(plan)) == plan
    assert set(json.loads(to_json(plan))) == {"columns", "findings"}


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
def test_the_curve_equals_planning_at_each_threshold(mixed: QualityProfile, field: str) -> None:
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
def test_the_next_columns_to_be_dropped_are_named_in_order(
    mixed: QualityProfile, field: str, names: tuple[str, ...]
) -> None:
    assert trace_consequences(mixed, CleaningSettings(), field).next_dropped == names


def test_a_manually_kept_column_is_never_next_to_be_dropped(mixed: QualityProfile) -> None:
    assert trace_consequences(mixed, CleaningSettings(keep=("b",)), "max_bad_ratio").next_dropped == ("a",)


def test_a_setting_that_drops_no_columns_has_no_curve(mixed: QualityProfile) -> None:
    with pytest.raises(NotAThreshold, match="max_fill"):
        trace_consequences(mixed, CleaningSettings(), "max_fill")
