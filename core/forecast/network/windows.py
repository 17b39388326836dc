"""Windows of scaled rows: the network's input."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.data.blocks import rows_before
from core.data.eras import Era
from core.errors.training import TooFewWindows, ValueTooLarge
from core.forecast.network.scaling import OutcomeUnit, Scaling
from core.samples.direction import repeat_frequency
from core.samples.samples import Samples, split_validation, train_mean
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

FEWEST_TRAIN_WINDOWS = 20
FEWEST_VALIDATION_WINDOWS = 5


@dataclass(frozen=True, eq=False, kw_only=True)
class Windows:
    """Scaled rows, and the n samples that have a full window within their own series.

    `inputs` is float32 (rows, features), one row for each row of the feature frame; a row that lacks a feature is in no
    window. `ends` int (n,) are the rows of the origins. Scaled outcomes are float32 (n,): `outcomes`, NaN if the future is
    unknown; `persistence`, those of the persistence forecast; `mean`, those of the train mean, None if it is no rival.
    `samples` has length n. `unit` is that of the outcomes, by which they were scaled.

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
    unit: OutcomeUnit = OutcomeUnit()

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
    scales = scaling.input_scales(features.series)
    for position, name in enumerate(names):
        values = features.values[name].to_numpy()
        with np.errstate(over="ignore"):
            inputs[:, position] = scales.scale(values, position)
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
    unit = scaling.unit(None if features.series is None else features.series[kept.rows])
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
            unit=unit,
        )
    return Windows(
        inputs=inputs,
        ends=kept.rows,
        window=window,
        outcomes=unit.scale_outcome(kept.outcome).astype(np.float32),
        persistence=unit.scale_outcome(task.no_change(kept.base)).astype(np.float32),
        mean=None if mean_outcome is None else unit.scale_outcome(mean_outcome).astype(np.float32),
        samples=kept,
        unit=unit,
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
