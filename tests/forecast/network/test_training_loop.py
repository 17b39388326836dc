"""The training loop with a minimal learner: stops, resuming, patience, and losses that are not finite."""

import numpy as np
import pytest

from core.data.eras import Era
from core.errors.training import LossDiverged
from core.forecast.network import training_loop
from core.forecast.network.checkpoint import GENERATIONS
from core.forecast.network.ensemble import MemberProgress, combine, seed_folder, seed_settings
from core.forecast.network.network import Network, NetworkShape
from core.forecast.network.training_loop import TrainingLoop
from core.forecast.network.training_summary import Ending
from core.recipe.model import TrainingSettings
from core.samples.samples import split_validation

SHAPE = NetworkShape(cell="lstm", window=4, features=1, units=(1,), dropout=0.0)


class Killed(BaseException):
    """Simulates kill -9: nothing may catch it."""


class ConstantLearner:
    """Learns a constant with noisy steps; can be killed at a batch, or return NaN losses from a batch on."""

    def __init__(self, kill_at=None, nan_from=None, rate=0.05):
        self.seen, self.batches, self.total = [], 0, 0.0
        self.kill_at, self.nan_from, self.first_rate = kill_at, nan_from, rate

    def reset(self, seed):
        self.rate = self.first_rate
        self.value, self.draws, self.total = float(seed), 0, 0.0

    def train_batch(self, inputs, outcomes):
        self.batches += 1
        if self.batches == self.kill_at:
            raise Killed
        self.seen.append(len(outcomes))
        self.draws += 1
        noise = np.random.default_rng(self.draws).normal()
        self.total += float(((outcomes - self.value) ** 2).sum())
        self.value += self.rate * float(outcomes.mean() - self.value + 0.1 * noise + inputs.mean())
        if self.nan_from is not None and self.batches >= self.nan_from:
            self.total = np.nan

    def validate_batch(self, inputs, outcomes):
        return float(((outcomes - self.value) ** 2).sum())

    def read_loss(self):
        return self.total

    def clear_loss(self):
        self.total = 0.0

    def read_rate(self):
        return self.rate

    def scale_rate(self, factor):
        self.rate *= factor

    def weights(self):
        return {name: np.full(size, self.value, np.float32) for name, size in SHAPE.weights().items()}

    def state(self):
        return {name: np.array(getattr(self, name)) for name in ("value", "draws", "total", "rate")}

    def restore(self, arrays):
        self.value, self.draws, self.total, self.rate = (
            arrays[name].item() for name in ("value", "draws", "total", "rate")
        )


class RecordedProgress:
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
def _save_and_poll_always(monkeypatch):
    monkeypatch.setattr(training_loop, "EPOCH_SAVE_SECONDS", -1.0)
    monkeypatch.setattr(training_loop, "POLL_SECONDS", -1.0)


def settings(**fields):
    return TrainingSettings(**({"window": 4, "epochs": 5, "batch_size": 16, "patience": 50, "seed": 3} | fields))


def train(windows, folder, learner=None, progress=None, should_stop=lambda: False, **fields):
    """Train one network after the other with the same learner, as `train_lstm` does."""
    learner, progress, asked = learner or ConstantLearner(), progress or RecordedProgress(), settings(**fields)
    models = [None] * asked.seeds
    for member in range(asked.seeds):
        alone, place = seed_settings(asked, member), seed_folder(folder, member)
        own = MemberProgress(progress, member, asked.seeds)
        models[member] = TrainingLoop(SHAPE, learner, windows, alone, place, own, should_stop).run()
        if models[member].summary.stopped:
            break
    return combine(models, asked)


def equal(one, other):
    return all(np.array_equal(a[name], b[name]) for a, b in zip(one.members, other.members, strict=True) for name in a)


def test_each_epoch_uses_every_train_window_once_including_the_last_batch(windows, tmp_path):
    learner = ConstantLearner()
    train(windows, tmp_path, learner)
    count = len(windows.samples.of(Era.TRAIN))
    assert count % 16
    assert sum(learner.seen) == 5 * count
    assert learner.seen[: len(learner.seen) // 5][-1] == count % 16


def test_losses_are_reported_once_per_step_and_kept_in_the_history(windows, tmp_path):
    progress = RecordedProgress()
    model = train(windows, tmp_path, progress=progress, seeds=2)
    for name in ("val_loss", "val_loss/2"):
        assert [step for found, step, _ in progress.metrics if found == name] == list(range(1, 6))
    assert [(epoch.member, epoch.epoch) for epoch in model.summary.history] == [
        (m, e) for m in (0, 1) for e in range(1, 6)
    ]
    assert progress.steps[-1][:2] == (10, 10)
    assert not model.summary.stopped
    assert [ending.reason for ending in model.summary.endings] == ["epochs", "epochs"]


def test_the_weights_of_the_best_epoch_are_kept(windows, tmp_path):
    model = train(windows, tmp_path, ConstantLearner(rate=1.9), epochs=12)
    losses = [epoch.val_loss for epoch in model.summary.history]
    best = int(np.argmin(losses))
    assert model.summary.best_epochs == (best + 1,)
    (member,) = model.network.members
    value = float(member["dense_bias"][0])
    rows = split_validation(windows.samples)[0]
    assert np.mean((windows.outcomes[rows] - value) ** 2) == pytest.approx(min(losses), rel=1e-4)


def test_training_ends_when_patience_runs_out(windows, tmp_path):
    model = train(windows, tmp_path, ConstantLearner(rate=1.9), epochs=400, patience=3)
    assert len(model.summary.history) == model.summary.best_epochs[0] + 3
    assert model.summary.endings == (
        Ending(reason="patience", epoch=len(model.summary.history), best_epoch=model.summary.best_epochs[0], limit=3),
    )


@pytest.mark.parametrize("kill_at", [2, 8, 20, 37, 41, 60])
def test_a_killed_training_resumes_to_the_same_weights_and_losses(windows, tmp_path, kill_at):
    whole = train(windows, tmp_path / "whole", seeds=2)
    with pytest.raises(Killed):
        train(windows, tmp_path / "cut", ConstantLearner(kill_at=kill_at), seeds=2)
    progress = RecordedProgress()
    back = train(windows, tmp_path / "cut", progress=progress, seeds=2)
    assert back.summary.history == whole.summary.history
    assert equal(back.network, whole.network)
    for name in ("loss", "loss/2"):
        assert [step for found, step, _ in progress.metrics if found == name] == list(range(1, 6))


def test_a_kill_within_a_long_epoch_loses_only_the_batches_since_the_checkpoint(windows, tmp_path, monkeypatch):
    monkeypatch.setattr(training_loop, "BATCH_SAVE_SECONDS", -1.0)
    whole = train(windows, tmp_path / "whole")
    with pytest.raises(Killed):
        train(windows, tmp_path / "cut", ConstantLearner(kill_at=12))
    learner = ConstantLearner()
    back = train(windows, tmp_path / "cut", learner)
    assert len(learner.seen) == 5 * 7 - 11
    assert back.summary.history == whole.summary.history
    assert equal(back.network, whole.network)


@pytest.mark.fires("checkpoint-damaged")
def test_training_resumes_from_the_older_checkpoint_if_the_newer_is_damaged(windows, tmp_path):
    whole = train(windows, tmp_path / "whole")
    with pytest.raises(Killed):
        train(windows, tmp_path / "cut", ConstantLearner(kill_at=30))
    place = seed_folder(tmp_path / "cut", 0)
    newest = max((place / name for name in GENERATIONS), key=lambda path: path.stat().st_mtime_ns)
    newest.write_bytes(newest.read_bytes()[:-1])
    back = train(windows, tmp_path / "cut")
    assert equal(back.network, whole.network)
    assert "checkpoint-damaged" in {finding.code for finding in back.summary.findings}


def test_other_settings_start_from_scratch(windows, tmp_path):
    train(windows, tmp_path)
    learner = ConstantLearner()
    train(windows, tmp_path, learner, learning_rate=0.5)
    assert len(learner.seen) == 5 * 7


@pytest.mark.parametrize("asked", [{"epochs": 9}, {"epochs": 9, "patience": 60}, {"epochs": 5, "patience": 60}])
def test_more_epochs_continue_a_finished_training_to_the_weights_of_an_uninterrupted_one(windows, tmp_path, asked):
    whole = train(windows, tmp_path / "whole", **asked)
    train(windows, tmp_path / "parts")
    learner, progress = ConstantLearner(), RecordedProgress()
    model = train(windows, tmp_path / "parts", learner, progress, **asked)
    assert len(learner.seen) == (asked["epochs"] - 5) * 7
    assert equal(model.network, whole.network)
    assert model.summary == whole.summary
    assert [step for name, step, _ in progress.metrics if name == "val_loss"] == list(range(1, asked["epochs"] + 1))


def test_more_patience_continues_a_training_that_ran_out_of_it(windows, tmp_path):
    found = []
    for folder, patiences in (("whole", [20]), ("parts", [2, 20])):
        for patience in patiences:
            learner = ConstantLearner(rate=0.2)
            learner.validate_batch = lambda inputs, outcomes, own=learner: abs(own.draws - 7) + 1.0
            found.append(train(windows, tmp_path / folder, learner, patience=patience, epochs=9))
    whole, cut, continued = found
    assert cut.summary.endings[0].reason == "patience"
    assert len(cut.summary.history) == 3
    assert equal(continued.network, whole.network)
    assert continued.summary == whole.summary


@pytest.mark.parametrize("asked", [{"epochs": 3}, {"patience": 1}, {"epochs": 9, "patience": 2}])
def test_smaller_limits_start_from_scratch(windows, tmp_path, asked):
    whole = train(windows, tmp_path / "whole", **asked)
    train(windows, tmp_path / "parts")
    learner = ConstantLearner()
    model = train(windows, tmp_path / "parts", learner, **asked)
    assert equal(model.network, whole.network)
    assert model.summary == whole.summary
    assert len(learner.seen) == 7 * len(whole.summary.history)


def test_more_epochs_and_seeds_continue_each_network(windows, tmp_path):
    whole = train(windows, tmp_path / "whole", epochs=9, seeds=3)
    train(windows, tmp_path / "parts", seeds=2)
    learner = ConstantLearner()
    model = train(windows, tmp_path / "parts", learner, epochs=9, seeds=3)
    assert equal(model.network, whole.network)
    assert model.summary == whole.summary
    assert len(learner.seen) == 7 * (4 + 4 + 9)


def test_a_seed_has_the_same_weights_alone_and_among_others(windows, tmp_path):
    several = train(windows, tmp_path / "several", seeds=3)
    alone = train(windows, tmp_path / "alone", seed=settings().seed + 2)
    assert equal(Network(SHAPE, several.network.members[2:]), alone.network)


def test_other_data_start_from_scratch(windows, tmp_path, world, random_walk):
    train(windows, tmp_path)
    learner = ConstantLearner()
    train(world(random_walk(150, 4)).windows(4), tmp_path, learner)
    assert len(learner.seen) == 5 * 7


def test_a_finished_training_is_not_run_again(windows, tmp_path):
    first = train(windows, tmp_path, seeds=2)
    learner = ConstantLearner()
    again = train(windows, tmp_path, learner, seeds=2)
    assert learner.seen == []
    assert equal(again.network, first.network)
    assert again.summary == first.summary


def test_a_stop_takes_effect_after_the_batch_and_keeps_the_best_weights(windows, tmp_path):
    learner = ConstantLearner()
    model = train(windows, tmp_path, learner, should_stop=lambda: learner.batches >= 17)
    assert len(learner.seen) == 17
    assert model.summary.stopped
    assert len(model.summary.history) == 2
    best = model.summary.best_epochs[0]
    assert model.summary.endings == (Ending(reason="stopped", epoch=2, best_epoch=best, limit=5),)


@pytest.mark.parametrize("batches", [0, 1, 3])
def test_a_stop_before_the_first_epoch_ends_keeps_the_initial_weights(windows, tmp_path, batches):
    learner = ConstantLearner()
    model = train(windows, tmp_path, learner, should_stop=lambda: learner.batches >= batches)
    assert len(learner.seen) == batches
    assert model.summary.best_epochs == (0,)
    assert model.summary.endings == (Ending(reason="stopped", epoch=0, best_epoch=0, limit=5),)
    learner.reset(3)
    assert np.array_equal(model.network.members[0]["dense_bias"], learner.weights()["dense_bias"])


def test_a_stop_in_the_first_epoch_of_the_second_network_keeps_only_the_first(windows, tmp_path):
    learner = ConstantLearner()
    model = train(windows, tmp_path, learner, should_stop=lambda: learner.batches >= 36, seeds=3)
    assert len(model.network.members) == 1
    assert [(ending.reason, ending.used) for ending in model.summary.endings] == [
        ("epochs", True),
        ("stopped", False),
        ("stopped", False),
    ]
    assert len(model.summary.best_epochs) == 1


def test_a_stopped_training_resumes_to_the_weights_of_an_uninterrupted_one(windows, tmp_path):
    whole = train(windows, tmp_path / "whole")
    learner = ConstantLearner()
    train(windows, tmp_path / "cut", learner, should_stop=lambda: learner.batches >= 17)
    back = train(windows, tmp_path / "cut")
    assert not back.summary.stopped
    assert equal(back.network, whole.network)


def test_a_nan_loss_in_the_first_epoch_is_an_error(windows, tmp_path):
    with pytest.raises(LossDiverged) as caught:
        train(windows, tmp_path, ConstantLearner(nan_from=1))
    assert caught.value.epoch == 1


@pytest.mark.fires("loss-not-a-number")
def test_a_later_nan_loss_keeps_the_best_weights(windows, tmp_path):
    model = train(windows, tmp_path, ConstantLearner(nan_from=15))
    assert len(model.summary.history) == 2
    best = model.summary.best_epochs[0]
    assert model.summary.endings == (Ending(reason="diverged", epoch=2, best_epoch=best, limit=5),)
    (finding,) = [finding for finding in model.summary.findings if finding.code == "loss-not-a-number"]
    assert finding.count == 1
    assert finding.remedy.value == pytest.approx(settings().learning_rate / 10)


def codes(model):
    return {finding.code for finding in model.summary.findings}


@pytest.mark.silent("checkpoint-damaged", "loss-not-a-number", "val-loss-above-persistence", "best-epoch-first")
@pytest.mark.fires("best-epoch-last")
def test_a_network_that_improves_to_the_last_epoch_has_one_finding(windows, tmp_path):
    falling = ConstantLearner()
    falling.validate_batch = lambda inputs, outcomes: 1.0 / (1 + falling.draws)
    model = train(windows, tmp_path, falling)
    (finding,) = model.summary.findings
    assert finding.remedy.value == 10


@pytest.mark.silent("best-epoch-last")
def test_a_best_epoch_before_the_last_is_no_finding(windows, tmp_path):
    turning = ConstantLearner()
    turning.validate_batch = lambda inputs, outcomes: abs(turning.draws - 21) / 1000
    model = train(windows, tmp_path, turning)
    assert model.summary.best_epochs == (3,)
    assert codes(model) == set()


@pytest.mark.fires("val-loss-above-persistence")
def test_a_network_that_never_beats_persistence(windows, tmp_path):
    lost = train(windows, tmp_path / "lost", ConstantLearner(rate=0.001), epochs=3, seed=9)
    assert "val-loss-above-persistence" in codes(lost)
    assert lost.summary.persistence_val_loss == pytest.approx(
        np.mean(windows.outcomes[split_validation(windows.samples)[0]].astype(float) ** 2)
    )


@pytest.mark.fires("best-epoch-first")
def test_a_val_loss_that_only_rises(windows, tmp_path):
    rising = ConstantLearner(rate=0.2)
    rising.validate_batch = lambda inputs, outcomes: float(rising.draws or 999)
    assert "best-epoch-first" in codes(train(windows, tmp_path / "rising", rising))


def test_initial_weights_that_no_epoch_improves_are_kept_for_each_network(windows, tmp_path):
    progress, rising = RecordedProgress(), ConstantLearner(rate=0.2)
    rising.validate_batch = lambda inputs, outcomes: float(rising.draws)
    model = train(windows, tmp_path / "whole", rising, progress, patience=2, seeds=2)
    assert [(ending.reason, ending.epoch, ending.best_epoch) for ending in model.summary.endings] == [
        ("patience", 2, 0),
        ("patience", 2, 0),
    ]
    assert [member["dense_bias"].item() for member in model.network.members] == [3.0, 4.0]
    assert [entry for entry in progress.metrics if entry[0].startswith("initial_val_loss")] == [
        ("initial_val_loss", 0, 0.0),
        ("initial_val_loss/2", 0, 0.0),
    ]


def test_the_learning_rate_is_halved_on_a_plateau_and_starts_anew_with_the_next_network(windows, tmp_path):
    progress, learner = RecordedProgress(), ConstantLearner(rate=0.4)
    # Better in epoch 1 and 4 only.
    losses = iter([9.0, 5.0, 6.0, 6.0, 4.0, 6.0, 6.0, 6.0, 6.0] * 2)
    learner.validate_batch = lambda inputs, outcomes: next(losses)
    train(windows, tmp_path, learner, progress, plateau=2, epochs=8, seeds=2)
    rates = [value for name, _, value in progress.metrics if name.startswith("learning_rate")]
    # A rate is reported with the epoch after which it applies.
    assert rates == [0.4, 0.4, 0.2, 0.2, 0.2, 0.1, 0.1, 0.05] * 2


def test_no_rate_is_reported_without_a_plateau(windows, tmp_path):
    progress = RecordedProgress()
    train(windows, tmp_path, ConstantLearner(rate=0.001), progress, seed=9)
    assert "learning_rate" not in {name for name, *_ in progress.metrics}


@pytest.mark.parametrize("kill_at", range(1, 41, 3))
def test_a_killed_training_with_a_plateau_resumes_to_the_same_weights_and_rates(windows, tmp_path, kill_at):
    whole, cut = RecordedProgress(), RecordedProgress()
    asked = {"plateau": 1, "seeds": 2, "seed": 9}
    expected = train(windows, tmp_path / "whole", ConstantLearner(rate=0.3), whole, **asked)
    with pytest.raises(Killed):
        train(windows, tmp_path / "cut", ConstantLearner(rate=0.3, kill_at=kill_at), **asked)
    found = train(windows, tmp_path / "cut", ConstantLearner(rate=0.3), cut, **asked)
    assert equal(found.network, expected.network)
    assert found.summary == expected.summary
    assert cut.metrics[-1] == whole.metrics[-1]
    assert min(value for name, _, value in whole.metrics if name == "learning_rate") < 0.3


@pytest.mark.parametrize("loss", ["mse", "mae", "huber"])
def test_persistence_is_scored_with_the_loss_of_the_training(windows, tmp_path, loss):
    errors = windows.outcomes[split_validation(windows.samples)[0]].astype(float)
    expected = {
        "mse": np.mean(errors**2),
        "mae": np.mean(np.abs(errors)),
        "huber": np.mean(np.where(np.abs(errors) <= 1, errors**2 / 2, np.abs(errors) - 0.5)),
    }[loss]
    assert train(windows, tmp_path, loss=loss, epochs=1).summary.persistence_val_loss == pytest.approx(expected)


@pytest.mark.fires("val-loss-above-mean")
def test_a_network_that_never_beats_the_train_mean(world, windows, tmp_path):
    returns = world(np.random.default_rng(3).normal(size=300)).windows(5)
    rows = split_validation(returns.samples)[0]
    lost = train(returns, tmp_path / "lost", ConstantLearner(rate=0.001), epochs=3, seed=9)
    assert lost.summary.mean_val_loss == pytest.approx(
        np.mean((returns.outcomes - returns.mean)[rows].astype(float) ** 2)
    )
    assert lost.summary.mean_val_loss < 0.7 * lost.summary.persistence_val_loss
    assert "val-loss-above-mean" in codes(lost)
    assert train(windows, tmp_path / "walk", epochs=1).summary.mean_val_loss is None


@pytest.mark.silent("val-loss-above-mean")
def test_a_network_just_better_than_the_train_mean(world, tmp_path):
    returns = world(np.random.default_rng(3).normal(size=300)).windows(5)
    rows = split_validation(returns.samples)[0]
    learner = ConstantLearner()
    below_mean = 0.99 * float(np.mean((returns.outcomes - returns.mean)[rows].astype(float) ** 2))
    learner.validate_batch = lambda inputs, outcomes: below_mean * len(outcomes)
    assert "val-loss-above-persistence" not in codes(train(returns, tmp_path, learner))
