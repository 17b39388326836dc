"""Gaps, repeated time stamps and missing values of a series by its own calendar."""

from dataclasses import dataclass

import numpy as np

from core.data.calendar import learn_calendar
from core.data.frequency import SamplingFrequency, find_frequency
from core.data.missing_bars import SessionHoles
from core.quality.numerics.stretches import find_stretches
from core.quality.views.over_time import OverTime


@dataclass(frozen=True, kw_only=True)
class Anomaly:
    """A gap, missing bars of a session, a repeated time stamp, or a run of rows without a valid value.

    `start` and `stop` are its first and last time, `count` its number of missing bars or affected rows (None if unknown), and
    `line` its first line in the user's file, for missing bars that of the next row.
    """

    start: np.datetime64
    stop: np.datetime64
    count: int | None
    line: int


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The anomalies of a column of one series, each kind in order of time.

    A gap lies between two rows and counts the missing bars, None if the series has no frequency. `holes` are bars that are
    missing within sessions, `late` and `early` those of sessions that start late or end early. `repeated` are time stamps with
    more than one row, `missing` runs of rows without a valid value. `holidays` counts business days without a row that are not
    gaps.
    """

    frequency: str | None
    rows: int
    gaps: tuple[Anomaly, ...]
    repeated: tuple[Anomaly, ...]
    missing: tuple[Anomaly, ...]
    holidays: int
    holes: tuple[Anomaly, ...] = ()
    late: tuple[Anomaly, ...] = ()
    early: tuple[Anomaly, ...] = ()

    @property
    def missing_bars(self) -> int:
        """The number of missing bars in all gaps and sessions."""
        return sum(each.count or 0 for each in (*self.gaps, *self.holes, *self.late, *self.early))


def find_calendar(line: OverTime, frequency: SamplingFrequency | None = None) -> Calendar:
    """Return the anomalies of a column, with the gaps that the reader finds.

    `frequency` is that of the series if it is known already: all its columns share it.
    """
    times = line.times
    frequency = frequency or find_frequency(times, None)
    stops = frequency.gaps
    bars = _count_bars(times[stops - 1], times[stops], frequency.frequency, times)
    gaps = tuple(
        Anomaly(start=times[stop - 1], stop=times[stop], count=count, line=int(line.lines[stop]))
        for stop, count in zip(stops, bars, strict=True)
    )
    same = np.r_[False, times[1:] == times[:-1]]
    first = np.arange(len(times)) == 0
    runs = find_stretches(same, first)
    repeated = tuple(
        Anomaly(start=times[start], stop=times[start], count=int(count) + 1, line=int(line.lines[start]))
        for start, count in zip(runs.start, runs.count, strict=True)
    )
    runs = find_stretches(~np.isfinite(line.levels), first)
    missing = tuple(
        Anomaly(start=times[start], stop=times[stop], count=int(count), line=int(line.lines[start]))
        for start, stop, count in zip(runs.start, runs.stop, runs.count, strict=True)
    )
    holidays = 0
    if frequency.frequency == "B":
        steps = np.busday_count(times[:-1].astype("datetime64[D]"), times[1:].astype("datetime64[D]")) - 1
        steps[stops - 1] = 0
        holidays = int(np.maximum(steps, 0).sum())
    return Calendar(
        frequency=frequency.frequency,
        rows=len(times),
        gaps=gaps,
        repeated=repeated,
        missing=missing,
        holidays=holidays,
        holes=_list_holes(frequency.holes.of("inside"), line),
        late=_list_holes(frequency.holes.of("start"), line),
        early=_list_holes(frequency.holes.of("end"), line),
    )


def _list_holes(holes: SessionHoles, line: OverTime) -> tuple[Anomaly, ...]:
    return tuple(
        Anomaly(start=first, stop=last, count=int(count), line=int(line.lines[row]))
        for row, count, first, last in zip(holes.rows, holes.counts, holes.first, holes.last, strict=True)
    )


def _count_bars(before: np.ndarray, after: np.ndarray, frequency: str | None, times: np.ndarray) -> list[int | None]:
    """Return the number of missing bars in each gap.

    `before` and `after`, shape (gaps,), are the times around it.
    """
    if frequency is None or not len(before):
        return [None] * len(before)
    if frequency == "B":
        counts = np.busday_count(before.astype("datetime64[D]"), after.astype("datetime64[D]")) - 1
    elif (market := learn_calendar(times)) is not None:
        counts = market.count_between(before, after)
    else:
        steps = np.diff(times)
        counts = np.rint((after - before) / np.median(steps[steps > np.timedelta64(0, "us")])) - 1
    return np.maximum(counts.astype(np.int64), 1).tolist()
