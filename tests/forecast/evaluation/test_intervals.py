"""Conformal intervals: the quantile by hand, and the coverage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from core.forecast.evaluation.intervals import Interval, fit_interval, score_interval
from core.samples.task import Task


@pytest.mark.parametrize(
    ("n", "coverage", "place"),
    # k = ceil((n + 1) coverage): Lei et al. (2018), section 2.2
    [(9, 0.9, 9), (19, 0.9, 18), (99, 0.9, 90), (100, 0.9, 91), (99, 0.95, 95), (1, 0.5, 1)],
)
def test_the_half_width_is_the_finite_sample_quantile(n, coverage, place):
    errors = np.random.default_rng(0).permutation(np.arange(1.0, n + 1))
    assert fit_interval(errors, np.zeros(n), coverage) == Interval(
        nominal=coverage, half_width=place, calibration_rows=n
    )


def test_too_few_rows_for_the_coverage_give_no_interval():
    assert fit_interval(np.arange(8.0), np.zeros(8), 0.9) is None
    assert fit_interval(np.zeros(0), np.zeros(0), 0.9) is None


@given(st.integers(0, 2**31), st.sampled_from([0.5, 0.8, 0.9]))
@examples(max_examples=15, deadline=None)
def test_the_mean_coverage_on_exchangeable_errors_is_the_nominal_one(seed, coverage):
    errors = np.random.default_rng(seed).standard_t(4, size=(400, 49 + 100))
    covered = [
        (np.abs(later) <= fit_interval(calibration, np.zeros(49), coverage).half_width).mean()
        for calibration, later in zip(errors[:, :49], errors[:, 49:], strict=True)
    ]
    # Exactly k / (n + 1) on average, with a standard error of about 0.004 over 400 draws.
    assert np.mean(covered) == pytest.approx(np.ceil(50 * coverage) / 50, abs=0.02)


def test_bounds_of_log_returns_are_around_the_level():
    lower, upper = Interval(nominal=0.9, half_width=0.1, calibration_rows=50).bounds(
        Task(target="x", predict="log_return", horizon=1), np.array([100.0]), np.array([0.0])
    )
    assert lower == pytest.approx(100 * np.exp(-0.1))
    assert upper == pytest.approx(100 * np.exp(0.1))


def test_bounds_around_a_negative_level_are_in_order():
    lower, upper = Interval(nominal=0.9, half_width=0.1, calibration_rows=50).bounds(
        Task(target="x", predict="return", horizon=1), np.array([-100.0]), np.array([0.0])
    )
    assert lower < -100 < upper


def test_coverage_includes_both_ends():
    actual, lower, upper = np.array([1.0, 2.0, 3.0, 9.0]), np.ones(4), np.array([3.0, 3.0, 3.0, 5.0])
    scores = score_interval(Interval(nominal=0.9, half_width=1.0, calibration_rows=50), actual, lower, upper)
    assert scores.coverage == 0.75
    assert scores.mean_width == 2.5
