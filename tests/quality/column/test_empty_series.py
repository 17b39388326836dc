"""Series of a panel in which a column has no valid values at all."""

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
    """Write a frame to a CSV, read it with -999 as missing, and profile it."""

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


def test_a_column_is_empty_in_series_without_valid_values_for_any_reason(profile_of):
    assert profile_of(panel()).empty_series == (EmptySeries(column="volume", series=("B", "C"), every=3),)


def test_a_single_series_is_no_panel(profile_of):
    assert profile_of(panel()[40:80].drop(columns="ticker")).empty_series == ()
