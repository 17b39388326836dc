"""What the models are judged on: outcomes in the units of the question, scaled per series, averaged per time stamp."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from core.accuracy.clark_west import average_by_stamp, clark_west
from core.accuracy.diebold_mariano import diebold_mariano
from core.accuracy.mean_test import MeanTest
from core.data.blocks import block_means, block_slices
from core.data.eras import Era
from core.forecast.evaluation.scores import Loss
from core.samples.samples import Samples, train_mean
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

# A volatility: skewed to the right, persistent, and pulled back to its mean by at least this t statistic.
_FEWEST_ROWS, _SKEWNESS, _PERSISTENCE, _PULL = 100, 0.5, 0.3, -4.0
# QLIKE needs positive forecasts: at least this share of the smallest train value.
_FLOOR = 0.5


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcomes:
    """Outcomes of one era and their forecasts by model, float64 (n,), in the units of the loss.

    For squared errors they are outcomes (a return, a difference) divided by the train error of the naive forecast of their
    series, so no series dominates. For QLIKE they are positive levels, for the log loss 0 or 1 and probabilities. `stamps` (n,)
    are the times of the outcomes, `series` (n,) names them, None for a single series. `horizon` counts rows.
    """

    loss: Loss
    actual: np.ndarray
    predicted: dict[str, np.ndarray]
    stamps: np.ndarray
    series: np.ndarray | None
    horizon: int

    def losses(self, name: str) -> np.ndarray:
        """Return the loss of each row, float64 (n,).

        QLIKE is y/f - ln(y/f) - 1, the log loss -ln of the probability of what happened.

        References
        ----------
        Patton (2011), Volatility forecast comparison using imperfect volatility proxies, J. Econometrics 160.
        """
        if self.loss == "squared_error":
            return np.square(self.actual - self.predicted[name])
        if self.loss == "log_loss":
            return -np.log(np.where(self.actual > 0, self.predicted[name], 1 - self.predicted[name]))
        ratio = self.actual / self.predicted[name]
        return ratio - np.log(ratio) - 1

    def mean_loss(self, name: str) -> float:
        """Return the mean over time stamps of the mean loss within each."""
        return float(average_by_stamp(self.losses(name), self.stamps).mean())

    def signal(self, name: str, naive: str) -> MeanTest:
        """Test whether a model carries a signal beyond a naive forecast (Clark-West, one-sided).

        The adjustment exists for squared errors only: forecasts judged by QLIKE are compared in logs, probabilities by their
        Brier score.
        """
        actual, benchmark, model = self.actual, self.predicted[naive], self.predicted[name]
        if self.loss == "qlike":
            actual, benchmark, model = np.log(actual), np.log(benchmark), np.log(model)
        return clark_west(actual, benchmark, model, self.horizon, self.stamps)

    def accuracy(self, name: str, rival: str) -> MeanTest:
        """Compare the losses of two models (Diebold-Mariano); the statistic is positive if the first has the larger loss."""
        return diebold_mariano(self.losses(name), self.losses(rival), self.horizon, self.stamps)


def build_outcomes(part: pd.DataFrame, features: "FeatureFrame", samples: Samples, task: Task, loss: Loss) -> Outcomes:
    """Build the outcomes of one era.

    Parameters
    ----------
    part
        The rows of the era in the table that `build_predictions` made.
    features, samples, task
        The feature frame, the samples of all eras, and the task.
    loss
        The loss to judge by.
    """
    origins = part.index.to_numpy()
    base, actual = features.target[origins], part["actual"].to_numpy()
    names = [name for name in part.columns if name not in _NO_MODELS]
    if loss == "qlike":
        floor = _FLOOR * float(samples.future[samples.of(Era.TRAIN)].min())
        # QLIKE is robust to noise in a variance: a standard deviation is squared.
        power = 2 if task.predict == "volatility" else 1
        predicted = {name: np.maximum(part[name].to_numpy(), floor) ** power for name in names}
        actual = actual**power
    elif loss == "log_loss":
        predicted = {name: part[name].to_numpy() for name in names}
    else:
        scale = naive_error(features, samples, task)[origins]
        predicted = {name: task.change(base, part[name].to_numpy()) / scale for name in names}
        actual = task.change(base, actual) / scale
    return Outcomes(
        loss=loss,
        actual=actual,
        predicted=predicted,
        stamps=part["time"].to_numpy(),
        series=part["series"].to_numpy() if "series" in part else None,
        horizon=task.horizon,
    )


_NO_MODELS = frozenset({"origin", "time", "series", "era", "horizon", "actual", "lower", "upper"})


def naive_error(features: "FeatureFrame", samples: Samples, task: Task) -> np.ndarray:
    """Return the root mean squared train error of the naive forecast of each row's series, float64 (rows,).

    The naive forecast is persistence, or the train mean if it is a rival. Series without train errors get that of all.
    """
    mean = train_mean(samples)
    naive = task.no_change(samples.base) if mean is None else task.change(samples.base, mean)
    train = samples.of(Era.TRAIN)
    squared = np.square(samples.outcome - naive)[train]
    if not squared.any():
        return np.ones(len(features.target))
    codes = features.series_codes
    error = np.sqrt(block_means(squared, codes[samples.rows[train]], int(codes.max()) + 1))
    return np.where(error > 0, error, np.sqrt(squared.mean()))[codes]


def choose_loss(features: "FeatureFrame", samples: Samples, task: Task) -> Loss:
    """Return the log loss for a direction, QLIKE for a volatility or a target that behaves like one, else the squared error.

    Over the train era a volatility is positive, skewed to the right, persistent and mean-reverting; most series of a panel must
    be.
    """
    train = samples.of(Era.TRAIN)
    if task.predict == "volatility":
        return "qlike"
    if task.is_direction:
        return "log_loss"
    if not len(train) or not (features.target > 0).all():
        return "squared_error"
    values, blocks = samples.base[train], samples.blocks[train]
    found = [_is_volatility(values[rows]) for rows in block_slices(blocks, len(values))]
    judged = [each for each in found if each is not None]
    return "qlike" if judged and 2 * sum(judged) > len(judged) else "squared_error"


def _is_volatility(values: np.ndarray) -> bool | None:
    """Return whether positive values behave like a volatility; None if they are too few."""
    if len(values) < _FEWEST_ROWS:
        return None
    logs = np.log(values)
    before, steps = logs[:-1] - logs[:-1].mean(), np.diff(logs)
    size = float(before @ before)
    if size == 0 or stats.skew(values) < _SKEWNESS:
        return False
    slope = float(before @ steps) / size
    rest = steps - steps.mean() - slope * before
    error = float(np.sqrt(rest @ rest / (len(rest) - 2) / size))
    return error > 0 and slope / error < _PULL and 1 + slope > _PERSISTENCE
