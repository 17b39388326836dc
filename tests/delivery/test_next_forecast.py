from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.delivery.next_forecast import RECENT_ROWS, forecast_next, load_next_forecast, write_next_forecast
from core.delivery.score_rows import score_features
from core.forecast.network.windows import make_windows
from core.samples.features import FeatureFrame
from core.samples.samples import make_samples

DAYS = pd.bdate_range("2024-06-03", periods=200).to_numpy("datetime64[us]")


@pytest.fixture
def rows_of():
    """A feature frame of series by name, each ending after so many of the days; `lacking` have no feature in their last row."""

    def make(lengths: dict[str, int], lacking: tuple[str, ...] = ()) -> FeatureFrame:
        chance = np.random.default_rng(5)
        parts = []
        for block, (name, length) in enumerate(lengths.items()):
            close = 100 * np.exp(np.cumsum(chance.normal(0, 0.01, length)))
            part = pd.DataFrame({"time": DAYS[:length], "series": name, "block": block, "close": close})
            part["close.log_return"] = np.log(part["close"]).diff()
            part["vix"] = 20 + chance.normal(0, 2, length)
            if name in lacking:
                part.loc[length - 1, "vix"] = np.nan
            parts.append(part)
        frame = pd.concat(parts, ignore_index=True)
        return FeatureFrame(
            values=frame[["close.log_return", "vix"]],
            times=frame["time"].to_numpy("datetime64[us]"),
            series=frame["series"].to_numpy(dtype=object) if len(lengths) > 1 else None,
            blocks=frame["block"].to_numpy(),
            target=frame["close"].to_numpy(),
            lines=np.arange(len(frame)),
        )

    return make


def test_one_series_has_one_forecast_after_its_last_row(manifest, network, rows_of):
    features = rows_of({"": 200})
    found = forecast_next(manifest.model, network, features, "B")
    (row,) = found.table.to_dict("records")
    whole = score_features(manifest.model, network, features, "B").table
    last = whole.iloc[-1]
    assert row["origin"] == DAYS[-1]
    assert row["time"] == pd.Timestamp(DAYS[-1]) + pd.offsets.BDay() == last["time"]
    assert row["last"] == features.target[-1]
    assert row["change"] == pytest.approx(row["forecast"] / row["last"] - 1)
    expected = last[["lstm", "lower", "upper"]].astype(float)
    np.testing.assert_allclose([row["forecast"], row["lower"], row["upper"]], expected, rtol=1e-6)
    assert row["lower"] < row["forecast"] < row["upper"]
    assert found.recent["value"].tolist() == features.target[-RECENT_ROWS:].tolist()


def test_a_panel_has_one_forecast_for_each_series_that_goes_on(manifest, network, rows_of):
    # "old" ended before the interval was calibrated; "gap" lacks a feature in its last row, so it has no forecast beyond it.
    features = rows_of({"gap": 200, "new": 200, "old": 60, "short": 190}, lacking=("gap",))
    found = forecast_next(manifest.model, network, features, "B")
    assert found.table["series"].tolist() == ["new", "short"]
    assert found.table["origin"].tolist() == [pd.Timestamp(DAYS[199]), pd.Timestamp(DAYS[189])]
    assert (found.table["time"] > found.table["origin"]).all()
    for name, last in zip(found.table["series"], found.table["last"], strict=True):
        of_series = features.target[features.series == name]
        assert last == of_series[-1]
        assert found.recent.loc[found.recent["series"] == name, "value"].tolist() == of_series[-RECENT_ROWS:].tolist()


def test_the_latest_origin_forecasts_the_horizon_and_earlier_ones_are_left_out(manifest, network, rows_of):
    ahead = manifest.model_copy(update={"task": replace(manifest.task, predict="difference", horizon=3)})
    (row,) = forecast_next(ahead, network, rows_of({"": 200}), "B").table.to_dict("records")
    assert row["time"] == pd.Timestamp(DAYS[-1]) + pd.offsets.BDay(3)
    assert row["change"] == pytest.approx(row["forecast"] - row["last"])


def test_windows_that_are_made_already_give_the_same_forecast(manifest, network, rows_of):
    features = rows_of({"a": 200, "b": 150})
    samples = make_samples(features, manifest.task, manifest.eras)
    windows = make_windows(features, manifest.chosen, samples, manifest.task, manifest.scaling, manifest.shape.window)
    made, given = (forecast_next(manifest.model, network, features, "B", each).table for each in (None, windows))
    pd.testing.assert_frame_equal(made, given, check_exact=True)


def test_without_a_calendar_the_time_is_unknown(manifest, network, rows_of):
    irregular = manifest.model_copy(update={"frequency": None, "interval": None})
    (row,) = forecast_next(irregular, network, rows_of({"": 200}), None).table.to_dict("records")
    assert pd.isna(row["time"])
    assert np.isnan([row["lower"], row["upper"]]).all()


def test_it_is_read_back_as_it_was_written(manifest, network, rows_of, tmp_path):
    assert load_next_forecast(tmp_path) is None
    found = forecast_next(manifest.model, network, rows_of({"a": 200, "b": 195}), "B")
    write_next_forecast(found, tmp_path)
    again = load_next_forecast(tmp_path)
    pd.testing.assert_frame_equal(again.table, found.table)
    pd.testing.assert_frame_equal(again.recent, found.recent)
