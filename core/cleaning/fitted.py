"""Results of cleaning: what is learned from the train era, and the cleaned rows."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from core.cleaning.gaps import Calendar, split_at_gaps
from core.cleaning.swap_back import VolumePair
from core.data.columns import Roles
from core.findings.model import Finding

Transform = Literal["log", "difference", "return"]
TransformName = Literal["log", "difference", "log return", "return"]

_TRANSFORM_NAMES: dict[tuple[str, ...], TransformName] = {
    ("log",): "log",
    ("difference",): "difference",
    ("log", "difference"): "log return",
    ("return",): "return",
}


def transform_name(transforms: tuple[str, ...]) -> TransformName:
    """Return what a column is after its transformations, in words.

    Examples
    --------
    >>> transform_name(("log", "difference"))
    'log return'
    """
    return _TRANSFORM_NAMES[transforms]


def transform_token(transforms: tuple[str, ...]) -> str:
    """Return what a column is after its transformations, as the suffix of a feature name.

    Examples
    --------
    >>> transform_token(("log", "difference"))
    'log_return'
    """
    return transform_name(transforms).replace(" ", "_")


@dataclass(frozen=True, kw_only=True)
class FittedCleaning:
    """What cleaning learned from the train era; enough to clean new rows.

    `fill_values` holds the train median per feature if `fill` is "median"; with several series, `fill_by_series` holds them
    per feature and series, and series that are absent from the train era are not filled. `clip`: (low, high) per clipped
    feature, in transformed units. `sentinels`: the codes for a missing value, per feature and target. `transforms`: the
    transformations per feature, in order. `unbounded`: features that the robust z-score cannot clip, since their median
    absolute deviation is 0. `bar` are the high and low columns that the target's volatility is measured from: they are read
    as they are, whether or not they are features. `swaps`: pairs of volumes that are exchanged in rows that hold them swapped.
    `calendar` is the sampling interval that `max_gap` is measured in; `max_gap` 0 splits nowhere.
    """

    roles: Roles
    features: tuple[str, ...]
    fill: Literal["forward", "median", "none"]
    max_fill: int
    fill_values: dict[str, float]
    clip: dict[str, tuple[float, float]]
    sentinels: dict[str, tuple[float, ...]]
    transforms: dict[str, tuple[Transform, ...]] = field(default_factory=dict)
    unbounded: tuple[str, ...] = ()
    duplicates: Literal["first", "last", "mean"] = "last"
    max_gap: int = 0
    calendar: Calendar | None = None
    fill_by_series: dict[str, dict[str, float]] = field(default_factory=dict)
    bar: tuple[str, str] | None = None
    swaps: tuple[VolumePair, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The numeric columns that cleaning reads, the target first."""
        target = (self.roles.target,) if self.roles.target is not None else ()
        of_swaps = (name for pair in self.swaps for name in pair.columns)
        return tuple(dict.fromkeys((*target, *self.features, *(self.bar or ()), *of_swaps)))

    def is_consistent(self) -> bool:
        """Return whether transformations and gaps are valid; in a foreign file they may not be."""
        known = all(name in self.features and steps in _TRANSFORM_NAMES for name, steps in self.transforms.items())
        return known and self.max_gap >= 0 and (self.calendar is None or self.calendar.step > 0)


@dataclass(frozen=True, kw_only=True)
class ColumnChanges:
    """How many cells of a column each step of cleaning changed.

    `still_bad` cells have no value, and `undefined` cells no transformed value. `averaged` cells are means of rows with the
    same time stamp.
    """

    name: str
    filled: int
    clipped: int
    still_bad: int
    transformed: int = 0
    undefined: int = 0
    averaged: int = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class CleanFrame:
    """Cleaned rows that have a target, sorted by series and time.

    `frame` holds the time, the series if there is one, the target and the transformed features, float64, NaN if a feature is
    missing. `variances`, float64, shape (n,), are those of the target's log price within each row, by its high and low: NaN if
    unusable, None if they are not used. `lines`, int64, shape (n,), are the line numbers of the rows in the user's file, or their
    positions if the input had no line numbers. `dropped_rows` counts rows without a target and repeated time stamps.
    """

    frame: pd.DataFrame
    roles: Roles
    features: tuple[str, ...]
    lines: np.ndarray
    changes: tuple[ColumnChanges, ...]
    dropped_rows: int
    findings: tuple[Finding, ...]
    variances: np.ndarray | None = None
    max_gap: int = 0
    calendar: Calendar | None = None

    @cached_property
    def series_runs(self) -> np.ndarray:
        """The number of the series of each row, int64, shape (n,), counted from 0 in row order."""
        if self.roles.series is None or not len(self.frame):
            return np.zeros(len(self.frame), dtype=np.int64)
        codes = pd.factorize(self.frame[self.roles.series], use_na_sentinel=False)[0]
        return np.cumsum(np.r_[0, codes[1:] != codes[:-1]], dtype=np.int64)

    @cached_property
    def blocks(self) -> np.ndarray:
        """The number of the block of each row, int64, shape (n,), counted from 0.

        A block is a series, or a part of it between long gaps.
        """
        times = self.frame[self.roles.time].to_numpy(dtype="datetime64[us]")
        return split_at_gaps(times, self.series_runs, self.calendar, self.max_gap)
