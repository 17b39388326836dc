import numpy as np
import pytest
from arch.unitroot import ADF, KPSS
from scipy.signal import lfilter

from core.regression.stationarity import assess_stationarity, diagnose_stationarity


def walk(seed, rows=2000):
    return np.random.default_rng(seed).standard_normal(rows).cumsum()


def test_a_random_walk_has_a_unit_root_and_its_steps_are_stationary():
    verdicts = [assess_stationarity(walk(seed, 800)).verdict for seed in range(12)]
    assert verdicts.count("unit root") >= 9
    verdicts = [assess_stationarity(np.diff(walk(seed, 300))).verdict for seed in range(40)]
    assert verdicts.count("stationary") >= 34  # 38 expected of tests at 5 %


def test_a_level_shift_is_mixed():
    random = np.random.default_rng(1)
    assert assess_stationarity(random.standard_normal(1000) + 0.5 * (np.arange(1000) > 500)).verdict == "mixed"


def test_few_rows_of_a_persistent_series_are_undecided():
    verdicts = [
        assess_stationarity(lfilter([1], [1, -0.9], np.random.default_rng(seed).standard_normal(40))).verdict
        for seed in range(12)
    ]
    assert verdicts.count("undecided") >= 4


@pytest.mark.parametrize("values", [np.arange(29.0), np.full(100, 3.0), np.array([])])
def test_a_short_or_constant_series_is_not_tested(values):
    found = assess_stationarity(values)
    assert found.verdict == "not tested"
    adf, kpss = diagnose_stationarity(found, "The level of y")
    assert (adf.passed, adf.statistic) == (kpss.passed, kpss.statistic) == (None, None)
    assert adf.sentence.startswith("The level of y is not tested")


def test_statistics_match_arch_on_the_last_5000_rows():
    values = np.random.default_rng(0).standard_normal(7000)
    found = assess_stationarity(values)
    adf = ADF(values[-5000:], trend="c", max_lags=20)
    assert found.adf_statistic == pytest.approx(adf.stat)
    assert found.adf_p_value == pytest.approx(adf.pvalue)
    with pytest.warns(DeprecationWarning):
        kpss = KPSS(values[-5000:], trend="c")
    assert found.kpss_statistic == pytest.approx(kpss.stat)


def test_the_unit_has_no_effect():
    plain, scaled = assess_stationarity(walk(3)), assess_stationarity(walk(3) * 1e-9)
    assert scaled.adf_statistic == pytest.approx(plain.adf_statistic)
    assert scaled.verdict == plain.verdict
