"""What most of the loss comes from, one series or one time stamp, and values centred by series."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, kw_only=True)
class SeriesWeight:
    """The series with most of the squared error, its share, and the number of series."""

    series: str
    share: float
    of: int


def find_heaviest(series: np.ndarray, squared: np.ndarray) -> SeriesWeight | None:
    """Return the series with most of the squared errors.

    None if there is only one series, or no error. `series` (n,) are the names of the series, `squared` float64 (n,) the squared
    errors.

    Examples
    --------
    >>> find_heaviest(np.array(["oil", "gold", "gold"]), np.array([1.0, 4.0, 5.0]))
    SeriesWeight(series='gold', share=0.9, of=2)
    """
    name, share, count = _largest_share(series.astype(str), squared)
    return SeriesWeight(series=str(name), share=share, of=count) if share and count > 1 else None


@dataclass(frozen=True, kw_only=True)
class TimeWeight:
    """The time stamp with most of the loss (ISO), and its share."""

    time: str
    share: float


def find_heaviest_time(stamps: np.ndarray, losses: np.ndarray) -> TimeWeight | None:
    """Return the time stamp with most of the losses, float64 (n,); None without any loss.

    Examples
    --------
    >>> find_heaviest_time(np.array(["2020-03-01", "2020-04-01"], dtype="datetime64[D]"), np.array([1.0, 3.0]))
    TimeWeight(time='2020-04-01', share=0.75)
    """
    time, share, _ = _largest_share(stamps, losses)
    return TimeWeight(time=str(time), share=share) if share else None


def _largest_share(labels: np.ndarray, losses: np.ndarray) -> tuple[Any, float, int]:
    """Return the label with the largest sum of losses (n,), its share, 0 without any loss, and how many labels there are."""
    distinct, place = np.unique(labels, return_inverse=True)
    sums = np.bincount(place, losses)
    most, total = int(sums.argmax()), float(sums.sum())
    return distinct[most], float(sums[most]) / total if total > 0 else 0.0, len(distinct)


def centre_by_series(values: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Return values less the mean of their series, float64 (n,).

    `values` are float64 (n,); `blocks`, int (n,), number the series.

    Examples
    --------
    >>> centre_by_series(np.array([1.0, 3.0, 10.0]), np.array([0, 0, 1]))
    array([-1.,  1.,  0.])
    """
    _, place = np.unique(blocks, return_inverse=True)
    return values - (np.bincount(place, values) / np.bincount(place))[place]
