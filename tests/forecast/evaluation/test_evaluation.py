"""Evaluation: scores by era, the sealed test era, the interval, the backtest, and metrics.json."""

import json
from dataclasses import replace

import numpy as np
import pytest

from core.data.eras import Era
from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.intervals import calibrate_interval, gather_origins
from core.forecast.evaluation.metrics_document import metrics_document
from core.forecast.evaluation.tradable import Obstacle
from core.forecast.evaluation.train_steps import mean_train_step
from core.io.json import from_json, to_json
from tests.forecast.evaluation.examples import build_table, evaluate_world, interval_of


def test_a_sealed_test_era_is_neither_shown_nor_scored(world, random_walk):
    w = world(random_walk(200, 1))
    lstm = w.windows(4).samples.base + 0.1
    table = build_table(w, w.windows(4), lstm, opened=False)
    assert set(table["era"]) == {"validation"}
    sealed = evaluate_world(w, lstm, opened=False, interval=interval_of([2.0] * 30, w))
    assert (sealed.test, sealed.interval) == (None, None)
    assert (sealed.backtest.era, sealed.naive_checks.era) == ("validation", "validation")
    changed = w.features.target.copy()
    changed[w.samples.of(Era.TEST).min() + 1 :] = -1e5
    other = world(changed)
    again = evaluate_world(
        other,
        other.windows(4).samples.base + 0.1,
        opened=False,
        interval=interval_of([2.0] * 30, other),
    )
    assert to_json(again) == to_json(sealed)


def test_mean_reversion_does_not_count_as_directional_accuracy(world):
    w = world(np.random.default_rng(3).normal(size=3000))
    windows = w.windows(4)
    guess = 0.05 * np.random.default_rng(4).normal(size=len(windows.samples.base))
    scores = evaluate_world(w, guess).validation
    # Relative to the last value, predicting 0 gets three of four directions right; relative to the mean, half.
    up = np.sign(guess - windows.samples.base) == np.sign(windows.samples.future - windows.samples.base)
    assert up[windows.samples.of(Era.VALIDATION)].mean() == pytest.approx(0.75, abs=0.05)
    assert scores["lstm"].directional_accuracy == pytest.approx(0.5, abs=0.06)
    assert scores["lstm"].pt_p_value > 0.01
    assert scores["mean"].directional_accuracy is None
    accurate = evaluate_world(w, 0.5 * windows.samples.future).validation["lstm"]
    assert accurate.directional_accuracy > 0.95 and accurate.pt_p_value < 1e-6


def test_an_obstacle_is_the_reason_for_no_backtest_and_changes_nothing_else(world, random_walk):
    w = world(random_walk(200, 1))
    lstm = w.windows(4).samples.base + 0.1
    traded = evaluate_world(w, lstm)
    assert (traded.obstacle, traded.no_backtest) == (None, None)
    kept = evaluate_world(w, lstm, obstacle=Obstacle.VOLATILITY)
    assert kept.no_backtest == Obstacle.VOLATILITY.text
    assert replace(kept, backtest=traded.backtest, obstacle=None) == traded


def test_each_era_is_scored_separately(world, random_walk):
    w = world(random_walk(200, 1))
    windows = w.windows(4)
    lstm = windows.samples.base + 0.3
    lstm[windows.samples.of(Era.TEST)] += 5
    found = evaluate_world(w, lstm)
    for era, scores in ((Era.VALIDATION, found.validation), (Era.TEST, found.test)):
        rows = windows.samples.of(era)
        errors = windows.samples.future[rows] - lstm[rows]
        assert scores["lstm"].n == len(rows)
        assert scores["lstm"].rmse == pytest.approx(np.sqrt(np.mean(errors**2)))
        assert scores["lstm"].mase == pytest.approx(np.mean(np.abs(errors)) / mean_train_step(w.features, w.samples))
    assert found.test["persistence"].r2_oos == 0


def test_the_scale_of_mase_is_the_mean_train_step_within_series(world):
    target = np.r_[np.arange(20) * 2.0, 1000 + np.arange(20) * 4.0]
    w = world(target, blocks=[0] * 20 + [1] * 20)
    target[15:20] = -1e6  # after the train era
    assert mean_train_step(w.features, w.samples) == pytest.approx(3)


def test_the_interval_is_calibrated_on_validation_and_scored_on_test(world, random_walk):
    w = world(random_walk(600, 1))
    windows = w.windows(4)
    lstm = windows.samples.base
    interval = calibrate_interval(windows, gather_origins(w.features, windows.samples, w.task, 0 * lstm), 0.9)
    assert interval.calibration_rows == len(windows.samples.of(Era.VALIDATION)) // 3
    scores = evaluate_world(w, lstm, interval=interval).interval
    assert scores.coverage == pytest.approx(0.9, abs=0.08)
    assert scores.n == len(windows.samples.of(Era.TEST))


def test_metrics_json_has_the_keys_of_the_contract_and_no_nan(world, random_walk):
    w = world(random_walk(300, 1))
    document = metrics_document(evaluate_world(w, w.windows(4).samples.base + 0.1, interval=interval_of([1.0] * 20, w)))
    assert json.loads(json.dumps(document, allow_nan=False))["loss"] == document["loss"]
    keys = {"loss", "test", "validation", "interval", "backtest", "no_backtest", "naive_checks", "series", "trials"}
    keys |= {"volatility", "guide", "lstm_adds", "causality", "walk_forward", "walk_forward_pooled", "probability"}
    assert set(document) == keys
    assert document["probability"] is None
    assert {"n", "mean_loss", "r2_oos", "cw", "dm_statistic", "dm_p_value", "rmse", "mae", "mase"} <= set(
        document["test"]["lstm"]
    )
    assert set(document["test"]["lstm"]["cw"]["persistence"]) == {"statistic", "p_value"}
    uncounted = {"trained": None, "opened": None, "judged_on_test": None, "adjusted_p": None}
    assert document["trials"] == uncounted
    assert {"nominal", "coverage", "coverage_by_volatility", "mean_width", "over_time"} <= set(document["interval"])
    numbers = {"net_total", "t_excess", "sharpe_net_error", "drawdown_net", "turnover", "net_low", "net_high"}
    assert numbers | {"random_percentile", "break_even_cost", "no_break_even"} <= set(document["backtest"])
    assert "gains" not in document["backtest"]
    assert document["no_backtest"] is None
    sealed = metrics_document(evaluate_world(w, w.windows(4).samples.base, opened=False))
    assert sealed["test"] is None


def test_an_evaluation_is_read_back_from_json(world, random_walk):
    w = world(random_walk(300, 1))
    found = evaluate_world(w, w.windows(4).samples.base + 0.1, interval=interval_of([1.0] * 20, w))
    assert from_json(Evaluation, to_json(found)) == found
