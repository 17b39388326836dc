"""Row-to-row changes of columns, described like their levels."""

from dataclasses import dataclass

import numpy as np

from core.quality.numerics.moments import KeyQuantiles, compute_moments
from core.quality.numerics.quantiles import (
    QUANTILE_SHARES,
    Histogram,
    compute_quantiles,
    count_histogram,
    share_outliers,
    sort_values,
)

_Q01, _MEDIAN, _Q99 = (QUANTILE_SHARES.index(share) for share in (0.01, 0.5, 0.99))
# Levels have about sixteen digits: differences that vary by less than this share of them vary by rounding.
_ROUNDING = 8 * np.finfo(np.float64).eps


@dataclass(frozen=True, kw_only=True)
class ChangeStatistics:
    """Statistics of a column's changes from row to row within a series, over all rows; None if one does not exist.

    `count` changes have valid values on both sides. `quantiles` are those at `QUANTILE_SHARES`, empty if `count` is 0. The
    other statistics are those of `ColumnStatistics`.
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
    """Return the statistics of each column's changes.

    Parameters
    ----------
    values
        The levels, float64, shape (columns, rows); NaN marks bad cells.
    first
        The first row of each series, bool, shape (rows,).
    largest
        The size of each column's largest value, shape (columns,).

    Examples
    --------
    >>> found = describe_changes(np.array([[1.0, 3.0, 9.0, 5.0, 6.0]]), np.arange(5) == 3, np.array([9.0]))[0]
    >>> found.count, found.mean
    (3, 3.0)
    """
    changes = difference_levels(values, first)
    ordered, valid = sort_values(changes)
    quantiles = compute_quantiles(ordered, valid)
    at = _take_key_quantiles(quantiles)
    with np.errstate(all="ignore"):
        steady = np.flatnonzero(at.max - at.min <= _ROUNDING * largest)
        if len(steady):
            for found in (changes, ordered, quantiles):
                found[steady] = np.where(np.isnan(found[steady]), np.nan, at.median[steady, None])
            at = _take_key_quantiles(quantiles)
        numbers = compute_moments(changes, valid, first, at)
        numbers["outlier_ratio"] = share_outliers(ordered, valid, at.median)
    names = ("mean", "std", "skewness", "kurtosis", "outlier_ratio", "autocorrelation")
    table = np.array([numbers[name] for name in names]).T.tolist()
    return tuple(
        ChangeStatistics(
            count=count,
            **{name: number if np.isfinite(number) else None for name, number in zip(names, row, strict=True)},
            quantiles=tuple(levels) if count else (),
            histogram=count_histogram(line[:count]),
        )
        for count, row, levels, line in zip(valid.tolist(), table, quantiles.tolist(), ordered, strict=True)
    )


def _take_key_quantiles(quantiles: np.ndarray) -> KeyQuantiles:
    return KeyQuantiles(
        min=quantiles[:, 0],
        q01=quantiles[:, _Q01],
        median=quantiles[:, _MEDIAN],
        q99=quantiles[:, _Q99],
        max=quantiles[:, -1],
    )


def difference_levels(values: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return each row's change from the row before in its series, float64, shape of `values` (..., rows).

    `first`, bool, shape (rows,), marks the first row of each series. NaN if there is no such row, or the change overflows.

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
