"""Series of a panel in which a column has no value at all."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.context import Context
from core.ingest import step as ingest_step
from core.quality import step as quality_step
from core.quality.column.empty_series import EmptySeries
from core.quality.profile import QualityProfile
from core.recipe.model import Recipe


@pytest.fixture
def profile_of(tmp_path: Path):
    """Read and profile a frame as a file of prices, -999 as missing."""

    def read(frame: pd.DataFrame) -> QualityProfile:
        file = tmp_path / "panel.csv"
        frame.to_csv(file, index=False)
        recipe = Recipe().change("ingest", target="whole", sentinels=(-999.0,))
        return quality_step.profile(Context(dataset=ingest_step.read(file, recipe, tmp_path / "tables"), recipe=recipe))

    return read


def panel() -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=40)
    frame = pd.DataFrame([(day, name) for name in ("A", "B", "C") for day in days], columns=["date", "ticker"])
    whole, gaps = np.arange(120) % 7 + 0.5, [np.nan, 1.5, 2.5, np.nan] * 30
    return frame.assign(whole=whole, gaps=gaps, volume=[5.5, 6.5] * 20 + [np.nan] * 40 + [-999.0] * 40)


def test_a_column_is_silent_where_no_row_of_a_series_is_good_whatever_makes_it_bad(profile_of):
    assert profile_of(panel()).empty_series == (EmptySeries(column="volume", series=("B", "C"), every=3),)


def test_without_series_nothing_is_silent(profile_of):
    assert profile_of(panel()[40:80].drop(columns="ticker")).empty_series == ()
