"""Series of a panel in which a column has no value at all."""

import numpy as np
import pandas as pd

from core.quality.silent import Silent, find_silent


def panel() -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=4)
    frame = pd.DataFrame([(day, name) for name in ("A", "B", "C") for day in days], columns=["date", "ticker"])
    return frame.assign(whole=1.5, gaps=[np.nan, 1, 2, np.nan] * 3, volume=[5.0] * 4 + [np.nan] * 4 + [-999.0] * 4)


def test_a_column_is_silent_where_no_row_of_a_series_is_good_whatever_makes_it_bad(bench):
    found = find_silent(
        bench.dataset(panel(), series="ticker", sentinels={"volume": (-999.0,)}), ["gaps", "volume", "whole"]
    )
    assert found == (Silent("volume", ("B", "C"), 3),)


def test_without_series_nothing_is_silent(bench):
    assert find_silent(bench.dataset(panel()[:4].drop(columns="ticker")), ["volume"]) == ()
