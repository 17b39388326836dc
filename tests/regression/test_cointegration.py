"""Spurious regressions are called spurious, and cointegrated pairs are recognised."""

import numpy as np
import pytest
from statsmodels.tsa.stattools import coint

from core.regression.cointegration import run_engle_granger
from core.regression.design import make_design


def judge(x, y):
    design, _ = make_design(x[:, None], ("x",), y, np.zeros(len(y), dtype=np.int64))
    return run_engle_granger(design)


def walks(seed, rows=1000):
    return np.random.default_rng(seed).standard_normal((2, rows)).cumsum(axis=1)


def pair(seed, rows=1000):
    """Two walks tied by residuals of AR(0.9)."""
    random = np.random.default_rng(seed)
    x, noise = random.standard_normal(rows).cumsum(), random.standard_normal(rows)
    for row in range(1, rows):
        noise[row] += 0.9 * noise[row - 1]
    return x, 3 + 0.8 * x + noise


def test_the_statistic_matches_statsmodels():
    x, y = pair(0, 400)
    found = judge(x, y)
    statistic, _, critical = coint(y, x, maxlag=int(12 * 4**0.25), autolag="aic")
    assert (found.statistic, found.critical) == pytest.approx((statistic, critical[0]), rel=1e-6)
    assert (found.rows, found.cointegrated) == (400, True)


def test_an_exact_relation_and_a_short_one_are_not_tested():
    x, _ = walks(0)
    assert (judge(x, 2 * x + 1).cointegrated, judge(x, 2 * x + 1).why_not) == (None, "exact")
    x, y = walks(0, 25)
    assert judge(x, y).why_not == "rows"


@pytest.mark.simulation
def test_unrelated_walks_are_spurious_in_97_percent_of_seeds():
    spurious = [not judge(*walks(seed)).cointegrated for seed in range(200)]
    assert np.mean(spurious) >= 0.97


@pytest.mark.simulation
def test_pairs_with_slow_error_correction_are_recognised_in_95_percent_of_seeds():
    recognised = [judge(*pair(seed)).cointegrated for seed in range(200)]
    assert np.mean(recognised) >= 0.95
