"""Statistics of changes against pandas and scipy: within a series, not across missing values, and free of rounding."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.quality.column.changes import ChangeStatistics
from core.quality.column.changes import describe_changes as describe
from core.quality.numerics.quantiles import QUANTILE_SHARES


def describe_changes(values: np.ndarray, first: np.ndarray) -> tuple[ChangeStatistics, ...]:
    return describe(values, first, np.abs(np.nan_to_num(values)).max(axis=1, initial=0.0))


def test_statistics_of_changes_equal_pandas_and_scipy():
    random = np.random.default_rng(0)
    levels = random.standard_t(5, size=(3, 800)).cumsum(axis=1)
    levels[1, random.random(800) < 0.1] = np.nan
    levels[2, 400:403] = np.nan
    for line, found in zip(levels, describe_changes(levels, np.arange(800) == 0), strict=True):
        changes = pd.Series(line).diff()
        known = changes.dropna()
        assert found.count == len(known)
        assert (found.mean, found.std) == pytest.approx((known.mean(), known.std()))
        assert found.skewness == pytest.approx(stats.skew(known, bias=False))
        assert found.kurtosis == pytest.approx(stats.kurtosis(known, bias=False))
        assert found.autocorrelation == pytest.approx(changes.autocorr(1))
        assert found.quantiles == pytest.approx(np.quantile(known, QUANTILE_SHARES))
        assert sum(found.histogram.counts) == len(known)
        robust = 1.4826 * stats.median_abs_deviation(known)
        assert found.outlier_ratio == pytest.approx((np.abs(known - known.median()) > 3.5 * robust).mean())


def test_no_change_crosses_from_one_series_into_the_next():
    random = np.random.default_rng(1)
    first = np.isin(np.arange(300), [0, 100, 200])
    levels = random.normal(size=300).cumsum() + np.repeat([0.0, 1e6, -1e6], 100)
    found = describe_changes(levels[None], first)[0]
    assert found.count == 297
    assert max(np.abs(found.quantiles)) < 10
    parts = [describe_changes(part[None], np.arange(100) == 0)[0] for part in np.split(levels, 3)]
    assert found.mean == pytest.approx(np.mean([part.mean for part in parts]))


def test_a_straight_line_has_constant_changes_despite_rounding():
    found = describe_changes((0.1 * np.arange(1000) + 7)[None], np.arange(1000) == 0)[0]
    assert found.mean == pytest.approx(0.1)
    assert (found.std, found.skewness, found.kurtosis, found.autocorrelation) == (0.0, None, None, None)
    assert found.histogram is None


@pytest.mark.parametrize("values", [[], [1.0], [np.nan, 2.0, np.nan, 4.0]])
def test_without_neighbours_there_are_no_changes(values):
    (found,) = describe_changes(np.array([values]).reshape(1, -1), np.arange(len(values)) == 0)
    assert (found.count, found.mean, found.quantiles, found.histogram) == (0, None, (), None)


def test_a_change_that_overflows_is_missing():
    (found,) = describe_changes(np.array([[1.7e308, -1.7e308, 0.0, 1.0]]), np.arange(4) == 0)
    assert found.count == 2
