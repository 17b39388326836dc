"""Runs of marked rows within a series, and the lines of the user's file that they come from."""

from dataclasses import dataclass

import numpy as np

from core.quality.numerics.blocks import Rows

MOST_LINES = 10


@dataclass(frozen=True, eq=False, kw_only=True)
class Stretches:
    """Runs of marked rows in table order, int64, shape (runs,).

    `start` and `stop` are the first and the last row of each run, `count` is its number of marked rows.
    """

    start: np.ndarray
    stop: np.ndarray
    count: np.ndarray

    @property
    def longest(self) -> int:
        """The number of rows of the longest run, 0 if there is none."""
        return int(self.count.max(initial=0))


def find_stretches(mark: np.ndarray, first: np.ndarray, judged: np.ndarray | None = None) -> Stretches:
    """Return the runs of marked rows within each series.

    Parameters
    ----------
    mark
        Which rows are marked, bool, shape (rows,).
    first
        The first row of each series, bool, shape (rows,).
    judged
        Which rows count, bool, shape (rows,). Others neither belong to a run nor end one. None: all count.

    Examples
    --------
    >>> runs = find_stretches(np.array([True, True, False, True]), np.array([True, False, False, False]))
    >>> runs.start.tolist(), runs.stop.tolist(), runs.count.tolist()
    ([0, 3], [1, 3], [2, 1])
    """
    places = np.arange(len(mark)) if judged is None else np.flatnonzero(judged)
    series = np.cumsum(first)[places]
    marked = mark[places]
    begins = np.r_[True, (marked[1:] != marked[:-1]) | (series[1:] != series[:-1])][: len(places)]
    starts = np.flatnonzero(begins)
    counts = np.diff(starts, append=len(places))
    chosen = marked[starts]
    starts, counts = starts[chosen], counts[chosen]
    return Stretches(start=places[starts], stop=places[starts + counts - 1], count=counts)


def list_lines(mark: np.ndarray, rows: Rows) -> tuple[int, ...]:
    """Return the lines of the user's file of the first ten marked rows; `mark` is bool, shape (rows,)."""
    return tuple(sorted(rows.lines[np.flatnonzero(mark)[:MOST_LINES]].tolist()))
