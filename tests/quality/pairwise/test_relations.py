"""Relations: planted ones are found, independent autocorrelated series are not related."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.signal import lfilter

from core.errors.model import Stopped
from core.quality.numerics.xi import chatterjee_xi
from core.quality.pairwise.relations import Relation, adjust_p_values, classify_relations, count_shifts

SHAPES = {
    "line": (lambda x: 0.5 * x, "linear"),
    "falling line": (lambda x: -0.5 * x, "linear"),
    "parabola": (lambda x: x**2, "nonlinear"),
    "absolute value": (np.abs, "nonlinear"),
    "wave": (lambda x: 2 * np.sin(4 * x), "nonlinear"),
    "half wave": (lambda x: 3 * np.sin(2 * x), "nonlinear"),
}


def autocorrelated(rho: float, rows: int, random: np.random.Generator) -> np.ndarray:
    series = lfilter([1], [1, -rho], random.normal(size=rows + 200))[200:]
    return series / series.std()


def relation(x: np.ndarray, y: np.ndarray) -> Relation:
    return classify_relations(pd.DataFrame({"x": x, "y": y}), "y")[0]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_planted_relations_are_classified_correctly(shape, seed):
    random = np.random.default_rng(seed)
    transform, kind = SHAPES[shape]
    x = autocorrelated(0.5, 600, random)
    found = relation(x, transform(x) + autocorrelated(0.5, 600, random))
    assert found.kind == kind
    assert found.q_value < 0.05


def test_a_dependence_of_the_variance_alone_is_non_linear():
    random = np.random.default_rng(4)
    x = autocorrelated(0.8, 1000, random)
    assert relation(x, np.exp(x / 2) * random.normal(size=1000)).kind == "nonlinear"


@pytest.mark.parametrize("step", [0.5, 2.0])
def test_a_target_with_few_values_is_not_non_linear_for_that_reason(step):
    random = np.random.default_rng(13)
    x = random.normal(size=800)
    noisy = 0.7 * x + random.normal(size=800)
    assert relation(x, np.sign(noisy)).kind == "linear"
    assert relation(x, step * np.round(noisy / step)).kind == "linear"
    assert relation(x, np.sign(np.abs(x) - 0.7 + 0.3 * random.normal(size=800))).kind == "nonlinear"


def test_rounding_errors_of_a_perfect_line_are_not_non_linear():
    x = np.random.default_rng(5).normal(size=300)
    found = relation(x, 1e6 - 3 * x)
    assert (found.kind, found.pearson) == ("linear", pytest.approx(-1.0))
    assert found.p_value < 1e-6


@pytest.mark.parametrize("rho", [0.0, 0.6, 0.94])
def test_independent_autocorrelated_series_are_rarely_related(rho):
    related = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        related += relation(autocorrelated(rho, 300, random), autocorrelated(rho, 300, random)).kind != "none"
    # 5% of 60 is 3; more than 8 occur by chance in four of a thousand such tests.
    assert related <= 8


def test_many_unrelated_features_are_not_significant_and_hide_no_related_one():
    random = np.random.default_rng(6)
    frame = pd.DataFrame(random.normal(size=(400, 80)), columns=[f"c{place}" for place in range(80)])
    frame["y"] = frame["c7"] + frame["c30"] ** 2 + random.normal(size=400)
    kinds = {found.feature: found.kind for found in classify_relations(frame, "y")}
    assert {name: kind for name, kind in kinds.items() if kind != "none"} == {"c7": "linear", "c30": "nonlinear"}


def test_coefficients_equal_scipy_with_missing_values_and_ties():
    random = np.random.default_rng(7)
    x = random.normal(size=300)
    y = np.round(x**2 + random.normal(size=300), 1)
    x[::9], y[::14] = np.nan, np.nan
    both = ~(np.isnan(x) | np.isnan(y))
    found = relation(x, y)
    assert found.pearson == pytest.approx(stats.pearsonr(x[both], y[both]).statistic)
    assert found.spearman == pytest.approx(stats.spearmanr(x[both], y[both]).statistic)
    assert found.xi == pytest.approx(stats.chatterjeexi(x[both], y[both]).statistic)
    assert chatterjee_xi(x[both], y[both]) == found.xi


def test_the_order_of_features_has_no_effect():
    random = np.random.default_rng(8)
    frame = pd.DataFrame(random.normal(size=(200, 12)), columns=list("abcdefghijkl"))
    frame["b"] += frame["l"]
    forward = {found.feature: found for found in classify_relations(frame, "l")}
    backward = {found.feature: found for found in classify_relations(frame[frame.columns[::-1]], "l")}
    assert forward == backward


@pytest.mark.parametrize("x", [np.full(100, np.nan), np.ones(100), np.r_[np.arange(29.0), np.full(71, np.nan)]])
def test_a_relation_that_cannot_be_tested_has_no_p_value(x):
    found = relation(x, np.random.default_rng(9).normal(size=100))
    assert (found.kind, found.p_value, found.q_value) == ("none", None, None)


def test_relations_do_not_depend_on_the_scale():
    random = np.random.default_rng(10)
    x = random.normal(size=200)
    noisy = x + random.normal(size=200)
    plain, extreme = relation(x, noisy), relation(x * 1e300, noisy * 1e-300)
    assert extreme.kind == plain.kind == "linear"
    assert extreme.pearson == pytest.approx(plain.pearson)


def test_corrected_p_values_equal_scipy():
    p_values = np.random.default_rng(11).random(20)
    assert adjust_p_values(p_values.tolist()) == pytest.approx(stats.false_discovery_control(p_values))
    assert adjust_p_values([None, None]) == [None, None]


def test_thousands_of_features_get_fewer_shifts_but_at_least_sixty():
    assert count_shifts(100, 2000) == count_shifts(500, 2000) == 400
    assert count_shifts(1000, 2000) == 200
    assert count_shifts(100_000, 2000) == 60


def test_a_stop_request_is_obeyed():
    frame = pd.DataFrame(np.random.default_rng(12).normal(size=(50, 3)), columns=list("abc"))
    with pytest.raises(Stopped):
        classify_relations(frame, "a", should_stop=lambda: True)


def leading(rho: float, tie: float, ahead: float, seed: int, rows: int = 800) -> Relation:
    """Return the relation with an autocorrelated target of a feature tied to its row, and to the shock of its next row."""
    random = np.random.default_rng(seed)
    shocks = random.normal(size=rows + 1)
    y = lfilter([1], [1, -rho], shocks)
    x = tie * y[:-1] + ahead * shocks[1:] + autocorrelated(rho, rows, random)
    return relation(x, y[:-1])


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_a_feature_related_to_the_same_row_only_rarely_leads(rho):
    assert sum(leading(rho, tie, 0, seed).leads for seed in range(100) for tie in (0, 1)) <= 14


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_a_feature_that_predicts_the_next_row_leads(rho):
    assert all(leading(rho, tie, 0.5, seed).leads for seed in range(20) for tie in (0, 1))
