"""Ridge and CatBoost on the network's windows: the inputs, the fits, and their bounded memory."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from core.data.eras import Era
from core.errors.model import Stopped
from core.forecast.evaluation import windowed
from core.forecast.evaluation.windowed import fit_catboost, fit_ridge, flatten_windows
from core.progress import never_stop


def excess_of(w, windows):
    return windows.samples.outcome - w.task.no_change(windows.samples.base)


def lagged(world, lag, rows=1500, seed=3):
    """A world whose change is a feature of `lag` rows earlier, with noise; the best forecast explains 0.8 of the variance."""
    random = np.random.default_rng(seed)
    x = random.normal(size=rows)
    target = np.cumsum(np.r_[np.zeros(lag), x[: rows - lag]] + 0.5 * random.normal(size=rows))
    return world(target, {"x": x, "y": random.normal(size=rows)})


def share_left(w, windows, predicted, era=Era.TEST):
    rows = windows.samples.of(era)
    return float(
        np.square(excess_of(w, windows)[rows] - predicted[rows]).mean() / np.square(excess_of(w, windows)[rows]).mean()
    )


def test_a_window_that_fits_is_flattened_newest_row_first(world, random_walk):
    w = world(random_walk(60, 1), {"a": random_walk(60, 2), "b": random_walk(60, 3)}, blocks=[0] * 30 + [1] * 30)
    windows = w.windows(7)
    positions = np.arange(len(windows.ends))
    flat = flatten_windows(windows, positions)
    assert flat.shape == (len(positions), 14)
    for back in range(7):
        assert np.array_equal(flat[:, 2 * back : 2 * back + 2], windows.inputs[windows.ends - back])


def test_a_window_that_does_not_fit_keeps_its_newest_rows_and_the_mean_of_the_rest(world, random_walk, monkeypatch):
    monkeypatch.setattr(windowed, "MOST_INPUTS", 6)
    w = world(random_walk(60, 1), {"a": random_walk(60, 2), "b": random_walk(60, 3)})
    windows = w.windows(7)
    positions = np.arange(len(windows.ends))
    flat, batch = flatten_windows(windows, positions), windows.batch(positions)
    assert flat.shape == (len(positions), 6)
    assert np.array_equal(flat[:, :2], batch[:, -1])
    assert np.array_equal(flat[:, 2:4], batch[:, -2])
    assert flat[:, 4:] == pytest.approx(batch[:, :5].mean(axis=1), abs=1e-6)
    monkeypatch.setattr(windowed, "MOST_INPUTS", 1)
    assert flatten_windows(windows, positions).shape == (len(positions), 4)


@pytest.mark.parametrize("lag", [1, 5])
@pytest.mark.parametrize("fit", [fit_ridge, lambda *given: fit_catboost(*given[:2], 1, given[2])])
def test_a_signal_anywhere_in_the_window_is_found(world, fit, lag):
    w = lagged(world, lag)
    windows = w.windows(6)
    assert share_left(w, windows, fit(windows, excess_of(w, windows), never_stop)) < 0.45


def test_ridge_is_that_of_scikit_learn(world):
    from sklearn.linear_model import Ridge

    w = lagged(world, 2, rows=400)
    # No scaling: a feature of another size and far from 0.
    windows = replace(w.windows(4), inputs=w.windows(4).inputs * np.float32([1, 50]) + np.float32([0, 3000]))
    excess, train = excess_of(w, windows), windows.samples.of(Era.TRAIN)
    seen = windows.inputs[windows.ends[train]].astype(float)
    low, high, mean, std = (
        np.tile(each, 4) for each in (seen.min(axis=0), seen.max(axis=0), seen.mean(axis=0), seen.std(axis=0))
    )
    inputs = (np.clip(flatten_windows(windows, np.arange(len(windows.ends))), low, high) - mean) / std
    found = fit_ridge(windows, excess, never_stop)
    fits = [Ridge(each * len(train)).fit(inputs[train], excess[train]) for each in windowed.RIDGE_PENALTIES]
    assert min(np.abs(fit.predict(inputs) - found).max() for fit in fits) < 1e-4


def test_the_penalty_is_large_if_there_is_no_signal(world, random_walk):
    w = world(
        random_walk(500, 1),
        {name: np.random.default_rng(seed).normal(size=500) for seed, name in enumerate("abcdefgh")},
    )
    windows = w.windows(32)
    predicted = fit_ridge(windows, excess_of(w, windows), never_stop)
    assert share_left(w, windows, predicted) < 1.1


def test_inputs_beyond_the_train_range_do_not_carry_a_line_away(world):
    random = np.random.default_rng(5)
    x = random.normal(size=600)
    target = np.cumsum(0.5 * np.r_[0, x[:-1]] + 0.5 * random.normal(size=600))
    first = world(target, {"x": x})
    cut = int(first.samples.rows[first.samples.of(Era.TRAIN)].max()) + 1
    wild = x.copy()
    wild[cut:] *= 1e12
    w = world(target, {"x": wild})
    windows = w.windows(4)
    predicted = fit_ridge(windows, excess_of(w, windows), never_stop)
    train = excess_of(w, windows)[windows.samples.of(Era.TRAIN)]
    assert np.abs(predicted).max() < 2 * np.abs(train).max()


@pytest.mark.parametrize("fit", [fit_ridge, lambda *given: fit_catboost(*given[:2], 1, given[2])])
def test_blocks_change_nothing_and_a_stop_is_heard_between_them(world, fit, monkeypatch):
    w = lagged(world, 2, rows=300)
    windows = w.windows(4)
    whole = fit(windows, excess_of(w, windows), never_stop)
    monkeypatch.setattr(windowed, "_BLOCK_CELLS", 100)
    assert fit(windows, excess_of(w, windows), never_stop) == pytest.approx(whole, abs=1e-5)
    polls = []
    with pytest.raises(Stopped):
        fit(windows, excess_of(w, windows), lambda: polls.append(1) or len(polls) > 3)
    assert len(polls) == 4


def test_catboost_keeps_the_trees_of_the_lowest_validation_loss(world, random_walk):
    w = world(
        random_walk(600, 2), {name: np.random.default_rng(seed).normal(size=600) for seed, name in enumerate("abcdef")}
    )
    windows = w.windows(8)
    excess = excess_of(w, windows)
    assert share_left(w, windows, fit_catboost(windows, excess, 1, never_stop), Era.VALIDATION) <= 1.01
    changed = excess.copy()
    changed[windows.samples.of(Era.TEST)] = 1e9
    assert np.array_equal(fit_catboost(windows, excess, 1, never_stop), fit_catboost(windows, changed, 1, never_stop))
    # Another validation era stops it elsewhere.
    changed[windows.samples.of(Era.VALIDATION)] *= -5
    assert not np.array_equal(
        fit_catboost(windows, excess, 1, never_stop), fit_catboost(windows, changed, 1, never_stop)
    )


def test_catboost_is_fitted_on_evenly_spaced_windows_if_there_are_too_many(world, monkeypatch):
    w = lagged(world, 1, rows=1500)
    windows = w.windows(4)
    monkeypatch.setattr(windowed, "_MOST_CELLS", 8 * 200)
    assert share_left(w, windows, fit_catboost(windows, excess_of(w, windows), 1, never_stop)) < 0.6


def test_memory_does_not_grow_with_the_rows(world, monkeypatch):
    monkeypatch.setattr(windowed, "_BLOCK_CELLS", 200_000)
    rows, features = 20_000, 5
    random = np.random.default_rng(0)
    w = world(random.normal(size=rows).cumsum(), {f"f{place}": random.normal(size=rows) for place in range(features)})
    windows = w.windows(60)
    excess = excess_of(w, windows)
    tracemalloc.start()
    fit_ridge(windows, excess, never_stop)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # All windows at once take 24 MB in float32.
    assert peak < 12e6
