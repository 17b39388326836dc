"""A predicted volatility in words: how it is measured and annualised, and the errors in both units."""

from dataclasses import replace

from core.delivery.volatility_text import volatility_text
from core.forecast.evaluation.units import level_text
from core.forecast.evaluation.volatility_measure import VolatilityMeasure
from tests.charts import examples


def test_it_names_the_rows_of_a_year_and_the_errors_in_both_units() -> None:
    found = replace(examples.evaluation(), volatility=VolatilityMeasure(rows_a_year=252.0))
    text = volatility_text(found)
    assert "252 rows a year" in text
    assert level_text(found, found.test["lstm"].rmse) in text
    assert level_text(found, found.interval.mean_width) in text


def test_without_time_stamps_nothing_is_annualised_and_other_outcomes_need_no_words() -> None:
    counted = replace(examples.evaluation(), volatility=VolatilityMeasure(rows_a_year=None))
    assert "a year" not in volatility_text(counted)
    assert volatility_text(examples.evaluation()) == ""
