"""Levels of validation rows while networks train, of every task, against the predictions made after a training."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from core.data.eras import Era
from core.forecast.evaluation.level_predictions import predict_levels
from core.forecast.evaluation.validation_levels import read_levels, show_levels
from core.forecast.network.ensemble import seed_folder
from core.forecast.network.network import Network, NetworkShape
from core.forecast.network.validation_view import ValidationView, read_rows
from core.recipe.model import TrainingSettings
from core.samples.samples import train_mean

SETTINGS = TrainingSettings(window=4, units=(2,))
SHAPE = NetworkShape(cell="lstm", window=4, features=1, units=(2,), dropout=SETTINGS.dropout)
TASKS = ("level", "difference", "return", "log_return", "volatility", "direction")


def weights(seed):
    chance = np.random.default_rng(seed)
    return {name: chance.normal(0, 0.5, size).astype(np.float32) for name, size in SHAPE.weights().items()}


def ask(folder, w):
    ready = SimpleNamespace(features=w.features, samples=w.samples, task=w.task)
    show_levels(folder, ready, w.windows(4), w.scaling(), SETTINGS)


def predict(folder, w, member, epoch, kept=False):
    place = seed_folder(folder, member)
    place.mkdir(exist_ok=True)
    ValidationView(SHAPE, w.windows(4), place).show(epoch, lambda: weights(member), kept=kept)


@pytest.mark.parametrize("predicts", TASKS)
def test_levels_are_those_of_the_finished_training_on_validation(world, random_walk, tmp_path, predicts):
    w = world(np.exp(random_walk(500, 3) / 40), predict=predicts)
    ask(tmp_path, w)
    for member in (0, 1):
        predict(tmp_path, w, member, 4 + member)
    found = read_levels(tmp_path, 2)
    assert (found.epochs, found.kept) == ({0: 4, 1: 5}, False)
    windows = w.windows(4)
    rows = windows.samples.of(Era.VALIDATION)
    expected = predict_levels(Network(SHAPE, (weights(0), weights(1))), windows, w.task)
    assert found.predictions["lstm"].to_numpy() == pytest.approx(expected[rows], rel=1e-6)
    assert np.array_equal(found.predictions["actual"], windows.samples.future[rows])
    assert np.array_equal(found.predictions["time"].to_numpy("datetime64[us]"), windows.samples.target_times[rows])
    if predicts != "direction":
        assert found.predictions["persistence"].to_numpy() == pytest.approx(windows.samples.base[rows])
    mean = train_mean(w.samples, is_direction=predicts == "direction")
    assert found.mean_is_rival is (mean is not None)
    if mean is not None:
        assert found.predictions["mean"].to_numpy() == pytest.approx(mean[windows.samples.rows[rows]], rel=1e-5)


@pytest.mark.parametrize("predicts", ["level", "difference", "direction"])
def test_each_series_is_shown_in_its_own_unit(world, random_walk, tmp_path, predicts):
    values = np.concatenate([10.0**power * random_walk(300, power) for power in range(7)])
    w = world(values, predict=predicts, blocks=np.repeat(np.arange(7), 300))
    ask(tmp_path, w)
    predict(tmp_path, w, 0, 1)
    windows, found = w.windows(4), read_levels(tmp_path, 1).predictions
    expected = predict_levels(Network(SHAPE, (weights(0),)), windows, w.task)
    rows = windows.samples.of(Era.VALIDATION)
    shown = rows[np.isin(w.features.series[windows.samples.rows[rows]], found["series"].unique())]
    assert found["series"].nunique() == 5
    assert found["lstm"].to_numpy() == pytest.approx(expected[shown], rel=1e-6)
    # Of a large panel only the scaling of what is shown is read at each look.
    assert set(read_rows(tmp_path).scaling.series) == set(found["series"])


def test_nothing_of_the_test_era_is_shown(world, random_walk, tmp_path):
    """Other test rows, the same files, byte for byte."""
    values, shown = random_walk(500, 3), []
    for folder, change in ((tmp_path / "one", 0.0), (tmp_path / "other", 50.0)):
        w = world(values)
        is_test = w.eras.label(w.features.times) == Era.TEST
        w = world(np.where(is_test, values + change, values))
        ask(folder, w)
        predict(folder, w, 0, 1)
        frame = read_levels(folder, 1).predictions
        assert (frame["time"] < pd.Timestamp(w.eras.test_from)).all()
        shown.append([file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()])
    assert len(shown[0]) == 2
    assert shown[0] == shown[1]


def test_networks_count_once_they_have_predicted(world, random_walk, tmp_path):
    w = world(random_walk(500, 3))
    assert read_levels(tmp_path, 3) is None
    ask(tmp_path, w)
    assert read_levels(tmp_path, 3) is None
    predict(tmp_path, w, 2, 7, kept=True)
    found = read_levels(tmp_path, 3)
    assert (found.epochs, found.kept) == ({2: 7}, True)


def test_outputs_of_other_rows_are_left_out(world, random_walk, tmp_path):
    predict_for = world(random_walk(500, 3))
    ask(tmp_path, predict_for)
    predict(tmp_path, predict_for, 0, 1)
    ask(tmp_path, world(random_walk(300, 3)))
    assert read_levels(tmp_path, 1) is None


def test_a_panel_names_its_series(world, random_walk, tmp_path):
    blocks = np.repeat([0, 1], 300)
    w = world(np.concatenate([random_walk(300, 1), random_walk(300, 2)]), blocks=blocks)
    ask(tmp_path, w)
    predict(tmp_path, w, 0, 1)
    frame = read_levels(tmp_path, 1).predictions
    assert frame.columns[2] == "series"
    assert frame["series"].unique().tolist() == ["s0", "s1"]
