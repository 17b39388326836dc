"""Bars taken out of sessions are counted where they were, and complete histories of real trading hours lack none."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.data.frequency import SamplingFrequency, find_frequency
from core.findings.ingest.rows import MissingBars, ShortSessions
from tests.data.markets import (
    CURRENCY,
    FUTURES,
    LONDON,
    MARKETS,
    NEW_YORK,
    NEW_YORK_HOURLY,
    SYDNEY,
    TOKYO,
    Market,
    every,
)

ZONES = [None, "UTC", "Europe/Berlin", "Asia/Tokyo"]
DAYS = ("2022-08-17", "2023-03-14", "2023-10-31")


def without(times: np.ndarray, *spans: tuple[str, str]) -> np.ndarray:
    """Return the times outside some spans, whose ends are left out too."""
    gone = np.zeros(len(times), dtype=bool)
    for first, last in spans:
        gone |= (times >= np.datetime64(first)) & (times <= np.datetime64(last))
    assert gone.any()
    return times[~gone]


def counts(found: SamplingFrequency) -> tuple[int, int, int, int]:
    """Return the bars missing inside, late starts, early ends and gaps."""
    holes = found.holes
    return (
        int(holes.of("inside").counts.sum()),
        len(holes.of("start").rows),
        len(holes.of("end").rows),
        len(found.gaps),
    )


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("name", MARKETS)
def test_a_complete_history_lacks_no_bar(name: str, zone: str | None) -> None:
    if name == "crypto" and zone == "Europe/Berlin":
        pytest.skip("an hour of a clock that changes is missing or occurs twice")
    times = MARKETS[name].stamped(zone, end="2024-01-05")
    assert counts(find_frequency(times, None)) == (0, 0, 0, 0)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("name", [name for name in MARKETS if name != "crypto"])
def test_bars_taken_out_of_sessions_are_counted_where_they_were(name: str, zone: str | None) -> None:
    market = MARKETS[name]
    local, times = market.stamped(None), market.stamped(zone)
    days = local.astype("datetime64[D]")
    gone = np.zeros(len(local), dtype=bool)
    for place, day in enumerate(DAYS):
        bars = np.flatnonzero(days == np.datetime64(day))
        gone[bars[2 : 3 + (place > 0)]] = True
    found = find_frequency(times[~gone], None)
    assert counts(found) == (5, 0, 0, 0)
    assert found.holes.first.tolist() == times[gone][[0, 1, 3]].tolist()
    assert found.holes.last.tolist() == times[gone][[0, 2, 4]].tolist()
    assert (times[~gone][found.holes.rows] > found.holes.last).all()
    assert (times[~gone][found.holes.rows - 1] < found.holes.first).all()


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("name", ["New York", "New York hourly", "Tokyo", "Hong Kong", "London", "Sydney", "Riyadh"])
def test_late_starts_and_early_ends_are_counted(name: str, zone: str | None) -> None:
    market = MARKETS[name]
    days = market.stamped(None).astype("datetime64[D]")
    gone = np.zeros(len(days), dtype=bool)
    for place, day in enumerate(("2022-08-17", "2023-03-14", "2023-10-31", "2023-06-06")):
        bars = np.flatnonzero(days == np.datetime64(day))
        gone[bars[: 1 + place] if place < 3 else bars[-2:]] = True
    assert counts(find_frequency(market.stamped(zone)[~gone], None)) == (0, 3, 1, 0)


def test_sessions_that_run_into_the_next_day_start_late_only_after_a_pause() -> None:
    times = FUTURES.stamped(None)
    monday = ("2023-05-01T00:00", "2023-05-01T00:15")
    sunday = ("2023-05-14T18:00", "2023-05-14T18:30")
    assert counts(find_frequency(without(times, monday, sunday), None)) == (2, 1, 0, 0)
    midnight = ("2023-05-16T23:00", "2023-05-17T00:00")
    friday = ("2023-05-19T16:00", "2023-05-19T16:00")
    assert counts(find_frequency(without(CURRENCY.stamped(None), midnight, friday), None)) == (2, 0, 1, 0)


def test_a_day_without_bars_is_a_holiday() -> None:
    times = without(NEW_YORK.stamped(None), ("2023-02-20", "2023-02-20T23:00"), ("2023-05-29", "2023-05-29T23:00"))
    assert counts(find_frequency(times, None)) == (0, 0, 0, 0)
    eve = without(FUTURES.stamped(None), ("2022-12-24", "2022-12-26T17:00"), ("2022-12-30T17:00", "2023-01-02T17:00"))
    assert counts(find_frequency(eve, None)) == (0, 0, 0, 0)


def test_the_data_may_begin_and_end_within_a_session() -> None:
    times = NEW_YORK.stamped(None)
    assert counts(find_frequency(times[5:-4], None)) == (0, 0, 0, 0)


def shortened(market: Market, **closes: str) -> Market:
    """Return a market that ends early on some days, named like `d20230523`."""
    days = {f"{name[1:5]}-{name[5:7]}-{name[7:]}": close for name, close in closes.items()}
    return Market(zone=market.zone, minutes=market.minutes, hours=market.hours, short=days)


def test_half_days_are_left_in_peace_and_a_cut_day_is_not() -> None:
    once = shortened(NEW_YORK, d20230523="13:00")
    assert counts(find_frequency(once.stamped(None), None)) == (0, 0, 1, 0)
    twice = shortened(NEW_YORK, d20230523="13:00", d20221125="13:00")
    assert counts(find_frequency(twice.stamped(None), None)) == (0, 0, 0, 0)
    yearly = shortened(NEW_YORK, d20221125="13:00", d20231124="12:30")
    assert counts(find_frequency(yearly.stamped(None), None)) == (0, 0, 0, 0)
    cut = shortened(NEW_YORK, d20230703="13:00", d20221125="13:00", d20230523="11:30")
    found = find_frequency(cut.stamped(None), None)
    assert counts(found) == (0, 0, 1, 0) and str(found.holes.first[0]) == "2023-05-23T11:30:00.000000"


def test_days_that_all_lack_their_last_bar_are_no_half_days() -> None:
    days = ("2022-06-08", "2022-09-14", "2023-03-15")
    times = without(NEW_YORK_HOURLY.stamped(None), *((f"{day}T15:30", f"{day}T15:30") for day in days))
    assert counts(find_frequency(times, None)) == (0, 0, 3, 0)


def test_ends_that_coincide_by_chance_are_no_half_days() -> None:
    chance = np.random.default_rng(3)
    days = chance.choice(pd.bdate_range("2022-03-02", "2022-12-30").strftime("d%Y%m%d"), 12, replace=False)
    cut = shortened(NEW_YORK, **{day: f"{chance.integers(10, 15)}:{chance.choice(['00', '30'])}" for day in days})
    assert counts(find_frequency(cut.stamped(None), None))[2] >= 8


def test_a_session_that_changes_its_hours_lacks_nothing() -> None:
    longer = Market(
        zone="Asia/Tokyo", minutes=5, hours=every(range(5), ("09:00", "11:30"), ("12:30", "15:30")), closed=TOKYO.closed
    )
    old, new = TOKYO.stamped(None, end="2023-06-30"), longer.stamped(None, start="2023-07-03")
    assert counts(find_frequency(np.concatenate([old, new]), None)) == (0, 0, 0, 0)


def test_a_pause_of_one_weekday_is_no_hole() -> None:
    hours = {**every(range(4), ("10:00", "17:00")), 4: [("10:00", "12:00"), ("14:00", "17:00")]}
    times = Market(zone="UTC", minutes=30, hours=hours).stamped(None)
    assert counts(find_frequency(times, None)) == (0, 0, 0, 0)


def test_bars_left_out_when_nobody_trades_are_not_missing() -> None:
    chance = np.random.default_rng(1)
    times = NEW_YORK.stamped(None)
    local = (times.astype("int64") // 60_000_000) % 1440
    likely = np.where((local < 600) | (local > 930), 0.99, 0.7)
    assert counts(find_frequency(times[chance.random(len(times)) < likely * 0.9], None))[:3] == (0, 0, 0)


def test_bars_lost_at_random_are_all_counted() -> None:
    times = NEW_YORK.stamped("UTC")
    kept = np.random.default_rng(1).random(len(times)) > 0.01
    kept[:13] = kept[-13:] = True
    found = find_frequency(times[kept], None)
    assert abs(int(found.holes.counts.sum()) - int((~kept).sum())) <= 1


def test_a_short_history_is_judged_by_its_own_days() -> None:
    times = TOKYO.stamped(None, start="2023-06-05", end="2023-06-16")
    assert counts(find_frequency(times, None)) == (0, 0, 0, 0)
    hole = without(times, ("2023-06-08T13:00", "2023-06-08T13:05"))
    assert counts(find_frequency(hole, None)) == (2, 0, 0, 0)
    assert counts(find_frequency(times[:100], None))[:3] == (0, 0, 0)


def test_a_long_hole_inside_a_session_stays_a_gap() -> None:
    times = without(NEW_YORK.stamped(None), ("2023-06-08T11:00", "2023-06-08T13:30"))
    found = find_frequency(times, None)
    assert counts(found) == (0, 0, 0, 1)
    assert str(times[found.gaps[0]]) == "2023-06-08T14:00:00.000000"


def test_each_series_of_a_panel_is_compared_with_itself() -> None:
    parts = [NEW_YORK_HOURLY.stamped("UTC"), TOKYO.stamped("UTC"), LONDON.stamped("UTC"), SYDNEY.stamped("UTC")]
    parts[1] = without(parts[1], ("2023-06-08T01:00", "2023-06-08T01:05"))
    parts[2] = without(parts[2], ("2023-06-08T07:00", "2023-06-08T07:45"))
    series = np.repeat(np.arange(4), [len(part) for part in parts])
    found = find_frequency(np.concatenate(parts), series)
    assert counts(found) == (2, 1, 0, 0)
    assert series[found.holes.rows].tolist() == [1, 2]


def by_code(dataset: Dataset) -> dict[str, object]:
    return {finding.code: finding for finding in dataset.findings}


def as_csv(times: np.ndarray) -> str:
    return "\n".join(
        ["time,close", *(f"{time},{100 + place % 7}.5" for place, time in enumerate(times.astype("M8[s]")))]
    )


@pytest.mark.fires("missing-bars", "short-sessions")
def test_missing_bars_and_short_sessions_are_reported_with_their_lines(read: Callable[..., Dataset]) -> None:
    times = NEW_YORK_HOURLY.stamped(None, end="2022-08-05")
    times = without(
        times,
        ("2022-04-06T11:30", "2022-04-06T12:30"),
        ("2022-05-04T13:30", "2022-05-04T13:30"),
        ("2022-05-11T09:30", "2022-05-11T10:30"),
        ("2022-06-15T15:30", "2022-06-15T15:30"),
    )
    found = by_code(read(as_csv(times)))
    missing, short = found["missing-bars"], found["short-sessions"]
    assert isinstance(missing, MissingBars) and isinstance(short, ShortSessions)
    lines = [
        int(np.searchsorted(times, np.datetime64(after))) + 2 for after in ("2022-04-06T13:30", "2022-05-04T14:30")
    ]
    assert (missing.count, missing.places, missing.rows) == (3, 2, tuple(lines))
    assert missing.first == np.datetime64("2022-04-06T11:30")
    assert (short.late, short.early, short.count) == (1, 1, 3)
    assert times[np.array(short.rows) - 2].tolist() == [
        pd.Timestamp("2022-05-11T11:30").to_pydatetime(),
        pd.Timestamp("2022-06-16T09:30").to_pydatetime(),
    ]


@pytest.mark.silent("missing-bars", "short-sessions", "time-gaps")
@pytest.mark.parametrize("name", MARKETS)
def test_a_complete_file_reports_nothing(name: str, read: Callable[..., Dataset]) -> None:
    assert read(as_csv(MARKETS[name].stamped("UTC", end="2022-06-30"))).rows
