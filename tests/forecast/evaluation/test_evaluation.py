"""From predicted levels to the table and the scores: what is in it, what is sealed, and what gives a copy away."""

import json

import numpy as np
import pytest

from core.data.eras import Era
from core.forecast.evaluation.evaluation import (
    Evaluation,
    build_predictions,
    calibrate_interval,
    evaluate,
    mean_train_step,
    metrics_document,
    predict_levels,
    von_neumann_ratio,
)
from core.forecast.evaluation.intervals import Interval
from core.forecast.network.network import Network, NetworkShape
from core.io.json import from_json, to_json
from core.samples.samples import train_mean


def predict(w, windows, lstm, interval=None, opened=True):
    levels = {"lstm": lstm, "persistence": windows.samples.base.copy()}
    if (mean := train_mean(windows.samples)) is not None:
        levels["mean"] = mean
    return build_predictions(w.features, windows, w.task, levels, interval, opened)


def evaluate_world(w, lstm, opened=True, interval=None):
    predictions = predict(w, w.windows(4), lstm, interval, opened)
    return evaluate(predictions, w.features, w.samples, w.task, interval, 5.0)


def test_the_table_has_the_columns_of_the_contract(world, random_walk):
    w = world(random_walk(100, 1), horizon=2)
    windows = w.windows(4)
    table = predict(w, windows, windows.samples.base + 1, Interval(nominal=0.9, half_width=3.0, calibration_rows=15))
    assert list(table) == [
        "origin", "time", "era", "horizon", "actual", "lstm", "persistence", "lower", "upper",
    ]  # fmt: skip
    first = table.iloc[0]
    origin = int(np.flatnonzero(w.features.times == first["origin"].to_datetime64())[0])
    assert origin == table.index[0]
    assert first["time"].to_datetime64() == w.features.times[origin + 2]
    assert first["actual"] == w.features.target[origin + 2]
    assert (first["upper"], first["lower"]) == (first["lstm"] + 3, first["lstm"] - 3)
    assert set(table["era"]) == {"validation", "test"}
    assert set(table["horizon"]) == {2}


def ratio(w):
    return von_neumann_ratio(w.features, w.samples)


def test_von_neumanns_ratio_is_2_by_chance_and_0_in_a_series_that_hardly_moves(world, random_walk):
    chance = np.random.default_rng(4)
    # Its distribution by chance: mean 2, variance 4 (n - 2) / (n² - 1), whatever the values are.
    for values in (chance.normal(size=3000), chance.lognormal(0, 2, 3000), chance.permutation(random_walk(3000, 1))):
        assert ratio(world(values)) == pytest.approx(2, abs=4 * 2 / np.sqrt(2100))
    assert ratio(world(random_walk(3000, 1))) < 0.05
    assert ratio(world(np.tile([0.0, 1.0], 100))) == pytest.approx(4, rel=0.01)
    assert ratio(world(np.ones(100))) is None
    autoregression = np.diff(random_walk(20_001, 2, ar=0.5))
    assert ratio(world(autoregression)) == pytest.approx(2 * (1 - 0.5), abs=0.05)


def test_von_neumanns_ratio_looks_at_train_rows_alone_and_at_no_step_between_series(world, random_walk):
    target = random_walk(300, 1)
    moved = target.copy()
    moved[215:] += np.random.default_rng(0).normal(0, 50, 85)
    assert ratio(world(moved)) == ratio(world(target))
    apart = np.r_[random_walk(200, 1), 1e6 + random_walk(200, 2)]
    blocks = [0] * 200 + [1] * 200
    assert ratio(world(apart, blocks=blocks)) == pytest.approx(
        ratio(world(apart - np.repeat([0, 1e6], 200), blocks=blocks))
    )


def test_a_panel_names_the_series_of_each_row(world, random_walk):
    w = world(np.r_[random_walk(60, 1), random_walk(60, 2)], blocks=[0] * 60 + [1] * 60)
    windows = w.windows(4)
    table = predict(w, windows, windows.samples.base)
    assert list(table)[:4] == ["origin", "time", "series", "era"]
    assert (table["series"].to_numpy() == w.features.series[table.index]).all()
    assert set(table["series"]) == {"s0", "s1"}


def test_the_series_with_most_of_the_error_is_named(world, random_walk):
    w = world(np.r_[random_walk(200, 1), 10 * random_walk(200, 2)], blocks=[0] * 200 + [1] * 200)
    found = evaluate_world(w, w.windows(4).samples.base + 0.1).naive_checks.heaviest
    assert (found.series, found.of) == ("s1", 2)
    assert found.share > 0.95
    alone = world(random_walk(200, 1))
    assert evaluate_world(alone, alone.windows(4).samples.base + 0.1).naive_checks.heaviest is None


def test_no_row_of_a_sealed_test_era_is_shown_or_scored(world, random_walk):
    w = world(random_walk(200, 1))
    lstm = w.windows(4).samples.base + 0.1
    table = predict(w, w.windows(4), lstm, opened=False)
    assert set(table["era"]) == {"validation"}
    sealed = evaluate_world(w, lstm, opened=False, interval=Interval(nominal=0.9, half_width=2.0, calibration_rows=30))
    assert (sealed.test, sealed.interval) == (None, None)
    assert (sealed.backtest.era, sealed.naive_checks.era) == ("validation", "validation")
    changed = w.features.target.copy()
    changed[w.samples.of(Era.TEST).min() + 1 :] = -1e5
    other = world(changed)
    again = evaluate_world(
        other,
        other.windows(4).samples.base + 0.1,
        opened=False,
        interval=Interval(nominal=0.9, half_width=2.0, calibration_rows=30),
    )
    assert to_json(again) == to_json(sealed)


def test_directions_that_the_way_back_to_the_mean_foretells_are_no_merit(world):
    w = world(np.random.default_rng(3).normal(size=3000))
    windows = w.windows(4)
    guess = 0.05 * np.random.default_rng(4).normal(size=len(windows.samples.base))
    scores = evaluate_world(w, guess).validation
    # From the last value, whoever says about zero is right in three of four; from the mean, in half.
    up = np.sign(guess - windows.samples.base) == np.sign(windows.samples.future - windows.samples.base)
    assert up[windows.samples.of(Era.VALIDATION)].mean() == pytest.approx(0.75, abs=0.05)
    assert scores["lstm"].directional_accuracy == pytest.approx(0.5, abs=0.06)
    assert scores["lstm"].pt_p_value > 0.01
    assert scores["mean"].directional_accuracy is None
    knows = evaluate_world(w, 0.5 * windows.samples.future).validation["lstm"]
    assert knows.directional_accuracy > 0.95 and knows.pt_p_value < 1e-6


def test_what_comes_back_to_its_mean_is_no_price_and_is_not_traded(world, random_walk):
    price = world(random_walk(200, 1))
    assert evaluate_world(price, price.windows(4).samples.base + 0.1).backtest is not None
    returns = world(np.random.default_rng(1).normal(size=200))
    found = evaluate_world(returns, returns.windows(4).samples.base * 0)
    assert not found.of_price
    assert found.backtest is None


def test_scores_are_those_of_each_era_by_itself(world, random_walk):
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


def test_the_measure_of_mase_is_the_mean_step_of_train_within_series(world):
    target = np.r_[np.arange(20) * 2.0, 1000 + np.arange(20) * 4.0]
    w = world(target, blocks=[0] * 20 + [1] * 20)
    target[15:20] = -1e6  # after the cut
    assert mean_train_step(w.features, w.samples) == pytest.approx(3)


def test_the_interval_is_calibrated_on_validation_and_scored_on_test(world, random_walk):
    w = world(random_walk(600, 1))
    windows = w.windows(4)
    lstm = windows.samples.base
    interval = calibrate_interval(windows, w.task, lstm, 0.9)
    rows = windows.samples.of(Era.VALIDATION)
    assert interval.calibration_rows == len(rows)
    assert np.mean(np.abs(windows.samples.outcome[rows]) <= interval.half_width) == pytest.approx(0.9, abs=0.02)
    scores = evaluate_world(w, lstm, interval=interval).interval
    assert scores.coverage == pytest.approx(0.9, abs=0.08)
    assert scores.mean_width == pytest.approx(2 * interval.half_width)


def test_a_forecast_that_copies_its_origin_peaks_at_the_horizon(world, random_walk):
    for horizon in (1, 3, 7):
        w = world(random_walk(400, 1), horizon=horizon)
        found = evaluate_world(w, w.windows(4).samples.base + 0.01)
        assert found.naive_checks.lag_peak == horizon
        assert found.naive_checks.flatness == pytest.approx(0, abs=1e-9)


def test_a_forecast_is_compared_with_its_own_mean_change_of_each_series(world, random_walk):
    steps = np.random.default_rng(6).normal(size=(2, 300))
    w = world(np.r_[(steps[0] + 1).cumsum(), (steps[1] - 1).cumsum()], blocks=[0] * 300 + [1] * 300)
    samples = w.windows(4).samples
    drift = samples.base + np.where(samples.blocks == 0, 1.0, -1.0)
    # Better than the last value, and yet no more than a drift: its small moves are noise.
    noise = 0.02 * np.random.default_rng(7).normal(size=len(drift))
    found = evaluate_world(w, drift + noise)
    assert found.test["lstm"].dm_p_value < 0.001 and found.test["lstm"].dm_statistic < 0
    assert found.naive_checks.drift_p_value > 0.05
    assert found.naive_checks.drift_rmse == pytest.approx(found.test["lstm"].rmse, rel=1e-3)
    assert evaluate_world(w, drift).naive_checks.drift_p_value is None
    knows = evaluate_world(w, drift + 0.3 * (samples.future - drift)).naive_checks
    assert knows.drift_statistic < 0 and knows.drift_p_value < 0.001


def test_a_forecast_that_hardly_moves_copies_nothing(world):
    w = world(np.random.default_rng(2).normal(size=400))
    for share, peak in ((1.0, 1), (0.6, 1), (0.1, None), (0.0, None)):
        assert evaluate_world(w, share * w.windows(4).samples.base).naive_checks.lag_peak == peak


def test_a_forecast_that_knows_peaks_at_no_lag(world, random_walk):
    w = world(random_walk(400, 1))
    noise = np.random.default_rng(0).normal(0, 0.1, len(w.windows(4).ends))
    found = evaluate_world(w, w.windows(4).samples.future + noise)
    assert found.naive_checks.lag_peak == 0
    assert found.naive_checks.flatness == pytest.approx(1, abs=0.1)


def test_the_majority_is_the_more_frequent_direction(world):
    steps = np.tile([1.0, 1.0, 1.0, -1.0], 100)
    w = world(np.cumsum(steps))
    assert evaluate_world(w, w.windows(4).samples.base + 1).naive_checks.majority_share == pytest.approx(0.75, abs=0.02)


def test_the_network_predicts_validation_and_test_alone(world, random_walk):
    w = world(random_walk(200, 1), predict="log_return")
    windows = w.windows(4)
    shape = NetworkShape(cell="lstm", window=4, features=1, units=(2,), dropout=0.0)
    zeros = {name: np.zeros(size, np.float32) for name, size in shape.weights().items()}
    zeros["dense_bias"] += 0.5
    levels = predict_levels(Network(shape, (zeros,)), windows, w.scaling(), w.task)
    scored = windows.samples.eras >= Era.VALIDATION
    assert np.isnan(levels[~scored]).all()
    expected = windows.samples.base[scored] * np.exp(0.5 * w.scaling().outcome_scale)
    assert levels[scored] == pytest.approx(expected)


def test_metrics_have_the_keys_of_the_contract_and_no_nan(world, random_walk):
    w = world(random_walk(300, 1))
    document = metrics_document(
        evaluate_world(
            w, w.windows(4).samples.base + 0.1, interval=Interval(nominal=0.9, half_width=1.0, calibration_rows=20)
        )
    )
    text = json.dumps(document, allow_nan=False)
    assert set(document) == {"test", "validation", "interval", "backtest", "naive_checks"}
    assert {"n", "rmse", "mae", "mase", "r2_oos", "directional_accuracy", "dm_statistic", "dm_p_value"} <= set(
        document["test"]["lstm"]
    )
    assert {"nominal", "coverage", "mean_width"} <= set(document["interval"])
    assert "equity" not in text
    sealed = metrics_document(evaluate_world(w, w.windows(4).samples.base, opened=False))
    assert sealed["test"] is None


def test_an_evaluation_comes_back_from_json(world, random_walk):
    w = world(random_walk(300, 1))
    found = evaluate_world(
        w, w.windows(4).samples.base + 0.1, interval=Interval(nominal=0.9, half_width=1.0, calibration_rows=20)
    )
    assert from_json(Evaluation, to_json(found)) == found
