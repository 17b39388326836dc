import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from core.findings.regression import ManyTests


def test_each_row_matches_a_univariate_regression_by_statsmodels(planted):
    study = planted()
    report = study.fit()
    rows = study.train_rows()
    for row in report.scan:
        exog = sm.add_constant(study.features.values[row.name].to_numpy()[rows])
        kind = {"maxlags": report.hac_lags, "use_correction": True}
        expected = sm.OLS(study.samples.outcome[rows], exog).fit(cov_type="HAC", cov_kwds=kind)
        assert row.coef == pytest.approx(expected.params[1], rel=1e-9)
        assert row.std_err_hac == pytest.approx(expected.bse[1], rel=1e-9)
        assert row.t_hac == pytest.approx(expected.tvalues[1], rel=1e-9)
        assert row.r_squared == pytest.approx(expected.rsquared, rel=1e-9)


def test_q_values_and_signs_over_time(make_study):
    random = np.random.default_rng(4)
    x = {name: random.standard_normal(900) for name in ("steady", "turns", "noise")}
    slope = np.where(np.arange(900) < 210, -1.5, 1.0)
    change = x["steady"] + slope * x["turns"] + random.standard_normal(900)
    found = {row.name: row for row in make_study(x, np.cumsum(np.r_[0, change[:-1]])).fit().scan}
    assert (found["steady"].same_sign, found["turns"].same_sign) == (3, 2)
    p_values = sorted(row.p_value_hac for row in found.values())
    assert [row.q_value for row in sorted(found.values(), key=lambda row: row.p_value_hac)] == pytest.approx(
        stats.false_discovery_control(p_values), rel=1e-9
    )


def test_the_largest_t_comes_first(planted):
    assert [row.name for row in planted().fit().scan] == ["good", "dull"]


@pytest.mark.fires("many-tests")
def test_few_of_many_noise_features_are_significant_after_correction(make_study):
    random = np.random.default_rng(4)
    values = {f"n{number}": random.standard_normal(1500) for number in range(100)}
    values["real"] = random.standard_normal(1500)
    target = np.cumsum(random.standard_normal(1500) + 0.4 * np.r_[0, values["real"][:-1]])
    report = make_study(values, target).fit()
    assert report.scan[0].name == "real"
    (found,) = (finding for finding in report.findings if isinstance(finding, ManyTests))
    assert 1 <= found.count <= 3
    assert (found.tested, found.below) == (101, sum(row.p_value_hac < 0.05 for row in report.scan))
    assert sum(row.p_value_hac < 0.05 for row in report.scan) < 15


@pytest.mark.silent("many-tests")
def test_nine_features_are_too_few_to_correct_for_multiple_tests(make_study):
    random = np.random.default_rng(4)
    values = {f"n{number}": random.standard_normal(300) for number in range(9)}
    assert len(make_study(values, random.standard_normal(300).cumsum()).fit().scan) == 9
