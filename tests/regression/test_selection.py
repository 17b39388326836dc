"""Choices of features: forward selection against a loop of fits, and the strongest of the scan."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm

from core.findings.regression import FeaturesSelected
from core.regression.design import make_design
from core.regression.ols import fit_regression
from core.regression.selection import select_forward

ROWS = 300


def study(features=12, seed=0):
    random = np.random.default_rng(seed)
    x = random.standard_normal((ROWS, features))
    x[:, 1] = x[:, 0] + 0.1 * random.standard_normal(ROWS)
    y = x[:, 0] + 0.5 * x[:, 3] - 0.3 * x[:, 5] + random.standard_normal(ROWS)
    names = tuple(f"x{place}" for place in range(features))
    return x, y, make_design(x, names, y, np.zeros(ROWS, dtype=np.int64))[0]


def bic(x, y, chosen):
    return sm.OLS(y, sm.add_constant(x[:, chosen])).fit().bic


def test_forward_selection_is_that_of_a_loop_of_fits():
    x, y, design = study()
    chosen: list[int] = []
    while True:
        rest = [place for place in range(x.shape[1]) if place not in chosen]
        best = min(rest, key=lambda place: bic(x, y, [*chosen, place]))
        if chosen and bic(x, y, [*chosen, best]) >= bic(x, y, chosen):
            break
        chosen.append(best)
    assert select_forward(design) == tuple(f"x{place}" for place in chosen)
    assert {"x3", "x5"} < set(select_forward(design))


def test_forward_selection_keeps_one_feature_of_pure_noise():
    random = np.random.default_rng(1)
    x = random.standard_normal((ROWS, 5))
    design, _ = make_design(x, tuple("abcde"), random.standard_normal(ROWS), np.zeros(ROWS, dtype=np.int64))
    assert len(select_forward(design)) == 1


@pytest.mark.fires("features-selected")
@pytest.mark.parametrize(("choose", "expected"), [("strongest", 3), ("forward", 3)])
def test_a_choice_keeps_the_real_features_and_the_scan_of_all(make_study, choose, expected):
    x, y, _ = study()
    values = {f"x{place}": x[:, place] for place in range(12) if place != 1}
    made = make_study(values, np.r_[0, np.cumsum(y)[:-1]])
    report = fit_regression(replace(made.ask(), choose=choose, top_k=3))
    assert set(report.features) == {"x0", "x3", "x5"}
    assert len(report.scan) == 11
    (found,) = (finding for finding in report.findings if isinstance(finding, FeaturesSelected))
    assert (found.kept, found.candidates) == (expected, 11)


@pytest.mark.silent("features-selected")
def test_without_a_choice_every_feature_is_kept(planted):
    assert planted().fit().features == ("dull", "good")
