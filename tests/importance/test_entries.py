"""The entries of a feature: its rows in the window and their means, taken within the series."""

import numpy as np
import pytest

from core.importance.entries import MOST_LAGS, Entry, plan_entries, take_entries


@pytest.mark.parametrize("window", [2, 5, 32, 250])
def test_every_entry_lies_within_the_window(window):
    for columns in (3, 10**6):
        entries = plan_entries(window, columns)
        assert max(entry.lag + entry.rows for entry in entries) == window
        assert len(set(entries)) == len(entries)


def test_all_lags_are_offered_if_they_are_few_enough():
    assert sum(entry.rows == 1 for entry in plan_entries(32, MOST_LAGS // 32)) == 32
    assert [entry.lag for entry in plan_entries(32, MOST_LAGS // 32 + 1) if entry.rows == 1] == [
        0, 1, 2, 3, 5, 10, 20, 30,
    ]  # fmt: skip


def test_entries_are_the_values_and_means_they_name():
    values = np.random.default_rng(0).standard_normal(200)
    rows = np.array([50, 120, 199])
    taken = take_entries(values, rows, (Entry(lag=7), Entry(lag=0, rows=22)))
    assert taken[0] == pytest.approx(values[rows - 7], abs=1e-6)
    assert taken[1] == pytest.approx([values[row - 21 : row + 1].mean() for row in rows], abs=1e-6)


def test_a_missing_value_is_missing_in_the_entries_that_hold_it_alone():
    values = np.ones(60)
    values[40] = np.nan
    taken = take_entries(values, np.array([42, 50]), (Entry(lag=2), Entry(lag=0), Entry(lag=0, rows=5)))
    assert np.isnan(taken).tolist() == [[True, False], [False, False], [True, False]]


def test_later_rows_do_not_change_an_entry():
    values = np.random.default_rng(1).standard_normal(100)
    changed = np.r_[values[:80], 1e6 * np.ones(20)]
    entries = plan_entries(22, 1)
    rows = np.arange(30, 80)
    assert np.array_equal(take_entries(values, rows, entries), take_entries(changed, rows, entries))
