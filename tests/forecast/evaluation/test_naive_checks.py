"""Naive checks: forecasts that copy, drift, or hardly vary are found out, accurate ones are not."""

import numpy as np
import pytest

from tests.forecast.evaluation.examples import evaluate_world


def test_the_series_with_most_of_the_error_is_found(world, random_walk):
    w = world(np.r_[random_walk(200, 1), 10 * random_walk(200, 2)], blocks=[0] * 200 + [1] * 200)
    found = evaluate_world(w, w.windows(4).samples.base + 0.1).naive_checks.heaviest
    assert (found.series, found.of) == ("s1", 2)
    assert found.share > 0.95
    alone = world(random_walk(200, 1))
    assert evaluate_world(alone, alone.windows(4).samples.base + 0.1).naive_checks.heaviest is None


def test_a_forecast_that_copies_the_last_value_peaks_at_the_horizon(world, random_walk):
    for horizon in (1, 3, 7):
        w = world(random_walk(400, 1), horizon=horizon)
        found = evaluate_world(w, w.windows(4).samples.base + 0.01)
        assert found.naive_checks.lag_peak == horizon
        assert found.naive_checks.flatness == pytest.approx(0, abs=1e-9)


def test_a_forecast_is_compared_with_the_constant_drift_of_each_series(world, random_walk):
    steps = np.random.default_rng(6).normal(size=(2, 300))
    w = world(np.r_[(steps[0] + 1).cumsum(), (steps[1] - 1).cumsum()], blocks=[0] * 300 + [1] * 300)
    samples = w.windows(4).samples
    drift = samples.base + np.where(samples.blocks == 0, 1.0, -1.0)
    # Better than the last value, but only by its drift: the rest is noise.
    noise = 0.02 * np.random.default_rng(7).normal(size=len(drift))
    found = evaluate_world(w, drift + noise)
    assert found.test["lstm"].dm_p_value < 0.001 and found.test["lstm"].dm_statistic < 0
    assert found.naive_checks.drift_p_value > 0.05
    assert found.naive_checks.drift_rmse == pytest.approx(found.test["lstm"].rmse, rel=1e-3)
    assert evaluate_world(w, drift).naive_checks.drift_p_value is None
    accurate = evaluate_world(w, drift + 0.3 * (samples.future - drift)).naive_checks
    assert accurate.drift_statistic < 0 and accurate.drift_p_value < 0.001


def test_a_forecast_that_hardly_varies_has_no_lag_peak(world):
    w = world(np.random.default_rng(2).normal(size=400))
    for share, peak in ((1.0, 1), (0.6, 1), (0.1, None), (0.0, None)):
        assert evaluate_world(w, share * w.windows(4).samples.base).naive_checks.lag_peak == peak


def test_an_accurate_forecast_peaks_at_lag_0(world, random_walk):
    w = world(random_walk(400, 1))
    noise = np.random.default_rng(0).normal(0, 0.1, len(w.windows(4).ends))
    found = evaluate_world(w, w.windows(4).samples.future + noise)
    assert found.naive_checks.lag_peak == 0
    assert found.naive_checks.flatness == pytest.approx(1, abs=0.1)


def test_the_majority_share_is_that_of_the_more_frequent_direction(world):
    steps = np.tile([1.0, 1.0, 1.0, -1.0], 100)
    w = world(np.cumsum(steps))
    assert evaluate_world(w, w.windows(4).samples.base + 1).naive_checks.majority_share == pytest.approx(0.75, abs=0.02)
