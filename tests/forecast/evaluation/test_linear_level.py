"""The val_loss of ridge regression beside those of the network: the rival `linear`, in the loss of the training."""

import numpy as np
import pytest

from core.forecast.evaluation import linear_level
from core.forecast.evaluation.baselines import fit_baselines
from core.forecast.evaluation.linear_level import LEFT_OUT, LINEAR, report_linear
from core.progress import never_stop
from core.recipe.model import EvaluationSettings, TrainingSettings
from core.samples.samples import split_validation


class Metrics(dict):
    def step(self, done, total, text):
        pass

    def metric(self, name, step, value):
        self[name] = value


def reported(w, window=4, **settings):
    metrics, windows = Metrics(), w.windows(window)
    report_linear(windows, w.task, TrainingSettings(**settings), metrics, never_stop)
    return metrics


@pytest.mark.parametrize("predicts", ["level", "difference", "return", "volatility"])
def test_the_level_is_the_val_loss_of_the_rival(world, random_walk, predicts):
    w = world(np.exp(random_walk(400, 3, ar=0.6) / 40), predict=predicts)
    windows = w.windows(4)
    asked = EvaluationSettings(baselines=("linear",))
    levels = fit_baselines(w.features, windows, w.samples, w.task, asked, "squared_error", 0)["linear"]
    outcome = w.task.change(windows.samples.base, levels)
    chosen, _ = split_validation(windows.samples)
    scaled = w.scaling().unit().scale_outcome(outcome)[chosen]
    assert reported(w) == {LINEAR: pytest.approx(np.mean((windows.outcomes[chosen] - scaled) ** 2), rel=1e-4)}


@pytest.mark.parametrize("predicts", ["level", "difference"])
def test_the_size_of_a_series_does_not_change_the_level(world, random_walk, predicts):
    first, second = random_walk(400, 3, ar=0.6), random_walk(400, 4, ar=0.6)
    one, other = (
        reported(world(np.r_[first, size * second], predict=predicts, blocks=np.repeat((0, 1), 400)))
        for size in (1, 1024)
    )
    assert other == {LINEAR: pytest.approx(one[LINEAR], rel=1e-4)}


def test_it_is_below_persistence_on_changes_that_it_can_predict(world, random_walk):
    w = world(random_walk(2000, 3, ar=0.8))
    windows = w.windows(4)
    chosen, _ = split_validation(windows.samples)
    persistence = float(np.mean((windows.outcomes - windows.persistence)[chosen].astype(float) ** 2))
    # An AR(1) of 0.8 explains 64% of the variance of a change.
    assert reported(w)[LINEAR] / persistence == pytest.approx(0.36, abs=0.05)
    assert reported(w, loss="mae")[LINEAR] / persistence**0.5 == pytest.approx(0.6 * (2 / np.pi) ** 0.5, abs=0.05)


def test_a_direction_has_a_finite_log_loss(world, random_walk):
    w = world(random_walk(600, 3, ar=0.9), predict="direction")
    assert 0 < reported(w)[LINEAR] < np.log(2)


def test_no_row_after_validation_counts(world, random_walk):
    values = random_walk(500, 3)
    w = world(values)
    cut = int((w.eras.label(w.features.times) == 2).argmax())
    other = world(np.r_[values[:cut], values[cut:] + 40])
    assert reported(w) == reported(other)


def test_a_slow_fit_is_left_out_and_says_how_long_it_would_take(world, random_walk, monkeypatch):
    w = world(random_walk(400, 3))
    monkeypatch.setattr(linear_level, "MOST_SECONDS", 1e-9)
    found = reported(w)
    assert found == {LEFT_OUT: linear_level.estimate_fit(w.windows(4))}
    assert found[LEFT_OUT] > 0
