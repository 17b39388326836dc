import numpy as np
import pytest
from scipy.signal import lfilter
from statsmodels.tsa.stattools import acf, pacf

from core.regression.acf import MOST_LAGS, autocorrelate


@pytest.mark.parametrize("weights", [[1.0], [1, -0.7], [1, -0.5, 0.4], [1, -1]])
@pytest.mark.parametrize("rows", [160, 3001])
def test_correlations_match_statsmodels(weights, rows):
    values = 1e6 + 1e-3 * lfilter([1], weights, np.random.default_rng(rows).standard_normal(rows))
    found = autocorrelate(values)
    assert found.acf == pytest.approx(acf(values, nlags=MOST_LAGS)[1:], abs=1e-6)
    assert found.pacf == pytest.approx(pacf(values, nlags=MOST_LAGS, method="ldb")[1:], abs=1e-5)
    assert found.rows == rows and found.band == pytest.approx(1.96 / np.sqrt(rows))


def test_white_noise_is_outside_the_band_at_5_percent_of_the_lags():
    significant = [
        len(autocorrelate(np.random.default_rng(seed).standard_normal(2000)).significant) for seed in range(40)
    ]
    assert 0.03 < np.mean(significant) / MOST_LAGS < 0.07


def test_missing_values_are_skipped_and_the_unit_has_no_effect():
    values = np.random.default_rng(0).standard_normal(300).cumsum()
    holes = np.insert(values, [10, 50, 50], np.nan)
    assert autocorrelate(holes) == autocorrelate(values)
    assert autocorrelate(values * 1e-200).acf == pytest.approx(autocorrelate(values).acf)


@pytest.mark.parametrize("values", [np.arange(20.0), np.full(100, 7.3), np.full(50, np.nan), np.array([])])
def test_a_short_or_constant_series_has_no_lags(values):
    found = autocorrelate(values)
    assert (found.acf, found.pacf, found.significant) == ((), (), ())


def test_there_are_at_most_a_quarter_as_many_lags_as_rows():
    assert len(autocorrelate(np.random.default_rng(1).standard_normal(60)).acf) == 15


def test_an_exactly_periodic_series_has_finite_correlations():
    found = autocorrelate(np.tile([1.0, -1.0], 500))
    assert np.isfinite(found.acf).all() and np.isfinite(found.pacf).all()
    assert found.acf[1] > 0.99 and found.acf[0] < -0.99
