"""Statistics against numpy, scipy and pandas on random columns with planted faults."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from core.quality.numerics.quantiles import count_histogram, sort_values
from core.quality.numerics.statistics import BadCells, ColumnStatistics, describe_columns


def describe(values: np.ndarray, first: np.ndarray | None = None) -> tuple[ColumnStatistics, ...]:
    values = np.atleast_2d(values)
    if first is None:
        first = np.arange(values.shape[1]) == 0
    ordered, valid = sort_values(values)
    zero = np.zeros(len(values), dtype=np.int64)
    return describe_columns(
        values, ordered, valid, first, BadCells(missing=values.shape[1] - valid, infinite=zero, sentinel=zero)
    )


def test_moments_and_quantiles_equal_numpy_scipy_and_pandas():
    random = np.random.default_rng(0)
    values = random.gamma(2.0, 30.0, size=(4, 500)) + np.array([[0], [1e6], [-5], [0]])
    values[2, random.random(500) < 0.3] = np.nan
    for line, found in zip(values, describe(values), strict=True):
        valid = line[~np.isnan(line)]
        assert found.missing == 500 - len(valid)
        assert found.bad_ratio == pytest.approx(found.missing / 500)
        assert found.mean == pytest.approx(valid.mean())
        assert found.variance == pytest.approx(valid.var(ddof=1))
        assert found.std == pytest.approx(valid.std(ddof=1))
        assert found.skewness == pytest.approx(stats.skew(valid, bias=False))
        assert found.kurtosis == pytest.approx(stats.kurtosis(valid, bias=False))
        assert (found.min, found.max) == (valid.min(), valid.max())
        shares = (found.q01, found.q25, found.median, found.q75, found.q99)
        assert shares == pytest.approx(np.quantile(valid, [0.01, 0.25, 0.5, 0.75, 0.99]))
        assert found.relative_variance == pytest.approx(valid.var(ddof=1) / (found.q99 - found.q01) ** 2)


def test_relative_variance_does_not_depend_on_the_unit():
    values = np.random.default_rng(1).normal(size=300)
    one, small, large = describe(np.array([values, values * 1e-9 + 7, values * 1e12]))
    assert small.relative_variance == pytest.approx(one.relative_variance, rel=1e-5)
    assert large.relative_variance == pytest.approx(one.relative_variance)


def test_relative_variance_uses_the_whole_range_if_the_quantile_range_is_zero():
    values = np.zeros(1000)
    values[0] = 4.0
    assert describe(values)[0].relative_variance == pytest.approx(values.var(ddof=1) / 16)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([math.nan, -1.0, 0.0, 0.5, 2.0]), min_size=1, max_size=60))
def test_shares_equal_pandas(cells):
    values = np.array(cells)
    found = describe(values)[0]
    valid = pd.Series(values).dropna()
    counts = valid.value_counts()
    assert found.unique_ratio == pytest.approx(len(counts) / len(valid) if len(valid) else 0)
    assert found.top_share == pytest.approx(counts.max() / len(valid) if len(valid) else 0)
    run = pd.Series(values).ne(pd.Series(values).shift()).cumsum()
    lengths = run.groupby(run).transform("size")
    assert found.stale_ratio == pytest.approx((lengths >= 5).mean())


def test_a_constant_has_zero_variance_and_no_skewness():
    found = describe(np.full(50, 0.1))[0]
    assert (found.variance, found.relative_variance, found.std, found.mean) == (0.0, 0.0, 0.0, 0.1)
    assert found.skewness is found.kurtosis is found.autocorrelation is None
    assert (found.stale_ratio, found.top_share, found.unique_ratio) == (1.0, 1.0, 1 / 50)


@pytest.mark.parametrize("rows", [0, 1, 2, 3])
def test_statistics_that_do_not_exist_are_none(rows):
    empty, some = describe(np.array([np.full(rows, np.nan), np.arange(float(rows))]))
    assert empty.mean is empty.median is empty.max is empty.variance is empty.relative_variance is None
    assert (empty.unique_ratio, empty.top_share, empty.stale_ratio) == (0, 0, 0)
    assert (some.mean is None, some.variance is None, some.skewness is None, some.kurtosis is None) == (
        rows < 1,
        rows < 2,
        rows < 3,
        True,
    )


def test_extreme_values_do_not_overflow():
    values = np.random.default_rng(2).normal(size=400)
    huge, tiny, ends = describe(np.array([values * 1e300, values * 1e-300, np.where(values > 0, 1.7e308, -1.7e308)]))
    assert huge.std == pytest.approx(1e300 * values.std(ddof=1))
    assert huge.variance is None
    assert (tiny.skewness, huge.skewness) == pytest.approx([stats.skew(values, bias=False)] * 2)
    assert ends.max == 1.7e308
    assert ends.skewness is not None


def test_autocorrelation_equals_pandas_with_missing_values():
    values = np.random.default_rng(3).normal(size=300).cumsum()
    values[100] = np.nan
    assert describe(values)[0].autocorrelation == pytest.approx(pd.Series(values).autocorr(1))


def test_autocorrelation_and_stale_runs_do_not_cross_series():
    random = np.random.default_rng(4)
    noise = random.normal(size=400)
    first = np.isin(np.arange(400), [0, 200])
    # The two series differ in level only; pooled they would look persistent.
    assert abs(describe(noise + np.repeat([0.0, 1000.0], 200), first)[0].autocorrelation) < 0.2
    noise[197:203] = 5.0
    assert describe(noise, first)[0].stale_ratio == 0
    assert describe(noise)[0].stale_ratio == pytest.approx(6 / 400)


def test_a_histogram_counts_every_valid_value_and_covers_the_quantile_range():
    values = np.sort(np.random.default_rng(5).standard_t(2, size=5000))
    found = count_histogram(values)
    assert sum(found.counts) == 5000
    assert len(found.edges) == len(found.counts) + 1 <= 41
    assert found.edges[0] <= np.quantile(values, 0.01)
    assert found.edges[-1] >= np.quantile(values, 0.99)
    inner = np.histogram(values, bins=np.array(found.edges))[0]
    assert list(found.counts[1:-1]) == inner[1:-1].tolist()


def test_a_constant_and_an_empty_column_have_no_histogram():
    assert count_histogram(np.array([])) is None
    assert count_histogram(np.full(9, 3.0)) is None
    assert count_histogram(np.array([0.0, 5e-324])) is None
