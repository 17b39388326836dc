"""The eras of a profile: cut over the rows that have a target."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.context import Context
from core.ingest.step import read
from core.quality.step import profile
from core.recipe.model import Recipe


def eras_of(frame: pd.DataFrame, folder: Path, **ingest: object):
    frame.to_csv(folder / "data.csv", index=False)
    recipe = Recipe().change("ingest", target="price", **ingest)
    return profile(Context(dataset=read(folder / "data.csv", recipe, folder / "tables"), recipe=recipe)).eras


@pytest.mark.parametrize("missing", ["", "inf", "-999"])
def test_eras_are_cut_over_rows_that_have_a_target(missing: str, tmp_path: Path) -> None:
    days = pd.date_range("2020-01-01", periods=400)
    price = pd.Series(np.round(100 + np.random.default_rng(1).normal(size=400).cumsum(), 2)).astype(str)
    price[:200] = missing
    frame = pd.DataFrame({"date": days, "other": np.arange(400.0) % 7, "price": price})
    found = eras_of(frame, tmp_path, sentinels=(-999.0,))
    assert found == eras_of(frame[200:], tmp_path, sentinels=(-999.0,))
    assert (found.start[:10], found.rows) == (str(days[200])[:10], (140, 30, 30))
