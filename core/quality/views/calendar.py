"""A series against its own calendar: where rows are missing, where time stamps repeat, and where values are."""

from dataclasses import dataclass

import numpy as np

from core.data.frequency import SamplingFrequency, find_frequency
from core.quality.numerics.stretches import find_stretches
from core.quality.views.over_time import OverTime


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A place in a series: the first and the last time it concerns, how many rows or bars, and a line of the user's file."""

    start: np.datetime64
    stop: np.datetime64
    count: int | None
    line: int


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """What a column of a series lacks, each in order of time.

    A gap lies between two rows; its count is the bars that are missing there, None where the series has no frequency.
    `repeated` are stamps with more than one row, `valueless` the runs of rows without a good value. `rests` counts the
    working days without a row that are taken for holidays.
    """

    frequency: str | None
    rows: int
    gaps: tuple[Spot, ...]
    repeated: tuple[Spot, ...]
    valueless: tuple[Spot, ...]
    rests: int

    @property
    def missing_bars(self) -> int:
        """The bars that are missing in all gaps."""
        return sum(gap.count or 0 for gap in self.gaps)


def find_calendar(line: OverTime, frequency: SamplingFrequency | None = None) -> Calendar:
    """Return where a series leaves its own calendar, as reading finds it (`core.data.frequency`), and where it has no value.

    `frequency` is that of its times, where it is known already: all columns of a series have the same.
    """
    times = line.times
    frequency = frequency or find_frequency(times, None)
    stops = frequency.gaps
    bars = _count_bars(times[stops - 1], times[stops], frequency.frequency, times)
    gaps = tuple(
        Spot(start=times[stop - 1], stop=times[stop], count=count, line=int(line.lines[stop]))
        for stop, count in zip(stops, bars, strict=True)
    )
    same = np.r_[False, times[1:] == times[:-1]]
    first = np.arange(len(times)) == 0
    runs = find_stretches(same, first)
    repeated = tuple(
        Spot(start=times[start], stop=times[start], count=int(count) + 1, line=int(line.lines[start]))
        for start, count in zip(runs.start, runs.count, strict=True)
    )
    runs = find_stretches(~np.isfinite(line.levels), first)
    valueless = tuple(
        Spot(start=times[start], stop=times[stop], count=int(count), line=int(line.lines[start]))
        for start, stop, count in zip(runs.start, runs.stop, runs.count, strict=True)
    )
    rests = 0
    if frequency.frequency == "B":
        steps = np.busday_count(times[:-1].astype("datetime64[D]"), times[1:].astype("datetime64[D]")) - 1
        steps[stops - 1] = 0
        rests = int(np.maximum(steps, 0).sum())
    return Calendar(
        frequency=frequency.frequency, rows=len(times), gaps=gaps, repeated=repeated, valueless=valueless, rests=rests
    )


def _count_bars(before: np.ndarray, after: np.ndarray, frequency: str | None, times: np.ndarray) -> list[int | None]:
    """Return how many bars are missing between each two rows."""
    if frequency is None or not len(before):
        return [None] * len(before)
    if frequency == "B":
        counts = np.busday_count(before.astype("datetime64[D]"), after.astype("datetime64[D]"))
    else:
        steps = np.diff(times)
        counts = np.rint((after - before) / np.median(steps[steps > np.timedelta64(0, "us")]))
    return np.maximum(counts.astype(np.int64) - 1, 1).tolist()
