"""The rows that cleaning works on: in the order of series and time, one a time stamp, parted where a gap is long."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from core.cleaning.gaps import Calendar, cut_at_gaps
from core.data.columns import Roles
from core.ingest.series.order import series_label


@dataclass(frozen=True, eq=False, kw_only=True)
class RowLayout:
    """RowLayout of a frame put in order, of each time stamp of a series one.

    `order` are all rows of the frame, sorted; `begins` the places in `order` where another time stamp begins. `duplicates`
    says which of the rows of one stamp stands for them. `times` and `series` (a place among `names`, which are in order) are
    those of the rows that stay, and `blocks` number the runs of one series without a long gap.
    """

    order: np.ndarray
    begins: np.ndarray
    duplicates: str
    times: np.ndarray
    series: np.ndarray
    names: tuple[str, ...]
    blocks: np.ndarray

    @cached_property
    def places(self) -> np.ndarray:
        """The place in the frame of the row that stands for each time stamp."""
        return self.order[self.begins if self.duplicates == "first" else self._ends]

    @cached_property
    def starts(self) -> np.ndarray:
        """The first row of the block of each row."""
        return np.searchsorted(self.blocks, self.blocks)

    @cached_property
    def repeated(self) -> np.ndarray:
        """Which rows stand for several of one time stamp."""
        return self._ends > self.begins

    @cached_property
    def _ends(self) -> np.ndarray:
        return np.r_[self.begins[1:], len(self.order)] - 1

    def merge(self, values: np.ndarray) -> np.ndarray:
        """Return the values of the rows that stay, a copy; `values` hold NaN for a bad one, and a mean is that of the others."""
        picked = values[self.places]
        if self.duplicates != "mean" or not self.repeated.any():
            return picked
        ordered = values[self.order]
        good = ~np.isnan(ordered)
        count = np.add.reduceat(good, self.begins, dtype=np.int64)
        mean = np.add.reduceat(np.where(good, ordered, 0.0), self.begins) / np.where(count, count, np.nan)
        return np.where(self.repeated, mean, picked)


def lay_out_rows(
    frame: pd.DataFrame, roles: Roles, duplicates: str, max_gap: int = 0, calendar: Calendar | None = None
) -> RowLayout:
    """Return the rows of a frame in order; rows of one time stamp keep the order of the frame."""
    stamps = np.asarray(frame[roles.time], dtype="datetime64[us]")
    times = stamps.astype(np.int64)
    series, names = np.zeros(len(frame), dtype=np.int64), ("",)
    if roles.series is not None:
        series, labels = pd.factorize(frame[roles.series], sort=True, use_na_sentinel=False)
        series = series.astype(np.int64)
        names = tuple(name if isinstance(name, str) else series_label(name) for name in labels)
    order = np.arange(len(frame))
    same = series[1:] == series[:-1]
    if (series[1:] < series[:-1]).any() or (same & (times[1:] < times[:-1])).any():
        order = np.lexsort((times, series))
        times, series, stamps = times[order], series[order], stamps[order]
        same = series[1:] == series[:-1]
    begins = np.flatnonzero(np.r_[np.ones(min(1, len(frame)), dtype=bool), ~(same & (times[1:] == times[:-1]))])
    stamps, series = stamps[begins], series[begins]
    return RowLayout(
        order=order,
        begins=begins,
        duplicates=duplicates,
        times=stamps,
        series=series,
        names=names,
        blocks=cut_at_gaps(stamps, series, calendar, max_gap),
    )
