"""Small regressions with known structure."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from core.data.eras import cut_eras
from core.recipe.model import RegressionSettings, SplitSettings
from core.regression.ols import fit_regression
from core.regression.report import RegressionReport
from core.samples.features import FeatureFrame
from core.samples.samples import Samples, make_samples
from core.samples.task import Task


@dataclass(frozen=True)
class Study:
    """Features, a target and the task, with their samples."""

    features: FeatureFrame
    task: Task
    samples: Samples

    def fit(self, **settings) -> RegressionReport:
        return fit_regression(self.features, self.samples, self.task, RegressionSettings(**settings))

    def train_rows(self) -> np.ndarray:
        return np.flatnonzero(self.samples.eras == 0)


@pytest.fixture
def make_study():
    """Builds a study; with `series` > 1, the rows are split into that many series of equal length."""

    def make(values, target, predict="difference", horizon=1, series=1) -> Study:
        rows = len(target)
        length = rows // series
        blocks = np.repeat(np.arange(series), length)
        stamps = pd.date_range("2000-01-01", periods=length).to_numpy().astype("datetime64[us]")
        times = np.tile(stamps, series)
        names = np.array([f"S{block}" for block in blocks]) if series > 1 else None
        frame = pd.DataFrame(values).astype(float)
        features = FeatureFrame(
            values=frame,
            times=times,
            series=names,
            blocks=blocks,
            target=np.asarray(target, dtype=float),
            lines=np.arange(rows) + 2,
        )
        task = Task(target="y", predict=predict, horizon=horizon)
        eras = cut_eras(pd.Series(times), SplitSettings())
        return Study(features, task, make_samples(features, task, eras))

    return make


@pytest.fixture
def planted(make_study):
    """A target whose next change is 0.5 times `good` plus noise; `dull` is noise."""

    def plant(seed=0, rows=800, **rest) -> Study:
        random = np.random.default_rng(seed)
        values = {"dull": random.standard_normal(rows), "good": random.standard_normal(rows)}
        change = 0.5 * np.r_[0, values["good"][:-1]] + random.standard_normal(rows)
        return make_study(values, 100 + np.cumsum(change), **rest)

    return plant
