"""Scores by hand, and the test of directions against independent computations."""

import numpy as np
import pytest
from scipy import stats

from core.forecast.evaluation.outcomes import Outcomes
from core.forecast.evaluation.scores import direction_hits, naive_names, naive_rival, pesaran_timmermann
from tests.forecast.evaluation.examples import evaluate_world
from tests.forecast.evaluation.verdict_examples import scores

DAYS = np.datetime64("2024-01-01", "us") + np.arange(500) * np.timedelta64(1, "D")


def outcomes(actual, predicted, loss="squared_error", stamps=None):
    values = np.array(actual, dtype=float)
    return Outcomes(
        loss=loss,
        actual=values,
        predicted={name: np.array(each, dtype=float) for name, each in predicted.items()},
        stamps=DAYS[: len(values)] if stamps is None else stamps,
        series=None,
        horizon=1,
    )


def test_losses_by_hand():
    found = outcomes([1, 2], {"m": [0, 4]})
    assert found.losses("m").tolist() == [1, 4]
    assert found.mean_loss("m") == 2.5
    volatile = outcomes([2.0, 1.0], {"m": [1.0, 2.0]}, "qlike")
    assert volatile.losses("m") == pytest.approx([2 - np.log(2) - 1, 0.5 + np.log(2) - 1])


def test_a_time_stamp_counts_once_however_many_series_it_has():
    stamps = DAYS[[0, 0, 0, 1]]
    assert outcomes([0, 0, 0, 0], {"m": [1, 1, 1, 3]}, stamps=stamps).mean_loss("m") == pytest.approx((1 + 9) / 2)


def test_signals_of_volatilities_are_those_of_their_logs():
    from core.accuracy.clark_west import clark_west

    random = np.random.default_rng(0)
    actual, naive, model = np.exp(random.normal(size=(3, 80)))
    found = outcomes(actual, {"persistence": naive, "lstm": model}, "qlike")
    assert found.signal("lstm", "persistence") == clark_west(np.log(actual), np.log(naive), np.log(model))


def test_the_naive_forecasts_are_the_last_value_and_the_mean_or_the_drift():
    one, half = scores(1.0, 0.0), scores(0.5, 0.5)
    assert naive_names({"lstm": half, "persistence": one, "drift": half, "ar": half}) == ("persistence", "drift")
    assert naive_names({"lstm": half, "persistence": one, "drift": half, "mean": half}) == ("persistence", "mean")
    assert naive_rival({"lstm": half, "persistence": one, "drift": half}) == "drift"
    assert naive_rival({"lstm": half, "persistence": half, "drift": one}) == "persistence"


def test_scores_of_levels_and_of_outcomes(world, random_walk):
    w = world(random_walk(300, 1), predict="difference")
    samples = w.windows(4).samples
    found = evaluate_world(w, samples.base + 0.5 * (samples.future - samples.base)).test
    lstm, naive = found["lstm"], found["persistence"]
    assert lstm.r2_oos == pytest.approx(0.75)
    assert lstm.rmse == pytest.approx(naive.rmse / 2)
    assert lstm.cw["persistence"].p_value < 0.001
    assert lstm.dm_statistic < 0 and lstm.dm_p_value < 0.01
    low, high = lstm.r2_interval
    assert 0 < low < lstm.r2_oos < high
    # Symmetric, but for the bound: losses are not negative.
    assert high == pytest.approx(min(2 * lstm.r2_oos - low, 1.0))
    assert naive.r2_interval is None
    assert (naive.r2_oos, naive.dm_p_value, naive.cw) == (0, None, {})
    assert naive.dm_lstm_statistic > 0


def test_series_of_any_unit_count_alike(world, random_walk):
    one, other = random_walk(300, 1), random_walk(300, 2)
    alike = world(np.r_[one, other], blocks=[0] * 300 + [1] * 300)
    scaled = world(np.r_[one, 1000 * other], blocks=[0] * 300 + [1] * 300)

    def judge(w, unit):
        samples = w.windows(4).samples
        gain = np.where(samples.blocks == 0, 0.5, 0.0)
        return evaluate_world(w, samples.base + gain * (samples.future - samples.base)).test["lstm"]

    assert judge(scaled, 1000).mean_loss == pytest.approx(judge(alike, 1).mean_loss)
    assert judge(scaled, 1000).r2_oos == pytest.approx(judge(alike, 1).r2_oos)


def test_directions_are_tested_on_independent_rows_only(world, random_walk):
    def judge(**fields):
        w = world(random_walk(300, 1), **fields)
        samples = w.windows(4).samples
        noise = np.random.default_rng(0).normal(size=len(samples.base))
        return evaluate_world(w, samples.base + noise).test["lstm"]

    assert judge().pt_statistic is not None
    assert judge(horizon=3).pt_statistic is None
    assert judge(blocks=np.repeat([0, 1], 150)).pt_statistic is None


def test_pesaran_timmermann_by_hand():
    # 100 rows, 60 up; 55 predicted up, 40 of them correctly: 40 + 25 = 65 hits.
    actual = np.r_[np.ones(60), -np.ones(40)]
    predicted = np.r_[np.ones(40), -np.ones(20), np.ones(15), -np.ones(25)]
    chance_hits = 0.6 * 0.55 + 0.4 * 0.45
    variance = chance_hits * (1 - chance_hits) / 100
    chance_variance = (0.2**2 * 0.55 * 0.45 + 0.1**2 * 0.6 * 0.4) / 100 + 4 * 0.6 * 0.55 * 0.4 * 0.45 / 1e4
    expected = (0.65 - chance_hits) / np.sqrt(variance - chance_variance)
    statistic, p_value = pesaran_timmermann(predicted, actual)
    assert statistic == pytest.approx(expected)
    assert p_value == pytest.approx(stats.norm.sf(expected))


def test_pesaran_timmermann_agrees_with_a_regression_of_directions():
    from statsmodels.api import OLS, add_constant

    random = np.random.default_rng(2)
    actual = random.normal(size=3000)
    predicted = actual + 4 * random.normal(size=3000)
    regression = OLS((actual > 0).astype(float), add_constant((predicted > 0).astype(float))).fit()
    assert pesaran_timmermann(predicted, actual)[0] == pytest.approx(regression.tvalues[1], rel=0.05)


def test_pesaran_timmermann_does_not_exist_if_all_directions_are_equal():
    actual = np.random.default_rng(0).normal(size=50)
    assert pesaran_timmermann(np.ones(50), actual) is None
    assert pesaran_timmermann(actual, np.abs(actual)) is None


def test_a_predicted_change_of_0_is_no_hit():
    hits, up = direction_hits(np.array([0.0, 1.0]), np.array([1.0, 1.0]))
    assert hits.tolist() == [False, True]
    assert up.tolist() == [True, True]
