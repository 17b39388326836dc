"""Horizons and seasons by frequency."""

import numpy as np
import pytest

from core.quality.forecastability.horizons import find_rhythm

NONE = np.array([], dtype="datetime64[us]")


@pytest.mark.parametrize(
    ("frequency", "horizons", "season"),
    [
        ("B", (1, 5, 21), 5),
        ("D", (1, 7, 30), 7),
        ("W-FRI", (1, 4, 13), 52),
        ("ME", (1, 3, 12), 12),
        ("BMS", (1, 3, 12), 12),
        ("2MS", (1, 6), 6),
        ("BQE-DEC", (1, 4), 4),
        ("YS-JAN", (1,), None),
        (None, (1, 5, 21), None),
    ],
)
def test_calendar_rows_are_asked_about_the_next_row_and_usual_spans(frequency, horizons, season) -> None:
    found = find_rhythm(frequency, NONE)
    assert (found.horizons, found.season) == (horizons, season)


def test_faster_rows_are_asked_about_an_hour_and_a_day() -> None:
    quarters = np.arange("2024-01-01", "2024-01-09", np.timedelta64(15, "m"), dtype="datetime64[us]")
    found = find_rhythm("15min", quarters)
    assert (found.horizons, found.season) == ((1, 4, 96), 96)


def test_a_trading_day_is_as_long_as_its_rows() -> None:
    days = np.arange("2024-01-01", "2024-02-01", dtype="datetime64[D]").astype("datetime64[us]")
    hours = (days[:, None] + np.arange(9, 16) * np.timedelta64(1, "h")).ravel()
    found = find_rhythm("h", hours)
    assert (found.horizons, found.season) == ((1, 7, 35), 7)
