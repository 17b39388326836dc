"""Each baseline finds the pattern it models, is fitted on train only, and can be stopped."""

import numpy as np
import pytest

from core.data.eras import Era
from core.errors.model import Stopped
from core.forecast.evaluation.baselines import fit_baselines
from core.forecast.evaluation.outcomes import choose_loss
from core.recipe.model import EvaluationSettings

ALL = EvaluationSettings()


def fit(world, window=6, settings=ALL, seed=1, **others):
    windows = world.windows(window)
    loss = choose_loss(world.features, world.samples, world.task)
    return windows, fit_baselines(world.features, windows, world.samples, world.task, settings, loss, seed, **others)


def relative_sse(windows, levels, era=Era.TEST):
    """Squared error relative to that of persistence."""
    rows = windows.samples.of(era)
    errors = windows.samples.future[rows] - levels[rows]
    persistence = windows.samples.future[rows] - windows.samples.base[rows]
    return (errors @ errors) / (persistence @ persistence)


@pytest.mark.parametrize("predict", ["level", "difference", "return", "log_return"])
def test_persistence_is_the_last_value_exactly(world, random_walk, predict):
    windows, levels = fit(world(random_walk(120, 1), predict=predict), settings=EvaluationSettings(baselines=()))
    assert list(levels) == ["persistence", "drift"]  # the train mean is no rival on a random walk
    assert np.array_equal(levels["persistence"], windows.samples.base)


def test_drift_adds_the_mean_train_change(world):
    target = np.cumsum(np.r_[np.full(70, 2.0), np.full(30, -50.0)])
    windows, levels = fit(world(target), settings=EvaluationSettings(baselines=("drift",)))
    assert levels["drift"] == pytest.approx(windows.samples.base + 2)


@pytest.mark.parametrize("predict", ["level", "difference", "log_return"])
def test_autoregression_recovers_an_autoregression(world, random_walk, predict):
    # Far from 0, log returns are proportional to differences.
    windows, levels = fit(world(1000 + random_walk(3000, 4, ar=0.6), predict=predict))
    assert relative_sse(windows, levels["ar"]) == pytest.approx(0.64, abs=0.06)
    assert relative_sse(windows, levels["drift"]) == pytest.approx(1, abs=0.02)


def test_autoregression_matches_statsmodels(world, random_walk):
    from statsmodels.api import OLS, add_constant

    w = world(random_walk(200, 4, ar=0.3), horizon=2)
    windows, levels = fit(w)
    changes = np.diff(w.features.target, prepend=np.nan)
    lags = np.column_stack([np.roll(changes, lag) for lag in range(5)])
    train = w.samples.of(Era.TRAIN)
    train = train[train >= 5]
    fitted = OLS(w.samples.outcome[train], add_constant(lags[train])).fit()
    rows = windows.samples.rows[40:]
    expected = w.features.target[rows] + fitted.predict(add_constant(lags[rows], has_constant="add"))
    assert levels["ar"][40:] == pytest.approx(expected)


def test_lags_of_autoregression_stay_within_their_series(world, random_walk):
    target = np.r_[random_walk(100, 1), random_walk(100, 2)]
    first = fit(world(target, blocks=[0] * 100 + [1] * 100), window=2)[1]["ar"]
    target[99] += 1e6  # last row of the first series, in no train sample
    second = fit(world(target, blocks=[0] * 100 + [1] * 100), window=2)[1]["ar"]
    assert np.array_equal(first[-99:], second[-99:])


@pytest.mark.parametrize("name", ["linear", "catboost"])
def test_ridge_and_catboost_find_a_planted_feature(world, name):
    random = np.random.default_rng(3)
    x, noise = random.normal(size=1500), random.normal(size=1500)
    target = np.cumsum(0.8 * np.r_[0, x[:-1]] + noise)
    windows, levels = fit(world(target, {"x": x, "y": random.normal(size=1500)}))
    assert relative_sse(windows, levels[name]) < 0.75


def test_ridge_finds_a_planted_window_mean(world):
    random = np.random.default_rng(3)
    x = random.normal(size=2000)
    mean = np.convolve(x, np.ones(6) / 6)[:2000]
    target = np.cumsum(3 * np.r_[0, mean[:-1]] + 0.1 * random.normal(size=2000))
    windows, levels = fit(world(target, {"x": x}))
    assert relative_sse(windows, levels["linear"]) < 0.05


def test_baselines_are_fitted_on_the_train_era_only(world, random_walk):
    target, x = random_walk(300, 1, ar=0.4), np.random.default_rng(2).normal(size=300)
    first = world(target, {"x": x})
    last = first.samples.of(Era.TRAIN).max()
    target2, x2 = target.copy(), x.copy()
    target2[last + 2 :], x2[last + 1 :] = 7, -9e3
    (windows, one), (_, other) = fit(first), fit(world(target2, {"x": x2}))
    train = windows.samples.of(Era.TRAIN)
    # The validation era ends the fit of CatBoost, as that of the network.
    for name in one.keys() - {"catboost"}:
        assert np.array_equal(one[name][train], other[name][train]), name


def test_baselines_predict_the_mean_change_if_nothing_varies(world):
    windows, levels = fit(world(np.arange(100.0), {"flat": np.zeros(100)}))
    for name in ("drift", "ar", "linear", "catboost"):
        assert levels[name] == pytest.approx(windows.samples.base + 1)


def test_equal_seeds_give_equal_predictions(world, random_walk):
    w = world(random_walk(200, 1))
    assert np.array_equal(fit(w)[1]["catboost"], fit(w)[1]["catboost"])


def test_catboost_stops_on_request(world, random_walk):
    polls = []
    with pytest.raises(Stopped):
        fit(world(random_walk(200, 1)), should_stop=lambda: polls.append(1) or len(polls) > 13)
    assert len(polls) == 15  # five before the fits, five between blocks, some between iterations, one after them


def test_the_train_mean_is_a_rival_for_returns_and_not_for_prices(world, random_walk):
    returns = 3 + np.random.default_rng(5).normal(size=400)
    w = world(returns)
    windows, levels = fit(w)
    train = w.samples.future[w.samples.of(Era.TRAIN)]
    assert levels["mean"] == pytest.approx(np.full(len(windows.ends), train.mean()))
    assert "mean" not in fit(world(random_walk(400, 1)))[1]


def test_each_series_has_its_own_train_mean(world):
    noise = np.random.default_rng(6).normal(size=200)
    windows, levels = fit(world(noise + np.repeat([0.0, 50.0], 100), blocks=np.repeat([0, 1], 100)))
    second = windows.samples.blocks == 1
    assert abs(levels["mean"][~second]).max() < 1
    assert levels["mean"][second] == pytest.approx(50, abs=1)
