"""Which of two volumes is counted in money and which in units, row by row."""

from dataclasses import dataclass

import numpy as np

# Money over units is the mean price of the row, which is within a quarter of the close in nearly every row.
_NEAR = np.log(1.25)
# At prices near 1, units and money are too similar to be distinguished.
_FROM_ONE = np.log(2)


@dataclass(frozen=True, eq=False, kw_only=True)
class ComparedVolumes:
    """Two volumes of the same rows, each row judged by its own values alone; bool arrays of shape (n,).

    `judged` rows have valid values and a price far enough from 1. In `money_second` rows the second volume over the first is
    about the price, in `money_first` rows the first over the second. `ratio`, float64 (n,), is the log of second over first.
    """

    ratio: np.ndarray
    judged: np.ndarray
    money_second: np.ndarray
    money_first: np.ndarray


def compare_volumes(volumes: tuple[np.ndarray, np.ndarray], price: np.ndarray) -> ComparedVolumes:
    """Return which of two volumes is counted in money, row by row; all arrays float64 (n,), NaN for a bad value.

    Examples
    --------
    >>> found = compare_volumes((np.array([2.0, 180.0, 5.0]), np.array([180.0, 2.0, 5.0])), np.array([90.0, 90.0, 90.0]))
    >>> found.money_second.tolist(), found.money_first.tolist()
    ([True, False, False], [False, True, False])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio, level = np.log(volumes[1]) - np.log(volumes[0]), np.log(price)
        judged = np.isfinite(ratio) & np.isfinite(level) & (np.abs(level) > _FROM_ONE)
        second, first = np.abs(ratio - level) < _NEAR, np.abs(ratio + level) < _NEAR
    return ComparedVolumes(ratio=ratio, judged=judged, money_second=judged & second, money_first=judged & first)
