"""A predicted direction, judged by the log loss: its rivals, verdict, backtest, and what a bundle makes of it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import pipeline
from core.context import Context
from core.delivery.bundle import read_bundle
from core.delivery.predict import predict_with
from core.delivery.results import load_predictions
from core.forecast.evaluation.evidence import list_evidence
from core.forecast.evaluation.outcomes import choose_loss
from core.forecast.evaluation.verdict import reach_verdict
from core.ingest.step import read
from core.recipe.model import Recipe, read_recipe
from tests.forecast.conftest import build_world, walk
from tests.forecast.evaluation.examples import evaluate_world

SMALL = {
    "ingest": {"time_column": "date", "target": "close"},
    "importance": {"iterations": 10, "folds": 1, "seeds": 1, "noise_probes": 1},
    "training": {"predict": "direction", "window": 4, "units": [4], "epochs": 12, "learning_rate": 0.02},
}


def written(folder: Path, signal: float, count: int = 1500) -> Path:
    """A price whose next return has the sign of a feature more often than not."""
    chance = np.random.default_rng(9)
    lead = chance.normal(size=count)
    returns = 0.01 * (signal * np.r_[0.0, lead[:-1]] + chance.normal(size=count))
    dates = pd.bdate_range("2012-01-02", periods=count).astype(str)
    source = folder / "prices.csv"
    pd.DataFrame({"date": dates, "close": 100 * np.exp(np.cumsum(returns)), "lead": lead}).to_csv(source, index=False)
    return source


def test_probabilities_are_judged_by_the_log_loss_and_the_brier_score():
    w = build_world(walk(600, 1), predict="direction")
    assert choose_loss(w.features, w.samples, w.task) == "log_loss"
    windows = w.windows(4)
    rose = np.nan_to_num(windows.samples.outcome)
    found = evaluate_world(w, np.where(rose > 0, 0.8, 0.2))
    assert found.test is not None
    scores = found.test["lstm"]
    assert scores.mean_loss == pytest.approx(-np.log(0.8))
    assert scores.brier == pytest.approx(0.04)
    assert scores.directional_accuracy == 1
    assert scores.mase is None
    assert reach_verdict(found).level == "skill"
    assert found.backtest is not None
    assert found.backtest.gross > 0


def test_the_train_frequency_itself_shows_no_skill():
    w = build_world(walk(600, 2), predict="direction")
    windows = w.windows(4)
    assert windows.mean is not None
    found = evaluate_world(w, windows.mean.astype(np.float64))
    assert reach_verdict(found).level != "skill"
    assert "Not a copy of the last value" not in {each.name for each in list_evidence(found)}


@pytest.mark.slow
def test_a_leading_column_makes_a_direction_predictable(tmp_path: Path) -> None:
    recipe = read_recipe(SMALL)
    source = written(tmp_path, 0.6)
    context = Context(dataset=read(source, recipe, tmp_path / "tables"), recipe=recipe)
    walked = pipeline.walk(context, tmp_path / "out")
    assert walked.verdict.level == "skill"
    found = walked.evaluation
    assert found.test is not None
    assert set(found.test) == {"lstm", "persistence", "mean", "ar", "linear", "catboost"}
    assert found.test["lstm"].mean_loss < 0.66
    assert found.interval is None
    assert found.calibration is not None
    assert found.reliability_p is not None
    assert walked.training.history[0].val_loss < 0.75

    ours = load_predictions(tmp_path / "out").set_index("origin")
    assert ours["lstm"].between(0, 1).all()
    assert (ours["lower"] <= ours["lstm"]).all()
    assert set(ours["actual"].unique()) == {0.0, 1.0}
    scored = predict_with(read_bundle(tmp_path / "out" / "bundle.zip"), source, tmp_path / "scored").table
    columns = ["time", "horizon", "lstm", "lower", "upper"]
    pd.testing.assert_frame_equal(ours[columns], scored.set_index("origin").loc[ours.index, columns], check_exact=True)


@pytest.mark.simulation
def test_the_direction_of_a_random_walk_is_seldom_called_skill(tmp_path: Path) -> None:
    levels = []
    for seed in range(30):
        chance = np.random.default_rng(seed)
        close = 100 * np.exp(np.cumsum(0.01 * chance.standard_t(4, size=2000)))
        folder = tmp_path / str(seed)
        folder.mkdir()
        source = folder / "prices.csv"
        dates = pd.bdate_range("2010-01-04", periods=2000).astype(str)
        noise = chance.normal(size=(2, 2000))
        pd.DataFrame({"date": dates, "close": close, "a": noise[0], "b": noise[1]}).to_csv(source, index=False)
        recipe = Recipe.model_validate(SMALL | {"evaluation": {"baselines": [], "lstm_adds": False}})
        context = Context(dataset=read(source, recipe, folder / "tables"), recipe=recipe)
        levels.append(pipeline.walk(context, folder / "out").verdict.level)
    print(f"random walks, direction: {levels.count('skill')} of 30 called skill")
    assert levels.count("skill") <= 3
