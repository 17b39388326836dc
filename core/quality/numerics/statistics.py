"""Numbers that describe columns of values: counts, quantiles, moments, and runs of equal values.

Values come as a matrix, one row a column of the table, with NaN for every bad value, and `first` marks the cells where a
series begins; so thousands of columns cost little more than their cells.
"""

from dataclasses import dataclass

import numpy as np

from core.quality.numerics.moments import Landmarks, read_moments
from core.quality.numerics.quantiles import read_quantiles, share_outliers

STALE_RUN = 5
NAMED_QUANTILES = {"min": 0.0, "q01": 0.01, "q25": 0.25, "median": 0.5, "q75": 0.75, "q99": 0.99, "max": 1.0}


@dataclass(frozen=True, kw_only=True)
class ColumnStatistics:
    """What one column looks like over some rows; a number that does not exist is None.

    `missing` counts cells without a value (cells that could not be read among them), `infinite` and `sentinel` cells
    whose value stands for none; `bad_ratio` is their sum over `rows`. Everything else describes the good values:
    `stale_ratio` is the share of the rows inside runs of at least five equal values, `unique_ratio` and `top_share` the
    shares of distinct values and of the most frequent one among the good values, `outlier_ratio` that of values more than
    3.5 robust standard deviations from the median, `relative_variance` the variance after scaling to the 1 % to 99 %
    quantile range, `kurtosis` the excess over the normal, `autocorrelation` that of lag one within each series. Variance,
    skewness and kurtosis are the unbiased ones that pandas computes.
    """

    rows: int
    missing: int
    infinite: int
    sentinel: int
    bad_ratio: float
    stale_ratio: float
    unique_ratio: float
    top_share: float
    outlier_ratio: float | None
    variance: float | None
    relative_variance: float | None
    mean: float | None
    std: float | None
    min: float | None
    q01: float | None
    q25: float | None
    median: float | None
    q75: float | None
    q99: float | None
    max: float | None
    skewness: float | None
    kurtosis: float | None
    autocorrelation: float | None

    @property
    def good(self) -> int:
        """The number of good values."""
        return self.rows - self.missing - self.infinite - self.sentinel

    @property
    def distinct(self) -> int:
        """The number of good values that differ from each other."""
        return round(self.unique_ratio * self.good)


@dataclass(frozen=True, eq=False, kw_only=True)
class BadCells:
    """Numbers of bad cells by reason, one an entry a column."""

    missing: np.ndarray
    infinite: np.ndarray
    sentinel: np.ndarray


@dataclass(frozen=True, eq=False, kw_only=True)
class Runs:
    """Runs of equal neighbouring cells of a matrix, row by row; a NaN is a run of its own.

    `column` is the matrix row of each run, `start` its first place in that row, `length` its cells.
    """

    column: np.ndarray
    start: np.ndarray
    length: np.ndarray


def find_runs(values: np.ndarray, first: np.ndarray) -> Runs:
    """Return the runs of equal values; none reaches over a cell where `first` holds.

    Examples
    --------
    >>> find_runs(np.array([[1.0, 2.0, 2.0, np.nan]]), np.array([True, False, False, False])).length
    array([1, 2, 1])
    """
    columns, rows = values.shape
    begins = np.empty((columns, rows), dtype=bool)
    begins[:, :1] = True
    np.not_equal(values[:, 1:], values[:, :-1], out=begins[:, 1:])
    begins |= first
    places = np.flatnonzero(begins)
    return Runs(
        column=places // max(rows, 1), start=places % max(rows, 1), length=np.diff(places, append=columns * rows)
    )


def describe_columns(
    values: np.ndarray, ordered: np.ndarray, good: np.ndarray, first: np.ndarray, bad: BadCells
) -> tuple[ColumnStatistics, ...]:
    """Return the statistics of each column; `ordered` and `good` are what `sort_values` returned for `values`."""
    rows = values.shape[1]
    with np.errstate(all="ignore"):
        numbers = _count_shares(values, ordered, good, first)
        found = dict(
            zip(NAMED_QUANTILES, read_quantiles(ordered, good, tuple(NAMED_QUANTILES.values())).T, strict=True)
        )
        at = Landmarks(min=found["min"], q01=found["q01"], median=found["median"], q99=found["q99"], max=found["max"])
        numbers |= found | read_moments(values, good, first, at)
        numbers["outlier_ratio"] = share_outliers(ordered, good, at.median)
    bad_ratio = (bad.missing + bad.infinite + bad.sentinel) / max(rows, 1)
    required = {"bad_ratio": bad_ratio} | {
        name: numbers.pop(name) for name in ("stale_ratio", "unique_ratio", "top_share")
    }
    lists = {name: found.tolist() for name, found in required.items()} | {
        name: [number if np.isfinite(number) else None for number in found.tolist()] for name, found in numbers.items()
    }
    counts = {name: getattr(bad, name).tolist() for name in ("missing", "infinite", "sentinel")}
    cells = list((counts | lists).items())
    return tuple(
        ColumnStatistics(rows=rows, **{name: found[place] for name, found in cells}) for place in range(len(values))
    )


def _count_shares(
    values: np.ndarray, ordered: np.ndarray, good: np.ndarray, first: np.ndarray
) -> dict[str, np.ndarray]:
    columns, rows = values.shape
    if rows == 0:
        return {name: np.zeros(columns) for name in ("stale_ratio", "unique_ratio", "top_share")}
    some = np.maximum(good, 1)
    changing = np.count_nonzero(ordered[:, 1:] != ordered[:, :-1], axis=1)
    distinct = 1 + changing - (rows - good)
    repeating = np.flatnonzero(distinct < good)
    top, stale = np.minimum(good, 1), np.zeros(columns)
    for place in repeating:
        top[place] = _count_most_frequent(ordered[place, : good[place]])
    stale[repeating] = _count_stale(values[repeating], first)
    return {"stale_ratio": stale / rows, "unique_ratio": distinct / some, "top_share": top / some}


def _count_most_frequent(ordered: np.ndarray) -> int:
    """Return how often the most frequent of sorted values stands there: k + 1 times where two of them k apart are equal."""
    low, high = 1, 2
    while high < len(ordered) and (ordered[high:] == ordered[:-high]).any():
        low, high = high, 2 * high
    high = min(high, len(ordered))
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if (ordered[middle:] == ordered[:-middle]).any() else (low, middle)
    return low + 1


def _count_stale(values: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return how many cells of each column stand in runs of at least five equal ones, none of them reaching into another series."""
    columns, rows = values.shape
    stale = np.zeros((columns, rows), dtype=bool)
    same = (values[:, 1:] == values[:, :-1]) & ~first[1:]
    three = same[:, 1:] & same[:, :-1]
    five = three[:, 2:] & three[:, :-2]
    if not five.any():
        return np.zeros(columns)
    for shift in range(STALE_RUN):
        stale[:, shift : shift + five.shape[1]] |= five
    return np.count_nonzero(stale, axis=1)
