"""Drift: random walks drift, also if each figure is held for a month; figures that are merely held do not."""

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

DAYS, MONTH = 2_100, 21
_RANDOM = np.random.default_rng(5)
_STEPS = _RANDOM.normal(size=DAYS)
_MONTHLY = _STEPS[: DAYS // MONTH]
COLUMNS = {
    "walk": (_STEPS.cumsum(), True),
    "noise": (_STEPS, False),
    "monthly walk": (_MONTHLY.cumsum().repeat(MONTH), True),
    "monthly noise": (_MONTHLY.repeat(MONTH), False),
    "monthly index": (lfilter([1], [1, -0.6], _MONTHLY).repeat(MONTH), False),
    "regime": ((lfilter([1], [1, -0.9], _MONTHLY) > 0).astype(float).repeat(MONTH), False),
    "rarely changed rate": (np.array([1.0, 1.5, 2.0, 1.5]).repeat(DAYS // 4), True),
    "rounded price": ((100 + _STEPS.cumsum() / 10).round(0), True),
}


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("gaps", [False, True])
def test_held_figures_drift_only_if_the_figures_themselves_do(bench, name, gaps):
    values, drifts = COLUMNS[name]
    frame = pd.DataFrame({"date": pd.date_range("2010-01-01", periods=DAYS, unit="us"), "y": _STEPS, "x": values})
    if gaps:
        frame.loc[_RANDOM.random(DAYS) < 0.05, "x"] = np.nan
    assert bench.profile(frame, "y").column("x").drifts is drifts


def test_figures_of_different_series_are_not_neighbours(bench):
    months = np.random.default_rng(6).normal(size=(20, 20))
    frame = pd.DataFrame(
        {
            "date": np.tile(pd.date_range("2010-01-01", periods=20 * MONTH).as_unit("us"), 20),
            "name": np.repeat([f"S{number:02}" for number in range(20)], 20 * MONTH),
            "y": np.random.default_rng(7).normal(size=400 * MONTH),
            "x": months.ravel().repeat(MONTH),
            "level": (10 * np.arange(20)[:, None] + months.cumsum(axis=1)).ravel().repeat(MONTH),
        }
    )
    profile = bench.profile(frame.sort_values(["date", "name"]).reset_index(drop=True), "y", series="name")
    assert not profile.column("x").drifts
    assert profile.column("level").drifts
