"""Sparklines: means of stretches, one series of a panel, and no sealed value."""

import numpy as np
import pandas as pd
import pytest

from core.quality.views import sparklines
from core.quality.views.sparklines import draw_sparklines, stretch_means


def test_each_point_is_the_mean_of_its_stretch() -> None:
    assert stretch_means(np.arange(80.0)) == [2 * at + 0.5 for at in range(40)]
    assert stretch_means(np.array([3.0])) == [3.0]
    assert stretch_means(np.array([np.nan, np.inf])) == stretch_means(np.array([])) == []


def test_only_the_first_series_of_a_panel_is_drawn_and_a_sealed_test_era_is_left_out(bench, monkeypatch) -> None:
    days = pd.date_range("2020-01-01", periods=100, unit="us")
    one = pd.DataFrame({"date": days, "ticker": "a", "price": np.arange(100.0), "volume": 7.0 + np.arange(100) % 2})
    frame = pd.concat([one, one.assign(ticker="b", price=1e6)], ignore_index=True)
    dataset, eras = bench.dataset(frame, series="ticker"), bench.profile(frame, series="ticker").eras
    lines = draw_sparklines(dataset, eras)
    assert lines.keys() == {"price", "volume"}
    assert max(lines["price"]) > 97 and np.mean(lines["price"]) == pytest.approx(49.5, abs=1)
    before_test = draw_sparklines(dataset, eras, sealed=("price",))
    assert max(before_test["price"]) < 85
    assert before_test["volume"] == lines["volume"]
    monkeypatch.setattr(sparklines, "MOST_CELLS", 399)
    assert draw_sparklines(dataset, eras) == {}
