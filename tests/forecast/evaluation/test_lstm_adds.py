"""What the LSTM adds: known gains, and how often noise and planted signals are named."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.forecast.evaluation.lstm_adds import LstmAdds, measure_lstm_adds
from core.forecast.network.ablations import LAST_ROW, SHUFFLED, ablate_windows
from core.forecast.network.network import predict_scaled
from core.forecast.network.training import train_lstm
from core.progress import never_stop
from core.recipe.model import TrainingSettings
from tests.forecast.conftest import build_world
from tests.forecast.evaluation.examples import build_table

SEEDS = 10


def measure(w, windows, levels: dict[str, np.ndarray], opened: bool = True) -> LstmAdds:
    """What is added if these levels are predicted: by the LSTM, its ablations, and ridge."""
    table = build_table(w, windows, levels["lstm"], opened=opened)
    frame = pd.DataFrame(levels, index=windows.samples.rows).loc[table.index]
    if "linear" in levels:
        table["linear"] = frame["linear"]
    return measure_lstm_adds(table, frame[[LAST_ROW, SHUFFLED]], w.features, w.samples, w.task, "squared_error")


def forecasts(w, windows, noise: dict[str, float]) -> dict[str, np.ndarray]:
    """Forecasts that miss by a normal error of this size, in one-row changes."""
    chance = np.random.default_rng(7)
    count = len(windows.samples.future)
    return {name: windows.samples.future + size * chance.normal(size=count) for name, size in noise.items()}


def test_gains_are_shares_of_the_loss_of_the_other_model(world, random_walk):
    w = world(random_walk(1000, 1))
    windows = w.windows(4)
    levels = forecasts(w, windows, {"lstm": 0.3, LAST_ROW: 0.6, SHUFFLED: 0.45, "linear": 0.3})
    found = measure(w, windows, levels)
    rows = np.flatnonzero(windows.samples.eras == 2)
    errors = {name: np.mean((windows.samples.future - level)[rows] ** 2) for name, level in levels.items()}
    assert (found.era, found.n) == ("test", len(rows))
    assert found.last_row.gain == pytest.approx(1 - errors["lstm"] / errors[LAST_ROW])
    assert found.shuffled.gain == pytest.approx(1 - errors["lstm"] / errors[SHUFFLED])
    assert found.ridge.gain == pytest.approx(1 - errors["lstm"] / errors["linear"])
    assert found.last_row.matters and found.shuffled.matters and not found.ridge.matters


def test_a_model_that_is_as_good_leaves_no_gain(world, random_walk):
    w = world(random_walk(1000, 1))
    windows = w.windows(4)
    levels = dict.fromkeys(("lstm", LAST_ROW, SHUFFLED, "linear"), windows.samples.base + 0.1)
    found = measure(w, windows, levels)
    assert (found.last_row.gain, found.last_row.p_value, found.last_row.matters) == (0.0, None, False)
    assert not found.shuffled.matters and not found.ridge.matters


def test_a_sealed_test_era_is_not_looked_at(world, random_walk):
    w = world(random_walk(1000, 1))
    windows = w.windows(4)
    levels = forecasts(w, windows, {"lstm": 0.3, LAST_ROW: 0.6, SHUFFLED: 0.6, "linear": 0.6})
    sealed = measure(w, windows, levels, opened=False)
    assert sealed.era == "validation"
    for level in levels.values():
        level[windows.samples.eras == 2] += 100
    assert measure(w, windows, levels, opened=False) == sealed


def test_without_ridge_non_linearity_is_not_known(world, random_walk):
    w = world(random_walk(1000, 1))
    windows = w.windows(4)
    found = measure(w, windows, forecasts(w, windows, {"lstm": 0.3, LAST_ROW: 0.6, SHUFFLED: 0.6}))
    assert found.ridge is None
    assert "not known" in found.sentence


def moves(kind: str, seed: int, rows: int) -> np.ndarray:
    """Changes of a target: noise, a seasonal lag of five rows, a linear AR(1), or a threshold AR(1)."""
    chance = np.random.default_rng(seed).normal(size=rows)
    found = np.zeros(rows)
    for row in range(5, rows):
        last, season = found[row - 1], found[row - 5]
        carried = {"walk": 0.0, "season": 0.8 * season, "linear": 0.4 * last, "threshold": 0.7 * abs(last)}[kind]
        found[row] = carried + chance[row]
    return found


def trained(kind: str, seed: int, folder: Path) -> LstmAdds:
    from core.forecast.evaluation.windowed import fit_ridge

    w = build_world(100 + np.cumsum(moves(kind, seed, 3000)))
    windows = w.windows(8)
    settings = TrainingSettings(window=8, units=(16,), epochs=20, batch_size=64, learning_rate=3e-3)
    outcomes = {"linear": fit_ridge(windows, windows.samples.outcome, never_stop)}
    every = np.arange(len(windows.ends))
    for name, seen in ({"lstm": windows} | ablate_windows(windows)).items():
        network = train_lstm(seen, settings, folder / f"{kind}-{seed}-{name}").network
        outcomes[name] = w.scaling().unit().outcome(predict_scaled(network, seen, every))
    return measure(w, windows, {name: windows.samples.base + outcome for name, outcome in outcomes.items()})


@pytest.mark.simulation
@pytest.mark.parametrize(
    ("kind", "memory", "non_linearity"),
    [("walk", (0, 1), (0, 1)), ("season", (9, 10), (0, 2)), ("linear", (0, 2), (0, 2)), ("threshold", (0, 2), (8, 10))],
)
def test_planted_signals_are_named_and_noise_is_not(kind, memory, non_linearity, tmp_path):
    found = [trained(kind, seed, tmp_path) for seed in range(SEEDS)]
    remembers = sum(each.last_row.matters for each in found)
    bends = sum(each.ridge.matters for each in found)
    ordered = sum(each.last_row.matters and each.shuffled.matters for each in found)
    print(f"{kind}: memory {remembers}, order {ordered}, non-linearity {bends} of {SEEDS}")
    assert memory[0] <= remembers <= memory[1]
    assert non_linearity[0] <= bends <= non_linearity[1]
