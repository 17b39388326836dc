"""Scores by hand, and tests of predictive accuracy against independent computations."""

import numpy as np
import pytest
from scipy import stats

from core.forecast.evaluation.scores import diebold_mariano, direction_hits, pesaran_timmermann, score_model

DAYS = np.datetime64("2024-01-01", "us") + np.arange(500) * np.timedelta64(1, "D")


def score(actual, predicted, base, **others):
    arrays = (np.array(values, dtype=float) for values in (actual, predicted, base))
    settings = {"horizon": 1, "train_step": 2.0, "one_series": True} | others
    return score_model(*arrays, DAYS[: len(actual)], **settings)


def test_scores_of_four_rows_by_hand():
    found = score([11, 9, 10, 14], [12, 11, 10, 12], [10, 10, 10, 10])
    assert found.n == 4
    assert found.rmse == pytest.approx(np.sqrt((1 + 4 + 0 + 4) / 4))
    assert found.mae == pytest.approx(5 / 4)
    assert found.mase == pytest.approx(5 / 8)
    assert found.r2_oos == pytest.approx(1 - 9 / 18)
    # The third row did not change. Actual: up, down, up; predicted: up, up, up.
    assert found.directional_accuracy == pytest.approx(2 / 3)


def test_persistence_has_no_directions_and_is_not_compared_with_itself():
    found = score([11, 9, 10, 14] * 5, [10] * 20, [10] * 20)
    assert found.r2_oos == 0
    assert found.directional_accuracy is None
    assert found.dm_statistic is None
    assert found.pt_p_value is None


def test_scores_that_do_not_exist_are_none():
    found = score([10, 10], [10, 11], [10, 10], train_step=None)
    assert (found.mase, found.r2_oos, found.directional_accuracy, found.dm_p_value) == (None, None, None, None)


def test_diebold_mariano_by_its_formula():
    random = np.random.default_rng(0)
    ours, rival = random.normal(size=60) ** 2, 1.2 * random.normal(size=60) ** 2
    for horizon in (1, 6):
        d = ours - rival
        lags = max(horizon - 1, int(np.ceil(60 ** (1 / 3))))
        centred = d - d.mean()
        variance = centred @ centred / 60
        for lag in range(1, lags + 1):
            variance += 2 * (1 - lag / (lags + 1)) * (centred[lag:] @ centred[:-lag]) / 60
        adjusted = np.sqrt((60 + 1 - 2 * horizon + horizon * (horizon - 1) / 60) / 60)
        statistic = adjusted * d.mean() / np.sqrt(variance / 60)
        expected = statistic, 2 * stats.t.sf(abs(statistic), 59)
        assert diebold_mariano(ours, rival, DAYS[:60], horizon) == pytest.approx(expected)


def test_diebold_mariano_is_negative_for_the_smaller_losses():
    loss = np.random.default_rng(0).normal(size=100) ** 2
    statistic, p_value = diebold_mariano(loss, loss + 0.5 + 0.1 * np.sin(np.arange(100)), DAYS[:100], 1)
    assert statistic < 0
    assert p_value < 0.001


def test_copies_of_one_series_add_no_evidence():
    random = np.random.default_rng(0)
    ours, rival = random.normal(size=80) ** 2, random.normal(size=80) ** 2
    once = diebold_mariano(ours, rival, DAYS[:80], 1)
    assert diebold_mariano(np.tile(ours, 9), np.tile(rival, 9), np.tile(DAYS[:80], 9), 1) == pytest.approx(once)


def test_diebold_mariano_does_not_exist_for_equal_losses_or_few_rows():
    loss = np.arange(20.0)
    assert diebold_mariano(loss, loss, DAYS[:20], 1) is None
    assert diebold_mariano(loss[:5], loss[5:10], DAYS[:5], 1) is None
    assert diebold_mariano(loss, loss[::-1], DAYS[:20], 11) is None


@pytest.mark.slow
def test_the_size_of_diebold_mariano_is_near_its_level():
    random = np.random.default_rng(1)
    rejected = [
        diebold_mariano(random.normal(size=200) ** 2, random.normal(size=200) ** 2, DAYS[:200], 1)[1] < 0.05
        for _ in range(400)
    ]
    assert 0.02 < np.mean(rejected) < 0.11


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


@pytest.mark.parametrize("others", [{"horizon": 3}, {"one_series": False}])
def test_pesaran_timmermann_is_left_out_if_rows_are_not_independent(others):
    random = np.random.default_rng(0)
    actual, predicted = random.normal(size=(2, 60))
    assert score(actual, predicted, np.zeros(60)).pt_statistic is not None
    assert score(actual, predicted, np.zeros(60), **others).pt_statistic is None


def test_a_predicted_change_of_0_is_no_hit():
    hits, up = direction_hits(np.array([0.0, 1.0]), np.array([1.0, 1.0]))
    assert hits.tolist() == [False, True]
    assert up.tolist() == [True, True]
