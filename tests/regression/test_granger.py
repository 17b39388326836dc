"""Granger causality against statsmodels, and on a planted lead."""

import numpy as np
import pytest
import statsmodels.api as sm

from core.progress import never_stop
from core.regression.design import lags_within, make_design
from core.regression.granger import run_granger

ROWS, LAGS = 500, 3


def design(blocks=None):
    random = np.random.default_rng(0)
    lead, noise = random.standard_normal((2, ROWS))
    y = 0.6 * np.r_[0, 0, lead[:-2]] + random.standard_normal(ROWS)
    values = np.column_stack([lead, noise])
    return make_design(values, ("lead", "noise"), y, np.zeros(ROWS, dtype=int) if blocks is None else blocks)[0]


def by_name(found):
    return {test.name: test for test in found}


def test_p_values_match_a_robust_f_test_of_statsmodels():
    found = by_name(run_granger(design(), ("lead", "noise"), LAGS, never_stop))
    made = design()
    y, x = made.outcome, made.exog[:, 1]
    blocks = np.zeros(ROWS, dtype=int)
    exog = np.column_stack([np.ones(ROWS), lags_within(y, blocks, LAGS), lags_within(x, blocks, LAGS)])[LAGS:]
    fit = sm.OLS(y[LAGS:], exog).fit(cov_type="HC1", use_t=True)
    expected = float(fit.f_test(np.eye(7)[4:]).pvalue)
    assert found["lead"].leads_p == pytest.approx(expected, rel=1e-6)


def test_a_planted_lead_of_two_rows_is_found_in_its_direction_only():
    found = by_name(run_granger(design(), ("lead", "noise"), LAGS, never_stop))
    assert found["lead"].leads_q < 0.001
    assert found["lead"].follows_q > 0.05
    assert found["noise"].leads_q > 0.05
    correlations = np.array(found["lead"].correlations)
    assert len(correlations) == 41
    assert int(np.abs(correlations).argmax()) - 20 == 2


def test_lags_do_not_cross_blocks():
    blocks = np.repeat(np.arange(100), 5)
    made = design(blocks)
    (found,) = run_granger(made, ("lead",), 1, never_stop)
    pairs = np.flatnonzero(np.arange(ROWS) % 5 > 0)
    expected = np.corrcoef(made.exog[pairs - 1, 1], made.outcome[pairs])[0, 1]
    assert found.correlations[21] == pytest.approx(expected)


def test_too_few_rows_are_not_tested():
    made = design().take(np.arange(24))
    (found,) = run_granger(made, ("lead",), 10, never_stop)
    assert (found.leads_p, found.leads_q, found.follows_p) == (None, None, None)
