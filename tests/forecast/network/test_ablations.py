"""Ablations: the same samples without earlier rows, or with them in random order."""

from dataclasses import replace

import numpy as np
import pytest

from core.forecast.network import training
from core.forecast.network.ablations import LAST_ROW, SHUFFLED, ablate_windows, train_ablations, without_lags
from core.forecast.network.network import Network, NetworkShape
from core.forecast.network.training_summary import Ending, TrainedModel, TrainingSummary
from core.progress import NoProgress, never_stop
from core.recipe.model import TrainingSettings

WINDOW = 6


@pytest.fixture
def windows(world, random_walk):
    return world(random_walk(3000, 1)).windows(WINDOW)


def test_an_ablation_has_the_same_samples_and_outcomes(windows):
    for ablated in ablate_windows(windows).values():
        assert ablated.samples is windows.samples
        assert ablated.outcomes is windows.outcomes
        assert ablated.ends is windows.ends


def test_the_last_row_is_that_of_the_origin(windows):
    some = np.array([0, 5, 2000])
    assert (ablate_windows(windows)[LAST_ROW].batch(some) == windows.batch(some)[:, -1:]).all()


def test_shuffled_windows_keep_their_rows_and_the_place_of_the_last(windows):
    every = np.arange(len(windows.ends))
    whole, shuffled = windows.batch(every)[..., 0], ablate_windows(windows)[SHUFFLED].batch(every)[..., 0]
    assert (np.sort(whole) == np.sort(shuffled)).all()
    assert (whole[:, -1] == shuffled[:, -1]).all()
    # Each earlier row is anywhere with the same probability: nothing is left of the order.
    for lag in range(1, WINDOW):
        places = np.argmax(shuffled == whole[:, -1 - lag, None], axis=1)
        assert np.bincount(places, minlength=WINDOW - 1)[: WINDOW - 1] == pytest.approx(
            len(every) / (WINDOW - 1), rel=0.25
        )


def test_the_order_of_a_window_does_not_depend_on_its_batch(windows):
    shuffled = ablate_windows(windows)[SHUFFLED]
    assert (shuffled.batch(np.array([3, 1500, 7]))[1] == shuffled.batch(np.array([1500]))[0]).all()


def test_windows_are_the_same_whole_and_step_by_step(windows):
    some = np.array([0, 7, 2000])
    for seen in (windows, *ablate_windows(windows).values()):
        assert (np.stack(list(seen.steps(some)), axis=1) == seen.batch(some)).all()


def test_lags_of_other_inputs_are_left_out_and_a_lag_alone_is_kept(windows):
    inputs = np.random.default_rng(0).standard_normal((len(windows.inputs), 3)).astype(np.float32)
    wide = replace(windows, inputs=inputs)
    kept = without_lags(wide, ("x", "x.lag4", "z.lag1"))
    assert (kept.inputs == inputs[:, [0, 2]]).all()
    assert kept.samples is windows.samples
    assert without_lags(wide, ("x", "y", "y.lagged")) is wide


def answer(windows, reason):
    shape = NetworkShape(cell="lstm", window=windows.window, features=1, units=(2,), dropout=0.0)
    weights = {name: np.zeros(size, dtype=np.float32) for name, size in shape.weights().items()}
    ending = Ending(reason=reason, epoch=1, best_epoch=1, limit=1)
    summary = TrainingSummary(history=(), endings=(ending,), persistence_val_loss=1.0, findings=())
    return TrainedModel(Network(shape, (weights,)), summary)


def test_ablations_are_trained_once_and_report_no_losses(windows, tmp_path, monkeypatch):
    trained = []

    def train(windows, settings, folder, progress, should_stop):
        trained.append(type(windows).__name__)
        progress.metric("loss", 1, 0.5)
        return answer(windows, "epochs")

    class Strict(NoProgress):
        def metric(self, name, step, value):
            raise AssertionError("the losses of an ablation are none of the network's")

    monkeypatch.setattr(training, "train_lstm", train)
    settings = TrainingSettings(window=WINDOW)
    first = train_ablations(tmp_path, "key", windows, settings, Strict(), never_stop)
    again = train_ablations(tmp_path, "key", windows, settings, Strict(), never_stop)
    assert trained == ["Windows", "ShuffledWindows"]
    assert first.keys() == again.keys() == {LAST_ROW, SHUFFLED}
    assert {name: network.shape.window for name, (network, _) in again.items()} == {LAST_ROW: 1, SHUFFLED: WINDOW}


def test_a_stopped_ablation_measures_nothing(windows, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "train_lstm", lambda windows, *_: answer(windows, "stopped"))
    assert train_ablations(tmp_path, "key", windows, TrainingSettings(), NoProgress(), never_stop) is None
