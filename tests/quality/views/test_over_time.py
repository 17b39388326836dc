"""A column over time: what is read, and planted gaps and missing values with exact counts."""

import numpy as np
import pandas as pd
import pytest

from core.quality.views.calendar import find_calendar
from core.quality.views.over_time import OverTime, find_extent, read_over_time, rows_between
from tests.data.markets import NEW_YORK_HOURLY

ROWS = 500


def frame_of(start: float = 100.0, seed: int = 1) -> pd.DataFrame:
    values = start * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, ROWS)))
    return pd.DataFrame({"date": pd.bdate_range("2020-01-01", periods=ROWS, unit="us"), "price": values})


def line_of(bench, frame: pd.DataFrame, series: str | None = None, ticker: str | None = None) -> OverTime:
    dataset = bench.dataset(frame, series=series)
    profile = bench.profile(frame, series=series)
    return read_over_time(dataset, profile, "price", ticker)


def test_one_of_several_series_is_read_and_no_change_crosses_series(bench):
    one, two = frame_of().assign(ticker="a"), frame_of(5.0, 2).assign(ticker="b")
    line = line_of(bench, pd.concat([one, two], ignore_index=True), "ticker", "b")
    assert line.levels == pytest.approx(two["price"].to_numpy())
    assert line.lines.tolist() == list(range(ROWS + 2, 2 * ROWS + 2))
    assert np.isnan(line.changes[0]) and np.isfinite(line.changes[1:]).all()


def test_changes_are_in_percent_for_prices_and_differences_otherwise(bench):
    frame = frame_of()
    line = line_of(bench, frame)
    assert line.relative
    assert line.changes[1:] == pytest.approx(100 * frame["price"].pct_change()[1:].to_numpy())
    below = frame.assign(price=frame["price"] - 99.0)
    assert line_of(bench, below).changes[1:] == pytest.approx(below["price"].diff()[1:].to_numpy())
    frame.loc[ROWS - 1, "price"] = 0.0
    assert not line_of(bench, frame).relative


def test_values_for_the_autocorrelation_come_from_the_train_era_only(bench):
    frame = frame_of()
    changed = frame.copy()
    changed.loc[350:, "price"] = 1e6 * np.arange(150)
    changed.loc[20, "price"] = frame.loc[20, "price"] = np.nan
    before, after = line_of(bench, frame), line_of(bench, changed)
    for as_changes in (False, True):
        known = before.last_train_values(as_changes, 5000)
        assert len(known) == 349 - 2 * as_changes
        assert before.last_train_values(as_changes, 100).tolist() == known[-100:].tolist()
    assert after.last_train_values(False, 5000).tolist() == before.last_train_values(False, 5000).tolist()


def test_gaps_of_business_days_differ_from_holidays(bench):
    frame = frame_of()
    frame.loc[[30, 31, 200], "price"] = np.nan
    # Ten business days in a row are missing, and two single ones; one time stamp occurs three times.
    kept = frame.drop([60, 90, *range(150, 160)])
    kept = pd.concat([kept, kept.loc[[300, 300]].assign(price=7.0)]).sort_values("date", kind="stable")
    calendar = find_calendar(line_of(bench, kept))
    assert calendar.frequency == "B" and calendar.rows == ROWS - 10
    (gap,) = calendar.gaps
    assert (gap.count, calendar.missing_bars, calendar.holidays) == (10, 10, 2)
    assert (gap.start, gap.stop) == (frame["date"][149].to_numpy(), frame["date"][160].to_numpy())
    (repeated,) = calendar.repeated
    assert (repeated.count, repeated.start) == (3, frame["date"][300].to_numpy())
    assert [(run.count, run.start) for run in calendar.missing] == [
        (2, frame["date"][30].to_numpy()),
        (1, frame["date"][200].to_numpy()),
    ]


def test_missing_hours_are_counted(bench):
    frame = frame_of().assign(date=pd.date_range("2020-01-01", periods=ROWS, freq="h", unit="us"))
    calendar = find_calendar(line_of(bench, frame.drop([5, 100, 101, 102])))
    assert [gap.count for gap in calendar.gaps] == [1, 3]
    assert [gap.line for gap in calendar.gaps] == [7, 101]


def test_a_complete_series_has_no_anomalies(bench):
    calendar = find_calendar(line_of(bench, frame_of()))
    assert (calendar.gaps, calendar.repeated, calendar.missing, calendar.holidays) == ((), (), (), 0)


@pytest.mark.parametrize("unit", ["us", "ms", "s", "m", "h", "D", "W"])
@pytest.mark.parametrize("rows", [2, 999, 40_000])
def test_a_range_has_at_most_about_a_thousand_steps_and_covers_all_rows(unit, rows):
    times = np.datetime64("1950-03-07T05:00", "us") + np.arange(rows) * np.timedelta64(1, unit).astype(
        "timedelta64[us]"
    )
    extent = find_extent(times)
    assert extent.first <= times[0] < times[-1] <= extent.last
    steps = (extent.last - extent.first) / extent.step
    assert steps == int(steps) and 1 <= steps <= 1002


def test_a_single_time_has_no_range():
    assert find_extent(np.array(["2020-01-01", "2020-01-01"], "datetime64[us]")) is None
    assert find_extent(np.array([], "datetime64[us]")) is None


def test_rows_of_a_range_include_one_neighbour_on_either_side():
    times = np.arange("2020-01-01", "2020-01-11", dtype="datetime64[D]")
    assert rows_between(times, times[3], times[5]) == slice(2, 7)
    assert rows_between(times, times[0], times[-1]) == slice(0, 11)
    assert times[rows_between(times, times[-1] + 5, times[-1] + 9)].tolist() == times[-2:].tolist()
    assert times[rows_between(times, times[0] - 9, times[0] - 5)].tolist() == times[:2].tolist()


def test_missing_bars_of_sessions_are_listed_apart_from_gaps(bench):
    times = NEW_YORK_HOURLY.stamped(None, start="2022-06-01", end="2022-11-18")
    spans = (
        ("2022-07-07T11:30", "2022-07-07T12:30"),
        ("2022-08-17T09:30", "2022-08-17T09:30"),
        ("2022-09-07T14:30", "2022-09-07T15:30"),
        ("2022-10-04T10:00", "2022-10-13T12:00"),
    )
    gone = np.any([(times >= np.datetime64(first)) & (times <= np.datetime64(last)) for first, last in spans], axis=0)
    kept = times[~gone]
    calendar = find_calendar(line_of(bench, pd.DataFrame({"date": kept, "price": np.arange(len(kept)) + 100.5})))
    (hole,), (late,), (early,), (gap,) = calendar.holes, calendar.late, calendar.early, calendar.gaps
    assert (hole.count, late.count, early.count, gap.count) == (2, 1, 2, int(gone.sum()) - 5)
    assert [str(each.start)[:16] for each in (hole, late, early)] == [first for first, _ in spans[:3]]
    assert [str(each.stop)[:16] for each in (hole, late, early)] == [last for _, last in spans[:3]]
    assert kept[hole.line - 2] == np.datetime64("2022-07-07T13:30") and calendar.missing_bars == gone.sum()
