"""The volatility of the target that is known at each row, and whether it is low, middle or high."""

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from core.data.blocks import expanding_means
from core.forecast.evaluation.train_steps import one_row_changes
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

Tercile = Literal["low", "middle", "high"]

# What the terciles of volatility are called, from 0.
TERCILES: tuple[Tercile, ...] = ("low", "middle", "high")
# RiskMetrics' decay. Volatility reverts to its long-run mean: the exponent of the recent one is that of large liquid markets.
_DECAY = 0.94
_REVERSION = 2 / 3
_LOOK_BACK = 1000
_FEWEST_ROWS = 20


def volatility_at_origin(features: "FeatureFrame", task: Task) -> np.ndarray:
    """Return the volatility of one-row changes known at each row, float64 (rows,), in the unit of outcomes.

    It is the exponentially weighted volatility, shrunk to the long-run one of the same unbroken stretch, and depends on that
    row and earlier ones alone. NaN before the first change, and while nothing has changed.

    References
    ----------
    J.P. Morgan (1996), RiskMetrics technical document, 4th edition.
    """
    squares = np.square(one_row_changes(features, task))
    by_block = pd.Series(squares).groupby(features.blocks, sort=False)
    recent = by_block.transform(lambda values: values.ewm(alpha=1 - _DECAY).mean()).to_numpy()
    long_run = expanding_means(squares, features.blocks)
    # A quiet stretch, such as a halt, does not make the next move infinitely surprising.
    recent = np.maximum(recent, 0.01 * long_run)
    volatility = np.sqrt(recent**_REVERSION * long_run ** (1 - _REVERSION))
    return np.where(volatility > 0, volatility, np.nan)


def volatility_terciles(volatility: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Return 0, 1 or 2 where the volatility is low, middle or high among the last 1,000 rows of the block, int8 (rows,).

    Rows with fewer than twenty rows so far, or without a volatility, are in the middle. `volatility` float64 (rows,), `blocks`
    int (rows,).
    """
    by_block = pd.Series(volatility).groupby(blocks, sort=False)
    low, high = (
        by_block.transform(lambda values, q=q: values.rolling(_LOOK_BACK, _FEWEST_ROWS).quantile(q)).to_numpy()
        for q in (1 / 3, 2 / 3)
    )
    return np.select([volatility <= low, volatility > high], [np.int8(0), np.int8(2)], np.int8(1))
