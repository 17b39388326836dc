"""The next forecast in words: prices, volatilities and probabilities each in their own unit."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.forecast.evaluation.units import OWN, Unit
from core.samples.task import Task
from pages.parts.models.next_forecast import change_text, forecast_table, level_text
from tests.charts import examples


def evaluation_of(predict):
    return replace(examples.evaluation(), task=Task(target="close", predict=predict, horizon=1), volatility=None)


@pytest.mark.parametrize(
    ("predict", "change", "text"),
    [
        ("log_return", 0.00133, "+0.133%"),
        ("return", -0.02, "−2%"),
        ("log_return", 0.0, "0%"),
        ("difference", -1.5, "−1.5"),
        ("level", 0.25, "+0.25"),
        ("direction", np.nan, "–"),
    ],
)
def test_changes_are_in_percent_if_they_are_relative(predict, change, text):
    assert change_text(change, evaluation_of(predict), OWN) == text


@pytest.mark.parametrize(
    ("predict", "level", "text"),
    [("log_return", 2510.176, "2,510.18"), ("difference", 1.23456, "1.235"), ("direction", 0.529, "52.9%")],
)
def test_levels_have_the_digits_of_their_kind(predict, level, text):
    assert level_text(level, evaluation_of(predict), OWN) == text


def test_a_volatility_is_in_its_unit():
    of_volatility = replace(evaluation_of("volatility"), volatility=object())
    assert level_text(0.00824, of_volatility, Unit(factor=100, sign="%", name="per row")) == "0.824% per row"


def test_the_table_has_a_row_a_series_and_no_empty_columns():
    table = pd.DataFrame(
        {
            "series": ["a", "b"],
            "origin": pd.to_datetime(["2024-01-05", "2024-01-04"]),
            "time": pd.to_datetime(["2024-01-08", None]),
            "last": [100.0, 200.0],
            "forecast": [101.0, 202.0],
            "change": [0.01, 0.01],
            "lower": [np.nan, np.nan],
            "upper": [np.nan, np.nan],
        }
    )
    shown = forecast_table(table, evaluation_of("return"), OWN, is_counted=False)
    assert list(shown) == ["series", "time", "last", "forecast", "change", "made from rows up to"]
    assert shown["time"].tolist() == ["2024-01-08", "next row"]
