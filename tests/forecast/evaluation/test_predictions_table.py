"""The table of predictions.csv: its columns, its rows, and the levels in it."""

import numpy as np
import pytest

from core.data.eras import Era
from core.forecast.evaluation import level_predictions
from core.forecast.evaluation.level_predictions import predict_levels
from core.forecast.evaluation.volatility import volatility_at_origin
from core.forecast.network.network import Network, NetworkShape
from tests.forecast.evaluation.examples import build_table, interval_of


def test_the_table_has_the_columns_of_predictions_csv(world, random_walk):
    w = world(random_walk(100, 1), horizon=2)
    windows = w.windows(4)
    table = build_table(w, windows, windows.samples.base + 1, interval_of([3.0] * 15, w))
    assert list(table) == [
        "origin", "time", "era", "horizon", "actual", "lstm", "persistence", "lower", "upper",
    ]  # fmt: skip
    first = table.iloc[0]
    origin = int(np.flatnonzero(w.features.times == first["origin"].to_datetime64())[0])
    assert origin == table.index[0]
    assert first["time"].to_datetime64() == w.features.times[origin + 2]
    assert first["actual"] == w.features.target[origin + 2]
    half_width = 3 * volatility_at_origin(w.features, w.task)[origin]
    assert (first["upper"], first["lower"]) == pytest.approx((first["lstm"] + half_width, first["lstm"] - half_width))
    assert set(table["era"]) == {"validation", "test"}
    assert set(table["horizon"]) == {2}


def test_the_table_of_a_panel_has_a_series_column(world, random_walk):
    w = world(np.r_[random_walk(60, 1), random_walk(60, 2)], blocks=[0] * 60 + [1] * 60)
    windows = w.windows(4)
    table = build_table(w, windows, windows.samples.base)
    assert list(table)[:4] == ["origin", "time", "series", "era"]
    assert (table["series"].to_numpy() == w.features.series[table.index]).all()
    assert set(table["series"]) == {"s0", "s1"}


def test_the_network_predicts_the_latest_train_rows_validation_and_test(world, random_walk, monkeypatch):
    monkeypatch.setattr(level_predictions, "_TRAIN_WINDOWS", 30)
    w = world(random_walk(200, 1), predict="log_return")
    windows = w.windows(4)
    shape = NetworkShape(cell="lstm", window=4, features=1, units=(2,), dropout=0.0)
    zeros = {name: np.zeros(size, np.float32) for name, size in shape.weights().items()}
    zeros["dense_bias"] += 0.5
    levels = predict_levels(Network(shape, (zeros,)), windows, w.task, with_train=True)
    scored = windows.samples.eras >= Era.VALIDATION
    scored[windows.samples.of(Era.TRAIN)[-30:]] = True
    assert np.isnan(levels[~scored]).all()
    expected = windows.samples.base[scored] * np.exp(0.5 * w.scaling().outcome_scale)
    assert levels[scored] == pytest.approx(expected)
