"""One series of a panel: its own statistics, under the eras of the panel."""

import numpy as np
import pandas as pd
import pytest

from core.data.eras import Era
from core.errors.data import EraTooShort
from core.quality.views.one_series import profile_series, take_series
from core.recipe.model import Recipe

DAYS = pd.date_range("2020-01-01", periods=200, unit="us")


def panel(second_from: int) -> pd.DataFrame:
    walk = np.random.default_rng(3).normal(size=(2, 200)).cumsum(axis=1)
    one = pd.DataFrame({"date": DAYS, "ticker": "oil", "price": 50 + walk[0], "volume": 1e6})
    other = pd.DataFrame({"date": DAYS, "ticker": "gold", "price": 1800 + walk[1], "volume": np.nan})
    return pd.concat([one, other[second_from:]], ignore_index=True)


def test_a_series_has_its_own_statistics_and_lines_and_the_cuts_of_the_panel(bench, tmp_path):
    frame = panel(40)
    dataset, whole = bench.dataset(frame, series="ticker"), bench.profile(frame, target="price", series="ticker")
    taken = take_series(dataset, "gold", tmp_path)
    profile = profile_series(taken, "price", whole.eras, Recipe())
    assert (taken.rows, taken.series_column) == (160, None)
    assert taken.read(["_line"])["_line"].tolist() == list(range(202, 362))
    assert profile.column("price").all.mean == pytest.approx(frame[frame["ticker"] == "gold"]["price"].mean())
    assert profile.column("volume").all.bad_ratio == 1.0
    assert (profile.eras.validation_from, profile.eras.test_from) == (whole.eras.validation_from, whole.eras.test_from)
    assert profile.eras.rows == tuple((whole.eras.label(DAYS[40:].to_numpy()) == era).sum() for era in Era)
    assert profile.roles.series is None and profile.roles.target == "price"


def test_a_series_without_train_rows_is_refused(bench, tmp_path):
    frame = panel(170)
    dataset, whole = bench.dataset(frame, series="ticker"), bench.profile(frame, series="ticker")
    with pytest.raises(EraTooShort):
        profile_series(take_series(dataset, "gold", tmp_path), None, whole.eras, Recipe())
