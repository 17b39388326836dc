import statistics

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cleaning.fitted import CleanFrame
from core.data.columns import Roles
from core.errors.samples import NoCompleteFeatures
from core.io.json import from_json, to_json
from core.quality.profile import QualityProfile
from core.recipe.model import FeatureSettings
from core.samples.features import FeatureFrame, FeaturePlan, FeatureStep, add_features, plan_features
from core.text.feature_tokens import feature_token, split_token
from tests.cleaning.examples import column, profile_of

NAN = float("nan")
PRICE = {"drifts": True, "price_like": True}
LEVEL = {"drifts": True, "price_like": False}


@pytest.fixture
def profile() -> QualityProfile:
    return profile_of(column("vix"), column("gold", **PRICE), column("spread", **LEVEL), column("close", **PRICE))


def names(plan: FeaturePlan) -> list[str]:
    return [step.name for step in plan.steps]


def cleaned(columns: dict[str, list[float]], tickers: list[str] | None = None) -> CleanFrame:
    """Cleaned rows; `tickers` names the series of each row, in blocks."""
    rows = len(next(iter(columns.values())))
    series = {} if tickers is None else {"ticker": tickers}
    into = np.arange(rows) if tickers is None else pd.Series(tickers).groupby(tickers).cumcount().to_numpy()
    dates = (pd.Timestamp("2024-01-01") + pd.to_timedelta(into, unit="D")).as_unit("us")
    frame = pd.DataFrame({"date": dates} | series | {name: np.array(values) for name, values in columns.items()})
    roles = Roles(time="date", series="ticker" if tickers else None, target="close")
    return CleanFrame(
        frame=frame,
        roles=roles,
        features=tuple(name for name in columns if name != "close"),
        lines=np.arange(2, rows + 2),
        changes=(),
        dropped_rows=0,
        findings=(),
    )


def plan_of(*steps: FeatureStep, warm_up: int = 0) -> FeaturePlan:
    return FeaturePlan(steps, warm_up)


# ---- plan


def test_by_default_drifting_columns_enter_by_their_change_and_others_by_their_level(profile: QualityProfile) -> None:
    plan = plan_features(("vix", "gold", "spread", "close"), profile, FeatureSettings(), {})
    assert [(step.name, step.kind) for step in plan.steps] == [
        ("vix", "level"),
        ("gold.log_return", "log_return"),
        ("spread.difference", "difference"),
        ("close.log_return", "log_return"),
    ]
    assert plan.warm_up == 1


def test_levels_and_changes_can_both_be_features(profile: QualityProfile) -> None:
    plan = plan_features(("vix", "gold", "close"), profile, FeatureSettings(returns="add"), {})
    assert names(plan) == ["vix", "gold", "gold.log_return", "close", "close.log_return"]


def test_without_changes_the_last_change_of_the_target_is_still_a_feature(profile: QualityProfile) -> None:
    plan = plan_features(("gold", "close"), profile, FeatureSettings(returns="none"), {})
    assert names(plan) == ["gold", "close", "close.log_return"]


@pytest.mark.parametrize("returns", ["replace", "add"])
def test_a_level_that_is_predicted_is_a_feature_though_it_drifts(profile: QualityProfile, returns: str) -> None:
    settings = FeatureSettings(returns=returns)
    plan = plan_features(("gold", "close"), profile, settings, {}, keep_level=True)
    of_target = [step.name for step in plan.steps if step.source == "close"]
    assert of_target == ["close", "close.log_return"]
    assert ("gold" in names(plan)) is (returns == "add")


def test_a_target_that_does_not_drift_enters_by_its_level_and_its_difference() -> None:
    plan = plan_features(("close",), profile_of(column("close")), FeatureSettings(), {})
    assert names(plan) == ["close", "close.difference"]


def test_features_are_in_the_order_of_the_columns(profile: QualityProfile) -> None:
    plan = plan_features(("spread", "vix", "close"), profile, FeatureSettings(), {})
    assert names(plan) == ["spread.difference", "vix", "close.log_return"]


def test_every_level_and_change_has_lags_and_rolling_statistics(profile: QualityProfile) -> None:
    plan = plan_features(("vix", "close"), profile, FeatureSettings(lags=(1, 5), rolling=(20,)), {})
    assert names(plan) == [
        *("vix", "vix.lag1", "vix.lag5", "vix.mean20", "vix.std20"),
        *("close.log_return", "close.log_return.lag1", "close.log_return.lag5"),
        *("close.log_return.mean20", "close.log_return.std20"),
    ]
    assert plan.warm_up == 20


def test_the_warm_up_is_the_sum_of_delay_change_and_longest_look_back(profile: QualityProfile) -> None:
    plan = plan_features(("gold", "close"), profile, FeatureSettings(lags=(7,), rolling=(3,)), {"gold": 21})
    assert plan.warm_up == 21 + 1 + 7
    assert [step.delay for step in plan.steps] == [21, 0, 0, 0, 0, 0, 0, 0]


def test_columns_named_like_a_token_do_not_collide_with_it() -> None:
    columns = ("gold", "gold.log_return", "gold.log_return.lag1", "BRK.B", "gold\\", "close")
    twins = profile_of(*(column(name, **PRICE) if name in ("gold", "close") else column(name) for name in columns))
    plan = plan_features(columns, twins, FeatureSettings(lags=(1,)), {})
    assert names(plan)[::2] == [
        "gold.log_return",
        r"gold\.log_return",
        r"gold.log_return\.lag1",
        "BRK.B",
        "gold\\\\",
        "close.log_return",
    ]
    assert len(set(names(plan))) == len(plan.steps) == 12
    values = {name: [1.0, 1.0, 1.0, 1.0] for name in columns}
    found = add_features(cleaned(values | {"gold.log_return": [5.0, 6, 7, 8]}), plan)
    complete = found.values[found.complete_rows(list(found.values))]
    assert complete[r"gold\.log_return"].tolist() == [7.0, 8.0]
    assert complete[r"gold\.log_return.lag1"].tolist() == [6.0, 7.0]
    assert complete["gold.log_return"].tolist() == [0.0, 0.0]


def test_every_name_is_the_token_of_its_column_and_steps(profile: QualityProfile) -> None:
    settings = FeatureSettings(returns="add", lags=(1, 5), rolling=(3,))
    transforms = {"gold": ("log",), "spread": ("log", "difference"), "vix": ("return",)}
    plan = plan_features(("vix", "gold", "spread", "close"), profile, settings, {}, transforms)
    bases = names(plan)[::5]
    assert bases == ["vix.return", "gold.log", "gold.log_return", "spread.log_return", "close", "close.log_return"]
    for step in plan.steps:
        source, parts = split_token(step.name)
        assert feature_token(source, *parts) == step.name
        assert step.source == (source if step.name in bases else feature_token(source, *parts[:-1]))


def test_a_plan_survives_json(profile: QualityProfile) -> None:
    plan = plan_features(("gold", "close"), profile, FeatureSettings(lags=(2,), rolling=(3,)), {"gold": 2})
    assert from_json(FeaturePlan, to_json(plan)) == plan


# ---- values, computed by hand


def test_changes_lags_and_rolling_statistics_match_values_computed_by_hand() -> None:
    plan = plan_of(
        FeatureStep(name="x", source="x", kind="level"),
        FeatureStep(name="x.difference", source="x", kind="difference"),
        FeatureStep(name="x.log_return", source="x", kind="log_return"),
        FeatureStep(name="x.lag2", source="x", kind="lag", periods=2),
        FeatureStep(name="x.mean3", source="x", kind="rolling_mean", periods=3),
        FeatureStep(name="x.std3", source="x", kind="rolling_std", periods=3),
    )
    found = add_features(cleaned({"x": [1.0, 2.0, 6.0, 4.0], "close": [10.0, 11.0, 12.0, 13.0]}), plan)
    assert found.values["x"].tolist() == [1.0, 2.0, 6.0, 4.0]
    expected = {
        "x.difference": [NAN, 1.0, 4.0, -2.0],
        "x.log_return": [NAN, np.log(2), np.log(3), np.log(2 / 3)],
        "x.lag2": [NAN, NAN, 1.0, 2.0],
        "x.mean3": [NAN, NAN, 3.0, 4.0],
        "x.std3": [NAN, NAN, np.sqrt(7), 2.0],
    }
    for name, values in expected.items():
        assert found.values[name].tolist() == pytest.approx(values, nan_ok=True)
    assert found.target.tolist() == [10.0, 11.0, 12.0, 13.0]
    assert found.lines.tolist() == [2, 3, 4, 5]
    assert found.times.dtype == np.dtype("datetime64[us]")
    assert found.series is None


def test_a_publication_delay_is_applied_before_a_difference() -> None:
    plan = plan_of(FeatureStep(name="x.difference", source="x", kind="difference", delay=2))
    found = add_features(cleaned({"x": [1.0, 3.0, 7.0, 9.0], "close": [1.0, 2.0, 3.0, 4.0]}), plan)
    assert found.values["x.difference"].tolist() == pytest.approx([NAN, NAN, NAN, 2.0], nan_ok=True)


def test_no_feature_crosses_from_one_series_into_another() -> None:
    plan = plan_of(
        FeatureStep(name="x", source="x", kind="level", delay=1),
        FeatureStep(name="x.difference", source="x", kind="difference"),
        FeatureStep(name="x.difference.lag1", source="x.difference", kind="lag", periods=1),
        FeatureStep(name="x.mean2", source="x", kind="rolling_mean", periods=2),
    )
    both = {"x": [1.0, 2.0, 4.0, 100.0, 300.0, 700.0, 9.0], "close": [1.0] * 7}
    found = add_features(cleaned(both, ["A"] * 3 + ["B"] * 3 + ["C"]), plan)
    complete = found.complete_rows(list(found.values))
    assert found.values[complete].to_numpy().tolist() == [[2.0, 2.0, 1.0, 1.5], [300.0, 400.0, 200.0, 200.0]]
    assert found.series[complete].tolist() == ["A", "B"]
    assert found.blocks.tolist() == [0, 0, 0, 1, 1, 1, 2]


def test_a_rolling_window_holds_rows_of_one_series_only() -> None:
    plan = plan_of(
        FeatureStep(name="x", source="x", kind="level"),
        FeatureStep(name="m", source="x", kind="rolling_mean", periods=2),
        FeatureStep(name="s", source="x", kind="rolling_std", periods=2),
    )
    both = {"x": [1.0, 3.0, 5.0, 100.0, 300.0], "close": [1.0] * 5}
    found = add_features(cleaned(both, ["A"] * 3 + ["B"] * 2), plan)
    assert found.values["m"].tolist() == pytest.approx([NAN, 2.0, 4.0, NAN, 200.0], nan_ok=True)


@pytest.mark.parametrize("window", [2, 3, 5, 20, 37, 64])
def test_rolling_statistics_agree_with_exact_fractions(window: int) -> None:
    x = 1000 + np.random.default_rng(window).normal(size=200)
    plan = plan_of(
        FeatureStep(name="m", source="x", kind="rolling_mean", periods=window),
        FeatureStep(name="s", source="x", kind="rolling_std", periods=window),
    )
    plan = plan_of(FeatureStep(name="x", source="x", kind="level"), *plan.steps)
    found = add_features(cleaned({"x": x, "close": x}), plan)
    windows = [x[end - window : end].tolist() for end in range(window, 201)]
    # The running sums of pandas are off in the tenth digit here; `statistics` computes with exact fractions.
    means, deviations = (found.values[name].dropna() for name in ("m", "s"))
    np.testing.assert_allclose(means, [statistics.mean(values) for values in windows], rtol=1e-14)
    np.testing.assert_allclose(deviations, [statistics.stdev(values) for values in windows], rtol=1e-12)


def test_a_huge_value_has_no_effect_once_it_leaves_the_window() -> None:
    x = np.r_[1e300, np.full(30, 0.1)]
    plan = plan_of(
        FeatureStep(name="x", source="x", kind="level"),
        FeatureStep(name="m", source="x", kind="rolling_mean", periods=7),
        FeatureStep(name="s", source="x", kind="rolling_std", periods=7),
    )
    found = add_features(cleaned({"x": x, "close": np.ones(31)}), plan)
    assert found.values["m"].to_numpy()[-24:].tolist() == [0.1] * 24
    assert found.values["s"].to_numpy()[-24:].tolist() == [0.0] * 24


def test_a_log_return_that_needs_a_non_positive_value_is_missing() -> None:
    plan = plan_of(FeatureStep(name="x.log_return", source="x", kind="log_return"))
    found = add_features(
        cleaned({"x": [1.0, 2.0, -3.0, -6.0, 4.0, 8.0, 0.0, 0.0, 1.0, 2.0], "close": [1.0] * 10}), plan
    )
    assert len(found.target) == 10
    assert found.lines[found.complete_rows(["x.log_return"])].tolist() == [3, 7, 11]
    assert found.values["x.log_return"].dropna().tolist() == pytest.approx([np.log(2)] * 3)


def test_a_missing_cell_is_missing_in_every_feature_that_looks_back_at_it() -> None:
    plan = plan_of(
        FeatureStep(name="x", source="x", kind="level"),
        FeatureStep(name="x.lag1", source="x", kind="lag"),
        FeatureStep(name="x.mean3", source="x", kind="rolling_mean", periods=3),
    )
    found = add_features(cleaned({"x": [1.0, 2.0, NAN, 4.0, 5.0, 6.0, 7.0], "close": [1.0] * 7}), plan)
    missing = found.values.isna()
    assert np.flatnonzero(missing["x"]).tolist() == [2]
    assert np.flatnonzero(missing["x.lag1"]).tolist() == [0, 3]
    assert np.flatnonzero(missing["x.mean3"]).tolist() == [0, 1, 2, 3, 4]
    assert found.values["x.lag1"].tolist()[4] == 4.0


def test_if_no_row_is_complete_the_error_names_the_feature_that_is_missing_most() -> None:
    plan = plan_of(
        FeatureStep(name="x", source="x", kind="level"),
        FeatureStep(name="x.lag9", source="x", kind="lag", periods=9),
        warm_up=9,
    )
    found = add_features(cleaned({"x": [1.0, 2.0, 3.0], "close": [1.0] * 3}), plan)
    assert found.complete_rows(["x"]).all()
    with pytest.raises(NoCompleteFeatures) as caught:
        found.complete_rows(["x", "x.lag9"])
    error = caught.value
    assert (error.features, error.rows, error.feature, error.missing) == (2, 3, "x.lag9", 3)


def test_each_series_lacks_features_in_as_many_rows_as_the_warm_up_of_the_plan(profile: QualityProfile) -> None:
    chosen = FeatureSettings(lags=(4,), rolling=(5,), returns="add")
    plan = plan_features(("gold", "vix", "close"), profile, chosen, {"vix": 3})
    prices = 1 + np.random.default_rng(0).uniform(size=30)
    both = {"gold": prices, "vix": prices + 1, "close": prices + 2}
    found = add_features(cleaned(both, ["A"] * 14 + ["B"] * 16), plan)
    complete = found.complete_rows(list(found.values))
    assert np.bincount(found.blocks[complete]).tolist() == [14 - plan.warm_up, 16 - plan.warm_up]


# ---- properties


@st.composite
def cases(draw: st.DrawFn) -> tuple[CleanFrame, FeaturePlan, int]:
    """Two series, a feature plan, and the position of a day inside both."""
    rows = draw(st.integers(14, 24))
    numbers = st.floats(0.5, 50, width=32)
    columns = {name: draw(st.lists(numbers, min_size=2 * rows, max_size=2 * rows)) for name in ("gold", "vix", "close")}
    profile = profile_of(column("gold", **PRICE), column("vix"), column("close", **PRICE))
    chosen = FeatureSettings(
        returns=draw(st.sampled_from(["replace", "add", "none"])),
        lags=draw(st.sampled_from([(), (1, 3)])),
        rolling=draw(st.sampled_from([(), (2, 5)])),
    )
    plan = plan_features(("gold", "vix", "close"), profile, chosen, {"gold": draw(st.integers(0, 2))})
    return cleaned(columns, ["A"] * rows + ["B"] * rows), plan, draw(st.integers(11, rows - 1))


def up_to(found: FeatureFrame, day: np.datetime64) -> tuple[np.ndarray, list[str], list[int]]:
    early = found.times <= day
    return found.values.to_numpy()[early], found.series[early].tolist(), found.lines[early].tolist()


@given(cases())
@settings(max_examples=25, deadline=None)
def test_later_rows_change_no_bit_of_an_earlier_feature(case: tuple[CleanFrame, FeaturePlan, int]) -> None:
    clean, plan, position = case
    day = clean.frame["date"].to_numpy()[position]
    past = (clean.frame["date"] <= day).to_numpy()
    before = CleanFrame(
        frame=clean.frame[past].reset_index(drop=True),
        roles=clean.roles,
        features=clean.features,
        lines=clean.lines[past],
        changes=(),
        dropped_rows=0,
        findings=(),
    )
    scrambled = clean.frame.copy()
    scrambled.loc[~past, ["gold", "vix", "close"]] = scrambled.loc[~past, ["gold", "vix", "close"]].to_numpy() * 7 + 1e9
    after = CleanFrame(
        frame=scrambled,
        roles=clean.roles,
        features=clean.features,
        lines=clean.lines,
        changes=(),
        dropped_rows=0,
        findings=(),
    )
    expected = up_to(add_features(clean, plan), day)
    for other in (before, after):
        found = up_to(add_features(other, plan), day)
        assert found[0].tobytes() == expected[0].tobytes()
        assert found[1:] == expected[1:]


@given(cases())
@settings(max_examples=25, deadline=None)
def test_each_series_has_the_same_features_as_alone(case: tuple[CleanFrame, FeaturePlan, int]) -> None:
    clean, plan, _ = case
    together = add_features(clean, plan)
    for ticker in "AB":
        mine = (clean.frame["ticker"] == ticker).to_numpy()
        alone = add_features(
            CleanFrame(
                frame=clean.frame[mine].reset_index(drop=True),
                roles=clean.roles,
                features=clean.features,
                lines=clean.lines[mine],
                changes=(),
                dropped_rows=0,
                findings=(),
            ),
            plan,
        )
        of_ticker = together.series == ticker
        assert together.values.to_numpy()[of_ticker].tobytes() == alone.values.to_numpy().tobytes()
        assert together.lines[of_ticker].tolist() == alone.lines.tolist()
