"""Retransformation: forecasts of logarithms scaled to the mean of the train era."""

from dataclasses import replace

import numpy as np
import pytest

from core.data.eras import Era
from core.forecast.evaluation.retransform import fit_factors
from core.samples.task import Task


@pytest.fixture
def volatility(world):
    chance = np.random.default_rng(1)
    logs = np.zeros(2000)
    for row in range(1, 2000):
        logs[row] = 0.8 * logs[row - 1] + 0.5 * chance.normal()
    return world(np.exp(logs), predict="log_return"), np.exp(0.8 * logs)


def test_the_exponential_of_a_log_forecast_is_scaled_by_half_the_variance(volatility):
    w, median = volatility
    found = fit_factors({"lstm": median, "persistence": w.samples.base}, w.samples, w.task, "qlike")
    assert found["lstm"] == pytest.approx(np.exp(0.5**2 / 2), rel=0.03)
    assert found["persistence"] == 1.0
    train = w.samples.of(Era.TRAIN)

    def qlike(factor):
        ratio = w.samples.future[train] / (factor * median[train])
        return np.mean(ratio - np.log(ratio))

    assert qlike(found["lstm"]) < min(qlike(0.98 * found["lstm"]), qlike(1.02 * found["lstm"]))


def test_a_standard_deviation_is_scaled_to_the_mean_variance(volatility):
    w, median = volatility
    task = Task(target="y", predict="volatility", horizon=1)
    assert fit_factors({"lstm": median}, w.samples, task, "qlike")["lstm"] == pytest.approx(np.exp(0.5**2), rel=0.05)


def test_no_row_after_train_changes_the_factor_and_squared_errors_need_none(volatility):
    w, median = volatility
    future = w.samples.future.copy()
    future[w.samples.eras > Era.TRAIN] *= 7
    found = fit_factors({"lstm": median}, replace(w.samples, future=future), w.task, "qlike")
    assert found == fit_factors({"lstm": median}, w.samples, w.task, "qlike")
    assert fit_factors({"lstm": median}, w.samples, w.task, "squared_error") == {"lstm": 1.0}
    assert fit_factors({"lstm": np.full(len(median), np.nan)}, w.samples, w.task, "qlike") == {"lstm": 1.0}
