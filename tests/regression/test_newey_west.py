import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from core.regression.newey_west import NeweyWest, choose_lags, t_p_value, t_quantile


def test_lags_follow_the_newey_west_rule_and_cover_the_overlap():
    one = np.zeros(10_000, dtype=int)
    assert choose_lags(None, 100, 1, one) == 4
    assert choose_lags(None, 10_000, 1, one) == 11
    assert choose_lags(None, 100, 20, one) == 19
    assert choose_lags(2, 100, 20, one) == 2


def test_lags_are_fewer_than_the_rows_of_the_longest_series():
    assert choose_lags(None, 30, 1, np.repeat(np.arange(10), 3)) == 2


def test_the_error_of_a_mean_matches_statsmodels():
    values = np.random.default_rng(0).standard_normal(300).cumsum()
    values -= values.mean()
    expected = sm.OLS(values, np.ones(300)).fit(cov_type="HAC", cov_kwds={"maxlags": 12}).bse[0]
    assert NeweyWest(np.zeros(300), 12).std_of_sum(values / 300) == pytest.approx(expected, rel=1e-10)


def test_an_instance_can_be_reused():
    newey_west = NeweyWest(np.array([0, 0, 1, 1]), 1)
    first = newey_west.std_of_sum(np.array([1.0, -1.0, 2.0, -2.0]))
    newey_west.std_of_sum(np.array([9.0, 9.0, 9.0, 9.0]))
    assert newey_west.std_of_sum(np.array([1.0, -1.0, 2.0, -2.0])) == first


def test_short_blocks_and_long_lags_match_the_sum_over_pairs_of_rows():
    blocks, lags = np.repeat([0, 1, 2], [2, 7, 11]), 5
    terms = np.random.default_rng(1).standard_normal(20)
    distance = np.abs(np.subtract.outer(np.arange(20), np.arange(20)))
    weights = np.clip(1 - distance / (lags + 1), 0, None) * np.equal.outer(blocks, blocks)
    assert NeweyWest(blocks, lags).std_of_sum(terms) == pytest.approx((terms @ weights @ terms) ** 0.5, rel=1e-12)


def test_p_values_and_quantiles_match_the_t_distribution():
    for freedom in (3, 30, 3000):
        assert t_quantile(freedom) == pytest.approx(stats.t.ppf(0.975, freedom))
        assert t_p_value(-2.3, freedom) == pytest.approx(2 * stats.t.sf(2.3, freedom))
