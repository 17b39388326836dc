"""Naive checks: forecasts that copy, drift, or hardly vary are found out, accurate ones are not."""

import numpy as np
import pytest

from tests.forecast.evaluation.examples import evaluate_world


def test_the_series_with_most_of_the_error_is_found(world, random_walk):
    restless = np.r_[random_walk(150, 2), 100 + 20 * (random_walk(50, 3) - 100)]
    w = world(np.r_[random_walk(200, 1), restless], blocks=[0] * 200 + [1] * 200)
    found = evaluate_world(w, w.windows(4).samples.base + 0.1).naive_checks.heaviest
    assert (found.series, found.of) == ("s1", 2)
    assert found.share > 0.95
    alone = world(random_walk(200, 1))
    assert evaluate_world(alone, alone.windows(4).samples.base + 0.1).naive_checks.heaviest is None


def test_a_copy_of_the_last_value_has_no_slope_above_0(world, random_walk):
    for horizon in (1, 3, 7):
        w = world(random_walk(600, 1), horizon=horizon)
        base = w.windows(4).samples.base
        assert evaluate_world(w, base + 0.0).naive_checks.slope is None
        noise = 0.01 * np.random.default_rng(3).normal(size=len(base))
        found = evaluate_world(w, base + noise).naive_checks
        assert found.slope_p_value > 0.05
        assert found.flatness == pytest.approx(0, abs=0.05)


def test_an_accurate_forecast_has_a_slope_of_1(world, random_walk):
    w = world(random_walk(600, 1))
    samples = w.windows(4).samples
    noise = np.random.default_rng(0).normal(0, 0.1, len(samples.base))
    found = evaluate_world(w, samples.future + noise).naive_checks
    assert found.slope == pytest.approx(1, abs=0.05)
    assert found.slope_p_value < 1e-6
    assert found.flatness == pytest.approx(1, abs=0.1)


def test_the_majority_share_is_that_of_the_more_frequent_direction(world):
    steps = np.tile([1.0, 1.0, 1.0, -1.0], 100)
    w = world(np.cumsum(steps))
    assert evaluate_world(w, w.windows(4).samples.base + 1).naive_checks.majority_share == pytest.approx(0.75, abs=0.02)
