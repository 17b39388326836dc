"""The loop over epochs, driven by a learner of four lines: stop, resume, patience, and losses that are no numbers."""

import numpy as np
import pytest

from core.data.eras import Era
from core.errors.model import DataError
from core.forecast.network import epochs
from core.forecast.network.checkpoint import GENERATIONS
from core.forecast.network.epochs import Training
from core.forecast.network.network import NetworkShape
from core.recipe.model import TrainingSettings

SHAPE = NetworkShape(cell="lstm", window=4, features=1, units=(1,), dropout=0.0)


class Killed(BaseException):
    """Stands for a kill -9: nothing may catch it."""


class Line:
    """Learns a constant by a step of a size that hangs on the batch and on chance, and can be told to fail."""

    def __init__(self, kill_at=None, broken_from=None, rate=0.05):
        self.seen, self.batches, self.total = [], 0, 0.0
        self.kill_at, self.broken_from, self.rate = kill_at, broken_from, rate

    def restart(self, seed):
        self.value, self.draws, self.total = float(seed), 0, 0.0

    def learn(self, inputs, outcomes):
        self.batches += 1
        if self.batches == self.kill_at:
            raise Killed
        self.seen.append(len(outcomes))
        self.draws += 1
        chance = np.random.default_rng(self.draws).normal()
        self.total += float(((outcomes - self.value) ** 2).sum())
        self.value += self.rate * float(outcomes.mean() - self.value + 0.1 * chance + inputs.mean())
        if self.broken_from is not None and self.batches >= self.broken_from:
            self.total = np.nan

    def judge(self, inputs, outcomes):
        return float(((outcomes - self.value) ** 2).sum())

    def read_loss(self):
        return self.total

    def clear_loss(self):
        self.total = 0.0

    def weights(self):
        return {name: np.full(size, self.value, np.float32) for name, size in SHAPE.weights().items()}

    def state(self):
        return {"value": np.array(self.value), "draws": np.array(self.draws), "total": np.array(self.total)}

    def restore(self, arrays):
        self.value, self.draws, self.total = (arrays[name].item() for name in ("value", "draws", "total"))


class Viewer:
    def __init__(self):
        self.metrics, self.steps = [], []

    def step(self, done, total, text):
        self.steps.append((done, total, text))

    def metric(self, name, step, value):
        self.metrics.append((name, step, value))


@pytest.fixture
def windows(world, random_walk):
    return world(random_walk(150, 3)).windows(4)


@pytest.fixture(autouse=True)
def _save_at_every_chance(monkeypatch):
    monkeypatch.setattr(epochs, "EPOCH_SAVE_SECONDS", -1.0)
    monkeypatch.setattr(epochs, "LOOK_SECONDS", -1.0)


def settings(**fields):
    return TrainingSettings(**({"window": 4, "epochs": 5, "batch_size": 16, "patience": 50, "seed": 3} | fields))


def train(windows, folder, learner=None, viewer=None, should_stop=lambda: False, **fields):
    learner, viewer = learner or Line(), viewer or Viewer()
    return Training(SHAPE, learner, windows, settings(**fields), folder, viewer, should_stop).run()


def equal(one, other):
    return all(np.array_equal(a[name], b[name]) for a, b in zip(one.members, other.members, strict=True) for name in a)


def test_every_train_window_is_seen_once_an_epoch_the_last_batch_too(windows, tmp_path):
    learner = Line()
    train(windows, tmp_path, learner)
    count = len(windows.samples.of(Era.TRAIN))
    assert count % 16
    assert sum(learner.seen) == 5 * count
    assert learner.seen[: len(learner.seen) // 5][-1] == count % 16


def test_losses_are_told_once_a_step_and_kept(windows, tmp_path):
    viewer = Viewer()
    model = train(windows, tmp_path, viewer=viewer, seeds=2)
    assert [step for name, step, _ in viewer.metrics if name == "val_loss"] == list(range(1, 11))
    assert [(epoch.member, epoch.epoch) for epoch in model.history] == [(m, e) for m in (0, 1) for e in range(1, 6)]
    assert viewer.steps[-1][:2] == (10, 10)
    assert not model.stopped
    assert model.ended.startswith("Network 1: All 5 epochs were used")


def test_the_weights_of_the_best_epoch_are_kept(windows, tmp_path):
    model = train(windows, tmp_path, Line(rate=1.9), epochs=12)
    losses = [epoch.val_loss for epoch in model.history]
    best = int(np.argmin(losses))
    assert model.best_epochs == (best + 1,)
    (member,) = model.network.members
    value = float(member["dense_bias"][0])
    rows = windows.samples.of(Era.VALIDATION)
    assert np.mean((windows.outcomes[rows] - value) ** 2) == pytest.approx(min(losses), rel=1e-4)


def test_patience_ends_it_and_says_so(windows, tmp_path):
    model = train(windows, tmp_path, Line(rate=1.9), epochs=400, patience=3)
    assert len(model.history) == model.best_epochs[0] + 3
    assert "no better val_loss for 3 epochs" in model.ended


@pytest.mark.parametrize("kill_at", [2, 8, 20, 37, 41, 60])
def test_a_killed_training_goes_on_to_the_same_weights_and_losses(windows, tmp_path, kill_at):
    whole = train(windows, tmp_path / "whole", seeds=2)
    with pytest.raises(Killed):
        train(windows, tmp_path / "cut", Line(kill_at=kill_at), seeds=2)
    viewer = Viewer()
    back = train(windows, tmp_path / "cut", viewer=viewer, seeds=2)
    assert back.history == whole.history
    assert equal(back.network, whole.network)
    assert [step for name, step, _ in viewer.metrics if name == "loss"] == list(range(1, 11))


def test_a_kill_within_a_long_epoch_costs_only_the_batches_since_the_checkpoint(windows, tmp_path, monkeypatch):
    monkeypatch.setattr(epochs, "BATCH_SAVE_SECONDS", -1.0)
    whole = train(windows, tmp_path / "whole")
    with pytest.raises(Killed):
        train(windows, tmp_path / "cut", Line(kill_at=12))
    learner = Line()
    back = train(windows, tmp_path / "cut", learner)
    assert len(learner.seen) == 5 * 7 - 11
    assert back.history == whole.history
    assert equal(back.network, whole.network)


def test_a_damaged_checkpoint_falls_back_and_still_ends_the_same(windows, tmp_path):
    whole = train(windows, tmp_path / "whole")
    with pytest.raises(Killed):
        train(windows, tmp_path / "cut", Line(kill_at=30))
    newest = max((tmp_path / "cut" / name for name in GENERATIONS), key=lambda path: path.stat().st_mtime_ns)
    newest.write_bytes(newest.read_bytes()[:-1])
    back = train(windows, tmp_path / "cut")
    assert equal(back.network, whole.network)
    assert "checkpoint-damaged" in {finding.code for finding in back.findings}


def test_other_settings_start_anew(windows, tmp_path):
    train(windows, tmp_path)
    learner = Line()
    train(windows, tmp_path, learner, epochs=6)
    assert len(learner.seen) == 6 * 7


def test_other_data_start_anew(windows, tmp_path, world, random_walk):
    train(windows, tmp_path)
    learner = Line()
    train(world(random_walk(150, 4)).windows(4), tmp_path, learner)
    assert len(learner.seen) == 5 * 7


def test_a_finished_training_is_not_run_again(windows, tmp_path):
    first = train(windows, tmp_path, seeds=2)
    learner = Line()
    again = train(windows, tmp_path, learner, seeds=2)
    assert learner.seen == []
    assert equal(again.network, first.network)
    assert (again.history, again.best_epochs, again.ended) == (first.history, first.best_epochs, first.ended)


def test_a_stop_is_obeyed_at_the_next_batch_and_keeps_the_best_weights(windows, tmp_path):
    learner = Line()
    model = train(windows, tmp_path, learner, should_stop=lambda: learner.batches >= 17)
    assert len(learner.seen) == 17
    assert model.stopped
    assert len(model.history) == 2
    assert "Stopped on request in epoch 3 of 5" in model.ended


def test_a_stop_before_the_first_epoch_keeps_the_weights_of_that_moment(windows, tmp_path):
    learner = Line()
    model = train(windows, tmp_path, learner, should_stop=lambda: True)
    assert len(learner.seen) == 1
    assert model.best_epochs == (0,)
    assert "before an epoch had ended" in model.ended
    assert np.array_equal(model.network.members[0]["dense_bias"], learner.weights()["dense_bias"])


def test_a_stop_in_the_second_network_leaves_the_first(windows, tmp_path):
    learner = Line()
    model = train(windows, tmp_path, learner, should_stop=lambda: learner.batches >= 36, seeds=3)
    assert len(model.network.members) == 1
    assert model.ended.startswith("Network 1: All 5 epochs were used")


def test_a_stopped_training_goes_on_to_the_weights_of_an_unbroken_one(windows, tmp_path):
    whole = train(windows, tmp_path / "whole")
    learner = Line()
    train(windows, tmp_path / "cut", learner, should_stop=lambda: learner.batches >= 17)
    back = train(windows, tmp_path / "cut")
    assert not back.stopped
    assert equal(back.network, whole.network)


def test_a_loss_that_is_no_number_at_once_is_said(windows, tmp_path):
    with pytest.raises(DataError, match="not a number in epoch 1"):
        train(windows, tmp_path, Line(broken_from=1))


def test_a_loss_that_is_no_number_later_keeps_the_best_weights_and_says_so(windows, tmp_path):
    model = train(windows, tmp_path, Line(broken_from=15))
    assert len(model.history) == 2
    assert "no longer a number in epoch 3" in model.ended
    (finding,) = [finding for finding in model.findings if finding.code == "loss-not-a-number"]
    assert finding.remedy.value == pytest.approx(settings().learning_rate / 10)


def codes(model):
    return {finding.code for finding in model.findings}


def test_a_network_that_never_beats_persistence_is_told_of(windows, tmp_path):
    lost = train(windows, tmp_path / "lost", Line(rate=0.001), epochs=3, seed=9)
    assert "val-loss-above-persistence" in codes(lost)
    assert lost.persistence_val_loss == pytest.approx(
        np.mean(windows.outcomes[windows.samples.of(Era.VALIDATION)].astype(float) ** 2)
    )


def test_a_best_first_epoch_is_told_of(windows, tmp_path):
    rising = Line(rate=0.2)
    rising.judge = lambda inputs, outcomes: float(rising.draws)
    assert "best-epoch-first" in codes(train(windows, tmp_path / "rising", rising))
    falling = Line()
    falling.judge = lambda inputs, outcomes: 100.0 / falling.draws
    model = train(windows, tmp_path / "falling", falling)
    assert "best-epoch-first" not in codes(model)
    assert "best-epoch-last" in codes(model)


@pytest.mark.parametrize("loss", ["mse", "mae", "huber"])
def test_the_loss_of_persistence_is_in_the_same_measure(windows, tmp_path, loss):
    errors = windows.outcomes[windows.samples.of(Era.VALIDATION)].astype(float)
    expected = {
        "mse": np.mean(errors**2),
        "mae": np.mean(np.abs(errors)),
        "huber": np.mean(np.where(np.abs(errors) <= 1, errors**2 / 2, np.abs(errors) - 0.5)),
    }[loss]
    assert train(windows, tmp_path, loss=loss, epochs=1).persistence_val_loss == pytest.approx(expected)


def test_a_network_that_never_beats_the_train_mean_is_told_of(world, windows, tmp_path):
    returns = world(np.random.default_rng(3).normal(size=300)).windows(5)
    rows = returns.samples.of(Era.VALIDATION)
    lost = train(returns, tmp_path / "lost", Line(rate=0.001), epochs=3, seed=9)
    assert lost.mean_val_loss == pytest.approx(np.mean((returns.outcomes - returns.mean)[rows].astype(float) ** 2))
    assert lost.mean_val_loss < 0.7 * lost.persistence_val_loss
    assert "val-loss-above-mean" in codes(lost)
    assert train(windows, tmp_path / "walk", epochs=1).mean_val_loss is None
