"""How many rows a year has: by counting, by the usual week, and by series."""

import numpy as np
import pandas as pd
import pytest

from core.data.builtin import write_sample
from core.data.rows_a_year import count_rows_a_year


def stamps(times: pd.DatetimeIndex) -> np.ndarray:
    return times.to_numpy("datetime64[us]")


def sessions(days: int) -> np.ndarray:
    """Seven hourly bars from 9:30 on business days."""
    opened = pd.bdate_range("2024-01-01", periods=days)
    return stamps(pd.DatetimeIndex([day + pd.Timedelta(hours=9.5 + hour) for day in opened for hour in range(7)]))


@pytest.mark.parametrize(
    ("times", "rows"),
    [
        (stamps(pd.date_range("2015-01-01", "2022-12-31")), 365),
        (stamps(pd.date_range("2015-01-01", "2022-12-31", freq="h")), 8766),
        (stamps(pd.date_range("2015-01-01", "2022-12-31", freq="ME")), 12),
        (stamps(pd.date_range("2015-01-01", "2022-12-31", freq="W-FRI")), 52),
        (stamps(pd.date_range("2015-01-01", "2022-12-31", freq="QE")), 4),
        (stamps(pd.date_range("2024-01-01", periods=60)), 365),
        (stamps(pd.date_range("2024-01-01", periods=24 * 60, freq="h")), 8760),
        (stamps(pd.bdate_range("2024-01-01", periods=60)), 252),
        (sessions(60), 7 * 252),
    ],
)
def test_the_usual_frequencies(times: np.ndarray, rows: float) -> None:
    assert count_rows_a_year(times) == pytest.approx(rows, rel=0.004)


def test_the_market_itself_is_counted_with_its_holidays(tmp_path) -> None:
    write_sample("sp500-nasdaq-long", tmp_path / "sample.csv")
    times = pd.read_csv(tmp_path / "sample.csv", parse_dates=["date"])["date"].to_numpy("datetime64[us]")
    assert count_rows_a_year(times) == 252
    lost = times[(times < np.datetime64("2005-02-01")) | (times > np.datetime64("2005-09-01"))]
    assert count_rows_a_year(lost) == 252


def test_a_panel_has_the_rate_of_its_series_and_one_row_has_none() -> None:
    months, days = (stamps(pd.date_range("2015-01-01", "2020-12-31", freq=freq)) for freq in ("ME", "D"))
    panel = np.r_[months, days, months]
    names = np.repeat(["a", "b", "c"], [len(months), len(days), len(months)])
    assert count_rows_a_year(panel, names) == 12
    assert count_rows_a_year(days[:1]) is None
