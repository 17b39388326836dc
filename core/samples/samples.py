"""Samples: one forecast origin each, with its outcome and the era of the outcome."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from core.data.blocks import block_means
from core.data.eras import Era, Eras
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

PURGED = -1
# The share of the validation era, from its start, on which models are selected.
CHOOSING = 2 / 3
_PRIOR_ROWS = 10


@dataclass(frozen=True, eq=False, kw_only=True)
class Samples:
    """One sample per row of the feature frame; arrays of shape (n,).

    `rows` int64: the positions of the origins in the feature frame. `base` and `future` float64: the target at the origin
    and `horizon` rows later in the same series, NaN beyond the data; `outcome` float64: the outcome between them, NaN if
    undefined. `origin_times` and `target_times` datetime64[us], NaT beyond the data. `blocks` int64: the unbroken stretch
    of one series that the origin is in. `eras` int8: an `Era`, or `PURGED` if the outcome spans a cut, is embargoed or
    unknown.
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
        """Return the positions of the samples of one era, int64 of shape (m,), in row order."""
        return np.flatnonzero(self.eras == era)

    def take(self, which: np.ndarray) -> "Samples":
        """Return the samples at the positions `which`, int64 of shape (m,)."""
        return Samples(**{field.name: getattr(self, field.name)[which] for field in fields(self)})


def train_mean(samples: Samples, *, is_direction: bool = False) -> np.ndarray | None:
    """Return the mean of the target over the train era, per series, float64 of shape (n,).

    It is the naive forecast of a mean-reverting target. Series without train samples get the pooled mean. None if
    persistence is more accurate than the mean on the train era, as it is for prices. For a direction it is the frequency of
    rises, never None, with ten outcomes of the pooled frequency added: none is 0 or 1.

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
    means = block_means(future, blocks, int(samples.blocks.max()) + 1)
    if is_direction:
        pooled = (future.sum() + 0.5) / (len(future) + 1)
        counts = np.bincount(blocks, minlength=len(means))
        return ((means * counts + _PRIOR_ROWS * pooled) / (counts + _PRIOR_ROWS))[samples.blocks]
    if np.square(future - means[blocks]).sum() >= np.square(future - samples.base[train]).sum():
        return None
    return means[samples.blocks]


def split_validation(samples: Samples) -> tuple[np.ndarray, np.ndarray]:
    """Return the validation samples that models are selected on, and the later third that calibrates the interval.

    Both are positions, int64; every outcome of the first is known at the first origin of the second.

    Examples
    --------
    >>> stamps = np.arange(7).astype("datetime64[D]")
    >>> levels, blocks = np.zeros(6), np.zeros(6, dtype=int)
    >>> first, second = split_validation(
    ...     Samples(
    ...         rows=np.arange(6), base=levels, future=levels, outcome=levels, origin_times=stamps[:-1],
    ...         target_times=stamps[1:], blocks=blocks, eras=np.full(6, Era.VALIDATION),
    ...     )
    ... )
    >>> first.tolist(), second.tolist()
    ([0, 1, 2, 3], [4, 5])
    """
    rows = samples.of(Era.VALIDATION)
    if not len(rows):
        return rows, rows
    stamps = np.unique(samples.target_times[rows])
    last = stamps[int(np.ceil(len(stamps) * CHOOSING)) - 1]
    return rows[samples.target_times[rows] <= last], rows[samples.origin_times[rows] >= last]


def make_samples(features: "FeatureFrame", task: Task, eras: Eras) -> Samples:
    """Return one sample per row; its era is that of its outcome.

    A sample belongs to an era if every row after its origin, up to the row it predicts, is in that era, so no outcome
    spans two eras. Samples that span a cut, or that start within the embargo after one, are purged.
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

    row_eras = eras.label(features.times)
    era = np.where(inside & np.isfinite(outcome), row_eras[safe], PURGED).astype(np.int8)
    # If the row after the origin is in an earlier era than the outcome, the outcome spans the cut.
    following = np.minimum(rows + 1, count - 1)
    era[(era != PURGED) & (row_eras[following] != era)] = PURGED
    if eras.embargo:
        era[(era > Era.TRAIN) & (_count_rows_into_era(row_eras, features.blocks)[following] < eras.embargo)] = PURGED
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


def _count_rows_into_era(row_eras: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Return how many rows of its block and era precede each row, int64 of shape (n,)."""
    starts = np.flatnonzero(np.r_[True, (np.diff(row_eras) != 0) | (np.diff(blocks) != 0)])
    lengths = np.diff(np.r_[starts, len(row_eras)])
    return np.arange(len(row_eras)) - np.repeat(starts, lengths)
