"""Small worlds to forecast in: a target, features, eras and samples, built from plain arrays."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from core.data.eras import Eras
from core.forecast.network.scaling import Scaling, fit_scaling
from core.forecast.network.windows import Windows, make_windows
from core.samples.direction import take_direction_as_target
from core.samples.features import FeatureFrame
from core.samples.samples import Samples, make_samples
from core.samples.task import Task


@dataclass(frozen=True, eq=False)
class World:
    features: FeatureFrame
    task: Task
    eras: Eras
    samples: Samples
    names: tuple[str, ...]

    def scaling(self, kind: str = "standard") -> Scaling:
        return fit_scaling(self.features, self.names, self.samples, self.task, kind)

    def windows(self, window: int) -> Windows:
        return make_windows(self.features, self.names, self.samples, self.task, self.scaling(), window)


def cut(times: np.ndarray) -> Eras:
    """Eras of the default shares, for any number of rows."""
    stamps = np.unique(times)
    places = (0, round(0.7 * len(stamps)), round(0.85 * len(stamps)), -1)
    start, validation, test, end = (str(stamps[place]) for place in places)
    return Eras(start=start, validation_from=validation, test_from=test, end=end, embargo=0, rows=(0, 0, 0))


def build_world(
    target: np.ndarray,
    values: dict[str, np.ndarray] | None = None,
    predict: str = "difference",
    horizon: int = 1,
    blocks: np.ndarray | None = None,
    times: np.ndarray | None = None,
    eras: Eras | None = None,
) -> World:
    """A world of daily rows; by default the only feature is the last change of the target. `blocks` number the series."""
    target = np.asarray(target, dtype=np.float64)
    count = len(target)
    blocks = np.zeros(count, dtype=np.int64) if blocks is None else np.asarray(blocks)
    if times is None:
        starts = np.r_[True, np.diff(blocks) != 0]
        into = np.arange(count) - np.repeat(np.flatnonzero(starts), np.diff(np.r_[np.flatnonzero(starts), count]))
        times = np.datetime64("2020-01-01", "us") + into * np.timedelta64(1, "D")
    if values is None:
        change = np.diff(target, prepend=target[:1])
        change[np.r_[True, np.diff(blocks) != 0]] = 0
        values = {"change": change}
    series = None if blocks.max(initial=0) == 0 else np.array([f"s{block}" for block in blocks])
    features = FeatureFrame(
        values=pd.DataFrame(values),
        times=times,
        series=series,
        blocks=blocks,
        target=target,
        lines=np.arange(count) + 2,
    )
    task = Task(target="y", predict=predict, horizon=horizon)
    features = take_direction_as_target(features, task)
    eras = eras or cut(times)
    return World(features, task, eras, make_samples(features, task, eras), tuple(values))


def walk(count: int, seed: int, ar: float = 0.0) -> np.ndarray:
    """A level whose changes follow an AR(1), a random walk if `ar` is 0."""
    noise = np.random.default_rng(seed).normal(size=count)
    changes = np.zeros(count)
    for row in range(1, count):
        changes[row] = ar * changes[row - 1] + noise[row]
    return 100 + np.cumsum(changes)


@pytest.fixture(scope="session")
def world() -> Callable[..., World]:
    return build_world


@pytest.fixture(scope="session")
def random_walk() -> Callable[..., np.ndarray]:
    return walk
