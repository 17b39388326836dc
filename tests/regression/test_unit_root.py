import numpy as np
import pytest
from arch.unitroot import ADF, KPSS
from scipy.signal import lfilter

from core.regression.unit_root import adf_p_value, adf_statistic, kpss_p_value, kpss_statistic

MAKERS = {
    "noise": lambda steps: steps,
    "walk": np.cumsum,
    "twice summed": lambda steps: np.cumsum(np.cumsum(steps)),
    "moving average": lambda steps: lfilter([1, 0.8, 0.3], [1], steps),
    "persistent": lambda steps: lfilter([1], [1, -0.95], steps),
    "shifted": lambda steps: steps + (np.arange(len(steps)) > len(steps) // 2),
}


@pytest.mark.parametrize("rows", [30, 120, 2500])
@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.filterwarnings("ignore:Lag selection has changed:DeprecationWarning")
def test_statistics_and_p_values_match_arch(rows, kind):
    values = MAKERS[kind](np.random.default_rng(rows).standard_normal(rows))
    values = (values - values.mean()) / values.std()
    lags = min(20, rows // 5)
    adf, kpss = ADF(values, trend="c", max_lags=lags), KPSS(values, trend="c")
    statistic = adf_statistic(values, lags)
    assert statistic == pytest.approx(adf.stat, rel=1e-6)
    assert adf_p_value(statistic) == pytest.approx(adf.pvalue, abs=1e-9)
    statistic = kpss_statistic(values)
    assert statistic == pytest.approx(kpss.stat, rel=1e-9)
    # The p-values of arch are simulated and not below 0.0001.
    assert kpss_p_value(statistic) == pytest.approx(kpss.pvalue, abs=1.5e-3)


@pytest.mark.filterwarnings("ignore")
def test_an_over_differenced_series_uses_the_l12_window_and_is_stationary():
    from statsmodels.tsa.stattools import kpss

    values = np.diff(np.random.default_rng(3).standard_normal(630))
    assert kpss_statistic(values) == pytest.approx(kpss(values, nlags=int(12 * 6.3**0.25))[0], rel=1e-9)
    assert kpss_p_value(kpss_statistic(values)) > 0.1


@pytest.mark.parametrize("statistic", [-25.0, -18.0, -3.43, -1.61, -1.6, 0.0, 2.7, 3.0])
def test_adf_p_values_match_arch_over_the_whole_range(statistic):
    from arch.unitroot.unitroot import mackinnonp

    assert adf_p_value(statistic) == pytest.approx(mackinnonp(statistic), abs=1e-12)


@pytest.mark.parametrize(("statistic", "p_value"), [(0.347, 0.10), (0.463, 0.05), (0.739, 0.01)])
def test_kpss_p_values_match_the_critical_values_of_the_paper(statistic, p_value):
    assert kpss_p_value(statistic) == pytest.approx(p_value, abs=1e-3)


def test_p_values_decrease_from_one_to_zero():
    for p_value, places in ((adf_p_value, np.linspace(4, -20, 200)), (kpss_p_value, np.linspace(0, 20, 400))):
        values = [p_value(place) for place in places]
        assert (values[0], values[-1]) == (1.0, pytest.approx(0.0, abs=1e-7))
        assert np.all(np.diff(values) <= 1e-9)


@pytest.mark.parametrize("values", [np.tile([1.0, -1.0], 50), np.arange(100.0), np.sin(np.arange(200) / 10)])
def test_an_exactly_predictable_series_has_no_adf_statistic(values):
    assert np.isnan(adf_statistic(values, 4))
