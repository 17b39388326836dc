"""What is predicted: the change of the target over the horizon, the way back to its own unit, and the samples to learn it from."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.ingest.eras import Era, Eras
from core.recipe import Recipe

if TYPE_CHECKING:
    from core.features import FeatureFrame
    from core.quality.profile import QualityProfile

Predict = Literal["level", "difference", "return", "log_return"]
PURGED = -1
# Below this correlation of neighbours the mean is a nearer guess of the next value than the last value is.
_NEARER_TO_MEAN = 0.5

_WORDS = {"level": "level", "difference": "difference", "return": "return", "log_return": "log return"}


@dataclass(frozen=True)
class Task:
    """The question put to every model: `predict` of `target` over `horizon` rows.

    Examples
    --------
    >>> task = Task("close", "return", 1)
    >>> task.change(np.array([100.0]), np.array([102.0]))
    array([0.02])
    >>> task.level(np.array([100.0]), np.array([0.02]))
    array([102.])
    """

    target: str
    predict: Predict
    horizon: int

    @property
    def label(self) -> str:
        """The question in words: `log return of close over 1 row`; a level has no span: `level of return after 1 row`."""
        link = "after" if self.predict == "level" else "over"
        return f"{_WORDS[self.predict]} of {self.target} {link} {self.horizon} row{'s' if self.horizon > 1 else ''}"

    def change(self, base: np.ndarray, future: np.ndarray) -> np.ndarray:
        """Return the outcome that leads from the target's value `base` to its value `future`; NaN where there is none."""
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.predict == "level":
                return np.asarray(future, dtype=np.float64)
            if self.predict == "difference":
                return future - base
            change = future / base - 1 if self.predict == "return" else np.log(future / base)
        return np.where(np.isfinite(change), change, np.nan)

    def level(self, base: np.ndarray, change: np.ndarray) -> np.ndarray:
        """Return the target's value, in its own unit, that an outcome leads to from `base`."""
        if self.predict == "level":
            return np.asarray(change, dtype=np.float64)
        if self.predict == "difference":
            return base + change
        return base * (1 + change) if self.predict == "return" else base * np.exp(change)

    def no_change(self, base: np.ndarray) -> np.ndarray:
        """Return the outcome that persistence predicts: nothing moves."""
        return np.asarray(base, dtype=np.float64) if self.predict == "level" else np.zeros(len(base))


@dataclass(frozen=True, eq=False)
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
        return Samples(
            *(getattr(self, name)[which] for name in self.__dataclass_fields__),
        )


def train_mean(samples: Samples) -> np.ndarray | None:
    """Return, for each sample, the mean of its series over the train era: the rival of a target that comes back to its level.

    Of a series without a train sample it is the mean of all. None where the last value foretells train outcomes better, as of a
    price: then nobody would take the mean.

    Examples
    --------
    >>> base, future = np.array([1.0, -1.0, 1.0, -1.0]), np.array([-1.0, 1.0, -1.0, 1.0])
    >>> stamps, blocks = np.arange(4).astype("datetime64[D]"), np.zeros(4, dtype=int)
    >>> era = np.full(4, Era.TRAIN)
    >>> train_mean(Samples(np.arange(4), base, future, future - base, stamps, stamps, blocks, era))
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
    return Samples(rows, features.target, future, outcome, features.times, target_times, features.blocks, era)


def _rows_into_era(of_row: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Return, for each row, how many rows of its series and era come before it."""
    starts = np.flatnonzero(np.r_[True, (np.diff(of_row) != 0) | (np.diff(blocks) != 0)])
    lengths = np.diff(np.r_[starts, len(of_row)])
    return np.arange(len(of_row)) - np.repeat(starts, lengths)


def resolve_task(recipe: Recipe, profile: "QualityProfile") -> Task:
    """Return the task of a recipe; left open, a price-like target is predicted by its log return, others by difference.

    What comes back to its mean within a row, as returns do, is predicted as it is: its difference would mostly be the way back.
    """
    target = profile.column(profile.roles.target)
    memory = target.train.autocorrelation
    comes_back = not target.drifts and memory is not None and memory < _NEARER_TO_MEAN
    habit = "log_return" if target.price_like else "level" if comes_back else "difference"
    return Task(target.name, recipe.training.predict or habit, recipe.training.horizon)
