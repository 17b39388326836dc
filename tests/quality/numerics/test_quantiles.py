"""Quantiles and outliers against numpy and scipy, with missing values, ties and values of any size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from core.quality.numerics.quantiles import QUANTILE_SHARES, compute_quantiles, share_outliers, sort_values


def outlier_share(values: np.ndarray) -> float:
    ordered, valid = sort_values(np.atleast_2d(values))
    return float(share_outliers(ordered, valid, compute_quantiles(ordered, valid, (0.5,))[:, 0])[0])


def test_quantile_shares_are_symmetric():
    assert len(QUANTILE_SHARES) == 41
    assert list(QUANTILE_SHARES) == sorted(set(QUANTILE_SHARES))
    assert [1 - share for share in QUANTILE_SHARES] == pytest.approx(list(reversed(QUANTILE_SHARES)))


def test_quantiles_equal_numpy_for_any_number_of_valid_values():
    random = np.random.default_rng(0)
    values = random.standard_t(2, size=(30, 300))
    values[random.random(values.shape) < np.linspace(0, 0.99, 30)[:, None]] = np.nan
    ordered, valid = sort_values(values)
    for line, found in zip(values, compute_quantiles(ordered, valid), strict=True):
        assert found == pytest.approx(np.nanquantile(line, QUANTILE_SHARES))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(-100, 100) | st.just(np.nan), min_size=1, max_size=40))
def test_outliers_are_beyond_three_and_a_half_robust_standard_deviations(cells):
    values = np.array(cells)
    valid = values[~np.isnan(values)]
    if len(valid) == 0:
        assert np.isnan(outlier_share(values))
        return
    middle = np.median(valid)
    deviation = stats.median_abs_deviation(valid) * 1.4826
    if deviation == 0:
        deviation = np.abs(valid - middle).mean() * 1.253314
    far = np.abs(valid - middle)
    # A value exactly on the limit may be on either side by rounding.
    apart = np.abs(far - 3.5 * deviation) > 1e-9
    low, high = (far[apart] > 3.5 * deviation).sum(), (far[apart] > 3.5 * deviation).sum() + (~apart).sum()
    assert low - 0.5 <= outlier_share(values) * len(valid) <= high + 0.5


def test_planted_outliers_are_counted_exactly_and_a_normal_has_few():
    values = np.random.default_rng(1).normal(size=10_000)
    expected = 2 * stats.norm.sf(3.5)
    assert outlier_share(values) == pytest.approx(expected, abs=4e-4)
    assert outlier_share(np.clip(values, -3, 3)) == 0
    planted = np.clip(values, -3, 3)
    planted[:37] = 50.0
    assert outlier_share(planted) == pytest.approx(37 / 10_000)


def test_if_most_values_are_equal_the_mean_deviation_is_used():
    values = np.zeros(1000)
    values[:300] = np.random.default_rng(2).choice([-1.0, 1.0], 300)
    assert outlier_share(values) == 0
    values[0] = 1000.0
    assert outlier_share(values) == pytest.approx(1 / 1000)
    assert outlier_share(np.full(9, 0.1)) == 0


def test_outliers_do_not_depend_on_the_scale():
    values = np.random.default_rng(3).normal(size=500)
    values[0] = 40.0
    one = outlier_share(values)
    assert outlier_share(values * 1e300) == outlier_share(values * 1e-300) == one > 0
    assert outlier_share(np.where(values > 0, 1.7e308, -1.7e308)) == 0
