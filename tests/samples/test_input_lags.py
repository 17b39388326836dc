"""Lags as inputs: the same rows, values of earlier rows of the same series alone, and the same by a bundle."""

import numpy as np
import pandas as pd
import pytest

from core.context import Context
from core.data.dataset import Dataset
from core.ingest.step import read
from core.recipe.model import read_recipe
from core.samples.input_lags import with_lags
from core.samples.prepare import Prepared
from core.samples.step import prepare_once

ROWS = 150
RECIPE = read_recipe({"ingest": {"target": "close"}, "features": {"rolling": [3]}})


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Two series of the same dates."""
    folder, random = tmp_path_factory.mktemp("data"), np.random.default_rng(1)
    frames = [
        pd.DataFrame(
            {
                "date": pd.bdate_range("2020-01-01", periods=ROWS),
                "ticker": name,
                "close": 100 * np.exp(np.cumsum(0.01 * random.standard_normal(ROWS))),
                "vix": 20 + random.standard_normal(ROWS),
            }
        )
        for name in ("A", "B")
    ]
    pd.concat(frames).to_csv(folder / "panel.csv", index=False)
    return read(folder / "panel.csv", RECIPE, folder / "tables")


def prepared(dataset: Dataset, **training: object) -> Prepared:
    return prepare_once(Context(dataset=dataset, recipe=RECIPE.change("training", **training)))


def test_a_lag_is_the_value_so_many_rows_earlier_in_the_same_series(dataset: Dataset) -> None:
    ready = with_lags(prepared(dataset), ["vix", "vix.lag4", "vix.mean3.lag2"])
    values = ready.features.values.assign(series=ready.features.series).groupby("series")
    pd.testing.assert_series_equal(ready.features.values["vix.lag4"], values["vix"].shift(4), check_names=False)
    pd.testing.assert_series_equal(
        ready.features.values["vix.mean3.lag2"], values["vix.mean3"].shift(2), check_names=False
    )
    assert int(ready.features.values["vix.lag4"].isna().sum()) == 8


@pytest.mark.parametrize(
    "training", [{}, {"predict": "volatility", "horizon": 5}, {"predict": "direction", "horizon": 3}]
)
def test_rows_and_samples_stay_the_same(dataset: Dataset, training: dict[str, object]) -> None:
    before = prepared(dataset, **training)
    after = with_lags(before, ["close.log_return.lag4"])
    assert after.samples is before.samples
    pd.testing.assert_frame_equal(after.features.values[list(before.features.values)], before.features.values)
    kept = [step.name for step in after.feature_plan.keep(["close.log_return.lag4"]).steps]
    assert kept == ["close.log_return", "close.log_return.lag4"]
    earlier = after.features.values["close.log_return"].to_numpy()[:-4]
    same = after.features.blocks[4:] == after.features.blocks[:-4]
    np.testing.assert_array_equal(after.features.values["close.log_return.lag4"].to_numpy()[4:][same], earlier[same])


def test_rows_without_an_outcome_still_count_as_earlier_rows(dataset: Dataset) -> None:
    after = with_lags(prepared(dataset, predict="volatility", horizon=5), ["close.log_return.lag4"])
    assert after.features.values["close.log_return.lag4"].notna().all()


def test_what_is_no_lag_of_a_planned_feature_is_ignored(dataset: Dataset) -> None:
    ready = prepared(dataset)
    assert with_lags(ready, ["vix", "oil.lag1", "vix.mean9.lag1", "vix.lag10000", "vix.mean3"]) is ready
    added = with_lags(ready, ["vix.lag1", "vix.lag1"])
    assert list(added.features.values)[-1] == "vix.lag1"
    assert with_lags(added, ["vix.lag1"]) is added
