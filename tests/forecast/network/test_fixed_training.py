"""Training for a given number of epochs: no early stopping, the last weights, and the same halvings of the learning rate."""

import numpy as np
import pytest

from core.forecast.network import training_loop
from core.forecast.network.fixed_training import FixedTraining
from core.forecast.network.training_loop import TrainingLoop
from core.progress import NoProgress, never_stop
from core.recipe.model import TrainingSettings
from tests.forecast.network.test_training_loop import SHAPE, ConstantLearner, Killed


@pytest.fixture
def windows(world, random_walk):
    return world(random_walk(150, 3)).windows(4)


@pytest.fixture(autouse=True)
def _save_and_poll_always(monkeypatch):
    monkeypatch.setattr(training_loop, "EPOCH_SAVE_SECONDS", -1.0)
    monkeypatch.setattr(training_loop, "POLL_SECONDS", -1.0)


def settings(epochs, **fields):
    asked = TrainingSettings(**({"window": 4, "batch_size": 16, "patience": 1, "seed": 3} | fields))
    return asked.model_copy(update={"epochs": epochs})


def refit(windows, folder, epochs, halved=(), learner=None, should_stop=never_stop, **fields):
    learner = learner or ConstantLearner(rate=0.4)
    loop = FixedTraining(SHAPE, learner, windows, settings(epochs, **fields), folder, NoProgress(), should_stop, halved)
    return loop.run()


def bias(model):
    (member,) = model.network.members
    return member["dense_bias"].item()


def test_it_runs_exactly_the_epochs_and_keeps_the_last_weights(windows, tmp_path):
    learner = ConstantLearner(rate=1.9)
    model = refit(windows, tmp_path, 6, learner=learner)
    assert len(learner.seen) == 6 * 7
    assert bias(model) == pytest.approx(learner.value)
    assert model.summary.endings[0].reason == "epochs"


def test_no_epoch_leaves_the_initial_weights(windows, tmp_path):
    assert bias(refit(windows, tmp_path, 0)) == 3.0


def test_on_the_same_windows_it_gives_the_best_weights_of_the_training(windows, tmp_path):
    """With a plateau: the rates that led to the best epoch are those of the training."""
    learner = ConstantLearner(rate=0.4)
    losses = iter([9.0, 5.0, 6.0, 6.0, 4.0, 6.0, 6.0, 3.0, 6.0, 6.0, 6.0])
    learner.validate_batch = lambda inputs, outcomes: next(losses)
    asked = settings(10, plateau=1, patience=50)
    trained = TrainingLoop(SHAPE, learner, windows, asked, tmp_path / "train").run()
    (ending,) = trained.summary.endings
    assert (ending.best_epoch, ending.halved) == (7, (2, 3, 5, 6))
    found = refit(windows, tmp_path / "refit", ending.best_epoch, ending.halved, plateau=1)
    assert bias(found) == bias(trained)
    assert bias(refit(windows, tmp_path / "other", ending.best_epoch, (), plateau=1)) != bias(trained)


def test_it_never_looks_at_validation(windows, tmp_path):
    learner = ConstantLearner(rate=0.4)
    learner.validate_batch = None
    refit(windows, tmp_path, 3, learner=learner)


@pytest.mark.parametrize("kill_at", [2, 8, 20])
def test_a_killed_refit_resumes_to_the_same_weights(windows, tmp_path, kill_at):
    whole = refit(windows, tmp_path / "whole", 5, (2,))
    with pytest.raises(Killed):
        refit(windows, tmp_path / "cut", 5, (2,), ConstantLearner(rate=0.4, kill_at=kill_at))
    assert bias(refit(windows, tmp_path / "cut", 5, (2,))) == bias(whole)


def test_a_stop_is_reported(windows, tmp_path):
    learner = ConstantLearner(rate=0.4)
    model = refit(windows, tmp_path, 5, learner=learner, should_stop=lambda: learner.batches >= 9)
    assert model.summary.stopped
    assert np.isfinite(bias(model))
