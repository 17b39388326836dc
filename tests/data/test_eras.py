import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.eras import Era, cut_eras
from core.errors.model import RecipeError
from core.recipe.model import SplitSettings

DAYS = pd.Series(pd.date_range("2024-01-01", periods=100))


def test_shares_are_of_the_time_stamps() -> None:
    eras = cut_eras(DAYS, SplitSettings())
    assert eras.rows == (70, 15, 15)
    assert (eras.validation_from[:10], eras.test_from[:10]) == ("2024-03-11", "2024-03-26")


def test_one_stamp_of_a_panel_is_never_cut_in_two() -> None:
    times = pd.concat([DAYS, DAYS[:40], DAYS[60:]], ignore_index=True)
    eras = cut_eras(times, SplitSettings())
    labels = pd.Series(eras.label(times)).groupby(times).nunique()
    assert labels.max() == 1 and sum(eras.rows) == len(times)
    assert eras.rows == tuple(np.bincount(eras.label(times)).tolist())


def test_dates_cut_where_they_say() -> None:
    eras = cut_eras(DAYS, SplitSettings(validation_from="2024-02-01", test_from="2024-03-01"))
    assert eras.rows == (31, 29, 40)
    assert eras.label(np.array(["2024-02-01", "2024-03-01", "2030-01-01"], "datetime64[us]")).tolist() == [1, 2, 2]


@pytest.mark.parametrize(
    ("first", "second", "word"),
    [
        ("2024-03-01", "2024-02-01", "not before"),
        ("soon", "2024-02-01", "not a date"),
        ("2023-01-01", "2024-02-01", "train era would hold 0"),
        ("2024-02-01", "2024-04-09", "test era would hold 1"),
    ],
)
def test_dates_that_do_not_fit_are_refused(first: str, second: str, word: str) -> None:
    with pytest.raises(RecipeError, match=word):
        cut_eras(DAYS, SplitSettings(validation_from=first, test_from=second))


def test_too_few_stamps_are_refused() -> None:
    with pytest.raises(RecipeError, match="needs at least 2"):
        cut_eras(DAYS[:4], SplitSettings())


@settings(max_examples=30, deadline=None)
@given(st.integers(20, 400), st.floats(0.2, 0.6), st.integers(0, 3))
def test_eras_follow_each_other_without_overlap(count: int, train: float, copies: int) -> None:
    stamps = pd.Series(pd.date_range("2020-01-01", periods=count, freq="h"))
    times = pd.concat([stamps] * (copies + 1), ignore_index=True)
    eras = cut_eras(times, SplitSettings(train=train, validation=0.2, test=0.8 - train))
    labels = eras.label(stamps)
    assert (np.diff(labels) >= 0).all() and set(labels) == set(Era)
    assert abs(eras.rows[0] / len(times) - train) <= 1 / count
