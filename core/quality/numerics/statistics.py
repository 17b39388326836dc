"""Statistics of columns: counts, quantiles, moments, and runs of equal values.

Values have shape (columns, rows), float64, with NaN for every bad cell; `first`, bool, shape (rows,), marks the first row of
each series. Thousands of columns are described at once.
"""

from dataclasses import dataclass

import numpy as np

from core.quality.numerics.moments import KeyQuantiles, compute_moments
from core.quality.numerics.quantiles import compute_quantiles, share_outliers

# A column with a larger share of bad values is of little use.
BAD_RATIO = 0.3
STALE_RUN = 5
NAMED_QUANTILES = {"min": 0.0, "q01": 0.01, "q25": 0.25, "median": 0.5, "q75": 0.75, "q99": 0.99, "max": 1.0}


@dataclass(frozen=True, kw_only=True)
class ColumnStatistics:
    """Statistics of one column over some rows; a number that does not exist is None.

    `missing` counts cells without a value, unreadable ones included; `infinite` and `sentinel` count infinite values and
    missing-value codes. `bad_ratio` is the sum of the three over `rows`. Everything else describes valid values.

    `stale_ratio` is the share of rows in runs of at least five equal values, `unique_ratio` the share of distinct values,
    `top_share` that of the most frequent value, and `outlier_ratio` that of values more than 3.5 robust standard deviations
    from the median. `relative_variance` is the variance after scaling to the 1% to 99% quantile range, `kurtosis` the excess
    over the normal, `autocorrelation` that at lag one within each series. Variance, skewness and kurtosis are unbiased, as
    in pandas.
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
    def valid(self) -> int:
        """The number of valid values."""
        return self.rows - self.missing - self.infinite - self.sentinel

    @property
    def distinct(self) -> int:
        """The number of distinct valid values."""
        return round(self.unique_ratio * self.valid)


@dataclass(frozen=True, eq=False, kw_only=True)
class BadCells:
    """Numbers of bad cells by reason, int64, shape (columns,)."""

    missing: np.ndarray
    infinite: np.ndarray
    sentinel: np.ndarray


@dataclass(frozen=True, eq=False, kw_only=True)
class Runs:
    """Runs of equal neighbouring cells, int64, shape (runs,), column by column; each NaN is a run of its own.

    `column` is the column of each run, `start` its first row, `length` its number of rows.
    """

    column: np.ndarray
    start: np.ndarray
    length: np.ndarray


def find_runs(values: np.ndarray, first: np.ndarray) -> Runs:
    """Return the runs of equal values within each series.

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
    values: np.ndarray, ordered: np.ndarray, valid: np.ndarray, first: np.ndarray, bad: BadCells
) -> tuple[ColumnStatistics, ...]:
    """Return the statistics of each column.

    Parameters
    ----------
    values
        The columns in order of their rows.
    ordered, valid
        What `sort_values` returned for `values`.
    first
        The first row of each series.
    bad
        The numbers of bad cells.
    """
    rows = values.shape[1]
    with np.errstate(all="ignore"):
        numbers = _compute_shares(values, ordered, valid, first)
        quantiles = compute_quantiles(ordered, valid, tuple(NAMED_QUANTILES.values()))
        by_name = dict(zip(NAMED_QUANTILES, quantiles.T, strict=True))
        at = KeyQuantiles(**{name: by_name[name] for name in ("min", "q01", "median", "q99", "max")})
        numbers |= by_name | compute_moments(values, valid, first, at)
        numbers["outlier_ratio"] = share_outliers(ordered, valid, at.median)
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


def _compute_shares(
    values: np.ndarray, ordered: np.ndarray, valid: np.ndarray, first: np.ndarray
) -> dict[str, np.ndarray]:
    columns, rows = values.shape
    if rows == 0:
        return {name: np.zeros(columns) for name in ("stale_ratio", "unique_ratio", "top_share")}
    some = np.maximum(valid, 1)
    changing = np.count_nonzero(ordered[:, 1:] != ordered[:, :-1], axis=1)
    distinct = 1 + changing - (rows - valid)
    repeating = np.flatnonzero(distinct < valid)
    top, stale = np.minimum(valid, 1), np.zeros(columns)
    for place in repeating:
        top[place] = _count_most_frequent(ordered[place, : valid[place]])
    stale[repeating] = _count_stale(values[repeating], first)
    return {"stale_ratio": stale / rows, "unique_ratio": distinct / some, "top_share": top / some}


def _count_most_frequent(ordered: np.ndarray) -> int:
    """Return the count of the most frequent of ascending values: at least k + 1 if two of them k apart are equal."""
    low, high = 1, 2
    while high < len(ordered) and (ordered[high:] == ordered[:-high]).any():
        low, high = high, 2 * high
    high = min(high, len(ordered))
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if (ordered[middle:] == ordered[:-middle]).any() else (low, middle)
    return low + 1


def _count_stale(values: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return the number of cells of each column in runs of at least five equal values within a series."""
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
