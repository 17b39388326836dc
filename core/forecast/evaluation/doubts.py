"""Doubts about a forecast: inputs outside the train range, and prices that are averages of a period."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.data.eras import Era
from core.forecast.evaluation.scores import EraName
from core.forecast.evaluation.train_steps import one_row_changes
from core.forecast.network.windows import Windows
from core.samples.samples import Samples
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

# A tenth of the rows beyond everything seen in training.
OUTSIDE_SHARE = 0.1
# Changes of period means have an autocorrelation of about 0.25 at one row, and none beyond.
_AVERAGED, _NO_MEMORY, _FEWEST_CHANGES = (0.15, 0.4), 0.12, 100
_LONG_STEP = 5 * 86_400  # seconds
_PRICE_OUTCOMES = ("difference", "return", "log_return", "direction")


@dataclass(frozen=True, kw_only=True)
class OutsideTrain:
    """A feature with values outside its train range, and the share of the judged rows that are."""

    feature: str
    share: float


def find_outside_train(windows: Windows, names: tuple[str, ...], era: EraName) -> tuple[OutsideTrain, ...]:
    """Return the features of which at least a tenth of the judged rows are outside the train range, the most first.

    Parameters
    ----------
    windows
        The windows of all eras; the last row of each is compared.
    names
        The features of a window, in order.
    era
        The judged era.
    """
    train = windows.ends[windows.samples.of(Era.TRAIN)]
    judged = windows.ends[windows.samples.of(Era.TEST if era == "test" else Era.VALIDATION)]
    if not len(train) or not len(judged):
        return ()
    low, high = windows.inputs[train].min(axis=0), windows.inputs[train].max(axis=0)
    outside = ((windows.inputs[judged] < low) | (windows.inputs[judged] > high)).mean(axis=0)
    found = [
        OutsideTrain(feature=name, share=float(share))
        for name, share in zip(names, outside, strict=True)
        if share >= OUTSIDE_SHARE
    ]
    return tuple(sorted(found, key=lambda each: (-each.share, each.feature)))


def train_ranges(windows: Windows) -> tuple[tuple[float, float], ...]:
    """Return the lowest and the highest scaled value of each feature over the train origins; empty without any."""
    train = windows.inputs[windows.ends[windows.samples.of(Era.TRAIN)]]
    if not len(train):
        return ()
    return tuple(zip(train.min(axis=0).tolist(), train.max(axis=0).tolist(), strict=True))


def averaging_autocorrelation(features: "FeatureFrame", samples: Samples, task: Task) -> float | None:
    """Return the lag-1 autocorrelation of train changes if it is that of averages over a period, else None.

    Only rows of five days and more are checked: means of a week, a month or a quarter.

    References
    ----------
    Working (1960), Note on the correlation of first differences of averages in a random chain, Econometrica 28.
    """
    if task.predict not in _PRICE_OUTCOMES or task.above is not None:
        return None
    last = samples.rows[samples.of(Era.TRAIN)].max(initial=0)
    steps = np.diff(features.times[: last + 1])
    if len(steps) < _FEWEST_CHANGES or np.median(steps.astype("timedelta64[s]").astype(np.int64)) < _LONG_STEP:
        return None
    same = np.diff(features.blocks[: last + 1]) == 0
    changes = one_row_changes(features, task)[1 : last + 1][same]
    changes = changes[np.isfinite(changes)]
    # Robust to a few crashes, which would hide the pattern.
    reach = 5 * np.median(np.abs(changes - np.median(changes)))
    centred = np.clip(changes, np.median(changes) - reach, np.median(changes) + reach)
    centred = centred - centred.mean()
    size = float(centred @ centred)
    if size == 0 or len(centred) < _FEWEST_CHANGES:
        return None
    first, *later = (float(centred[lag:] @ centred[:-lag]) / size for lag in (1, 2, 3))
    return first if _AVERAGED[0] < first < _AVERAGED[1] and max(map(abs, later)) < _NO_MEMORY else None
