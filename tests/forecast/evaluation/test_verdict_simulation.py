"""How often the verdict errs: false skill on random walks, and real skill found on autocorrelated returns."""

from pathlib import Path

import numpy as np
import pytest

from core.context import Context
from core.ingest.step import read
from core.pipeline import walk
from core.recipe.model import Recipe

WALKS, ROWS = 30, 2000
MOST_FALSE, FEWEST_FOUND = 3, 26
RECIPE = {
    "ingest": {"target": "close"},
    "importance": {"iterations": 30, "folds": 2, "seeds": 1},
    "training": {"window": 10, "units": [16], "epochs": 30, "seeds": 1},
    "evaluation": {"baselines": [], "lstm_adds": False},
}


def verdict(memory: float, seed: int, folder: Path) -> str:
    """Return the level of a whole walk on a price whose returns are an AR(1) with this coefficient, beside two noise columns."""
    chance = np.random.default_rng(seed)
    moves = np.zeros(ROWS)
    for row in range(1, ROWS):
        moves[row] = memory * moves[row - 1] + 0.01 * chance.normal()
    close = 100 * np.exp(np.cumsum(moves))
    noise = chance.normal(size=(2, ROWS))
    days = np.datetime64("2010-01-01") + np.arange(ROWS)
    rows = [f"{day},{price:.6f},{a:.4f},{b:.4f}" for day, price, a, b in zip(days, close, *noise, strict=True)]
    source = folder / f"{memory}-{seed}.csv"
    source.write_text("\n".join(["date,close,a,b", *rows]))
    recipe = Recipe.model_validate(RECIPE)
    context = Context(dataset=read(source, recipe, folder / "tables"), recipe=recipe)
    return walk(context, folder / source.stem).verdict.level


@pytest.mark.simulation
def test_a_random_walk_is_seldom_called_skill(tmp_path: Path) -> None:
    levels = [verdict(0.0, seed, tmp_path) for seed in range(WALKS)]
    print(f"random walks: {levels.count('skill')} of {WALKS} called skill")
    assert levels.count("skill") <= MOST_FALSE


@pytest.mark.simulation
def test_autocorrelated_returns_are_mostly_called_skill(tmp_path: Path) -> None:
    levels = [verdict(0.3, seed, tmp_path) for seed in range(WALKS)]
    print(f"AR(1) 0.3: {levels.count('skill')} of {WALKS} called skill")
    assert levels.count("skill") >= FEWEST_FOUND
