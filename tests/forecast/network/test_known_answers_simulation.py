"""Networks on series whose best forecast is known, and kills at random instants in every mode."""

import numpy as np
import pytest

from core.data.eras import Era
from core.forecast.evaluation.level_predictions import predict_levels
from core.forecast.network import training, training_loop
from core.forecast.network.training import train_lstm
from core.recipe.model import TrainingSettings

pytestmark = pytest.mark.simulation

SMALL = {"window": 6, "units": (4,), "epochs": 4, "batch_size": 16, "dropout": 0.2, "learning_rate": 0.01}


class Killed(BaseException):
    """Simulates kill -9."""


class KillAtReport:
    """Progress that kills training at its n-th report, of whatever kind."""

    def __init__(self, at):
        self.left = at

    def _count(self):
        self.left -= 1
        if self.left == 0:
            raise Killed

    def step(self, done, total, text):
        self._count()

    def metric(self, name, step, value):
        self._count()


def equal(one, other):
    return all(np.array_equal(a[name], b[name]) for a, b in zip(one.members, other.members, strict=True) for name in a)


def r_squared(model):
    """R² on the validation rows that choose the epoch, beyond the mean of the scaled level, which is near 0."""
    return 1 - min(epoch.val_loss for epoch in model.summary.history) / model.summary.persistence_val_loss


@pytest.mark.parametrize("modulus", [1.0, 0.9995], ids=["sine", "AR(2)"])
def test_a_series_without_noise_is_forecast_almost_exactly(world, tmp_path, modulus):
    y = np.zeros(1500)
    y[:2] = 1.0, np.cos(0.3)
    for row in range(2, len(y)):
        y[row] = 2 * modulus * np.cos(0.3) * y[row - 1] - modulus**2 * y[row - 2]
    windows = world(y, {"y": y}, predict="difference").windows(8)
    settings = TrainingSettings(
        window=8, units=(16,), epochs=80, patience=80, learning_rate=0.01, dropout=0.0, plateau=8
    )
    # Persistence of a difference predicts 0, which is its mean: this is R².
    assert r_squared(train_lstm(windows, settings, tmp_path)) > 0.99


@pytest.mark.parametrize(("window", "found"), [(10, True), (3, False)])
def test_a_lag_of_five_is_found_within_the_window_alone(world, tmp_path, window, found):
    chance = np.random.default_rng(7)
    y = chance.normal(size=4000)
    for row in range(5, len(y)):
        y[row] = 0.8 * y[row - 5] + 0.6 * chance.normal()
    w = world(y, {"y": y}, predict="level")
    settings = TrainingSettings(window=window, units=(16,), epochs=60, patience=20, learning_rate=0.005, dropout=0.0)
    model = train_lstm(w.windows(window), settings, tmp_path)
    best, mean = min(epoch.val_loss for epoch in model.summary.history), model.summary.mean_val_loss
    # The best forecast explains 0.64 of the variance.
    assert (1 - best / mean > 0.55) is found
    assert found or 1 - best / mean < 0.05


@pytest.mark.parametrize("seed", [0, 1])
def test_every_series_of_a_panel_of_different_sizes_beats_persistence(world, tmp_path, seed):
    chance, rows = np.random.default_rng(0), 600
    sizes = np.logspace(0, 3, 6)
    changes = np.zeros((len(sizes), rows))
    for series in changes:
        noise = chance.normal(size=rows)
        for row in range(1, rows):
            series[row] = 0.6 * series[row - 1] + noise[row]
    levels = (sizes[:, None] * (100 + changes.cumsum(axis=1))).ravel()
    blocks = np.repeat(np.arange(len(sizes)), rows)
    w = world(levels, {"change": (sizes[:, None] * changes).ravel()}, "difference", blocks=blocks)
    windows = w.windows(8)
    settings = TrainingSettings(
        window=8, units=(16,), epochs=40, patience=40, learning_rate=0.005, dropout=0.0, seed=seed
    )
    network = train_lstm(windows, settings, tmp_path).network
    found = predict_levels(network, windows, w.task)
    test = windows.samples.of(Era.TEST)
    error, naive = (windows.samples.future - made for made in (found, windows.samples.base))
    for block in range(len(sizes)):
        rows_of = test[windows.samples.blocks[test] == block]
        # The best forecast explains 0.36 in the long run; scaled together, that of the smallest series is below 0.
        assert 1 - np.square(error[rows_of]).sum() / np.square(naive[rows_of]).sum() > 0.05


def test_the_same_seed_trains_the_same_weights(world, random_walk, tmp_path):
    windows = world(random_walk(160, 3)).windows(6)
    settings = TrainingSettings(**SMALL | {"plateau": 1, "seeds": 2})
    one, other = (train_lstm(windows, settings, tmp_path / name).network for name in "ab")
    assert equal(one, other)


@pytest.mark.parametrize(
    "mode",
    [
        {"plateau": 1},
        {"plateau": 1, "seeds": 2},
        {"cell": "gru", "units": (4, 3)},
        {"cell": "gru", "unrolled_from": 1},
        {"units": (4, 3), "predict": "direction"},
        {"more": 3},
    ],
    ids=str,
)
def test_a_kill_at_twenty_random_instants_changes_no_weight(world, random_walk, tmp_path, monkeypatch, mode):
    monkeypatch.setattr(training_loop, "POLL_SECONDS", -1.0)
    monkeypatch.setattr(training_loop, "EPOCH_SAVE_SECONDS", -1.0)
    more, unrolled_from = mode.get("more", 0), mode.get("unrolled_from", 1000)
    monkeypatch.setattr(training, "BATCHES_WORTH_UNROLLING", unrolled_from)
    first = TrainingSettings(**SMALL | {name: mode[name] for name in mode if name not in ("more", "unrolled_from")})
    windows = world(random_walk(160, 3), predict=first.predict or "difference").windows(6)
    settings = first.model_copy(update={"epochs": first.epochs + more})
    whole = train_lstm(windows, settings, tmp_path / "whole")
    if more:
        train_lstm(windows, first, tmp_path / "cut")
    chance = np.random.default_rng(3)
    for _ in range(20):
        try:
            train_lstm(windows, settings, tmp_path / "cut", KillAtReport(int(chance.integers(1, 25))))
        except Killed:
            continue
    back = train_lstm(windows, settings, tmp_path / "cut")
    assert equal(back.network, whole.network)
    assert back.summary == whole.summary
