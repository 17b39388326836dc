"""Windows of scaled rows, gathered by index: what the network sees before it predicts."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.data.eras import Era
from core.errors.model import DataError
from core.samples.samples import Samples, train_mean
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

FEWEST_TRAIN_WINDOWS = 20
FEWEST_VALIDATION_WINDOWS = 5
IQR_OF_NORMAL = 1.3489795


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """How features and outcomes are scaled: (value - center) / scale, by numbers of the train era."""

    center: tuple[float, ...]
    scale: tuple[float, ...]
    outcome_center: float
    outcome_scale: float

    def outcome(self, scaled: np.ndarray) -> np.ndarray:
        """Return outcomes in their own unit from scaled ones.

        Examples
        --------
        >>> Scaling(center=(), scale=(), outcome_center=0.0, outcome_scale=0.02).outcome(np.array([0.5]))
        array([0.01])
        """
        return self.outcome_center + self.outcome_scale * np.asarray(scaled, dtype=np.float64)

    def scale_outcome(self, outcome: np.ndarray) -> np.ndarray:
        """Return scaled outcomes, as the network is taught them."""
        return (np.asarray(outcome, dtype=np.float64) - self.outcome_center) / self.outcome_scale


@dataclass(frozen=True, eq=False, kw_only=True)
class Windows:
    """Scaled rows and the samples that have a full window of them inside their own series.

    `inputs` is float32 (rows, features), one row a row of the feature frame; `ends` are the positions in it of the
    origins; `outcomes` are scaled float32, NaN where the future is unknown, and `unmoved` what they would be if nothing
    moved, and `mean` if the target took its train mean, where that is a rival; `samples` has the length of `ends`.
    """

    inputs: np.ndarray
    ends: np.ndarray
    window: int
    outcomes: np.ndarray
    unmoved: np.ndarray
    samples: Samples
    mean: np.ndarray | None = None

    def batch(self, which: np.ndarray) -> np.ndarray:
        """Return the windows at the positions `which`: float32 (len(which), window, features), oldest row first."""
        back = np.arange(1 - self.window, 1)
        return self.inputs[self.ends[which][:, None] + back]


def fit_scaling(
    features: "FeatureFrame",
    names: tuple[str, ...],
    samples: Samples,
    task: Task,
    kind: Literal["standard", "robust", "none"],
) -> Scaling:
    """Return the scaling learned from rows up to the last train origin, and from train outcomes.

    Changes are centred at 0, so that a network that answers 0 answers "nothing moves": persistence. Levels are centred
    at their train mean. A constant feature has scale 1. Raises `DataError` where no train sample exists.
    """
    train = samples.of(Era.TRAIN)
    if not len(train):
        raise DataError("No train row has a known outcome.", "Use a shorter horizon or a longer train era.")
    learned = features.times <= samples.origin_times[train].max()
    centers, scales = [], []
    for name in names:
        center, scale = _spread(features.values[name].to_numpy()[learned], kind)
        centers.append(center)
        scales.append(scale)
    outcome = samples.outcome[train]
    return Scaling(
        center=tuple(centers),
        scale=tuple(scales),
        outcome_center=float(outcome.mean()) if task.predict == "level" else 0.0,
        outcome_scale=_positive(float(outcome.std()), float(np.abs(outcome).max())),
    )


def _spread(values: np.ndarray, kind: str) -> tuple[float, float]:
    if kind == "none":
        return 0.0, 1.0
    size = float(np.abs(values).max())
    deviation = _positive(float(values.std()), size)
    if kind == "standard":
        return float(values.mean()), deviation
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    quartiles = float(high - low) / IQR_OF_NORMAL
    return float(middle), quartiles if _positive(quartiles, size) == quartiles else deviation


def _positive(spread: float, size: float) -> float:
    """Return the spread, or 1 where it is only the rounding error of a constant of that size."""
    return spread if spread > 1e-12 * size else 1.0


def make_windows(
    features: "FeatureFrame", names: tuple[str, ...], samples: Samples, task: Task, scaling: Scaling, window: int
) -> Windows:
    """Return the windows of every origin that has `window` rows of its own series up to and with itself.

    Raises `DataError` naming the feature and the row whose scaled value is no finite number.
    """
    count = len(features.target)
    inputs = np.empty((count, len(names)), dtype=np.float32)
    for position, name in enumerate(names):
        values = features.values[name].to_numpy()
        with np.errstate(over="ignore"):
            inputs[:, position] = (values - scaling.center[position]) / scaling.scale[position]
        finite = np.isfinite(inputs[:, position])
        if not finite.all():
            row = int(np.flatnonzero(~finite)[0])
            raise DataError(
                f"Feature '{name}' is {values[row]:g} in line {features.lines[row]}, too large for the network.",
                "Drop the column, or clip it.",
            )
    starts = np.flatnonzero(np.r_[True, np.diff(features.blocks) != 0]) if count else np.zeros(0, dtype=np.int64)
    into_block = np.arange(count) - np.repeat(starts, np.diff(np.r_[starts, count]))
    kept = samples.take(np.flatnonzero(into_block[samples.rows] >= window - 1))
    unmoved = task.no_change(kept.base)
    outcomes, unmoved = (scaling.scale_outcome(values).astype(np.float32) for values in (kept.outcome, unmoved))
    if (mean := train_mean(samples)) is not None:
        mean = scaling.scale_outcome(task.change(kept.base, mean[kept.rows])).astype(np.float32)
    return Windows(
        inputs=inputs, ends=kept.rows, window=window, outcomes=outcomes, unmoved=unmoved, samples=kept, mean=mean
    )


def require_windows(windows: Windows) -> None:
    """Raise `DataError` where train or validation holds too few windows to learn from, naming what was found and needed."""
    for era, needed in ((Era.TRAIN, FEWEST_TRAIN_WINDOWS), (Era.VALIDATION, FEWEST_VALIDATION_WINDOWS)):
        found = len(windows.samples.of(era))
        if found < needed:
            name = era.name.lower()
            raise DataError(
                f"The {name} era holds {found} windows of {windows.window} rows; at least {needed} are needed "
                f"(the data have {len(windows.inputs):,} rows).",
                "Use a shorter window or horizon, another split, or more rows.",
            )
