"""What is predicted: the change of the target over the horizon, the way back to its own unit, and the samples to learn it from."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from core.data.eras import Era, Eras
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

PURGED = -1


@dataclass(frozen=True, eq=False, kw_only=True)
class Samples:
    """One sample a row of the feature frame, arrays of equal length.

    `rows` are positions of origins, `base` and `future` the target's values at the origin and `horizon` rows later in the
    same series (NaN, and NaT in `target_times`, beyond the data), `outcome` what leads from one to the other. `eras` holds
    an `Era`, or `PURGED` where the outcome reaches over a cut, is embargoed or unknown.
    """

    rows: np.ndarray
    base: np.ndarray
    future: np.ndarray
    outcome: np.ndarray
    origin_times: np.ndarray
    target_times: np.ndarray
    blocks: np.ndarray
    eras: np.ndarray

    def of(self, era: Era) -> np.ndarray:
        """Return the positions of the samples of one era, in row order."""
        return np.flatnonzero(self.eras == era)

    def take(self, which: np.ndarray) -> "Samples":
        """Return only the samples at the positions `which`."""
        return Samples(**{field.name: getattr(self, field.name)[which] for field in fields(self)})


def train_mean(samples: Samples) -> np.ndarray | None:
    """Return, for each sample, the mean of its series over the train era: the rival of a target that comes back to its level.

    Of a series without a train sample it is the mean of all. None where the last value foretells train outcomes better, as of a
    price: then nobody would take the mean.

    Examples
    --------
    >>> base, future = np.array([1.0, -1.0, 1.0, -1.0]), np.array([-1.0, 1.0, -1.0, 1.0])
    >>> stamps, blocks = np.arange(4).astype("datetime64[D]"), np.zeros(4, dtype=int)
    >>> era = np.full(4, Era.TRAIN)
    >>> train_mean(
    ...     Samples(
    ...         rows=np.arange(4), base=base, future=future, outcome=future - base,
    ...         origin_times=stamps, target_times=stamps, blocks=blocks, eras=era,
    ...     )
    ... )
    array([0., 0., 0., 0.])
    """
    train = samples.of(Era.TRAIN)
    if not len(train):
        return None
    future, blocks = samples.future[train], samples.blocks[train]
    length = int(samples.blocks.max()) + 1
    count = np.bincount(blocks, minlength=length)
    total = np.bincount(blocks, future, minlength=length)
    means = np.where(count > 0, total / np.maximum(count, 1), future.mean())
    if np.square(future - means[blocks]).sum() >= np.square(future - samples.base[train]).sum():
        return None
    return means[samples.blocks]


def make_samples(features: "FeatureFrame", task: Task, eras: Eras) -> Samples:
    """Return one sample a row; its era is that of its outcome.

    A sample belongs to validation or test when the row it predicts lies there and its origin is not before the last row
    of the era before: so no outcome is shared between two eras. All others that reach over a cut are purged.
    """
    count = len(features.target)
    rows = np.arange(count)
    ahead = rows + task.horizon
    inside = ahead < count
    inside[inside] = features.blocks[ahead[inside]] == features.blocks[rows[inside]]
    safe = np.where(inside, ahead, rows)
    future = np.where(inside, features.target[safe], np.nan)
    target_times = np.where(inside, features.times[safe], np.datetime64("NaT", "us"))
    outcome = task.change(features.target, future)

    of_row = eras.label(features.times)
    era = np.where(inside & np.isfinite(outcome), of_row[safe], PURGED).astype(np.int8)
    # The row after the origin must already be in the era of the outcome, else the outcome spans the cut.
    following = np.minimum(rows + 1, count - 1)
    era[(era != PURGED) & (of_row[following] != era)] = PURGED
    if eras.embargo:
        era[(era > Era.TRAIN) & (_rows_into_era(of_row, features.blocks)[following] < eras.embargo)] = PURGED
    return Samples(
        rows=rows,
        base=features.target,
        future=future,
        outcome=outcome,
        origin_times=features.times,
        target_times=target_times,
        blocks=features.blocks,
        eras=era,
    )


def _rows_into_era(of_row: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Return, for each row, how many rows of its series and era come before it."""
    starts = np.flatnonzero(np.r_[True, (np.diff(of_row) != 0) | (np.diff(blocks) != 0)])
    lengths = np.diff(np.r_[starts, len(of_row)])
    return np.arange(len(of_row)) - np.repeat(starts, lengths)
