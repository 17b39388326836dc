"""Two columns side by side, compared with pandas and statsmodels, and on pairs with a planted lead."""

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter
from statsmodels.nonparametric.smoothers_lowess import lowess

from core.errors.model import RecipeError
from core.quality.numerics.smoothing import smooth
from core.quality.profile import profile_dataset
from core.quality.views.cross_correlation import cross_correlate
from core.quality.views.pair import Pair, classify_pair, name_series, read_pair, relation_of, scatter_pair
from core.quality.views.rolling_correlation import roll_correlation


def noise(seed: int, rows: int = 600, phi: float = 0.0) -> np.ndarray:
    return lfilter([1], [1, -phi], np.random.default_rng(seed).normal(size=rows + 100))[100:]


def pair_of(x: np.ndarray, y: np.ndarray, first: np.ndarray | None = None) -> Pair:
    """Return a pair of columns that do not drift, with every row in train."""
    times = np.arange(len(x)).astype("datetime64[h]")
    if first is None:
        first = np.arange(len(x)) == 0
    return Pair(
        feature="x",
        other="y",
        times=times,
        first=first,
        train=np.full(len(x), True),
        levels=np.array([x, y]),
        stationary=np.array([x, y]),
        differenced=(False, False),
    )


def panel(rows: int = 300) -> pd.DataFrame:
    parts = []
    for place, name in enumerate(("a", "b", "c")):
        x, y = noise(place, rows), noise(place + 10, rows)
        parts.append(
            pd.DataFrame(
                {
                    "date": pd.date_range("2020-01-01", periods=rows).as_unit("us"),
                    "name": name,
                    "price": 10.0**place * (50 + x.cumsum()),
                    "twin": 10.0**place * (50 + (x + 0.5 * y).cumsum()),
                    "bent": x**2 + y,
                }
            )
        )
    return pd.concat(parts)


@pytest.fixture
def market(bench):
    frame = panel()
    frame.loc[frame.index[::17], "bent"] = np.nan
    dataset = bench.dataset(frame, series="name")
    return dataset, profile_dataset(dataset, "price", bench.eras(dataset))


def test_a_pair_with_the_target_has_the_relation_of_the_profile(market):
    dataset, profile = market
    for relation in profile.relations:
        pair = read_pair(dataset, profile, (relation.feature, "price"))
        alone = classify_pair(pair)
        assert (alone.pearson, alone.spearman, alone.xi) == (relation.pearson, relation.spearman, relation.xi)
        assert alone.p_value == relation.p_value
        assert relation_of(pair, profile) is relation
    other = read_pair(dataset, profile, ("twin", "bent"))
    assert relation_of(other, profile) == classify_pair(other)


def test_one_series_can_be_read_and_no_change_crosses_series(market):
    dataset, profile = market
    assert name_series(dataset) == ("a", "b", "c")
    every = read_pair(dataset, profile, ("twin", "price"))
    assert np.flatnonzero(np.isnan(every.stationary[1])).tolist() == [0, 300, 600]
    alone = read_pair(dataset, profile, ("twin", "price"), "b")
    np.testing.assert_array_equal(alone.stationary, every.stationary[:, 300:600])
    assert alone.labels(True) == ("change of twin", "change of price")
    assert alone.labels(False) == ("twin", "price")
    with pytest.raises(RecipeError, match="nearest"):
        read_pair(dataset, profile, ("twinn", "price"))


def test_relation_scatter_and_cross_correlation_use_the_train_era_only(bench):
    frame = panel().query("name == 'a'").drop(columns="name").reset_index(drop=True)
    changed = frame.copy()
    changed.loc[215:, ["price", "twin"]] *= np.random.default_rng(0).normal(size=(85, 2))
    seen = []
    for each in (frame, changed):
        dataset = bench.dataset(each)
        pair = read_pair(dataset, profile_dataset(dataset, "price", bench.eras(dataset)), ("twin", "price"))
        points = scatter_pair(pair)
        seen.append((classify_pair(pair), cross_correlate(pair), points.x.tolist(), points.curve.tolist()))
    assert seen[0] == seen[1]


def test_the_smooth_curve_equals_lowess():
    x = np.sort(noise(1, 300))
    y = np.sin(2 * x) + 0.3 * noise(2, 300)
    expected = lowess(y, x, frac=0.4, it=0, delta=0, return_sorted=False)
    np.testing.assert_allclose(smooth(x, y, x), expected, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(smooth(1e300 * x, y, 1e300 * x[::9]), smooth(x, y, x[::9]))


def test_a_feature_of_few_values_is_smoothed_to_their_means():
    x = np.repeat([0.0, 1.0], 100)
    y = noise(3, 200)
    assert smooth(x, y, np.array([0.0, 1.0])) == pytest.approx([y[:100].mean(), y[100:].mean()])


def test_points_are_the_tested_rows_and_too_few_have_no_fit():
    x = noise(4, 5000)
    points = scatter_pair(pair_of(x, 2 * x + 1))
    assert (len(points.x), points.rows) == (2000, 5000)
    np.testing.assert_allclose(points.line[1], 2 * points.line[0] + 1)
    assert scatter_pair(pair_of(x[:9], x[:9])).line.size == 0
    assert scatter_pair(pair_of(np.ones(50), x[:50])).curve.size == 0
    assert len(scatter_pair(pair_of(np.full(50, np.nan), x[:50])).x) == 0


@pytest.mark.parametrize("window", [20, 60])
def test_the_rolling_correlation_equals_pandas(window):
    x = noise(5).cumsum() + 1e4
    y = x + noise(6).cumsum()
    x[100:140] = np.nan
    found = roll_correlation(pair_of(x, y), window)
    at_least = max(10, window // 2)
    expected = pd.Series(x).rolling(window, min_periods=at_least).corr(pd.Series(y).where(~np.isnan(x)))
    np.testing.assert_allclose(found.values[window - 1 :], expected[window - 1 :], atol=1e-8)
    assert np.isnan(found.values[: window - 1]).all()


def test_the_rolling_correlation_pools_series_without_mixing_their_levels(market):
    dataset, profile = market
    pair = read_pair(dataset, profile, ("twin", "price"))
    found = roll_correlation(pair, 60)
    assert len(found.times) == 300
    # One series is a thousand times larger than another and would dominate pooled levels.
    assert np.nanmean(found.values) == pytest.approx(1 / np.sqrt(1.25), abs=0.05)
    assert found.sign_changes == 0
    assert np.isnan(roll_correlation(pair_of(np.ones(100), noise(7, 100)), 20).values).all()


def test_sign_changes_are_counted_except_near_zero():
    x, turn = noise(8), np.repeat([1.0, -1.0], 300)
    assert roll_correlation(pair_of(x, turn * x + 0.5 * noise(9)), 60).sign_changes == 1
    assert roll_correlation(pair_of(x, 2 * x), 60).sign_changes == 0
    weak = roll_correlation(pair_of(x, noise(9)), 250)
    assert np.nanmin(weak.values) < 0 < np.nanmax(weak.values) < 0.1 < -np.nanmin(weak.values)
    assert weak.sign_changes == 0


@pytest.mark.parametrize("lag", [-7, -1, 0, 3, 20])
def test_a_planted_lead_is_found_at_its_lag(lag):
    x = noise(10, 700)
    y = 0.5 * np.roll(x, lag) + noise(11, 700)
    x[::30] = np.nan
    found = cross_correlate(pair_of(x, y))
    assert found.strongest == (lag, pytest.approx(0.447, abs=0.08))
    assert found.lead == (found.strongest if lag > 0 else None)


def test_correlations_at_lags_equal_numpy():
    x, y = noise(12), noise(13)
    found = cross_correlate(pair_of(x, y))
    for lag, correlation in zip(found.lags, found.correlations, strict=True):
        here, there = (x[: len(x) - lag], y[lag:]) if lag >= 0 else (x[-lag:], y[:lag])
        assert correlation == pytest.approx(np.corrcoef(here, there)[0, 1], abs=0.01)


@pytest.mark.parametrize("phi", [0.0, 0.9])
def test_unrelated_autocorrelated_columns_stay_within_the_band(phi):
    beyond = 0
    for seed in range(200):
        found = cross_correlate(pair_of(noise(seed, 500, phi), noise(seed + 1000, 500, phi)))
        beyond += max(map(abs, found.correlations)) > found.band
    # 5% of 200 is 10; more than 17 would occur by chance in 1% of such tests.
    assert beyond <= 17


def test_series_that_move_together_do_not_raise_the_false_alarms():
    beyond = 0
    for seed in range(100):
        own = [noise(1000 * seed + place, 200) for place in range(12)]
        x, y = (
            np.concatenate([noise(9000 + 2 * seed + side, 200, 0.5) + part for part in own[side::2]]) for side in (0, 1)
        )
        found = cross_correlate(pair_of(x, y, np.arange(1200) % 200 == 0))
        beyond += max(map(abs, found.correlations)) > found.band
    # 5% of 100 is 5; more than 11 would occur by chance in 1% of such tests.
    assert beyond <= 11


def test_the_strongest_lag_and_a_weaker_lead_are_found():
    x = noise(20, 2000)
    y = np.roll(x, -2) + 0.4 * np.roll(x, 5) + noise(21, 2000)
    found = cross_correlate(pair_of(x, y))
    assert found.strongest and found.strongest[0] == -2
    assert found.lead and found.lead[0] == 5


def test_a_correlation_caused_by_autocorrelation_is_not_called_a_lead():
    x = noise(22, 2000)
    y = lfilter([1], [1, -0.8], x) + 0.1 * noise(23, 2000)
    found = cross_correlate(pair_of(x, y))
    assert found.strongest and found.strongest[0] == 0
    assert found.lead and found.lead[0] == 1
    assert "leads" not in found.sentence and "not adjusted for the autocorrelation of y" in found.sentence


def test_lags_never_cross_from_one_series_into_another():
    x = np.zeros(400)
    y = np.zeros(400)
    # If they were one series, its last rows would lead the first rows of the next.
    x[190:200], y[200:210] = noise(14, 10) * 100, noise(14, 10) * 100
    x += noise(15, 400)
    y += noise(16, 400)
    joined, apart = (cross_correlate(pair_of(x, y, first)) for first in (None, np.arange(400) % 200 == 0))
    ten = joined.lags.index(10)
    assert abs(joined.correlations[ten]) > 0.9
    assert abs(apart.correlations[ten]) < 0.1


def test_short_or_constant_columns_have_no_band():
    for pair in (pair_of(noise(17, 40), noise(18, 40)), pair_of(np.ones(100), noise(19, 100))):
        found = cross_correlate(pair)
        assert found.band is None
        assert found.strongest is None and found.lead is None
