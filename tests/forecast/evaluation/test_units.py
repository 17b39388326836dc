"""Levels in the units of the user: their own, or percent per row and a year."""

from dataclasses import replace

import pytest

from core.forecast.evaluation.units import level_text, units_of
from core.forecast.evaluation.volatility_measure import VolatilityMeasure
from tests.charts import examples


def test_other_outcomes_keep_their_own_unit() -> None:
    found = examples.evaluation()
    (own,) = units_of(found)
    assert (own.factor, own.heading("RMSE"), own.text(5.23)) == (1, "RMSE", "5.23")
    assert level_text(found, 5.23) == "5.23"


def test_a_volatility_is_shown_per_row_and_annualised() -> None:
    found = replace(examples.evaluation(), volatility=VolatilityMeasure(rows_a_year=252.0))
    row, year = units_of(found)
    assert row.factor == 100
    assert year.factor == pytest.approx(100 * 252**0.5)
    assert level_text(found, 0.01) == "1% per row, 15.9% a year"
    assert (year.heading("RMSE"), year.error_text(0.001)) == ("RMSE (% a year)", "1.587%")


def test_rows_without_time_stamps_are_not_annualised() -> None:
    found = replace(examples.evaluation(), volatility=VolatilityMeasure(rows_a_year=None))
    assert [unit.name for unit in units_of(found)] == ["per row"]
