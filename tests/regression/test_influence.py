import numpy as np
import pytest
import statsmodels.api as sm

from core.regression.design import make_design
from core.regression.influence import measure_influence
from core.regression.least_squares import fit_least_squares

TIMES = np.arange("2000-01-01", 120, dtype="datetime64[D]").astype("datetime64[us]")


def fitted(outlier=0.0):
    random = np.random.default_rng(0)
    x = random.standard_normal((120, 2))
    x[17] += outlier
    y = x[:, 0] + random.standard_normal(120)
    y[17] -= outlier
    design, _ = make_design(x, ("a", "b"), y, np.zeros(120, dtype=np.int64))
    return fit_least_squares(design), x, y


def test_leverage_cook_and_studentised_residuals_match_statsmodels():
    fit, x, y = fitted()
    found = measure_influence(fit, TIMES)
    expected = sm.OLS(y, sm.add_constant(x)).fit().get_influence()
    assert found.leverage == pytest.approx(expected.hat_matrix_diag)
    assert found.standardised == pytest.approx(expected.resid_studentized_internal)
    distances = np.sort(expected.cooks_distance[0])[::-1]
    assert [row.cook for row in found.rows] == pytest.approx(distances[:10])


def test_a_row_that_decides_the_fit_comes_first_with_its_date():
    found = measure_influence(fitted(outlier=30.0)[0], TIMES)
    assert found.rows[0].time == "2000-01-18T00:00:00"
    assert found.rows[0].cook > 1 > found.rows[1].cook
