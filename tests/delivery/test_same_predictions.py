"""A bundle predicts for the rows of its own run exactly what the run predicted, at a bound or not."""

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import pipeline
from core.context import Context
from core.delivery.bundle import read_bundle
from core.delivery.predict import predict_with
from core.delivery.results import load_ahead, load_predictions
from core.errors.bundle import MissingModelColumns
from core.forecast.evaluation import bounds
from core.ingest.step import read
from core.recipe.model import read_recipe
from tests.data.bars import make_bars

SMALL = read_recipe(
    {
        "ingest": {"time_column": "date", "target": "close"},
        "importance": {"iterations": 10, "folds": 1, "seeds": 1, "noise_probes": 1},
        "training": {"window": 4, "units": [3], "epochs": 2, "batch_size": 16, "learning_rate": 0.03},
        "evaluation": {"baselines": [], "lstm_adds": False},
    }
)


@pytest.mark.slow
@pytest.mark.parametrize(("reach", "is_bounded"), [(bounds.REACH, False), (-0.499, True)])
def test_a_bundle_predicts_what_its_run_predicted(
    reach: float, is_bounded: bool, prices_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "REACH", reach)
    context = Context(dataset=read(prices_file, SMALL, tmp_path / "tables"), recipe=SMALL)
    walked = pipeline.walk(context, tmp_path / "out")
    assert ("lstm" in walked.evaluation.diverged) is is_bounded
    ours = load_predictions(tmp_path / "out").set_index("origin")
    scored = predict_with(read_bundle(tmp_path / "out" / "bundle.zip"), prices_file, tmp_path / "scored")
    theirs = scored.table.set_index("origin").loc[ours.index]
    pd.testing.assert_frame_equal(
        ours[["time", "horizon", "lstm", "lower", "upper"]],
        theirs[["time", "horizon", "lstm", "lower", "upper"]],
        check_exact=True,
    )
    (ahead,) = load_ahead(tmp_path / "out").table.to_dict("records")
    last = scored.table.iloc[-1]
    assert (ahead["time"], ahead["origin"]) == (last["time"], last["origin"])
    np.testing.assert_allclose(
        [ahead["forecast"], ahead["lower"], ahead["upper"]], [last["lstm"], last["lower"], last["upper"]], rtol=1e-6
    )
    assert ("predictions-bounded" in {finding.code for finding in scored.findings}) is is_bounded


@pytest.mark.slow
def test_a_lag_as_an_input_is_the_same_in_run_and_bundle(prices_file: Path, tmp_path: Path) -> None:
    chosen = ("close.log_return", "vix", "vix.lag5")
    recipe = SMALL.change("training", features=chosen).change("evaluation", lstm_adds=True)
    walked = pipeline.walk(
        Context(dataset=read(prices_file, recipe, tmp_path / "tables"), recipe=recipe), tmp_path / "out"
    )
    assert walked.chosen == chosen
    assert walked.evaluation.causality is not None
    assert walked.evaluation.causality.holds
    assert walked.evaluation.lstm_adds is not None
    ours = load_predictions(tmp_path / "out").set_index("origin")
    bundle = read_bundle(tmp_path / "out" / "bundle.zip")
    assert [step.name for step in bundle.manifest.features.steps] == ["vix", "close.log_return", "vix.lag5"]
    table = predict_with(bundle, prices_file, tmp_path / "scored").table.set_index("origin").loc[ours.index]
    pd.testing.assert_frame_equal(ours[["lstm", "lower", "upper"]], table[["lstm", "lower", "upper"]], check_exact=True)


@pytest.mark.slow
def test_a_volatility_from_high_and_low_is_the_same_in_run_and_bundle(tmp_path: Path) -> None:
    bars = make_bars(300, gap=0.006)
    bars.loc[250, "high"] = np.nan
    bars.to_csv(tmp_path / "bars.csv", index=False)
    recipe = SMALL.change("training", predict="volatility", horizon=2).change("cleaning", drop=("high", "low"))
    context = Context(dataset=read(tmp_path / "bars.csv", recipe, tmp_path / "tables"), recipe=recipe)
    measure = pipeline.walk(context, tmp_path / "out").evaluation.volatility
    assert (measure.bar, measure.rows_a_year) == (("high", "low"), 262)
    assert 0.6 < measure.to_returns < 0.95
    ours = load_predictions(tmp_path / "out").set_index("origin")
    bundle = read_bundle(tmp_path / "out" / "bundle.zip")
    assert {"high", "low"} <= bundle.manifest.kinds.keys()
    table = predict_with(bundle, tmp_path / "bars.csv", tmp_path / "scored").table.set_index("origin").loc[ours.index]
    pd.testing.assert_frame_equal(ours[["lstm", "lower", "upper"]], table[["lstm", "lower", "upper"]], check_exact=True)
    (ahead,) = load_ahead(tmp_path / "out").table.to_dict("records")
    last = predict_with(bundle, tmp_path / "bars.csv", tmp_path / "scored").table.iloc[-1]
    assert (ahead["time"], ahead["origin"]) == (last["time"], last["origin"])
    np.testing.assert_allclose(
        [ahead["forecast"], ahead["lower"], ahead["upper"]], [last["lstm"], last["lower"], last["upper"]], rtol=1e-6
    )
    ranges = np.log(bars["high"] / bars["low"]) ** 2 / (4 * np.log(2))
    squares = ranges.fillna(np.log(bars["close"]).diff() ** 2).set_axis(bars["date"])
    realised = np.sqrt(squares.rolling(2).mean())
    np.testing.assert_allclose(ours["actual"], realised.loc[ours["time"]], rtol=1e-9)
    bars.drop(columns="low").to_csv(tmp_path / "less.csv", index=False)
    with pytest.raises(MissingModelColumns):
        predict_with(bundle, tmp_path / "less.csv", tmp_path / "none")


@pytest.mark.slow
@pytest.mark.parametrize("predict", ["difference", "level", "direction"])
def test_a_panel_of_series_of_different_size_is_the_same_in_run_and_bundle(
    predict: str, prices: pd.DataFrame, tmp_path: Path
) -> None:
    sizes = {"small": 0.01, "middle": 1.0, "large": 1000.0}
    frame = pd.concat([prices.assign(ticker=name, close=size * prices["close"]) for name, size in sizes.items()])
    frame.to_csv(tmp_path / "panel.csv", index=False)
    recipe = SMALL.change("ingest", series_column="ticker").change("training", predict=predict)
    pipeline.walk(
        Context(dataset=read(tmp_path / "panel.csv", recipe, tmp_path / "tables"), recipe=recipe), tmp_path / "out"
    )
    bundle = read_bundle(tmp_path / "out" / "bundle.zip")
    assert set(bundle.manifest.scaling.series) == set(sizes)
    assert bundle.manifest.verified is not None
    keys, numbers = ["series", "origin"], ["lstm", "lower", "upper"]
    ours = load_predictions(tmp_path / "out").set_index(keys)
    theirs = predict_with(bundle, tmp_path / "panel.csv", tmp_path / "scored").table.set_index(keys).loc[ours.index]
    assert len(ours) > 50
    pd.testing.assert_frame_equal(ours[numbers], theirs[numbers], check_exact=True)
    with zipfile.ZipFile(tmp_path / "out" / "bundle.zip") as archive:
        archive.extractall(tmp_path / "bundle")
    program = [sys.executable, "-I", "predict.py", str(tmp_path / "panel.csv"), "--out", str(tmp_path / "alone.csv")]
    subprocess.run(program, cwd=tmp_path / "bundle", check=True, capture_output=True)
    alone = pd.read_csv(tmp_path / "alone.csv", parse_dates=["origin"]).set_index(keys).loc[ours.index]
    np.testing.assert_allclose(alone[numbers], ours[numbers], rtol=1e-9)
