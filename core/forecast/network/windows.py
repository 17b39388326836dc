"""Scaling of features and outcomes, and windows of scaled rows: the network's input."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.data.blocks import rows_before
from core.data.eras import Era
from core.errors.training import NoTrainOutcome, TooFewWindows, ValueTooLarge
from core.samples.direction import repeat_frequency, train_log_odds
from core.samples.samples import Samples, split_validation, train_mean
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

FEWEST_TRAIN_WINDOWS = 20
FEWEST_VALIDATION_WINDOWS = 5
IQR_OF_NORMAL = 1.3489795
# Scaled features are cut at 1.5 times their largest size in train, but never below 10.
TRAIN_REACH = 1.5
LOWEST_CAP = 10.0


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """Scaling of features and outcome, (value - center) / scale, fitted on the train era.

    `caps` are the largest sizes of scaled features: larger ones are cut, so a value that train never had moves the network no
    further than train could. Empty in models that are older than the caps.
    """

    center: tuple[float, ...]
    scale: tuple[float, ...]
    outcome_center: float
    outcome_scale: float
    caps: tuple[float, ...] = ()

    def outcome(self, scaled: np.ndarray) -> np.ndarray:
        """Return outcomes (n,) in their own unit, float64, from scaled ones (n,).

        Examples
        --------
        >>> Scaling(center=(), scale=(), outcome_center=0.0, outcome_scale=0.02).outcome(np.array([0.5]))
        array([0.01])
        """
        return self.outcome_center + self.outcome_scale * np.asarray(scaled, dtype=np.float64)

    def scale_outcome(self, outcome: np.ndarray) -> np.ndarray:
        """Return scaled outcomes (n,), float64, from outcomes (n,) in their own unit."""
        return (np.asarray(outcome, dtype=np.float64) - self.outcome_center) / self.outcome_scale


@dataclass(frozen=True, eq=False, kw_only=True)
class Windows:
    """Scaled rows, and the n samples that have a full window within their own series.

    `inputs` is float32 (rows, features), one row for each row of the feature frame; a row that lacks a feature is in no
    window. `ends` int (n,) are the rows of the origins. Scaled outcomes are float32 (n,): `outcomes`, NaN if the future is
    unknown; `persistence`, those of the persistence forecast; `mean`, those of the train mean, None if it is no rival.
    `samples` has length n.

    If a direction is predicted, outcomes are 0 or 1, the naive forecasts are probabilities, and the network's output is added to
    `log_odds`, those of train outcomes.
    """

    inputs: np.ndarray
    ends: np.ndarray
    window: int
    outcomes: np.ndarray
    persistence: np.ndarray
    samples: Samples
    mean: np.ndarray | None = None
    log_odds: float | None = None

    def rows(self, positions: np.ndarray) -> np.ndarray:
        """Return the rows of windows, int (k, window), oldest first; `positions` int (k,)."""
        rows: np.ndarray = self.ends[positions][:, None] + np.arange(1 - self.window, 1)
        return rows

    def batch(self, positions: np.ndarray) -> np.ndarray:
        """Return windows, float32 (k, window, features), oldest row first; `positions` int (k,)."""
        return self.inputs[self.rows(positions)]

    def steps(self, positions: np.ndarray) -> Iterator[np.ndarray]:
        """Yield windows as `batch` returns them, but step by step: float32 (k, features)."""
        for rows in self.rows(positions).T:
            yield self.inputs[rows]


def fit_scaling(
    features: "FeatureFrame",
    names: tuple[str, ...],
    samples: Samples,
    task: Task,
    kind: Literal["standard", "robust", "none"],
) -> Scaling:
    """Fit the scaling on rows up to the last train origin, and on train outcomes.

    Changes are scaled but not centred, so an output of 0 is exactly the persistence forecast. Levels are centred at their
    train mean. For a direction the outcome is in log odds, centred at those of train: an output of 0 is the train frequency.
    A constant feature has scale 1. Raises `NoTrainOutcome`.

    Parameters
    ----------
    features
        The feature frame.
    names
        The features to scale, in order.
    samples, task
        Samples of all eras, and their task.
    kind
        `standard` uses mean and standard deviation, `robust` median and interquartile range, `none` leaves features as is.
    """
    train = samples.of(Era.TRAIN)
    if not len(train):
        raise NoTrainOutcome
    fitted = features.times <= samples.origin_times[train].max()
    centers, scales, caps = [], [], []
    for name in names:
        values = features.values[name].to_numpy()[fitted]
        values = values[np.isfinite(values)]
        center, scale = _center_and_scale(values, kind)
        centers.append(center)
        scales.append(scale)
        reach = float(np.abs((values - center) / scale).max(initial=0.0))
        caps.append(max(LOWEST_CAP, TRAIN_REACH * reach))
    outcome = samples.outcome[train]
    if task.is_direction:
        log_odds = train_log_odds(outcome)
        return Scaling(
            center=tuple(centers), scale=tuple(scales), outcome_center=log_odds, outcome_scale=1.0, caps=tuple(caps)
        )
    return Scaling(
        center=tuple(centers),
        scale=tuple(scales),
        outcome_center=float(outcome.mean()) if task.predict == "level" else 0.0,
        outcome_scale=_scale_or_one(float(outcome.std()), float(np.abs(outcome).max())),
        caps=tuple(caps),
    )


def _center_and_scale(values: np.ndarray, kind: str) -> tuple[float, float]:
    if kind == "none" or not len(values):
        return 0.0, 1.0
    size = float(np.abs(values).max())
    deviation = _scale_or_one(float(values.std()), size)
    if kind == "standard":
        return float(values.mean()), deviation
    low, median, high = np.quantile(values, (0.25, 0.5, 0.75))
    robust = float(high - low) / IQR_OF_NORMAL
    return float(median), robust if _scale_or_one(robust, size) == robust else deviation


def _scale_or_one(scale: float, size: float) -> float:
    """Return the scale, or 1 if it is only the rounding error of a constant of that size."""
    return scale if scale > 1e-12 * size else 1.0


def make_windows(
    features: "FeatureFrame", names: tuple[str, ...], samples: Samples, task: Task, scaling: Scaling, window: int
) -> Windows:
    """Make a window for every origin with enough earlier rows in its own series, all of them with every feature.

    A window ends with the row of its origin. Raises `NoCompleteFeatures`, and `ValueTooLarge` if a scaled value is not a
    finite float32.

    Parameters
    ----------
    features
        The feature frame.
    names
        The features of a window, in order.
    samples, task
        Samples of all eras, and their task.
    scaling
        The fitted scaling, of the same features.
    window
        Rows of a window.
    """
    count = len(features.target)
    inputs = np.empty((count, len(names)), dtype=np.float32)
    for position, name in enumerate(names):
        values = features.values[name].to_numpy()
        with np.errstate(over="ignore"):
            inputs[:, position] = (values - scaling.center[position]) / scaling.scale[position]
        too_large = np.isinf(inputs[:, position])
        if too_large.any():
            row = int(np.flatnonzero(too_large)[0])
            raise ValueTooLarge(feature=name, value=float(values[row]), line=int(features.lines[row]))
        if scaling.caps:
            np.clip(inputs[:, position], -scaling.caps[position], scaling.caps[position], out=inputs[:, position])
    complete = features.complete_rows(names)
    inputs[~complete] = 0.0
    kept = samples.take(np.flatnonzero(full_windows(complete, features.blocks, window)[samples.rows]))
    mean = train_mean(samples, is_direction=task.is_direction)
    mean_outcome = None if mean is None else task.change(kept.base, mean[kept.rows])
    if task.is_direction:
        return Windows(
            inputs=inputs,
            ends=kept.rows,
            window=window,
            outcomes=kept.outcome.astype(np.float32),
            persistence=repeat_frequency(samples)[kept.rows].astype(np.float32),
            mean=None if mean_outcome is None else mean_outcome.astype(np.float32),
            samples=kept,
            log_odds=scaling.outcome_center,
        )
    return Windows(
        inputs=inputs,
        ends=kept.rows,
        window=window,
        outcomes=scaling.scale_outcome(kept.outcome).astype(np.float32),
        persistence=scaling.scale_outcome(task.no_change(kept.base)).astype(np.float32),
        mean=None if mean_outcome is None else scaling.scale_outcome(mean_outcome).astype(np.float32),
        samples=kept,
    )


def full_windows(complete: np.ndarray, blocks: np.ndarray, window: int) -> np.ndarray:
    """Return the rows at which `window` complete rows of one block end, bool (n,).

    `complete` bool (n,), `blocks` int (n,).

    Examples
    --------
    >>> full_windows(np.array([True, True, False, True, True, True]), np.array([0, 0, 0, 0, 0, 1]), 2)
    array([False,  True, False, False,  True, False])
    """
    row = np.arange(len(complete))
    last_incomplete = np.maximum.accumulate(np.where(complete, -1, row))
    return (rows_before(blocks) >= window - 1) & (row - last_incomplete >= window)


def require_windows(windows: Windows) -> None:
    """Raise `TooFewWindows` if train, or the part of validation that chooses the epoch, has too few windows."""
    choosing, _ = split_validation(windows.samples)
    for era, found, needed in (
        (Era.TRAIN, len(windows.samples.of(Era.TRAIN)), FEWEST_TRAIN_WINDOWS),
        (Era.VALIDATION, len(choosing), FEWEST_VALIDATION_WINDOWS),
    ):
        if found < needed:
            raise TooFewWindows(
                era=era.name.lower(), found=found, needed=needed, window=windows.window, rows=len(windows.inputs)
            )
