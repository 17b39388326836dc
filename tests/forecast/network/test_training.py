"""Training with TensorFlow: the same numbers in NumPy, exact resuming, and learning of planted signals."""

import numpy as np
import pytest

from core.data.eras import Era
from core.errors.training import LossDiverged, TooFewWindows
from core.forecast.network import training, training_loop
from core.forecast.network.ensemble import split_metric
from core.forecast.network.network import Network, NetworkShape, predict_scaled
from core.forecast.network.training import train_lstm, write_keras
from core.forecast.network.windows import Windows
from core.recipe.model import TrainingSettings

pytestmark = pytest.mark.slow  # TensorFlow alone takes seconds to import

SMALL = {"window": 6, "units": (4,), "epochs": 3, "batch_size": 16, "dropout": 0.0, "learning_rate": 0.01}


class Killed(BaseException):
    """Simulates kill -9."""


class KillAt:
    """Progress that kills training after some epochs, those of all networks counted."""

    def __init__(self, epochs):
        self.left = epochs

    def step(self, done, total, text):
        pass

    def metric(self, name, step, value):
        self.left -= split_metric(name)[0] == "val_loss"
        if not self.left:
            raise Killed


def random_network(shape, members=1):
    random = np.random.default_rng(5)
    return Network(
        shape,
        tuple(
            {name: random.normal(0, 0.4, size).astype(np.float32) for name, size in shape.weights().items()}
            for _ in range(members)
        ),
    )


def random_windows(count, window, features):
    inputs = np.random.default_rng(1).normal(size=(count + window - 1, features)).astype(np.float32)
    return Windows(
        inputs=inputs,
        ends=np.arange(window - 1, count + window - 1),
        window=window,
        outcomes=np.zeros(0),
        persistence=np.zeros(0),
        samples=None,
    )


def equal(one, other):
    assert len(one.members) == len(other.members)
    return all(np.array_equal(a[name], b[name]) for a, b in zip(one.members, other.members, strict=True) for name in a)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("units", [(7,), (6, 3)])
@pytest.mark.parametrize("unroll", [False, True])
def test_numpy_predicts_the_numbers_of_keras(cell, units, unroll):
    shape = NetworkShape(cell=cell, window=9, features=4, units=units, dropout=0.3)
    network, windows = random_network(shape), random_windows(40, 9, 4)
    model = training._build(shape, unroll=unroll)
    model.set_weights(list(network.members[0].values()))
    expected = model.predict(windows.batch(np.arange(40)), verbose=0)[:, 0]
    assert np.abs(expected).max() > 0.1
    assert predict_scaled(network, windows, np.arange(40)) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("units", [(7,), (6, 3)])
@pytest.mark.parametrize("window", [1, 9])
def test_fused_rolled_and_unrolled_layers_learn_the_same(units, window):
    shape = NetworkShape(cell="lstm", window=window, features=4, units=units, dropout=0.0)
    network, windows = random_network(shape), random_windows(40, window, 4)
    outcomes = np.random.default_rng(2).normal(size=40).astype(np.float32)
    trained, losses = [], []
    for loop in ("fused", "rolled", "unrolled"):
        learner = training._Learner(shape, TrainingSettings(), loop, log_odds=None)
        learner.reset(seed=0)
        learner.model.set_weights(list(network.members[0].values()))
        # The last batch of an epoch may be a single window.
        for chosen in (np.arange(20), np.arange(20, 39), np.array([39])):
            learner.train_batch(windows.batch(chosen), outcomes[chosen])
        trained.append(learner.weights())
        losses.append(learner.read_loss())
    assert losses == pytest.approx([losses[0]] * 3, rel=1e-5)
    for name, before in network.members[0].items():
        # A single step has no earlier state to learn from.
        assert np.abs(trained[0][name] - before).max() > 5e-4 or (window == 1 and "recurrent" in name)
        assert trained[0][name] == pytest.approx(trained[1][name], abs=1e-5)
        assert trained[0][name] == pytest.approx(trained[2][name], abs=1e-5)


def test_a_gru_is_unrolled_if_its_epochs_are_long_and_its_window_is_short():
    def choose(cell, window, batches):
        return training.choose_loop(
            NetworkShape(cell=cell, window=window, features=4, units=(7,), dropout=0.0), batches
        )

    assert choose("gru", 64, 50) == "unrolled"
    assert choose("gru", 64, 49) == choose("gru", 65, 50) == "rolled"
    assert choose("lstm", 64, 49) == choose("lstm", 1000, 5000) == "fused"


@pytest.mark.parametrize("members", [1, 2])
def test_the_keras_file_predicts_the_same_numbers(tmp_path, members):
    import keras

    network, windows = (
        random_network(NetworkShape(cell="lstm", window=5, features=3, units=(4,), dropout=0.1), members),
        random_windows(20, 5, 3),
    )
    write_keras(network, tmp_path / "model.keras")
    model = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    expected = model.predict(windows.batch(np.arange(20)), verbose=0)[:, 0]
    assert predict_scaled(network, windows, np.arange(20)) == pytest.approx(expected, abs=1e-5)
    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]


def test_an_untrained_network_predicts_persistence():
    model = training._build(NetworkShape(cell="lstm", window=5, features=3, units=(4,), dropout=0.1), seed=7)
    assert not model.predict(random_windows(8, 5, 3).batch(np.arange(8)), verbose=0).any()


def test_initial_weights_depend_on_the_seed_only():
    shape = NetworkShape(cell="gru", window=5, features=3, units=(4, 2), dropout=0.0)
    first, same, other = (training._build(shape, seed=seed).get_weights() for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, same, strict=True))
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[1], other[1])


@pytest.fixture(scope="module")
def noise(world, random_walk):
    return world(random_walk(160, 3)).windows(6)


@pytest.mark.parametrize(("cell", "dropout", "plateau", "killed_at"), [("lstm", 0.0, 1, 3), ("gru", 0.4, 0, 1)])
def test_a_killed_training_ends_with_the_weights_of_an_uninterrupted_one(
    noise, tmp_path, monkeypatch, cell, dropout, plateau, killed_at
):
    monkeypatch.setattr(training_loop, "EPOCH_SAVE_SECONDS", -1.0)
    settings = TrainingSettings(
        **SMALL | {"cell": cell, "dropout": dropout, "plateau": plateau, "epochs": 2, "seeds": 2}
    )
    whole = train_lstm(noise, settings, tmp_path / "whole")
    with pytest.raises(Killed):
        train_lstm(noise, settings, tmp_path / "cut", KillAt(killed_at))
    back = train_lstm(noise, settings, tmp_path / "cut")
    assert equal(back.network, whole.network)
    assert back.summary == whole.summary


def test_a_training_stopped_within_an_epoch_resumes_to_the_same_weights(noise, tmp_path, monkeypatch):
    monkeypatch.setattr(training_loop, "POLL_SECONDS", -1.0)
    settings = TrainingSettings(**SMALL | {"dropout": 0.3})
    whole = train_lstm(noise, settings, tmp_path / "whole")
    polls = []
    stopped = train_lstm(noise, settings, tmp_path / "cut", should_stop=lambda: polls.append(1) or len(polls) > 10)
    assert stopped.summary.stopped
    assert len(polls) == 11
    assert equal(train_lstm(noise, settings, tmp_path / "cut").network, whole.network)


def test_weights_do_not_depend_on_the_test_era(world, random_walk, tmp_path):
    target = random_walk(160, 3)
    first = world(target)
    after = first.samples.origin_times[first.samples.of(Era.VALIDATION)].max()
    changed = np.where(first.features.times > after + np.timedelta64(1, "D"), 1e4, target)
    settings = TrainingSettings(**SMALL)
    models = [train_lstm(world(t).windows(6), settings, tmp_path / n) for n, t in (("a", target), ("b", changed))]
    assert equal(models[0].network, models[1].network)
    assert models[0].summary.history == models[1].summary.history


def test_a_diverging_loss_is_an_error(world, random_walk, tmp_path):
    target = random_walk(160, 3)
    w = world(target, {"x": target})
    windows = w.windows(6)
    windows.outcomes[:] = 1e30
    with pytest.raises(LossDiverged) as caught:
        train_lstm(windows, TrainingSettings(**SMALL), tmp_path)
    assert caught.value.epoch == 1


def test_too_few_windows_are_an_error_before_a_network_is_built(world, random_walk, tmp_path):
    with pytest.raises(TooFewWindows):
        train_lstm(world(random_walk(20, 1)).windows(6), TrainingSettings(**SMALL), tmp_path)


def last_change(windows, rows):
    origins = windows.samples.rows[rows]
    return windows.samples.base[rows] - windows.samples.base[np.searchsorted(windows.samples.rows, origins - 1)]


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_planted_signal_is_learned(world, random_walk, tmp_path, cell):
    windows = world(random_walk(1500, 8, ar=0.6)).windows(6)
    settings = TrainingSettings(**SMALL | {"cell": cell, "units": (8,), "epochs": 12, "batch_size": 32})
    model = train_lstm(windows, settings, tmp_path)
    rows = windows.samples.of(Era.VALIDATION)
    oracle = np.mean((windows.samples.outcome[rows] - 0.6 * last_change(windows, rows)) ** 2)
    persistence = np.mean(windows.samples.outcome[rows] ** 2)
    best = min(epoch.val_loss for epoch in model.summary.history) / model.summary.persistence_val_loss
    assert oracle / persistence < 0.8
    assert best == pytest.approx(oracle / persistence, abs=0.05)
