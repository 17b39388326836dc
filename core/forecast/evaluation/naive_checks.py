"""Naive checks: whether a forecast only repeats the last value, a drift or one direction."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.forecast.evaluation.by_series import SeriesWeight, centre_by_series, find_heaviest
from core.forecast.evaluation.era_scores import reference_levels
from core.forecast.evaluation.scores import EraName, diebold_mariano, direction_hits
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

LONGEST_LAG = 5
FEWEST_ROWS = 10
_LEAST_SPREAD = 0.5


@dataclass(frozen=True, kw_only=True)
class NaiveChecks:
    """Diagnostics for persistence-like forecasts of the LSTM, computed on `era`.

    None if a number does not exist. `flatness` is the standard deviation of predicted changes divided by that of actual ones.
    `lag_peak` is the lag, in rows, at which actual levels correlate most with predicted ones: the horizon if the forecast copies
    its origin, None if it varies less than half as much as the levels. `majority_share` is the share of the more frequent
    direction. `drift_rmse` is the RMSE of the constant drift: the mean predicted change of each series, in every row.
    `drift_statistic` and `drift_p_value` compare forecast and drift (Diebold-Mariano; negative if the forecast is more accurate).
    `heaviest` is the series with most of persistence's squared error, None for a single series.
    """

    era: EraName
    flatness: float | None
    lag_peak: int | None
    majority_share: float | None
    drift_rmse: float | None = None
    drift_statistic: float | None = None
    drift_p_value: float | None = None
    heaviest: SeriesWeight | None = None


def compute_naive_checks(
    part: pd.DataFrame | None, features: "FeatureFrame", task: Task, era: EraName, *, mean_is_rival: bool
) -> NaiveChecks:
    """Compute the diagnostics of the LSTM on one era.

    Parameters
    ----------
    part
        The rows of the era in the table that `build_predictions` made, None if it has none.
    features, task
        The feature frame, and the task.
    era
        The name of the era.
    mean_is_rival
        Whether the train mean is a rival: changes are then relative to it.
    """
    if part is None or len(part) < FEWEST_ROWS:
        return NaiveChecks(era=era, flatness=None, lag_peak=None, majority_share=None)
    origins = part.index.to_numpy()
    predicted, start = part["lstm"].to_numpy(), reference_levels(part, features, mean_is_rival=mean_is_rival)
    actual_change = part["actual"].to_numpy() - start
    spread = float(actual_change.std())
    _, up = direction_hits(actual_change, actual_change)
    drift_rmse, drift_statistic, drift_p_value = _compare_with_drift(part, features, task)
    return NaiveChecks(
        era=era,
        flatness=float((predicted - start).std() / spread) if spread > 0 else None,
        lag_peak=_find_lag_peak(origins, predicted, features, task.horizon),
        majority_share=float(max(up.mean(), 1 - up.mean())) if len(up) else None,
        drift_rmse=drift_rmse,
        drift_statistic=drift_statistic,
        drift_p_value=drift_p_value,
        heaviest=_find_heaviest(part),
    )


def _find_heaviest(part: pd.DataFrame) -> SeriesWeight | None:
    if "series" not in part:
        return None
    return find_heaviest(part["series"].to_numpy(), np.square(part["actual"] - part["persistence"]).to_numpy())


def _compare_with_drift(
    part: pd.DataFrame, features: "FeatureFrame", task: Task
) -> tuple[float, float | None, float | None]:
    """Return the RMSE of the constant drift, and its Diebold-Mariano test: statistic, p-value."""
    origins = part.index.to_numpy()
    base, actual, predicted = features.target[origins], part["actual"].to_numpy(), part["lstm"].to_numpy()
    change = task.change(base, predicted)
    drift = task.level(base, change - centre_by_series(change, features.blocks[origins]))
    loss, drift_loss = np.square(actual - predicted), np.square(actual - drift)
    found = diebold_mariano(loss, drift_loss, part["time"].to_numpy(), task.horizon)
    statistic, p_value = found or (None, None)
    return float(np.sqrt(drift_loss.mean())), statistic, p_value


def _find_lag_peak(origins: np.ndarray, predicted: np.ndarray, features: "FeatureFrame", horizon: int) -> int | None:
    """Return the lag at which actual levels correlate most with predicted ones.

    Both are centred by series. None if the forecast varies less than half as much as the levels: its peak would mean nothing.
    """
    longest = max(LONGEST_LAG, horizon)
    first = origins + horizon - longest
    complete = (first >= 0) & (features.blocks[np.maximum(first, 0)] == features.blocks[origins])
    origins, predicted = origins[complete], predicted[complete]
    blocks = features.blocks[origins]
    centred = centre_by_series(predicted, blocks)
    actual_squares = np.square(centre_by_series(features.target[origins + horizon], blocks)).sum()
    if len(origins) < FEWEST_ROWS or np.square(centred).sum() <= _LEAST_SPREAD**2 * actual_squares:
        return None
    correlations = []
    for lag in range(longest + 1):
        actual = centre_by_series(features.target[origins + horizon - lag], blocks)
        size = float(np.sqrt((actual @ actual) * (centred @ centred)))
        correlations.append(float(actual @ centred) / size if size > 0 else -1.0)
    return int(np.argmax(correlations))
