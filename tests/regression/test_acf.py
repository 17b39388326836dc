import numpy as np
import pytest
from scipy.signal import lfilter
from statsmodels.tsa.stattools import acf, pacf

from core.regression.acf import MOST_LAGS, measure_memory


@pytest.mark.parametrize("weights", [[1.0], [1, -0.7], [1, -0.5, 0.4], [1, -1]])
@pytest.mark.parametrize("rows", [160, 3001])
def test_correlations_are_those_of_statsmodels(weights, rows):
    values = 1e6 + 1e-3 * lfilter([1], weights, np.random.default_rng(rows).standard_normal(rows))
    found = measure_memory(values)
    assert found.acf == pytest.approx(acf(values, nlags=MOST_LAGS)[1:], abs=1e-6)
    assert found.pacf == pytest.approx(pacf(values, nlags=MOST_LAGS, method="ldb")[1:], abs=1e-5)
    assert found.rows == rows and found.band == pytest.approx(1.96 / np.sqrt(rows))


def test_noise_leaves_the_band_at_one_lag_of_twenty():
    beyond = [len(measure_memory(np.random.default_rng(seed).standard_normal(2000)).beyond) for seed in range(40)]
    assert 0.03 < np.mean(beyond) / MOST_LAGS < 0.07


def test_missing_values_are_passed_over_and_units_do_not_matter():
    values = np.random.default_rng(0).standard_normal(300).cumsum()
    holes = np.insert(values, [10, 50, 50], np.nan)
    assert measure_memory(holes) == measure_memory(values)
    assert measure_memory(values * 1e-200).acf == pytest.approx(measure_memory(values).acf)


@pytest.mark.parametrize("values", [np.arange(20.0), np.full(100, 7.3), np.full(50, np.nan), np.array([])])
def test_what_is_too_short_or_never_moves_has_no_memory_to_tell(values):
    found = measure_memory(values)
    assert (found.acf, found.pacf, found.beyond) == ((), (), ())


def test_lags_are_no_more_than_a_quarter_of_the_rows():
    assert len(measure_memory(np.random.default_rng(1).standard_normal(60)).acf) == 15


def test_a_swing_that_repeats_exactly_keeps_its_numbers_finite():
    found = measure_memory(np.tile([1.0, -1.0], 500))
    assert np.isfinite(found.acf).all() and np.isfinite(found.pacf).all()
    assert found.acf[1] > 0.99 and found.acf[0] < -0.99
