"""Realised volatility: of past rows as a feature, and of future rows as what a model predicts."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.data.blocks import expanding_means, rows_before
from core.errors.samples import VolatilityNeedsPrices
from core.samples.rolling import rolling_moments
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

_QUIET = 0.05


def realised_volatility(
    prices: np.ndarray, blocks: np.ndarray, rows: int, variances: np.ndarray | None = None
) -> np.ndarray:
    """Return the root mean square of the last `rows` log returns, float64 (n,): a standard deviation per row, as a fraction.

    With `variances` it is the root of their mean: Parkinson's volatility. A row whose variance is NaN counts by its return.

    At least a twentieth of the one since the start of the block, so that its logarithm exists on rows without a change. NaN
    within the first `rows` rows of a block, and before anything has changed.

    Parameters
    ----------
    prices
        float64 (n,); a return is undefined if one is not positive.
    blocks
        int (n,), the block of each row.
    rows
        How many returns.
    variances
        float64 (n,), the variance within each row, by its high and low.

    Examples
    --------
    >>> prices = 100 * np.exp(np.array([0.0, 0.01, 0.03, 0.02]))
    >>> realised_volatility(prices, np.zeros(4, dtype=int), 2).round(4)
    array([   nan,    nan, 0.0158, 0.0158])
    """
    place = rows_before(blocks)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(prices)
        squares = np.square(np.where(place > 0, np.diff(logs, prepend=logs[:1]), np.nan))
    if variances is not None:
        squares = np.where(np.isfinite(variances), variances, squares)
    squares = np.where(np.isfinite(squares), squares, np.nan)
    mean, _ = rolling_moments(squares, rows)
    variance = np.maximum(mean, _QUIET**2 * expanding_means(squares, blocks))
    return np.sqrt(np.where((place >= rows) & (variance > 0), variance, np.nan))


def take_volatility_as_target(features: "FeatureFrame", task: Task) -> "FeatureFrame":
    """Return the features with the realised volatility of the last `horizon` rows as their target, if the task is to predict it.

    Its value `horizon` rows later is then the volatility of the rows in between. Rows at the start of a block, which have no
    volatility yet, are dropped. Raises `VolatilityNeedsPrices`.
    """
    if task.predict != "volatility":
        return features
    if not (features.target > 0).all():
        row = int(np.flatnonzero(~(features.target > 0))[0])
        raise VolatilityNeedsPrices(
            column=task.target, value=float(features.target[row]), line=int(features.lines[row])
        )
    target = realised_volatility(features.target, features.blocks, task.horizon, features.variances)
    return replace(features, target=target, variances=None).keep_rows(np.isfinite(target))
