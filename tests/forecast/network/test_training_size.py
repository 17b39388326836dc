from dataclasses import replace

import numpy as np
import pytest

from core.data.eras import Era
from core.errors.training import TooFewWindows
from core.forecast.network.network import NetworkShape
from core.forecast.network.presets import PRESETS, apply_preset, find_preset
from core.forecast.network.training_size import check_size, estimate_seconds, size_training
from core.forecast.network.windows import require_windows
from core.recipe.model import Recipe, TrainingSettings
from core.samples.samples import split_validation


def eras_with_rows(w):
    counts = np.bincount(w.eras.label(w.features.times), minlength=3)
    return replace(w.eras, rows=tuple(counts.tolist()))


@pytest.mark.parametrize(("window", "horizon"), [(2, 1), (30, 1), (7, 5), (100, 3)])
def test_without_gaps_the_bounds_are_the_windows_of_one_series(world, random_walk, window, horizon):
    w = world(random_walk(300, 1), horizon=horizon)
    size = size_training(eras_with_rows(w), TrainingSettings(window=window, horizon=horizon), 1, 0)
    samples = w.windows(window).samples
    assert size.train == len(samples.of(Era.TRAIN))
    assert size.choosing == len(split_validation(samples)[0])


def test_a_refusal_before_training_is_the_refusal_of_training(world, random_walk):
    w = world(random_walk(120, 1))
    eras, refused = eras_with_rows(w), []
    for window in range(2, 100):
        found = check_size(size_training(eras, TrainingSettings(window=window), 1, 0), eras, window)
        try:
            require_windows(w.windows(window))
        except TooFewWindows as error:
            refused.append(window)
            assert (found.era, found.found, found.needed, found.window) == (
                error.era,
                error.found,
                error.needed,
                error.window,
            )
        else:
            assert found is None
    assert refused == list(range(refused[0], 100))


def test_several_series_are_never_refused_by_the_bound_alone(world, random_walk):
    blocks = [0] * 100 + [1] * 100
    w = world(random_walk(200, 1), blocks=blocks)
    size = size_training(eras_with_rows(w), TrainingSettings(window=30), 1, 0)
    assert size.train >= len(w.windows(30).samples.of(Era.TRAIN))


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_weights_are_counted_by_the_shapes_of_the_network(world, random_walk, cell):
    w = world(random_walk(100, 1))
    size = size_training(eras_with_rows(w), TrainingSettings(cell=cell, units=(5, 3), window=8), 4, 0)
    shape = NetworkShape(cell=cell, window=8, features=4, units=(5, 3), dropout=0.1)
    assert size.weights == sum(np.zeros(each).size for each in shape.weights().values())


def test_an_estimate_grows_with_epochs_windows_and_weights(world, random_walk):
    eras = eras_with_rows(world(random_walk(2000, 1)))
    small, large = (size_training(eras, TrainingSettings(units=units), 5, 0) for units in ((32,), (128,)))
    assert estimate_seconds(small, 20, small, 0.5) == 10.0
    assert estimate_seconds(large, 20, small, 0.5) > 30
    assert estimate_seconds(small, 20, large, 0.5) == 5.0


def test_a_preset_is_recognised_until_one_of_its_settings_changes():
    for preset, fields in PRESETS.items():
        recipe = apply_preset(Recipe().change("training", horizon=3, seed=9), preset)
        assert find_preset(recipe.training) == preset
        assert (recipe.training.horizon, recipe.training.seed) == (3, 9)
        assert find_preset(recipe.change("training", epochs=fields["epochs"] + 1).training) is None
