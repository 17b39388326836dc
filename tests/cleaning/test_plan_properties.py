"""Properties of every plan: for generated profiles, and for planted columns through the real profile."""

import uuid
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cleaning.plan import plan_cleaning, trace_consequences
from core.data.columns import Kind
from core.findings.cleaning import ClippedLevel, DiedLater
from core.findings.limit import FurtherFindings
from core.findings.model import Severity
from core.quality.profile import ColumnProfile
from core.recipe.model import CleaningSettings
from tests.cleaning.examples import DAYS, LOOSEST, column, profile_of, reason_for, scan

ratios = st.sampled_from([0.0, 0.05, 0.3, 0.31, 0.5, 1.0])
COLUMNS = st.builds(
    lambda kind, bad, spread, unique, flags: (kind, bad, spread, unique, flags),
    st.sampled_from([Kind.NUMBER, Kind.INTEGER, Kind.BOOLEAN]),
    ratios,
    st.sampled_from([None, 0.0, 9e-5, 1e-3, 0.05]),
    ratios,
    st.tuples(st.booleans(), st.booleans(), st.sampled_from([0.5, 0.998, 0.9999]), ratios),
)


def build(facts: list[tuple[Kind, float, float | None, float, tuple[bool, bool, float, float]]]) -> list[ColumnProfile]:
    return [
        column(
            f"c{place}",
            kind,
            train={
                "bad_ratio": bad,
                "relative_variance": spread,
                "unique_ratio": unique,
                "top_share": top,
                "stale_ratio": stale,
            },
            identifier_like=identifier,
            constant=constant,
        )
        for place, (kind, bad, spread, unique, (identifier, constant, top, stale)) in enumerate(facts)
    ]


@st.composite
def profiles(draw: st.DrawFn) -> tuple[list[ColumnProfile], dict[tuple[str, str], float]]:
    columns = build(draw(st.lists(COLUMNS, min_size=1, max_size=6)))
    names = [found.name for found in columns] + ["close"]
    pairs = [(one, other) for place, one in enumerate(names) for other in names[place + 1 :]]
    strengths = st.sampled_from([0.0, 0.5, 0.99995, 1.0])
    return columns, {pair: draw(strengths) for pair in pairs}


@given(profiles(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_columns_changes_no_decision(made, chance) -> None:
    columns, pairs = made
    shuffled = chance.sample(columns, len(columns))
    flipped = {(other, one): found for (one, other), found in pairs.items()}
    straight = plan_cleaning(profile_of(*columns, correlations=pairs), CleaningSettings())
    mixed = plan_cleaning(profile_of(*shuffled, correlations=flipped), CleaningSettings())
    assert {decision.name: decision for decision in mixed.columns} == {
        decision.name: decision for decision in straight.columns
    }


@given(profiles())
@settings(max_examples=40, deadline=None)
def test_thresholds_at_their_extremes_drop_nothing(made) -> None:
    columns, pairs = made
    assert plan_cleaning(profile_of(*columns, correlations=pairs), LOOSEST).dropped == ()


@given(profiles(), st.sets(st.integers(0, 5)))
@settings(max_examples=40, deadline=None)
def test_manually_kept_columns_are_kept(made, places: set[int]) -> None:
    columns, pairs = made
    keep = tuple(found.name for place, found in enumerate(columns) if place in places)
    plan = plan_cleaning(profile_of(*columns, correlations=pairs), CleaningSettings(keep=keep, drop=keep))
    assert set(keep) <= set(plan.kept)


@given(profiles())
@settings(max_examples=40, deadline=None)
def test_no_kept_column_duplicates_another_and_every_dropped_one_has_a_reason(made) -> None:
    columns, pairs = made
    plan = plan_cleaning(profile_of(*columns, correlations=pairs), CleaningSettings())
    assert not [pair for pair, found in pairs.items() if found > 0.9999 and set(pair) <= set(plan.kept)]
    assert all(bool(decision.reasons) == (decision.decision == "drop") for decision in plan.columns)


# ---- planted columns, through the real profile


@pytest.fixture(scope="module")
def planted() -> pd.DataFrame:
    chance = np.random.default_rng(7)
    rows = len(DAYS)
    close = 100 * np.exp(np.cumsum(chance.normal(0, 0.01, rows)))
    vix = 20 + chance.normal(0, 2, rows)
    noisy_copy = vix + chance.normal(0, 1e-3, rows)
    noisy_copy[::50] = np.nan
    near_constant = np.full(rows, 5.0)
    near_constant[100] = 5.000001
    half_dead = chance.normal(size=rows)
    half_dead[350:] = np.nan
    died_late, died_after = chance.normal(size=(2, rows))
    died_late[600:] = np.nan
    died_after[775:] = np.nan
    event = np.zeros(rows)
    event[::250] = 1
    zero_inflated = np.where(chance.uniform(size=rows) < 0.95, 0.0, chance.lognormal(10, 1, rows))
    holes = chance.normal(size=rows)
    holes[chance.permutation(rows)[:400]] = np.nan
    return pd.DataFrame(
        {
            "date": DAYS,
            "close": close,
            "vix": vix,
            "noisy_copy": noisy_copy,
            "rate": 0.01 + 1e-4 * chance.normal(size=rows),
            "constant": np.full(rows, 3.0),
            "near_constant": near_constant,
            "row_number": np.arange(1, rows + 1),
            "uuid": [str(uuid.UUID(bytes=chance.bytes(16))) for _ in range(rows)],
            "holes": holes,
            "half_dead": half_dead,
            "died_late": died_late,
            "died_after": died_after,
            "event": event,
            "zero_inflated": zero_inflated,
            "macro": np.repeat(chance.normal(size=rows // 20), 20),
        }
    )


@pytest.mark.fires("died-later")
def test_planted_columns_are_dropped_for_the_planted_reason_and_the_rest_is_kept(
    planted: pd.DataFrame, tmp_path: Path
) -> None:
    plan = plan_cleaning(scan(planted, tmp_path, "close"), CleaningSettings())
    words = {
        "noisy_copy": "correlation with 'vix'",
        "constant": "it is constant",
        "row_number": "identifier",
        "uuid": "text",
        "holes": "bad",
        "half_dead": "50%",
        "died_late": "2021-08-22",
        "near_constant": "99.9%",
    }
    for name, word in words.items():
        assert word in reason_for(name, plan)
    assert set(plan.dropped) == set(words)
    assert set(plan.kept) == {"vix", "rate", "died_after", "event", "zero_inflated", "macro"}
    (found,) = [finding for finding in plan.findings if isinstance(finding, DiedLater)]
    assert (found.column, found.severity, found.remedy.value) == ("died_after", Severity.PROBLEM, ("died_after",))
    assert found.since.startswith("2022-02-")


def test_a_near_constant_column_is_dropped_at_a_stricter_threshold(planted: pd.DataFrame, tmp_path: Path) -> None:
    plan = plan_cleaning(scan(planted, tmp_path, "close"), CleaningSettings(min_relative_variance=0.01))
    assert "relative variance" in reason_for("near_constant", plan)
    assert {"vix", "rate"} <= set(plan.kept)


def test_scrambled_rows_after_the_train_era_change_no_decision(planted: pd.DataFrame, tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    scrambled = planted.copy()
    for name in scrambled.columns[1:]:
        later = scrambled[name].to_numpy(copy=True)[700:]
        scrambled.loc[700:, name] = chance.permutation(later) if later.dtype.kind not in "fi" else later[::-1] * 7 - 3
    ours = plan_cleaning(scan(planted, tmp_path / "a", "close"), CleaningSettings())
    theirs = plan_cleaning(scan(scrambled, tmp_path / "b", "close"), CleaningSettings())
    assert theirs.columns == ours.columns
    shifted = planted.assign(
        date=planted["date"].where(np.arange(len(planted)) < 700, planted["date"] + pd.Timedelta(days=4000))
    )
    assert plan_cleaning(scan(shifted, tmp_path / "c", "close"), CleaningSettings()).columns == ours.columns


def test_a_column_that_died_in_train_is_kept_by_the_loosest_threshold_and_manually(
    planted: pd.DataFrame, tmp_path: Path
) -> None:
    profile = scan(planted, tmp_path, "close")
    assert "died_late" in plan_cleaning(profile, CleaningSettings(max_bad_ratio=1)).kept
    plan = plan_cleaning(profile, CleaningSettings(keep=("died_late",)))
    assert "died_late" in plan.kept
    decision = next(decision for decision in plan.columns if decision.name == "died_late")
    assert "2021-08-22" in decision.reasons[1]
    assert decision.overridden
    curve = trace_consequences(profile, CleaningSettings(max_bad_ratio=1), "max_bad_ratio")
    assert curve.next_dropped[:2] == ("died_late", "half_dead")


def test_permuted_columns_change_no_decision(planted: pd.DataFrame, tmp_path: Path) -> None:
    names = list(planted.columns)
    np.random.default_rng(2).shuffle(names)
    ours = plan_cleaning(scan(planted, tmp_path / "a", "close"), CleaningSettings())
    theirs = plan_cleaning(scan(planted[names], tmp_path / "b", "close"), CleaningSettings())
    assert {found.name: found for found in theirs.columns} == {found.name: found for found in ours.columns}


def test_a_column_with_rare_or_late_values_has_not_died(tmp_path: Path) -> None:
    chance = np.random.default_rng(3)
    rows = len(DAYS)
    late, quarterly = chance.normal(size=(2, rows))
    late[690:700] = np.nan
    quarterly[np.arange(rows) % 63 > 0] = np.nan
    frame = pd.DataFrame(
        {"date": DAYS, "close": chance.normal(size=rows), "late": late, "quarterly": quarterly, "dead": late.copy()}
    )
    frame.loc[660:, "dead"] = np.nan
    profile = scan(frame, tmp_path, "close")
    assert [profile.column(name).died_in_train for name in ("late", "quarterly", "close")] == [None] * 3
    assert profile.column("dead").died_in_train == str(DAYS[659].to_datetime64())
    assert plan_cleaning(profile, CleaningSettings(max_bad_ratio=0.99)).dropped == ("dead",)


@pytest.mark.silent("died-later")
def test_a_column_whose_newest_values_are_not_published_yet_has_not_died(tmp_path: Path) -> None:
    chance = np.random.default_rng(4)
    frame = pd.DataFrame({"date": DAYS, "close": chance.normal(size=len(DAYS)), "late": chance.normal(size=len(DAYS))})
    frame.loc[970:, "late"] = np.nan
    assert plan_cleaning(scan(frame, tmp_path, "close"), CleaningSettings()).findings == ()


@pytest.mark.fires("died-later")
def test_many_columns_that_died_are_summed_up_with_one_remedy(tmp_path: Path) -> None:
    chance = np.random.default_rng(5)
    frame = pd.DataFrame({"date": DAYS, "close": chance.normal(size=len(DAYS))})
    names = [f"feed_{number}" for number in range(8)]
    for name in names:
        frame[name] = chance.normal(size=len(DAYS))
        frame.loc[775:, name] = np.nan
    plan = plan_cleaning(scan(frame, tmp_path, "close"), CleaningSettings())
    *listed, further = [finding for finding in plan.findings if finding.code == "died-later"]
    assert [finding.column for finding in listed] == names[:5]
    assert isinstance(further, FurtherFindings)
    assert (further.count, further.severity, further.remedy.value) == (3, Severity.PROBLEM, tuple(names[5:]))


@pytest.mark.fires("clipped-level")
def test_a_drifting_column_clipped_as_a_level_is_reported_with_its_return_as_remedy(tmp_path: Path) -> None:
    chance = np.random.default_rng(6)
    price, rate = np.exp(chance.normal(0, 0.01, (2, len(DAYS))).cumsum(axis=1))
    frame = pd.DataFrame({"date": DAYS, "close": price, "gold": 5 * price[::-1], "rate": rate - 10})
    profile = scan(frame, tmp_path, "close")
    plan = plan_cleaning(profile, CleaningSettings(clip_quantile=0.01))
    assert plan.findings == (ClippedLevel(columns=("gold", "rate"), price_like=("gold",)),)
    assert plan.findings[0].remedy.value == ("gold",)


@pytest.mark.silent("clipped-level")
def test_a_clipped_return_or_a_level_that_is_not_clipped_is_not_reported(tmp_path: Path) -> None:
    chance = np.random.default_rng(6)
    price = np.exp(chance.normal(0, 0.01, len(DAYS)).cumsum())
    frame = pd.DataFrame({"date": DAYS, "close": price, "gold": 5 * price[::-1], "vix": chance.normal(size=len(DAYS))})
    profile = scan(frame, tmp_path, "close")
    for chosen in (
        CleaningSettings(clip_quantile=0.01, returns=("gold",)),
        CleaningSettings(clip_quantile=0.01, clip_columns=("vix",)),
        CleaningSettings(),
    ):
        assert plan_cleaning(profile, chosen).findings == ()
