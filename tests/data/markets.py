"""Bars of made-up histories of real trading hours, with the bar that comes next known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np
import pandas as pd

MONDAY_TO_FRIDAY = range(5)
START, END = np.datetime64("2022-03-01"), np.datetime64("2024-01-10")


@dataclass(frozen=True, eq=False, kw_only=True)
class Market:
    """Trading hours in local time: per weekday, 0 for Monday, spans from the first bar to the end of trading.

    `closed` are days without bars, `short` the ends of days that end early.
    """

    zone: str
    minutes: int
    hours: dict[int, Sequence[tuple[str, str]]]
    closed: tuple[str, ...] = ()
    short: dict[str, str] = field(default_factory=dict)

    @cached_property
    def bars(self) -> np.ndarray:
        """The local times of all bars, shape (n,) datetime64[us]."""
        found = []
        for day in np.arange(START, END + 1):
            if str(day) not in self.closed:
                close = minutes_of(self.short.get(str(day), "24:00"))
                for first, last in self.hours.get(int(day.astype(int) + 3) % 7, ()):
                    minutes = np.arange(minutes_of(first), min(minutes_of(last), close), self.minutes)
                    found.append(day.astype("datetime64[us]") + minutes * np.timedelta64(60_000_000, "us"))
        return np.concatenate(found)

    @cache  # noqa: B019
    def in_zone(self, zone: str | None) -> np.ndarray:
        """Return the time stamps of all bars on the clock of a zone, without it; None: local."""
        if zone is None:
            return self.bars
        local = pd.DatetimeIndex(self.bars).tz_localize(self.zone)
        return local.tz_convert(zone).tz_localize(None).to_numpy("datetime64[us]")

    def stamped(self, zone: str | None, start: str = "2022-03-01", end: str = "2023-12-22") -> np.ndarray:
        """Return the time stamps on the clock of a zone of the bars of some local days."""
        days = self.bars.astype("datetime64[D]")
        return self.in_zone(zone)[(days >= np.datetime64(start)) & (days <= np.datetime64(end))]


def minutes_of(clock: str) -> int:
    """Return the minutes from midnight of a time such as 09:30."""
    hours, minutes = clock.split(":")
    return 60 * int(hours) + int(minutes)


def every(days: Iterable[int], *spans: tuple[str, str]) -> dict[int, Sequence[tuple[str, str]]]:
    return dict.fromkeys(days, spans)


THANKSGIVING = ("2022-11-24", "2023-11-23")
HALF_DAYS = {"2022-11-25": "13:00", "2023-07-03": "13:00", "2023-11-24": "13:00"}
CHRISTMAS = ("2022-12-26", "2023-01-02")

NEW_YORK = Market(
    zone="America/New_York",
    minutes=30,
    hours=every(MONDAY_TO_FRIDAY, ("09:30", "16:00")),
    closed=(*THANKSGIVING, *CHRISTMAS, "2022-07-04", "2023-04-07", "2023-07-04"),
    short=HALF_DAYS,
)
NEW_YORK_HOURLY = Market(
    zone="America/New_York", minutes=60, hours=NEW_YORK.hours, closed=NEW_YORK.closed, short=HALF_DAYS
)
TOKYO = Market(
    zone="Asia/Tokyo",
    minutes=5,
    hours=every(MONDAY_TO_FRIDAY, ("09:00", "11:30"), ("12:30", "15:00")),
    closed=("2023-01-02", "2023-01-03", "2023-05-03", "2023-05-04", "2023-05-05"),
)
HONG_KONG = Market(
    zone="Asia/Hong_Kong",
    minutes=15,
    hours=every(MONDAY_TO_FRIDAY, ("09:30", "12:00"), ("13:00", "16:00")),
    short={"2022-12-30": "12:00", "2023-01-20": "12:00"},
)
LONDON = Market(
    zone="Europe/London",
    minutes=15,
    hours=every(MONDAY_TO_FRIDAY, ("08:00", "16:30")),
    closed=("2022-12-26", "2022-12-27", "2023-04-07", "2023-04-10"),
    short={"2022-12-23": "12:30", "2022-12-30": "12:30", "2023-12-22": "12:30"},
)
SYDNEY = Market(zone="Australia/Sydney", minutes=60, hours=every(MONDAY_TO_FRIDAY, ("10:00", "16:00")))
FUTURES = Market(
    zone="America/New_York",
    minutes=15,
    hours={
        6: [("18:00", "24:00")],
        **every(range(4), ("00:00", "17:00"), ("18:00", "24:00")),
        4: [("00:00", "17:00")],
    },
)
CURRENCY = Market(
    zone="America/New_York",
    minutes=60,
    hours={6: [("17:00", "24:00")], **every(range(4), ("00:00", "24:00")), 4: [("00:00", "17:00")]},
)
CRYPTO = Market(zone="UTC", minutes=60, hours=every(range(7), ("00:00", "24:00")))
SHANGHAI_NIGHT = Market(
    zone="Asia/Shanghai",
    minutes=15,
    hours=every(MONDAY_TO_FRIDAY, ("09:00", "10:15"), ("10:30", "11:30"), ("13:30", "15:00"), ("21:00", "23:00")),
)
RIYADH = Market(zone="Asia/Riyadh", minutes=30, hours=every((6, 0, 1, 2, 3), ("10:00", "15:00")))
MARKETS = {
    "New York": NEW_YORK,
    "New York hourly": NEW_YORK_HOURLY,
    "Tokyo": TOKYO,
    "Hong Kong": HONG_KONG,
    "London": LONDON,
    "Sydney": SYDNEY,
    "futures": FUTURES,
    "currency": CURRENCY,
    "crypto": CRYPTO,
    "Shanghai night": SHANGHAI_NIGHT,
    "Riyadh": RIYADH,
}
