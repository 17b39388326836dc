"""The next bars of markets whose hours are known, in every zone that their time stamps may be in."""

import numpy as np
import pandas as pd
import pytest

from core.data.calendar import MOST_BARS, WEEK, MarketCalendar, Run, learn_calendar, learn_calendars_by_name
from core.data.daylight import HOUR, RULES, Clock, Rule
from tests.data.markets import CRYPTO, CURRENCY, FUTURES, MARKETS, NEW_YORK, NEW_YORK_HOURLY, TOKYO, Market

ZONES = [None, "UTC", "Europe/Berlin", "Asia/Tokyo", "America/New_York"]
# A Wednesday in summer, a Friday in summer, the Fridays before the clocks change, and a Thursday in winter.
LAST_DAYS = ["2023-06-14", "2023-06-16", "2023-03-10", "2023-03-24", "2023-11-03", "2023-10-27", "2023-02-02"]


def week_after(market: Market, zone: str | None, last: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the time stamps up to a day and those of the nine days after."""
    whole = market.stamped(zone, end=f"{pd.Timestamp(last) + pd.Timedelta(days=9):%Y-%m-%d}")
    known = len(market.stamped(zone, end=last))
    return whole[:known], whole[known:]


def test_the_rules_of_daylight_saving_time_are_those_of_the_zones() -> None:
    days = np.arange("1996-01-01", "2037-12-31", dtype="datetime64[D]")
    noon = pd.DatetimeIndex(days).tz_localize("UTC") + pd.Timedelta(hours=12)
    zones: dict[Rule, tuple[str, int]] = {
        "US": ("America/New_York", -5),
        "EU": ("Europe/London", 0),
        "AU": ("Australia/Sydney", 10),
    }
    for rule in RULES:
        zone, standard = zones[rule]
        hours = (noon.tz_convert(zone).tz_localize(None) - noon.tz_localize(None)) / pd.Timedelta(hours=1) - standard
        wrong = days[Clock(market=rule).shift(days) != HOUR * hours.to_numpy()]
        # Sydney began early for the Olympic Games of 2000, and ended late for the Commonwealth Games of 2006.
        exceptions = {"1996", "1997", "1998", "1999", "2000", "2001", "2006"} if rule == "AU" else set()
        assert set(wrong.astype("datetime64[Y]").astype(str)) <= exceptions


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("name", MARKETS)
def test_the_next_bars_are_those_of_the_market(name: str, zone: str | None) -> None:
    if name == "crypto" and zone in ("Europe/Berlin", "America/New_York"):
        pytest.skip("an hour of a clock that changes is missing or occurs twice")
    for last in LAST_DAYS:
        known, after = week_after(MARKETS[name], zone, last)
        calendar = learn_calendar(known)
        assert calendar is not None and calendar.is_consistent()
        assert calendar.next_times(known[-1], len(after)).tolist() == after.tolist(), (name, zone, last)


@pytest.mark.parametrize("name", MARKETS)
def test_bars_within_a_session_follow_the_last_one(name: str) -> None:
    known, after = week_after(MARKETS[name], None, "2023-06-14")
    calendar = learn_calendar(known)
    for cut in (1, 2, 5):
        assert calendar.next_times(known[-cut - 1], 3).tolist() == [*known[-cut:], *after[:3]][:3]
        assert calendar.count_between(known[-cut - 1 : -cut], after[:1]) == [cut]


def test_a_last_bar_off_the_grid_is_followed_by_one_on_it() -> None:
    bars = NEW_YORK_HOURLY.stamped(None, end="2023-06-14")
    live = np.append(bars[:-1], bars[-1] + np.timedelta64(17, "m"))
    assert str(learn_calendar(live).next_times(live[-1], 1)[0])[:16] == "2023-06-15T09:30"


def daily(zone: str, start: str = "2022-03-01", end: str = "2023-06-16") -> pd.DatetimeIndex:
    return pd.bdate_range(start, end, tz=zone).tz_convert("UTC").tz_localize(None)


@pytest.mark.parametrize(
    ("zone", "last"),
    [
        (zone, last)
        for zone in (
            "Asia/Tokyo",
            "Asia/Shanghai",
            "Europe/Berlin",
            "Europe/London",
            "Australia/Sydney",
            "America/New_York",
        )
        for last in ("2023-06-15", "2023-06-16", "2023-03-24", "2023-11-03", "2023-03-31")
    ],
)
def test_daily_bars_at_midnight_of_an_exchange_in_utc_follow_its_business_days(zone: str, last: str) -> None:
    known = daily(zone, end=last).to_numpy("datetime64[us]")
    after = daily(zone, start=last, end="2023-12-01").to_numpy("datetime64[us]")[1:9]
    assert learn_calendar(known).next_times(known[-1], 8).tolist() == after.tolist()


@pytest.mark.parametrize(
    ("frequency", "last", "following"),
    [
        ("B", "2024-03-01", ["2024-03-04", "2024-03-05"]),
        ("D", "2024-03-01", ["2024-03-02", "2024-03-03"]),
        ("C-Sun-Thu", "2024-03-07", ["2024-03-10", "2024-03-11"]),
    ],
)
def test_daily_bars_follow_the_weekdays_in_the_data(frequency: str, last: str, following: list[str]) -> None:
    step = pd.offsets.CustomBusinessDay(weekmask="Sun Mon Tue Wed Thu") if frequency.startswith("C") else frequency
    known = pd.date_range(end=last, periods=60, freq=step).to_numpy("datetime64[us]")
    assert learn_calendar(known).next_times(known[-1], 2).astype("datetime64[D]").astype(str).tolist() == following


def test_days_off_and_a_rare_session_on_a_saturday_change_nothing() -> None:
    days = pd.bdate_range("2022-01-03", "2023-06-16").drop(["2022-04-15", "2022-12-26", "2023-04-07", "2023-05-01"])
    known = days.append(pd.DatetimeIndex(["2022-10-22", "2023-02-04"])).sort_values().to_numpy("datetime64[us]")
    assert str(learn_calendar(known).next_times(known[-1], 1)[0])[:10] == "2023-06-19"


@pytest.mark.parametrize("frequency", ["W-FRI", "W-MON", "MS", "ME", "BME", "QE", "YS", "2D", "36h"])
def test_slower_or_uneven_bars_have_no_weekly_calendar(frequency: str) -> None:
    assert learn_calendar(pd.date_range("2015-01-02", periods=80, freq=frequency).to_numpy("datetime64[us]")) is None


def test_trades_at_any_time_have_no_calendar() -> None:
    chance = np.random.default_rng(1)
    days = np.repeat(pd.bdate_range("2023-01-02", periods=60).to_numpy("datetime64[us]"), 40)
    ticks = np.sort(days + chance.integers(9 * HOUR, 16 * HOUR, len(days)).astype("timedelta64[us]"))
    assert learn_calendar(ticks) is None
    assert learn_calendar(ticks[:1]) is None and learn_calendar(ticks[:0]) is None


@pytest.mark.parametrize(
    ("market", "last", "next_day"),
    [
        (NEW_YORK, "2023-06-14", "2023-06-15"),
        (NEW_YORK, "2023-06-16", "2023-06-19"),
        (CRYPTO, "2023-06-16", "2023-06-17"),
    ],
)
def test_three_days_of_bars_show_the_hours_but_not_the_weekdays(market: Market, last: str, next_day: str) -> None:
    known = market.stamped(None, start=f"{pd.Timestamp(last) - pd.Timedelta(days=2):%Y-%m-%d}", end=last)
    calendar = learn_calendar(known)
    assert str(calendar.next_times(known[-1], 1)[0])[:10] == next_day and not calendar.is_established


def test_a_session_that_became_longer_is_followed_as_it_is_now() -> None:
    longer = Market(
        zone="Asia/Tokyo", minutes=5, hours={day: [("09:00", "11:30"), ("12:30", "15:30")] for day in range(5)}
    )
    old, new = TOKYO.stamped(None, end="2023-06-30"), longer.stamped(None, start="2023-07-03", end="2023-12-15")
    later = longer.stamped(None, start="2023-12-18", end="2023-12-19")
    calendar = learn_calendar(np.concatenate([old, new]))
    assert calendar.next_times(new[-1], len(later)).tolist() == later.tolist()


def test_a_long_gap_and_missing_bars_do_not_hide_the_calendar() -> None:
    bars = FUTURES.stamped("UTC", end="2023-06-16")
    gone = (bars > np.datetime64("2022-09-01")) & (bars < np.datetime64("2023-02-01"))
    kept = bars[~gone & (np.random.default_rng(1).random(len(bars)) > 0.05)]
    after = FUTURES.stamped("UTC", start="2023-06-18", end="2023-06-20")
    assert learn_calendar(kept).next_times(bars[-1], len(after)).tolist() == after.tolist()


def test_each_series_of_a_panel_has_its_own_calendar() -> None:
    parts = {"A": NEW_YORK_HOURLY.stamped("UTC"), "B": CURRENCY.stamped("UTC"), "C": TOKYO.stamped("UTC")}
    names = np.repeat(list(parts), [len(part) for part in parts.values()])
    found = learn_calendars_by_name(np.concatenate(list(parts.values())), names)
    assert {name: learn_calendar(part) for name, part in parts.items()} == found
    alone = learn_calendars_by_name(parts["A"], None)
    assert alone == {"": found["A"]} and learn_calendars_by_name(parts["A"][:0], None) == {}


@pytest.mark.parametrize(
    "runs",
    [
        (),
        (Run(first=-1, count=1, step=1),),
        (Run(first=0, count=0, step=1),),
        (Run(first=0, count=2, step=0),),
        (Run(first=0, count=2, step=WEEK),),
        (Run(first=5, count=1, step=1), Run(first=5, count=1, step=1)),
        (Run(first=0, count=MOST_BARS + 1, step=1),),
        tuple(Run(first=place, count=1, step=1) for place in range(3000)),
    ],
)
def test_a_calendar_that_is_no_week_is_not_consistent(runs: tuple[Run, ...]) -> None:
    assert not MarketCalendar(clock=Clock(), runs=runs, days=20).is_consistent()
