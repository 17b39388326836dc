"""Small regressions with known structure."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from core.data.eras import cut_eras
from core.recipe.model import SplitSettings
from core.regression.design import make_design
from core.regression.newey_west import choose_lags
from core.regression.ols import fit_regression
from core.regression.question import Question
from core.regression.report import RegressionReport
from core.regression.scan import scan_features
from core.regression.zero_coefficient import find_overlap
from core.samples.features import FeatureFrame
from core.samples.samples import Samples, make_samples
from core.samples.task import Task


@dataclass(frozen=True)
class Study:
    """Features, a target and the task, with their samples."""

    features: FeatureFrame
    task: Task
    samples: Samples

    def ask(self, features=(), kind="predict", values="changes") -> Question:
        return Question(
            kind=kind,
            values=values,
            task=self.task,
            features=self.features,
            samples=self.samples,
            selected=features,
        )

    def fit(self, hac_lags=None, **question) -> RegressionReport:
        return fit_regression(self.ask(**question), hac_lags)

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


@pytest.fixture
def zero_p_value():
    """Returns the robust p-value of the only feature of a fit on `rows` rows, without the diagnostics."""

    def test(values, target, rows, horizon) -> float:
        task = Task(target="y", predict="difference", horizon=horizon)
        origins, blocks = np.arange(rows), np.zeros(len(target), dtype=np.int64)
        outcome = target[origins + horizon] - target[origins]
        design, _ = make_design(values[:rows, None], ("x",), outcome, blocks[:rows])
        samples = Samples(
            rows=np.arange(len(target)),
            base=target,
            future=target,
            outcome=target,
            origin_times=target,
            target_times=target,
            blocks=blocks,
            eras=blocks,
        )
        overlap = find_overlap(samples, origins, task, target, design.outcome_scale)
        (row,) = scan_features(design, 0, choose_lags(None, rows, 1, design.blocks), overlap)
        return row.p_value_hac

    return test
