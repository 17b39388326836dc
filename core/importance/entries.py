"""The values by which a feature enters the ranking: its rows in the network's window, and means of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_SPARSE_LAGS = (0, 1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500)
_MEANS = (5, 22)
# Every lag is offered if all features and probes together have at most this many.
MOST_LAGS = 3_000


@dataclass(frozen=True, kw_only=True)
class Entry:
    """The value `lag` rows before the origin, or the mean of `rows` values that end there.

    Examples
    --------
    >>> Entry(lag=5).label, Entry(lag=0, rows=22).label
    ('lag 5', 'mean over 22 rows')
    """

    lag: int
    rows: int = 1

    @property
    def label(self) -> str:
        """The entry in words."""
        if self.rows > 1:
            return f"mean over {self.rows} rows"
        return f"lag {self.lag}" if self.lag else "last value"


def plan_entries(window: int, columns: int) -> tuple[Entry, ...]:
    """Return the entries of each feature: lags within the window, and means of its last rows.

    Parameters
    ----------
    window
        Rows that the network sees.
    columns
        Features and probes. All lags are offered if they are few, else 1, 2, 3, 5, 10, 20, 30, 50, ...

    Examples
    --------
    >>> [entry.label for entry in plan_entries(4, 10)]
    ['last value', 'lag 1', 'lag 2', 'lag 3', 'mean over 4 rows']
    """
    lags = range(window) if window * columns <= MOST_LAGS else [lag for lag in _SPARSE_LAGS if lag < window]
    means = sorted({rows for rows in (*_MEANS, window) if 1 < rows <= window})
    return (*(Entry(lag=lag) for lag in lags), *(Entry(lag=0, rows=rows) for rows in means))


def take_entries(values: np.ndarray, rows: np.ndarray, entries: Sequence[Entry]) -> np.ndarray:
    """Return the entries of one feature at some origins, float32 (entries, n); NaN if a value of them is missing.

    Parameters
    ----------
    values
        float64 (rows,), the feature in every row, near 0 and 1 in size.
    rows
        int (n,), the origins; each has a full window of earlier rows in its own series.
    entries
        The entries.

    Examples
    --------
    >>> take_entries(np.array([1.0, 2.0, 4.0]), np.array([2]), (Entry(lag=0), Entry(lag=1), Entry(lag=0, rows=3)))
    array([[4.       ],
           [2.       ],
           [2.3333333]], dtype=float32)
    """
    taken = np.empty((len(entries), len(rows)), dtype=np.float32)
    missing = ~np.isfinite(values)
    sums = np.r_[0.0, np.cumsum(np.where(missing, 0.0, values))]
    gaps = np.r_[0, np.cumsum(missing)] if missing.any() else None
    for place, entry in enumerate(entries):
        last = rows - entry.lag
        if entry.rows == 1:
            taken[place] = values[last]
            continue
        first = last + 1 - entry.rows
        taken[place] = (sums[last + 1] - sums[first]) / entry.rows
        if gaps is not None:
            taken[place, gaps[last + 1] > gaps[first]] = np.nan
    return taken
