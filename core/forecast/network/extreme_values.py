"""The most extreme scaled value of a training, which is the first to suspect if its loss is infinite or NaN."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from core.data.eras import Era
from core.errors.training import LossDiverged
from core.findings.training import ExtremeValue
from core.forecast.network.scaling import LOWEST_CAP
from core.forecast.network.windows import Windows
from core.samples.features import FeaturePlan
from core.samples.samples import split_validation


@dataclass(frozen=True, kw_only=True)
class Extreme:
    """A value far from the centre of its column.

    `feature` is None for the outcome. `line` is that of the value in the user's file, for an outcome that of its origin. `size` is
    the distance from the centre in scales, infinite if the value is not finite.
    """

    feature: str | None
    line: int
    size: float


def find_extreme(windows: Windows, names: tuple[str, ...], lines: np.ndarray) -> Extreme | None:
    """Return the scaled input or outcome of training that is farthest from its centre; None if none is beyond 10 scales.

    Parameters
    ----------
    windows
        The windows of all eras; those of train and of the part of validation that chooses the epoch are searched.
    names
        The features of a window, in order.
    lines
        The line in the user's file of each row of the inputs, int (rows,).
    """
    used = np.concatenate([windows.samples.of(Era.TRAIN), split_validation(windows.samples)[0]])
    ends = windows.ends[used]
    edges = np.zeros(len(windows.inputs) + 1, dtype=np.int64)
    np.add.at(edges, ends + 1 - windows.window, 1)
    np.add.at(edges, ends + 1, -1)
    rows = np.flatnonzero(np.cumsum(edges[:-1]))
    found = [_farthest(name, windows.inputs[rows, place], lines[rows]) for place, name in enumerate(names)]
    found.append(_farthest(None, windows.outcomes[used], lines[ends]))
    extreme = max(found, key=lambda each: each.size)
    return extreme if extreme.size > LOWEST_CAP else None


def _farthest(feature: str | None, values: np.ndarray, lines: np.ndarray) -> Extreme:
    sizes = np.where(np.isfinite(values), np.abs(values), np.inf)
    place = int(sizes.argmax())
    return Extreme(feature=feature, line=int(lines[place]), size=float(sizes[place]))


@contextmanager
def naming_extremes(windows: Windows, names: tuple[str, ...], lines: np.ndarray) -> Iterator[None]:
    """Add the most extreme value to a `LossDiverged` that is raised within; the parameters are those of `find_extreme`."""
    try:
        yield
    except LossDiverged as error:
        extreme = find_extreme(windows, names, lines)
        if extreme is None:
            raise
        raise LossDiverged(epoch=error.epoch, feature=extreme.feature, line=extreme.line, size=extreme.size) from error


def check_extreme(
    windows: Windows, names: tuple[str, ...], lines: np.ndarray, plan: FeaturePlan, target: str
) -> ExtremeValue | None:
    """Return a finding on the most extreme value of a training that diverged, or None if none is extreme.

    Parameters
    ----------
    windows, names, lines
        Those of `find_extreme`.
    plan
        The plan of the features, which leads back to their columns.
    target
        The target, which the outcome is computed from.
    """
    extreme = find_extreme(windows, names, lines)
    if extreme is None:
        return None
    (column,) = {target} if extreme.feature is None else plan.columns_of([extreme.feature])
    return ExtremeValue(column=column, feature=extreme.feature, line=extreme.line, size=extreme.size)
