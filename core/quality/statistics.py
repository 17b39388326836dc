"""Numbers that describe columns of values: counts, quantiles, moments, runs, and a histogram.

Values come as a matrix, one row a column of the table, with NaN for every bad value, and `first` marks the cells where a
series begins; so thousands of columns cost little more than their cells.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

STALE_RUN = 5
MOST_BINS = 40
_QUANTILES = {"q01": 0.01, "q25": 0.25, "median": 0.5, "q75": 0.75, "q99": 0.99}


@dataclass(frozen=True)
class ColumnStatistics:
    """What one column looks like over some rows; a number that does not exist is None.

    `missing` counts cells without a value (cells that could not be read among them), `infinite` and `sentinel` cells
    whose value stands for none; `bad_ratio` is their sum over `rows`. Everything else describes the good values:
    `stale_ratio` is the share of the rows inside runs of at least five equal values, `unique_ratio` and `top_share` the
    shares of distinct values and of the most frequent one among the good values, `relative_variance` the variance after
    scaling to the 1 % to 99 % quantile range, `kurtosis` the excess over the normal, `autocorrelation` that of lag one
    within each series. Variance, skewness and kurtosis are the unbiased ones that pandas computes.
    """

    rows: int
    missing: int
    infinite: int
    sentinel: int
    bad_ratio: float
    stale_ratio: float
    unique_ratio: float
    top_share: float
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


@dataclass(frozen=True)
class Histogram:
    """Counts of good values between `edges`; the outer bins hold the tails too, so that the counts add up to all of them."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class BadCells:
    """Numbers of bad cells of each column, by reason."""

    missing: np.ndarray
    infinite: np.ndarray
    sentinel: np.ndarray


@dataclass(frozen=True, eq=False)
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
    return Runs(places // max(rows, 1), places % max(rows, 1), np.diff(places, append=columns * rows))


def sort_values(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each column's values in ascending order, NaN last, and how many of them are good."""
    return np.sort(values, axis=1), np.count_nonzero(~np.isnan(values), axis=1)


def describe_columns(
    values: np.ndarray, ordered: np.ndarray, good: np.ndarray, first: np.ndarray, bad: BadCells
) -> tuple[ColumnStatistics, ...]:
    """Return the statistics of each column; `ordered` and `good` are what `sort_values` returned for `values`."""
    rows = values.shape[1]
    with np.errstate(all="ignore"):
        numbers = _count_shares(values, ordered, good, first)
        numbers |= _quantiles(ordered, good)
        numbers |= _moments(values, good, first, numbers)
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
    equal = find_runs(ordered, np.zeros(rows, dtype=bool))
    distinct = np.bincount(equal.column, minlength=columns) - (rows - good)
    top = np.maximum.reduceat(equal.length, np.flatnonzero(equal.start == 0))
    stale = np.zeros(columns)
    repeating = np.flatnonzero(distinct < good)
    if len(repeating):
        runs = find_runs(values[repeating], first)
        long = runs.length >= STALE_RUN
        stale[repeating] = np.bincount(runs.column[long], weights=runs.length[long], minlength=len(repeating))
    return {
        "stale_ratio": stale / rows,
        "unique_ratio": distinct / some,
        "top_share": np.where(good > 0, top, 0) / some,
    }


def _quantiles(ordered: np.ndarray, good: np.ndarray) -> dict[str, np.ndarray]:
    columns, rows = ordered.shape
    names = ("min", *_QUANTILES, "max")
    if rows == 0:
        return {name: np.full(columns, np.nan) for name in names}
    line = np.arange(columns)
    last = np.maximum(good - 1, 0)
    found = {"min": ordered[line, 0], "max": ordered[line, last]}
    for name, share in _QUANTILES.items():
        place = share * last
        below = place.astype(np.int64)
        low, high = ordered[line, below], ordered[line, np.minimum(below + 1, last)]
        part = place - below
        found[name] = np.where(low == high, low, low * (1 - part) + high * part)
    return found


def _moments(
    values: np.ndarray, good: np.ndarray, first: np.ndarray, known: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    # A power of two brings every column to the size of one without rounding, so that no square overflows.
    largest = np.maximum(np.abs(known["min"]), np.abs(known["max"]))
    exponent = np.clip(np.frexp(np.where(np.isfinite(largest), largest, 1.0))[1], -1000, 1000)
    scale = np.ldexp(1.0, -exponent)
    centre = known["median"] * scale
    holes = np.isnan(values)
    centred = values * scale[:, None]
    centred -= centre[:, None]
    centred[holes] = 0.0
    mean = centred.sum(axis=1) / good
    centred -= mean[:, None]
    centred[holes] = 0.0
    power = centred * centred
    second = power.sum(axis=1)
    power *= centred
    third = power.sum(axis=1)
    power *= centred
    fourth = power.sum(axis=1)

    n = np.where(good > 0, good, np.nan)
    constant = known["min"] == known["max"]
    variance = np.where(constant, 0.0, second / (n - 1))
    variance[good < 2] = np.nan
    span = (known["q99"] - known["q01"]) * scale
    span = np.where(span > 0, span, (known["max"] - known["min"]) * scale)
    second[constant] = np.nan
    spread = second / n
    skewness = np.sqrt(n * (n - 1)) / (n - 2) * (third / n) / spread**1.5
    kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * ((fourth / n) / spread**2 - 3) + 6)
    return {
        "mean": np.where(constant, known["min"], (centre + mean) / scale),
        "variance": variance / scale**2,
        "std": np.sqrt(variance) / scale,
        "relative_variance": np.where(constant, 0.0, variance / span**2),
        "skewness": np.where(good > 2, skewness, np.nan),
        "kurtosis": np.where(good > 3, kurtosis, np.nan),
        "autocorrelation": np.where(constant, np.nan, _autocorrelation(centred, holes, first)),
    }


def _autocorrelation(values: np.ndarray, holes: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return Pearson's correlation of neighbours, each side centred within its series; NaN where fewer than three pairs."""
    if values.shape[1] < 2:
        return np.full(len(values), np.nan)
    before, after = values[:, :-1], values[:, 1:]
    pairs = ~(holes[:, :-1] | holes[:, 1:] | first[1:])
    starts = np.flatnonzero(np.r_[True, first[1:-1]])
    before, after = _centre_in_parts(before, pairs, starts), _centre_in_parts(after, pairs, starts)
    product = (before * after).sum(axis=1)
    spread = np.sqrt((before * before).sum(axis=1)) * np.sqrt((after * after).sum(axis=1))
    return np.where(np.count_nonzero(pairs, axis=1) >= 3, np.clip(product / spread, -1, 1), np.nan)


def _centre_in_parts(values: np.ndarray, valid: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return the values less the mean of their part of the row, and 0 where not valid."""
    values = np.where(valid, values, 0.0)
    mean = np.add.reduceat(values, starts, axis=1) / np.maximum(
        np.add.reduceat(valid, starts, axis=1, dtype=np.int64), 1
    )
    if len(starts) > 1:
        mean = np.repeat(mean, np.diff(starts, append=values.shape[1]), axis=1)
    return np.where(valid, values - mean, 0.0)


def count_histogram(ordered: np.ndarray) -> Histogram | None:
    """Return the histogram of good values in ascending order; None where fewer than two of them differ.

    Bins of equal width span the 1 % to 99 % quantile range, widened by a tenth; the first and last also count what lies
    beyond.

    Examples
    --------
    >>> sum(count_histogram(np.arange(1000.0)).counts)
    1000
    """
    if len(ordered) < 2 or ordered[0] == ordered[-1]:
        return None
    with np.errstate(over="ignore"):
        low, high = ordered[int(0.01 * (len(ordered) - 1))], ordered[int(np.ceil(0.99 * (len(ordered) - 1)))]
        margin = 0.1 * (high - low)
        low, high = (max(ordered[0], low - margin), min(ordered[-1], high + margin)) if high > low else ordered[[0, -1]]
        if not np.isfinite(high - low):
            return None
        bins = int(min(MOST_BINS, np.ceil(2 * np.sqrt(len(ordered)))))
        edges = low + (high - low) * (np.arange(bins + 1) / bins)
    if not (edges[1:] > edges[:-1]).all():
        return None
    below = [0, *np.searchsorted(ordered, edges[1:-1], side="left").tolist(), len(ordered)]
    return Histogram(tuple(edges.tolist()), tuple(more - less for less, more in pairwise(below)))
