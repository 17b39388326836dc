"""Data sets with features that are known to matter."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from core.data.eras import cut_eras
from core.importance.ranking import ImportanceRanking, rank_importance
from core.recipe.model import ImportanceSettings, SplitSettings
from core.samples.features import FeatureFrame
from core.samples.samples import Samples, make_samples
from core.samples.task import Task


@dataclass(frozen=True)
class Study:
    """Features, a target and the task, with their samples."""

    features: FeatureFrame
    task: Task
    samples: Samples

    def rank(self, seed=0, window=8, own=(), suspected=(), **settings) -> ImportanceRanking:
        wanted = ImportanceSettings(**{"iterations": 60} | settings)
        ranking, _ = rank_importance(
            self.features, self.samples, self.task, wanted, window, own, seed, frozenset(suspected)
        )
        return ranking


@pytest.fixture
def make_study():
    """Builds a study; with `series` > 1, the rows of equally long series, one after the other."""

    def make(values, change, horizon=1, series=1) -> Study:
        rows = len(change)
        length = rows // series
        blocks = np.repeat(np.arange(series), length)
        stamps = pd.date_range("2000-01-01", periods=length).to_numpy().astype("datetime64[us]")
        times = np.tile(stamps, series)
        target = np.cumsum(np.r_[0, change[:-1]])
        names = blocks.astype(str) if series > 1 else None
        features = FeatureFrame(
            values=pd.DataFrame(values),
            times=times,
            series=names,
            blocks=blocks,
            target=target,
            lines=np.arange(rows) + 2,
        )
        task = Task(target="y", predict="difference", horizon=horizon)
        return Study(features, task, make_samples(features, task, cut_eras(pd.Series(times), SplitSettings())))

    return make


@pytest.fixture
def planted(make_study):
    """A target whose next change depends on `line` linearly and on `bend` quadratically; six features are noise."""

    def plant(seed=0, rows=1500, **rest) -> Study:
        random = np.random.default_rng(seed)
        names = ["bend", "line", *(f"noise {number}" for number in range(6))]
        values = {name: random.standard_normal(rows) for name in names}
        change = 0.4 * values["line"] + 0.3 * (values["bend"] ** 2 - 1) + random.standard_normal(rows)
        return make_study(values, change, **rest)

    return plant
