"""How columns change from row to row: the shape of their differences, to be held against that of their levels."""

from dataclasses import dataclass

import numpy as np

from core.quality.numerics.moments import Landmarks, read_moments
from core.quality.numerics.quantiles import (
    QUANTILE_SHARES,
    Histogram,
    count_histogram,
    read_quantiles,
    share_outliers,
    sort_values,
)

_Q01, _MEDIAN, _Q99 = (QUANTILE_SHARES.index(share) for share in (0.01, 0.5, 0.99))
# Levels carry about sixteen digits: differences that vary by less than this part of them do so by rounding alone.
_ROUNDING = 8 * np.finfo(np.float64).eps


@dataclass(frozen=True, kw_only=True)
class ChangeStatistics:
    """The differences of a column between neighbouring rows of one series, over all rows; a number that does not exist is None.

    `count` differences have good values on both sides. `quantiles` are those of `QUANTILE_SHARES`, none where `count` is 0;
    the statistics are those of `ColumnStatistics`.
    """

    count: int
    mean: float | None
    std: float | None
    skewness: float | None
    kurtosis: float | None
    outlier_ratio: float | None
    autocorrelation: float | None
    quantiles: tuple[float, ...]
    histogram: Histogram | None


def describe_changes(values: np.ndarray, first: np.ndarray, largest: np.ndarray) -> tuple[ChangeStatistics, ...]:
    """Return the changes of each column; columns are rows of `values`, with NaN for a bad one, `first` marks where a series begins.

    `largest` is the size of each column's largest value.

    Examples
    --------
    >>> found = describe_changes(np.array([[1.0, 3.0, 9.0, 5.0, 6.0]]), np.arange(5) == 3, np.array([9.0]))[0]
    >>> found.count, found.mean
    (3, 3.0)
    """
    changes = difference_levels(values, first)
    ordered, good = sort_values(changes)
    quantiles = read_quantiles(ordered, good)
    at = _take_landmarks(quantiles)
    with np.errstate(all="ignore"):
        steady = np.flatnonzero(at.max - at.min <= _ROUNDING * largest)
        if len(steady):
            for found in (changes, ordered, quantiles):
                found[steady] = np.where(np.isnan(found[steady]), np.nan, at.median[steady, None])
            at = _take_landmarks(quantiles)
        numbers = read_moments(changes, good, first, at)
        numbers["outlier_ratio"] = share_outliers(ordered, good, at.median)
    names = ("mean", "std", "skewness", "kurtosis", "outlier_ratio", "autocorrelation")
    table = np.array([numbers[name] for name in names]).T.tolist()
    return tuple(
        ChangeStatistics(
            count=count,
            **{name: number if np.isfinite(number) else None for name, number in zip(names, row, strict=True)},
            quantiles=tuple(levels) if count else (),
            histogram=count_histogram(line[:count]),
        )
        for count, row, levels, line in zip(good.tolist(), table, quantiles.tolist(), ordered, strict=True)
    )


def _take_landmarks(quantiles: np.ndarray) -> Landmarks:
    return Landmarks(
        min=quantiles[:, 0],
        q01=quantiles[:, _Q01],
        median=quantiles[:, _MEDIAN],
        q99=quantiles[:, _Q99],
        max=quantiles[:, -1],
    )


def difference_levels(values: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return the change from the row before in the same series; NaN where there is none. Rows run along the last axis.

    Examples
    --------
    >>> difference_levels(np.array([1.0, 3.0, 9.0]), np.array([True, False, True]))
    array([nan,  2., nan])
    """
    change = np.empty(values.shape)
    change[..., :1] = np.nan
    with np.errstate(over="ignore", invalid="ignore"):
        np.subtract(values[..., 1:], values[..., :-1], out=change[..., 1:])
    change[..., first] = np.nan
    np.copyto(change, np.nan, where=np.isinf(change))
    return change
