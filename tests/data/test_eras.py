import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.eras import Era, cut_eras
from core.errors.data import EraTooShort, InvalidSplitDate, SplitDatesOutOfOrder
from core.recipe.model import SplitSettings

DAYS = pd.Series(pd.date_range("2024-01-01", periods=100))


def test_shares_are_of_distinct_time_stamps() -> None:
    eras = cut_eras(DAYS, SplitSettings())
    assert eras.rows == (70, 15, 15)
    assert (eras.validation_from[:10], eras.test_from[:10]) == ("2024-03-11", "2024-03-26")


def test_rows_of_one_time_stamp_are_in_one_era() -> None:
    times = pd.concat([DAYS, DAYS[:40], DAYS[60:]], ignore_index=True)
    eras = cut_eras(times, SplitSettings())
    labels = pd.Series(eras.label(times)).groupby(times).nunique()
    assert labels.max() == 1 and sum(eras.rows) == len(times)
    assert eras.rows == tuple(np.bincount(eras.label(times)).tolist())


def test_eras_begin_at_the_dates_that_are_set() -> None:
    eras = cut_eras(DAYS, SplitSettings(validation_from="2024-02-01", test_from="2024-03-01"))
    assert eras.rows == (31, 29, 40)
    assert eras.label(np.array(["2024-02-01", "2024-03-01", "2030-01-01"], "datetime64[us]")).tolist() == [1, 2, 2]


@pytest.mark.parametrize(
    ("first", "second", "error", "facts"),
    [
        (
            "2024-03-01",
            "2024-02-01",
            SplitDatesOutOfOrder,
            {"validation_from": "2024-03-01", "test_from": "2024-02-01"},
        ),
        ("soon", "2024-02-01", InvalidSplitDate, {"field": "validation_from", "text": "soon"}),
        ("2024-02-01", "NaT", InvalidSplitDate, {"field": "test_from", "text": "NaT"}),
        ("2023-01-01", "2024-02-01", EraTooShort, {"era": "train", "stamps": 0}),
        ("2024-02-01", "2024-04-09", EraTooShort, {"era": "test", "stamps": 1}),
    ],
)
def test_invalid_split_dates_are_refused(first: str, second: str, error: type[Exception], facts: dict) -> None:
    with pytest.raises(error) as refusal:
        cut_eras(DAYS, SplitSettings(validation_from=first, test_from=second))
    assert facts.items() <= vars(refusal.value).items()


def test_too_few_time_stamps_are_refused() -> None:
    with pytest.raises(EraTooShort) as refusal:
        cut_eras(DAYS[:4], SplitSettings())
    assert (refusal.value.total, refusal.value.minimum) == (4, 2)


@settings(max_examples=30, deadline=None)
@given(st.integers(20, 400), st.floats(0.2, 0.6), st.integers(0, 3))
def test_eras_are_consecutive_and_disjoint(count: int, train: float, copies: int) -> None:
    stamps = pd.Series(pd.date_range("2020-01-01", periods=count, freq="h"))
    times = pd.concat([stamps] * (copies + 1), ignore_index=True)
    eras = cut_eras(times, SplitSettings(train=train, validation=0.2, test=0.8 - train))
    labels = eras.label(stamps)
    assert (np.diff(labels) >= 0).all() and set(labels) == set(Era)
    assert abs(eras.rows[0] / len(times) - train) <= 1 / count
