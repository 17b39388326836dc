"""Row layout after sorting, collapsing repeated time stamps and splitting at gaps."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from core.cleaning.gaps import Calendar, split_at_gaps
from core.data.columns import Roles
from core.data.series_label import series_label

Duplicates = Literal["first", "last", "mean"]


@dataclass(frozen=True, eq=False, kw_only=True)
class RowLayout:
    """Row layout of a frame of m rows that has n time stamps, counted per series.

    `order`, int64, shape (m,), sorts the rows of the frame by series and time. `first_rows`, int64, shape (n,), are the
    positions in `order` of the first row of each time stamp. `duplicates` chooses the value that is kept of each. `times`
    (datetime64[us]), `series` (int64 positions in the sorted `names`) and `blocks` (int64, from 0: runs of one series
    without a long gap) have shape (n,).
    """

    order: np.ndarray
    first_rows: np.ndarray
    duplicates: Duplicates
    times: np.ndarray
    series: np.ndarray
    names: tuple[str, ...]
    blocks: np.ndarray

    @cached_property
    def positions(self) -> np.ndarray:
        """The position in the frame of the row kept for each time stamp, int64, shape (n,)."""
        return self.order[self.first_rows if self.duplicates == "first" else self._last_rows]

    @cached_property
    def block_starts(self) -> np.ndarray:
        """The first row of the block of each row, int64, shape (n,)."""
        return np.searchsorted(self.blocks, self.blocks)

    @cached_property
    def repeated(self) -> np.ndarray:
        """Which time stamps have several rows, bool, shape (n,)."""
        return self._last_rows > self.first_rows

    @cached_property
    def _last_rows(self) -> np.ndarray:
        return np.r_[self.first_rows[1:], len(self.order)] - 1

    def merge(self, values: np.ndarray) -> np.ndarray:
        """Return one value per time stamp: float64, shape (m,) to (n,), always a copy.

        NaN marks a bad value. It never replaces a valid one: of repeated time stamps, the first or last *valid* value counts,
        or the mean of the valid ones.
        """
        picked = values[self.positions]
        if not self.repeated.any():
            return picked
        ordered = values[self.order]
        valid = ~np.isnan(ordered)
        if self.duplicates == "mean":
            count = np.add.reduceat(valid, self.first_rows, dtype=np.int64)
            mean = np.add.reduceat(np.where(valid, ordered, 0.0), self.first_rows) / np.where(count, count, np.nan)
            return np.where(self.repeated, mean, picked)
        place, none = np.arange(len(ordered)), len(ordered)
        if self.duplicates == "first":
            chosen = np.minimum.reduceat(np.where(valid, place, none), self.first_rows)
        else:
            chosen = np.maximum.reduceat(np.where(valid, place, -1), self.first_rows) % (none + 1)
        return np.append(ordered, np.nan)[chosen]

    def count_disagreeing(self, values: np.ndarray) -> int:
        """Return at how many time stamps the rows hold different valid values, of float64 values, shape (m,)."""
        if not self.repeated.any():
            return 0
        ordered = values[self.order]
        low = np.fmin.reduceat(ordered, self.first_rows)
        return int(np.count_nonzero(np.fmax.reduceat(ordered, self.first_rows) > low))


def lay_out_rows(
    frame: pd.DataFrame, roles: Roles, duplicates: Duplicates, max_gap: int = 0, calendar: Calendar | None = None
) -> RowLayout:
    """Return the row layout of a frame with the columns of `roles`.

    Parameters
    ----------
    frame : m rows in any order; rows with the same time stamp keep their order
    roles : names the time column and, if there is one, the series column
    duplicates : which valid value is kept of the rows with the same time stamp in one series
    max_gap : in sampling intervals of `calendar`; longer gaps start a new block, 0 splits nothing
    calendar : the sampling interval; None splits nothing
    """
    times = np.asarray(frame[roles.time], dtype="datetime64[us]")
    stamps = times.astype(np.int64)
    series = np.zeros(len(frame), dtype=np.int64)
    names: tuple[str, ...] = ("",)
    if roles.series is not None:
        codes, labels = pd.factorize(frame[roles.series], sort=True, use_na_sentinel=False)
        series = codes.astype(np.int64)
        names = tuple(name if isinstance(name, str) else series_label(name) for name in labels)
    order = np.arange(len(frame))
    same = series[1:] == series[:-1]
    if (series[1:] < series[:-1]).any() or (same & (stamps[1:] < stamps[:-1])).any():
        order = np.lexsort((stamps, series))
        times, stamps, series = times[order], stamps[order], series[order]
        same = series[1:] == series[:-1]
    is_first = np.r_[np.ones(min(1, len(frame)), dtype=bool), ~(same & (stamps[1:] == stamps[:-1]))]
    first_rows = np.flatnonzero(is_first)
    times, series = times[first_rows], series[first_rows]
    return RowLayout(
        order=order,
        first_rows=first_rows,
        duplicates=duplicates,
        times=times,
        series=series,
        names=names,
        blocks=split_at_gaps(times, series, calendar, max_gap),
    )
