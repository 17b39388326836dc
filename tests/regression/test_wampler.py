"""Wampler's polynomials of NIST's StRD, whose certified coefficients are exact.

https://www.itl.nist.gov/div898/strd/lls/lls.shtml: y is a polynomial of degree 5 in x = 0, ..., 20, to which the last three add
errors that are orthogonal to it.
"""

import numpy as np
import pytest

from core.regression.design import make_design
from core.regression.least_squares import describe_coefficients, fit_least_squares
from core.regression.zero_coefficient import ZeroCoefficientTest

X = np.arange(21.0)
POWERS = X[:, None] ** np.arange(1, 6)
ERRORS = np.array([759, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 1838, -2048, 2048, -2048, 1838], dtype=float)
ERRORS = np.r_[ERRORS, [-2048, 2048, -2048, 2523, -2048, 2048, -2048, 759]]
ONES = 1 + POWERS.sum(axis=1)
# Name, outcome, certified coefficients from the constant on, certified residual standard deviation.
PROBLEMS = [
    ("Wampler1", ONES, np.ones(6), 0.0),
    ("Wampler2", 1 + POWERS @ 0.1 ** np.arange(1, 6), 0.1 ** np.arange(6), 0.0),
    ("Wampler3", ONES + ERRORS, np.ones(6), 2360.14502379268),
    ("Wampler4", ONES + 100 * ERRORS, np.ones(6), 236014.502379268),
    ("Wampler5", ONES + 10_000 * ERRORS, np.ones(6), 23601450.2379268),
]


@pytest.mark.parametrize(("outcome", "certified", "deviation"), [p[1:] for p in PROBLEMS], ids=[p[0] for p in PROBLEMS])
def test_coefficients_match_the_certified_values(outcome, certified, deviation):
    blocks = np.zeros(21, dtype=np.int64)
    design, left_out = make_design(POWERS, tuple("abcde"), outcome, blocks)
    assert not left_out
    fitted = fit_least_squares(design)
    found = describe_coefficients(fitted, 0, ZeroCoefficientTest(blocks, 0, fitted.freedom))
    # The larger the errors, the fewer digits double precision allows: NIST's own limits are similar.
    digits = max(1e-9, 1e-13 * deviation)
    assert [c.coef for c in found] == pytest.approx(certified, rel=digits, abs=10 * digits)
    residual = np.linalg.norm(fitted.residuals) * design.outcome_scale / fitted.freedom**0.5
    assert residual == pytest.approx(deviation, rel=1e-9, abs=1e-6)
