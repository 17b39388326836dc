"""The test of a zero coefficient: what it is equal to, what it protects from, and its size."""

import numpy as np
import pytest

from core.findings.regression import FewRowsBehind
from core.regression.newey_west import t_p_value
from core.regression.zero_coefficient import rows_behind

HORIZONS = (1, 5, 21)


def effect(report, name="x"):
    return next(c for c in report.coefficients if c.name == name)


def feature(kind, rows, random):
    if kind == "normal":
        return random.standard_normal(rows)
    if kind == "heavy-tailed":
        return random.standard_t(3, rows)
    if kind == "ten events":
        events = np.zeros(rows)
        events[random.choice(int(0.6 * rows), 10, replace=False)] = 1
        return events
    values, noise = np.empty(rows), random.standard_normal(rows)
    values[0] = noise[0] / (1 - 0.95**2) ** 0.5
    for row in range(1, rows):
        values[row] = 0.95 * values[row - 1] + noise[row]
    return values


def test_without_lags_it_is_the_score_test_with_the_variance_under_the_hypothesis(make_study):
    random = np.random.default_rng(0)
    x, z = random.standard_normal(400), random.standard_normal(400)
    study = make_study({"x": x, "z": z}, np.cumsum(np.r_[0, (0.1 * x + z + random.standard_normal(400))[:-1]]))
    report = study.fit(hac_lags=0)
    rows = study.train_rows()
    others = np.column_stack([np.ones(len(rows)), z[rows]])
    outcome = study.samples.outcome[rows]
    own, restricted = (
        column - others @ np.linalg.lstsq(others, column, rcond=None)[0] for column in (x[rows], outcome)
    )
    terms = own * restricted
    freedom = len(rows) - 3
    z_score = terms.sum() / (np.square(terms - terms.mean()).sum() * len(rows) / freedom) ** 0.5
    assert effect(report).p_value_hac == pytest.approx(t_p_value(z_score, freedom), rel=1e-9)


def test_with_overlap_it_is_hodricks_test(make_study):
    random = np.random.default_rng(1)
    horizon, x, target = 5, random.standard_normal(600).cumsum(), random.standard_normal(600).cumsum()
    study = make_study({"x": x}, target, horizon=horizon)
    rows = study.train_rows()
    centred = x[rows] - x[rows].mean()
    changes = np.diff(target)[: rows[-1] + horizon]
    changes -= changes.mean()
    sums = np.convolve(centred, np.ones(horizon))
    terms = sums * changes
    terms -= terms.mean()
    lags = int(4 * (len(rows) / 100) ** (2 / 9))
    variance = terms @ terms + 2 * sum(
        (1 - lag / (lags + 1)) * terms[lag:] @ terms[:-lag] for lag in range(1, lags + 1)
    )
    freedom = len(rows) - 2
    score = (centred @ study.samples.outcome[rows]) / (variance * len(rows) / freedom) ** 0.5
    assert effect(study.fit()).p_value_hac == pytest.approx(t_p_value(score, freedom), rel=1e-9)


@pytest.mark.fires("few-rows-behind")
def test_dummies_of_pure_noise_with_two_rows_each_are_not_significant(make_study):
    random = np.random.default_rng(9)
    values = {"x": random.standard_normal(500)}
    for number in range(20):
        values[f"d{number}"] = np.isin(np.arange(500), random.choice(330, 2, replace=False)).astype(float)
    report = make_study(values, random.standard_normal(500).cumsum()).fit()
    assert min(effect(report, f"d{number}").p_value_hac for number in range(20)) > 0.1
    assert min(row.p_value_hac for row in report.scan if row.name != "x") > 0.1
    (found,) = (finding for finding in report.findings if isinstance(finding, FewRowsBehind))
    assert found.count == 20
    assert found.fewest == pytest.approx(2, abs=0.1)


@pytest.mark.silent("few-rows-behind")
def test_a_coefficient_on_many_rows_is_not_reported(planted):
    assert effect(planted().fit(), "good").rows_behind > 100


def test_rows_behind_counts_equal_rows():
    assert rows_behind(np.r_[np.ones(7), np.zeros(90)]) == pytest.approx(7)


def test_a_strong_effect_is_found_at_every_horizon(make_study):
    random = np.random.default_rng(2)
    x = feature("AR(0.95)", 900, random)
    target = np.cumsum(np.r_[0, (0.3 * x + random.standard_normal(900))[:-1]])
    for horizon in HORIZONS:
        assert effect(make_study({"x": x}, target, horizon=horizon).fit()).p_value_hac < 0.001


@pytest.mark.simulation
@pytest.mark.parametrize("horizon", HORIZONS)
@pytest.mark.parametrize("rows", [250, 2000])
@pytest.mark.parametrize("kind", ["normal", "AR(0.95)", "heavy-tailed", "ten events"])
def test_the_size_is_between_3_and_7_percent(kind, rows, horizon, zero_p_value):
    """2,000 replications; features that are the target's own past are not part of the promise."""
    rejected = 0
    for seed in range(2000):
        random = np.random.default_rng([seed, rows, horizon])
        total = rows + horizon
        changes, values = random.standard_normal(total), feature(kind, total, random)
        rejected += zero_p_value(values, np.r_[0, np.cumsum(changes)], rows, horizon) < 0.05
    assert 0.03 <= rejected / 2000 <= 0.07
