import numpy as np
import pytest
from arch.unitroot import ADF, KPSS
from scipy.signal import lfilter

from core.regression.stationarity import describe_stationarity, judge_stationarity


def walk(seed, rows=2000):
    return np.random.default_rng(seed).standard_normal(rows).cumsum()


def test_a_random_walk_has_a_unit_root_and_its_steps_are_stationary():
    verdicts = [judge_stationarity(walk(seed, 800)).verdict for seed in range(12)]
    assert verdicts.count("unit root") >= 9
    verdicts = [judge_stationarity(np.diff(walk(seed, 300))).verdict for seed in range(40)]
    assert verdicts.count("stationary") >= 34  # 38 expected of tests at 5 %


def test_a_shift_of_the_level_lies_between():
    random = np.random.default_rng(1)
    assert judge_stationarity(random.standard_normal(1000) + 0.5 * (np.arange(1000) > 500)).verdict == "between"


def test_few_rows_of_a_slow_series_decide_nothing():
    verdicts = [
        judge_stationarity(lfilter([1], [1, -0.9], np.random.default_rng(seed).standard_normal(40))).verdict
        for seed in range(12)
    ]
    assert verdicts.count("undecided") >= 4


@pytest.mark.parametrize("values", [np.arange(29.0), np.full(100, 3.0), np.array([])])
def test_what_cannot_be_judged_is_said(values):
    found = judge_stationarity(values)
    assert found.verdict == "not judged"
    adf, kpss = describe_stationarity(found, "The level of y")
    assert adf.passed is None
    assert kpss.statistic is None
    assert "could not be judged" in adf.sentence


def test_numbers_are_those_of_arch_on_the_last_5000_rows():
    values = np.random.default_rng(0).standard_normal(7000)
    found = judge_stationarity(values)
    adf = ADF(values[-5000:], trend="c", max_lags=20)
    assert found.adf_statistic == pytest.approx(adf.stat)
    assert found.adf_p_value == pytest.approx(adf.pvalue)
    with pytest.warns(DeprecationWarning):
        kpss = KPSS(values[-5000:], trend="c")
    assert found.kpss_statistic == pytest.approx(kpss.stat)


def test_units_do_not_matter():
    plain, scaled = judge_stationarity(walk(3)), judge_stationarity(walk(3) * 1e-9)
    assert scaled.adf_statistic == pytest.approx(plain.adf_statistic)
    assert scaled.verdict == plain.verdict
