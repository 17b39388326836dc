import numpy as np
import pytest
import statsmodels.api as sm


def test_each_row_equals_a_regression_of_its_own_by_statsmodels(planted):
    study = planted()
    report = study.fit()
    rows = study.train_rows()
    for row in report.scan:
        exog = sm.add_constant(study.features.values[row.name].to_numpy()[rows])
        expected = sm.OLS(study.samples.outcome[rows], exog).fit(cov_type="HAC", cov_kwds={"maxlags": report.hac_lags})
        assert row.coef == pytest.approx(expected.params[1], rel=1e-9)
        assert row.std_err_hac == pytest.approx(expected.bse[1], rel=1e-9)
        assert row.t_hac == pytest.approx(expected.tvalues[1], rel=1e-9)
        assert row.p_value_hac == pytest.approx(expected.pvalues[1], rel=1e-6, abs=1e-15)
        assert row.r_squared == pytest.approx(expected.rsquared, rel=1e-9)


def test_the_strongest_comes_first(planted):
    assert [row.name for row in planted().fit().scan] == ["good", "dull"]


def test_of_many_features_of_noise_few_hold_up(make_study):
    random = np.random.default_rng(4)
    values = {f"n{number}": random.standard_normal(1500) for number in range(100)}
    values["real"] = random.standard_normal(1500)
    target = np.cumsum(random.standard_normal(1500) + 0.4 * np.r_[0, values["real"][:-1]])
    report = make_study(values, target).fit()
    assert report.scan[0].name == "real"
    remark = next(finding for finding in report.findings if finding.code == "many-tests")
    assert 1 <= remark.count <= 3
    assert sum(row.p_value_hac < 0.05 for row in report.scan) < 15
