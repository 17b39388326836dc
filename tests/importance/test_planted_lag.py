"""A lag that matters is found, chosen and used: the network predicts as well as ridge on the whole window."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import pipeline
from core.context import Context
from core.ingest.step import read
from core.recipe.model import Recipe, read_recipe

pytestmark = pytest.mark.simulation

ROWS, LAG, EXPLAINED, SEEDS = 5_000, 5, 0.25, 3
RECIPE = read_recipe({"ingest": {"target": "close"}, "evaluation": {"baselines": ["persistence", "linear"]}})


def planted(seed: int, lags: tuple[int, ...]) -> pd.DataFrame:
    """Returns that depend on columns x1, x2, ... so many rows earlier, among eight columns of noise."""
    random = np.random.default_rng(seed)
    columns = {f"x{place}": random.standard_normal(ROWS) for place in range(len(lags))}
    signal = sum(np.r_[np.zeros(lag), x[:-lag]] for x, lag in zip(columns.values(), lags, strict=True))
    noise = np.sqrt(1 - EXPLAINED) * random.standard_normal(ROWS)
    returns = 0.01 * (np.sqrt(EXPLAINED / len(lags)) * signal + noise)
    columns |= {f"noise{place}": random.standard_normal(ROWS) for place in range(8)}
    dates = pd.bdate_range("2000-01-03", periods=ROWS)
    return pd.DataFrame({"date": dates, "close": 100 * np.exp(np.cumsum(returns)), **columns})


def walk(frame: pd.DataFrame, recipe: Recipe, folder: Path) -> pipeline.Walked:
    frame.to_csv(folder / "file.csv", index=False)
    context = Context(dataset=read(folder / "file.csv", recipe, folder / "tables"), recipe=recipe)
    return pipeline.walk(context, folder / "out")


@pytest.mark.parametrize("lags", [(LAG,), (1, 2, 3, 5, 10)])
def test_a_planted_lag_is_chosen_and_the_network_uses_it(lags: tuple[int, ...], tmp_path: Path) -> None:
    shares = []
    for seed in range(SEEDS):
        folder = tmp_path / str(seed)
        folder.mkdir()
        walked = walk(planted(seed, lags), RECIPE.change("evaluation", lstm_adds=False), folder)
        scores, _ = walked.evaluation.judged
        # The value at the origin is that of the row before the return.
        wanted = {f"x{place}.lag{lag - 1}" for place, lag in enumerate(lags) if lag > 1}
        assert wanted <= set(walked.chosen)
        shares.append(scores["lstm"].r2_oos / scores["linear"].r2_oos)
    print(np.round(shares, 2))
    assert min(shares) >= 0.6
    assert np.mean(shares) >= 0.85
