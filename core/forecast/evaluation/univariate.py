"""Rivals that see the target alone: HAR, seasonal naive, Theta."""

from typing import TYPE_CHECKING

import numpy as np

from core.data.blocks import rows_before
from core.data.eras import Era
from core.samples.samples import Samples
from core.samples.task import HAR_ROWS, Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

SEASONS = (4, 5, 7, 12, 24, 48, 52, 96)
_SEASON_SHARE, _FEWEST_SEASONS = 0.3, 8
_FEWEST_ROWS = 40


def fit_har(features: "FeatureFrame", samples: Samples, task: Task) -> np.ndarray | None:
    """Return the levels that a log-HAR model predicts, float64 (rows,); None if the target is not positive.

    The log of the target is regressed on its last value and its means over 5 and 22 rows; a direct forecast of the horizon. Half
    the residual variance is added before the exponential, so the level is unbiased.

    References
    ----------
    Corsi (2009), A simple approximate long-memory model of realized volatility, J. Financial Econometrics 7.
    """
    if not (features.target > 0).all():
        return None
    logs = np.log(features.target)
    place = rows_before(features.blocks)
    design = np.column_stack([np.ones(len(logs)), logs, *(_mean_of_last(logs, rows, place) for rows in HAR_ROWS[1:])])
    train = samples.of(Era.TRAIN)
    rows = samples.rows[train]
    complete = place[rows] >= HAR_ROWS[-1] - 1
    if complete.sum() < _FEWEST_ROWS:
        return None
    future = np.log(samples.future[train][complete])
    coefficients, *_ = np.linalg.lstsq(design[rows[complete]], future, rcond=None)
    rest = future - design[rows[complete]] @ coefficients
    return np.exp(design @ coefficients + rest.var() / 2)


def seasonal_naive(features: "FeatureFrame", samples: Samples, task: Task) -> np.ndarray | None:
    """Return the values one season before each forecast row, float64 (rows,); None if no season is found.

    A season is a lag of 4 to 96 rows at which train changes have an autocorrelation of at least 0.3, the largest of all. At the
    start of a series the last value is predicted.
    """
    train_rows = samples.rows[samples.of(Era.TRAIN)]
    if len(train_rows) < _FEWEST_ROWS:
        return None
    last = int(train_rows.max())
    changes = np.diff(features.target[: last + 1])
    same = np.diff(features.blocks[: last + 1]) == 0
    changes = np.where(same, changes - changes[same].mean() if same.any() else 0.0, 0.0)
    size = float(changes @ changes)
    lags = [lag for lag in SEASONS if len(changes) >= _FEWEST_SEASONS * lag]
    if size == 0 or not lags:
        return None
    memory = {lag: float(changes[lag:] @ changes[:-lag]) / size for lag in lags}
    season = max(memory, key=lambda lag: memory[lag])
    if memory[season] < _SEASON_SHARE:
        return None
    back = season * -(-task.horizon // season) - task.horizon
    place = rows_before(features.blocks)
    rows = np.arange(len(place))
    return features.target[np.where(place >= back, rows - back, rows)]


def fit_theta(features: "FeatureFrame", samples: Samples, task: Task) -> np.ndarray | None:
    """Return the levels that the Theta method predicts for a single series, float64 (rows,); None for a panel.

    Its smoothing and its trend are fitted on the train era, and the level is updated row by row.

    References
    ----------
    Assimakopoulos and Nikolopoulos (2000), The theta model, Int. J. Forecasting 16.
    """
    from statsmodels.tsa.forecasting.theta import ThetaModel

    train_rows = samples.rows[samples.of(Era.TRAIN)]
    if features.blocks.any() or len(train_rows) < _FEWEST_ROWS:
        return None
    past = features.target[: int(train_rows.max()) + 1]
    if np.ptp(past) == 0:
        return None
    fitted = ThetaModel(past, period=1, deseasonalize=False).fit()
    alpha, slope = float(fitted.params["alpha"]), float(fitted.params["b0"])
    level = np.empty(len(features.target))
    smooth = features.target[0]
    for row, value in enumerate(features.target):
        smooth = alpha * value + (1 - alpha) * smooth
        level[row] = smooth
    seen = np.arange(1, len(level) + 1)
    trend = task.horizon - 1 + (1 - (1 - alpha) ** seen) / max(alpha, 1e-6)
    return level + 0.5 * slope * trend


def _mean_of_last(values: np.ndarray, rows: int, place: np.ndarray) -> np.ndarray:
    """Return the mean of the last rows of the same block, of those there are at its start, float64 (n,)."""
    total = np.r_[0.0, np.cumsum(values)]
    count = np.minimum(place + 1, rows)
    ends = np.arange(1, len(values) + 1)
    return (total[ends] - total[ends - count]) / count
