"""Daily bars of a price that was watched all the time."""

import numpy as np
import pandas as pd

STEPS = 64


def make_bars(rows: int, seed: int = 0, sigma: float = 0.01, gap: float = 0.0) -> pd.DataFrame:
    """Return bars of a random walk of `sigma` a day within sessions, and moves of `gap` between them."""
    chance = np.random.default_rng(seed)
    moves = sigma / np.sqrt(STEPS) * chance.normal(size=(rows, STEPS))
    moves[:, 0] += gap * chance.normal(size=rows)
    path = np.log(100) + moves.cumsum().reshape(rows, STEPS)
    bar = {"open": path[:, 0], "high": path.max(axis=1), "low": path.min(axis=1), "close": path[:, -1]}
    dates = pd.bdate_range("2015-01-01", periods=rows)
    return pd.DataFrame({"date": dates} | {name: np.exp(line) for name, line in bar.items()})
