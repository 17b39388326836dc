"""HAR, seasonal naive, Theta, the drift of each series, the loss that a target is judged by, and bounds on predictions."""

import numpy as np
import pytest

from core.data.eras import Era
from core.forecast.evaluation.baselines import fit_baselines
from core.forecast.evaluation.bounds import REACH, OutcomeBounds, bound_levels, fit_outcome_bounds
from core.forecast.evaluation.doubts import averaging_autocorrelation, find_outside_train
from core.forecast.evaluation.outcomes import choose_loss, naive_error
from core.forecast.evaluation.univariate import fit_har, fit_theta, seasonal_naive
from core.recipe.model import EvaluationSettings
from core.samples.task import Task


def volatility(rows: int, seed: int) -> np.ndarray:
    """An exponential of an AR(1): positive, skewed, persistent, mean-reverting."""
    noise = np.random.default_rng(seed).normal(0, 0.4, rows)
    logs = np.zeros(rows)
    for row in range(1, rows):
        logs[row] = 0.85 * logs[row - 1] + noise[row]
    return np.exp(logs)


def test_volatilities_are_judged_by_qlike_and_prices_are_not(world, random_walk):
    def loss(target):
        w = world(target)
        return choose_loss(w.features, w.samples, w.task)

    assert [loss(volatility(800, seed)) for seed in range(5)] == ["qlike"] * 5
    prices = [100 * np.exp(0.01 * (random_walk(800, seed) - 100)) for seed in range(20)]
    assert {loss(price) for price in prices} == {"squared_error"}
    assert loss(np.random.default_rng(0).normal(size=800)) == "squared_error"
    assert loss(volatility(90, 0)) == "squared_error"


def test_har_is_least_squares_on_logs(world):
    target = volatility(600, 1)
    w = world(target, predict="log_return")
    levels = fit_har(w.features, w.samples, w.task)
    logs = np.log(target)
    rows = np.array([row for row in w.samples.of(Era.TRAIN) if row >= 21])
    means = [np.array([logs[row - back + 1 : row + 1].mean() for row in rows]) for back in (5, 22)]
    design = np.column_stack([np.ones(len(rows)), logs[rows], *means])
    future = logs[rows + 1]
    coefficients = np.linalg.lstsq(design, future, rcond=None)[0]
    rest = future - design @ coefficients
    assert levels[rows] == pytest.approx(np.exp(design @ coefficients + rest.var() / 2))
    assert fit_har(world(target - 2).features, w.samples, w.task) is None


def test_the_seasonal_naive_repeats_the_last_season_and_needs_one(world, random_walk):
    hours = np.arange(2400)
    target = 50 + 10 * np.sin(2 * np.pi * hours / 24) + np.random.default_rng(0).normal(0, 0.5, len(hours))
    for horizon in (1, 5, 24, 30):
        w = world(target, horizon=horizon)
        found = seasonal_naive(w.features, w.samples, w.task)
        back = 24 * -(-horizon // 24) - horizon
        assert found[500] == target[500 - back]
    w = world(random_walk(2400, 1))
    assert seasonal_naive(w.features, w.samples, w.task) is None


def test_theta_agrees_with_statsmodels_at_the_end_of_train(world, random_walk):
    from statsmodels.tsa.forecasting.theta import ThetaModel

    target = random_walk(400, 3) + 0.1 * np.arange(400)
    for horizon in (1, 4):
        w = world(target, horizon=horizon)
        last = int(w.samples.rows[w.samples.of(Era.TRAIN)].max())
        oracle = ThetaModel(target[: last + 1], period=1, deseasonalize=False).fit().forecast(horizon, theta=2)
        found = fit_theta(w.features, w.samples, w.task)
        assert found[last] == pytest.approx(float(np.asarray(oracle)[-1]), rel=2e-3)


def test_rivals_learn_nothing_after_the_train_era(world, random_walk):
    target = volatility(600, 4)
    changed = target.copy()
    w = world(target)
    cut = int(w.samples.rows[w.samples.of(Era.TRAIN)].max()) + 2
    changed[cut:] *= 7
    other = world(changed)
    for fit in (fit_har, fit_theta):
        before = fit(w.features, w.samples, w.task)[: cut - 1]
        assert np.array_equal(before, fit(other.features, other.samples, other.task)[: cut - 1])
    assert np.array_equal(
        naive_error(w.features, w.samples, w.task), naive_error(other.features, other.samples, other.task)
    )


def test_the_drift_is_that_of_each_series(world):
    steps = np.random.default_rng(6).normal(0, 0.1, size=(2, 200))
    w = world(np.r_[(steps[0] + 1).cumsum(), (steps[1] - 1).cumsum()], blocks=[0] * 200 + [1] * 200)
    windows = w.windows(4)
    levels = fit_baselines(w.features, windows, w.samples, w.task, EvaluationSettings(baselines=()), "squared_error", 0)
    drift = levels["drift"] - windows.samples.base
    assert drift[windows.samples.blocks == 0] == pytest.approx(1, abs=0.05)
    assert drift[windows.samples.blocks == 1] == pytest.approx(-1, abs=0.05)


def test_predictions_are_bounded_by_a_multiple_of_the_range_of_train_outcomes(world, random_walk):
    w = world(random_walk(300, 1))
    samples = w.windows(4).samples
    train = samples.outcome[samples.of(Era.TRAIN)]
    high = train.max() + REACH * np.ptp(train)
    wild = samples.base + np.where(np.arange(len(samples.base)) % 2, 1e50, 0.1)
    levels = {"persistence": samples.base, "linear": wild, "lstm": samples.base + 0.5}
    bounded, diverged = bound_levels(levels, samples, w.task, fit_outcome_bounds(samples))
    assert diverged == ("linear",)
    odd = np.arange(len(samples.base)) % 2 == 1
    assert bounded["linear"][odd] == pytest.approx(samples.base[odd] + high)
    assert np.array_equal(bounded["linear"][~odd], wild[~odd])
    assert np.array_equal(bounded["lstm"], levels["lstm"])
    prices = world(np.exp(0.01 * random_walk(300, 2)), predict="log_return")
    samples = prices.windows(4).samples
    negative, _ = bound_levels({"linear": -samples.base}, samples, prices.task, fit_outcome_bounds(samples))
    assert (negative["linear"] > 0).all()


def test_bounds_that_are_swapped_or_not_finite_are_none():
    assert OutcomeBounds(low=-1.0, high=1.0).is_consistent()
    for low, high in ((1.0, -1.0), (float("nan"), 1.0), (-1.0, float("inf"))):
        assert not OutcomeBounds(low=low, high=high).is_consistent()


def test_inputs_outside_the_train_range_are_found(world, random_walk):
    trend = np.arange(400.0)
    noise = np.random.default_rng(1).normal(size=400)
    w = world(random_walk(400, 1), {"trend": trend, "noise": noise})
    found = find_outside_train(w.windows(4), w.names, "test")
    assert [(each.feature, each.share) for each in found] == [("trend", 1.0)]


def test_averages_of_a_period_are_recognised_and_month_ends_are_not(world):
    daily = np.random.default_rng(2).normal(size=(700, 21)).cumsum().reshape(700, 21)
    months = np.datetime64("1950-01", "M") + np.arange(700)
    task = Task(target="y", predict="difference", horizon=1)
    found = []
    for target in (daily.mean(axis=1), daily[:, -1]):
        w = world(target, times=months.astype("datetime64[us]"))
        found.append(averaging_autocorrelation(w.features, w.samples, task))
    assert found[0] == pytest.approx(0.25, abs=0.1)
    assert found[1] is None
    by_day = world(daily.mean(axis=1))
    assert averaging_autocorrelation(by_day.features, by_day.samples, task) is None


@pytest.mark.parametrize("rival", ["ar", "linear", "catboost"])
def test_rivals_are_fitted_in_the_unit_of_each_series(world, random_walk, rival):
    settings = EvaluationSettings(baselines=(rival,))
    small, blocks = [random_walk(400, seed, ar=0.6) for seed in (1, 2)], np.repeat((0, 1), 400)

    def levels(size):
        w = world(np.r_[small[0], size * small[1]], blocks=blocks)
        windows = w.windows(3)
        found = fit_baselines(w.features, windows, w.samples, w.task, settings, "squared_error", 0)[rival]
        return found[windows.samples.blocks == 0], found[windows.samples.blocks == 1]

    (one, other), (same, larger) = levels(1), levels(1024)
    assert same == pytest.approx(one, rel=1e-6)
    assert larger == pytest.approx(1024 * other, rel=1e-6)
