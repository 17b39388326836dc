"""Breaks, CUSUM and rolling coefficients: against published critical values, statsmodels and planted breaks."""

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.stats.diagnostic import breaks_cusumolsresid

from core.regression.design import make_design
from core.regression.stability import TRIM, assess_stability, find_break

# Andrews (2003), table I: 5% critical values of the sup statistic with 15% trimming, by number of coefficients.
ANDREWS = {1: 8.68, 2: 11.72, 5: 18.32}


def study(seed, rows=600, jump=0.0, slope_after=1.0):
    random = np.random.default_rng(seed)
    x, noise = random.standard_normal(rows), random.standard_normal(rows)
    late = np.arange(rows) >= rows // 2
    y = np.where(late, slope_after, 1.0) * x + jump * late + noise
    design, _ = make_design(x[:, None], ("x",), y, np.zeros(rows, dtype=np.int64))
    fit = sm.OLS(design.outcome, design.exog).fit()
    times = np.arange("2000-01-01", rows, dtype="datetime64[D]").astype("datetime64[us]")
    return design, fit.resid, times


@pytest.mark.parametrize(("columns", "critical"), ANDREWS.items())
def test_simulated_p_values_match_the_published_critical_values(columns, critical):
    from core.regression.stability import _simulated_suprema

    assert np.mean(_simulated_suprema(columns) >= critical) == pytest.approx(0.05, abs=0.025)


def test_the_statistic_is_the_largest_robust_score_statistic():
    design, residuals, times = study(0, rows=80)
    scores = design.exog * residuals[:, None]
    inverse = np.linalg.inv(scores.T @ scores)
    found = find_break(design.exog, residuals, times)
    by_hand = []
    for last in range(int(TRIM * 80) + 1, int((1 - TRIM) * 80) + 1):
        total, share = scores[:last].sum(axis=0), last / 80
        by_hand.append(total @ inverse @ total / (share * (1 - share)))
    assert found.statistic == pytest.approx(max(by_hand), rel=1e-9)


def test_a_planted_break_of_the_slope_is_dated():
    design, residuals, times = study(1, slope_after=-0.5)
    found = find_break(design.exog, residuals, times)
    assert found.p_value == pytest.approx(0.001)
    assert abs((np.datetime64(found.time) - times[300]).astype("timedelta64[D]").astype(int)) <= 30


def test_stable_relations_rarely_break():
    below = 0
    for seed in range(60):
        design, residuals, times = study(seed)
        below += find_break(design.exog, residuals, times).p_value < 0.05
    assert below <= 8  # at 5%, more than 8 of 60 in fewer than one run of a hundred


def test_cusum_matches_statsmodels():
    design, residuals, times = study(2, jump=1.0)
    cusum = assess_stability(design, residuals, times, 1).cusum
    statistic, p_value, critical = breaks_cusumolsresid(residuals, ddof=0)
    assert max(abs(value) for value in cusum.values) == pytest.approx(statistic, rel=0.02)
    assert max(abs(value) for value in cusum.values) > cusum.bound
    assert p_value < 0.001
    assert cusum.bound == pytest.approx(dict(critical)[5], abs=0.01)


def test_rolling_coefficients_follow_a_change_of_the_slope_and_match_statsmodels():
    design, residuals, times = study(3, slope_after=-0.5)
    found = assess_stability(design, residuals, times, 1)
    (rolling,) = found.rolling
    assert rolling.coefs[0] == pytest.approx(1, abs=0.4)
    assert rolling.coefs[-1] == pytest.approx(-0.5, abs=0.4)
    last = slice(600 - found.window, 600)
    exog = sm.add_constant(design.exog[last, 1] * design.scale[0] + design.center[0])
    expected = sm.OLS(design.outcome[last] * design.outcome_scale, exog).fit(cov_type="HC1")
    assert rolling.coefs[-1] == pytest.approx(expected.params[1], rel=1e-9)
    assert rolling.half_widths[-1] == pytest.approx(1.96 * expected.bse[1], rel=1e-9)


def test_without_enough_rows_or_with_overlap_nothing_is_claimed():
    design, residuals, times = study(4, rows=80)
    short = assess_stability(design, residuals, times, 1)
    assert (short.cusum, short.most_likely_break, short.rolling) == (None, None, ())
    design, residuals, times = study(4)
    overlapping = assess_stability(design, residuals, times, 5)
    assert (overlapping.cusum, overlapping.most_likely_break) == (None, None)
    assert overlapping.rolling
