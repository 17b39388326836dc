"""A series against its own calendar: where rows are missing, where time stamps repeat, and where values are."""

from dataclasses import dataclass

import numpy as np

from core.ingest.rhythm import Rhythm, find_rhythm
from core.quality.over_time import OverTime
from core.quality.stretches import find_stretches


@dataclass(frozen=True)
class Spot:
    """A place in a series: the first and the last time it concerns, how many rows or bars, and a line of the user's file."""

    start: np.datetime64
    stop: np.datetime64
    count: int | None
    line: int


@dataclass(frozen=True)
class Calendar:
    """What a column of a series lacks, each in order of time.

    A gap lies between two rows; its count is the bars that are missing there, None where the series has no rhythm.
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


def find_calendar(line: OverTime, rhythm: Rhythm | None = None) -> Calendar:
    """Return where a series leaves its own calendar, as reading finds it (`core.ingest.rhythm`), and where it has no value.

    `rhythm` is that of its times, where it is known already: all columns of a series have the same.
    """
    times = line.times
    rhythm = rhythm or find_rhythm(times, None)
    stops = rhythm.gaps
    bars = _count_bars(times[stops - 1], times[stops], rhythm.frequency, times)
    gaps = tuple(
        Spot(times[stop - 1], times[stop], count, int(line.lines[stop]))
        for stop, count in zip(stops, bars, strict=True)
    )
    same = np.r_[False, times[1:] == times[:-1]]
    first = np.arange(len(times)) == 0
    runs = find_stretches(same, first)
    repeated = tuple(
        Spot(times[start], times[start], int(count) + 1, int(line.lines[start]))
        for start, count in zip(runs.start, runs.count, strict=True)
    )
    runs = find_stretches(~np.isfinite(line.levels), first)
    valueless = tuple(
        Spot(times[start], times[stop], int(count), int(line.lines[start]))
        for start, stop, count in zip(runs.start, runs.stop, runs.count, strict=True)
    )
    rests = 0
    if rhythm.frequency == "B":
        steps = np.busday_count(times[:-1].astype("datetime64[D]"), times[1:].astype("datetime64[D]")) - 1
        steps[stops - 1] = 0
        rests = int(np.maximum(steps, 0).sum())
    return Calendar(rhythm.frequency, len(times), gaps, repeated, valueless, rests)


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
