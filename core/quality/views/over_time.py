"""One column of one series over time: levels, changes, and the range that is shown."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.data.columns import LINE
from core.data.dataset import Dataset
from core.data.eras import Era
from core.quality.column.changes import difference_levels
from core.quality.numerics.blocks import read_blocks
from core.quality.profile import QualityProfile

_STEPS = 1000
_UNITS = tuple(np.timedelta64(1, unit).astype("timedelta64[us]") for unit in ("us", "ms", "s", "m", "h"))


@dataclass(frozen=True, eq=False, kw_only=True)
class OverTime:
    """A column of one series in order of time; all arrays have shape (n,).

    `times` is datetime64[us], `levels` float64 with NaN for a bad value, `lines` the line numbers in the user's file, and
    `train` marks the train era. Changes of a `price_like` column are in percent.
    """

    name: str
    series: str | None
    times: np.ndarray
    levels: np.ndarray
    lines: np.ndarray
    train: np.ndarray
    price_like: bool

    @property
    def relative(self) -> bool:
        """Whether changes are in percent: the column is a price that is always positive."""
        return self.price_like and not np.any(self.levels <= 0)

    @cached_property
    def changes(self) -> np.ndarray:
        """The change from the previous row, in percent for a price, shape (n,).

        NaN next to a bad value.
        """
        change = difference_levels(self.levels, np.arange(len(self.levels)) == 0)
        if self.relative:
            change[1:] *= 100 / self.levels[:-1]
        return change

    def values(self, as_changes: bool) -> np.ndarray:
        """Return the changes or the levels, shape (n,) float64."""
        return self.changes if as_changes else self.levels

    def last_train_values(self, as_changes: bool, most: int) -> np.ndarray:
        """Return the last `most` valid changes or levels of the train era, shape (k,) float64."""
        values = self.values(as_changes)[self.train]
        return values[np.isfinite(values)][-most:]


@dataclass(frozen=True, kw_only=True)
class Extent:
    """The ends of a range slider and its step; `first` and `last` are whole steps apart."""

    first: np.datetime64
    last: np.datetime64
    step: np.timedelta64


def read_over_time(dataset: Dataset, profile: QualityProfile, name: str, series: str | None = None) -> OverTime:
    """Read a column of one series; raises `RecipeError` if there is no such column.

    Parameters
    ----------
    dataset
        The table.
    profile
        Its profile, for the eras and whether the column is a price.
    name
        The column.
    series
        The series, if there are several.
    """
    column = dataset.column(name)
    keys = dataset.read([dataset.time_column, LINE, *([dataset.series_column] if dataset.series_column else [])])
    levels = next(read_blocks(dataset, [column], dataset.rows)).values[0]
    times = keys[dataset.time_column].to_numpy("datetime64[us]")
    chosen = ~np.isnat(times)
    if dataset.series_column and series is not None:
        chosen &= (keys[dataset.series_column] == series).to_numpy(bool)
    times = times[chosen]
    return OverTime(
        name=name,
        series=series,
        times=times,
        levels=levels[chosen],
        lines=keys[LINE].to_numpy(np.int64)[chosen],
        train=profile.eras.label(times) == Era.TRAIN,
        price_like=profile.column(name).price_like,
    )


def find_extent(times: np.ndarray) -> Extent | None:
    """Return a range of at most about a thousand steps that covers sorted times.

    `times` has shape (n,) datetime64[us]; None if they are all equal.

    It starts at the first time, rounded down to a unit, and ends at the last or as soon after it as whole steps allow.

    Examples
    --------
    >>> found = find_extent(np.array(["1959-01-01", "2024-06-01"], dtype="datetime64[us]"))
    >>> str(found.first)[:10], str(found.last)[:10], found.step.astype("timedelta64[h]")
    ('1959-01-01', '2024-06-01', np.timedelta64(1058,'h'))
    """
    if not len(times) or times[0] == times[-1]:
        return None
    least = (times[-1] - times[0]) / _STEPS
    unit = max((unit for unit in _UNITS if unit <= least), default=_UNITS[0])
    first = np.datetime64(0, "us") + (times[0].astype(np.int64) // unit.astype(np.int64)) * unit
    span = -int(-(times[-1] - first) // unit)
    fewest = max(1, -(-span // _STEPS))
    step = min(range(fewest, 2 * fewest + 1), key=lambda length: (-span % length, length))
    return Extent(first=first, last=first - -span // step * step * unit, step=step * unit)


def rows_between(times: np.ndarray, first: np.datetime64, last: np.datetime64) -> slice:
    """Return the rows within a range, and one on either side so lines reach the edge.

    The slice holds at least two rows if there are as many.

    Parameters
    ----------
    times
        Sorted times, shape (n,).
    first, last
        The ends of the range, included.
    """
    start, stop = np.searchsorted(times, first, side="left"), np.searchsorted(times, last, side="right")
    return slice(max(min(int(start) - 1, len(times) - 2), 0), max(int(stop) + 1, 2))
