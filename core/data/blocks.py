"""Blocks of rows, such as series or their unbroken stretches: their rows, the place of each row, and means by block."""

import numpy as np
import pandas as pd


def rows_before(blocks: np.ndarray) -> np.ndarray:
    """Return how many rows of its block precede each row, int64 (n,). `blocks`, int (n,), names the block of each row.

    The rows of a block stand together.

    Examples
    --------
    >>> rows_before(np.array([0, 0, 0, 1, 1]))
    array([0, 1, 2, 0, 1])
    """
    row = np.arange(len(blocks))
    is_first = np.r_[True, blocks[1:] != blocks[:-1]][: len(row)]
    return row - np.maximum.accumulate(np.where(is_first, row, 0))


def block_slices(blocks: np.ndarray | None, count: int) -> list[slice]:
    """Return the rows of each block; all `count` rows are one block if there are none.

    Examples
    --------
    >>> block_slices(np.array(["gold", "gold", "oil"]), 3)
    [slice(0, 2, None), slice(2, 3, None)]
    """
    if not count:
        return []
    starts = [0] if blocks is None else [0, *(np.flatnonzero(blocks[1:] != blocks[:-1]) + 1).tolist()]
    return [slice(start, stop) for start, stop in zip(starts, [*starts[1:], count], strict=True)]


def number_stretches(rows: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Return the unbroken stretch that each of some rows is in, int64 (m,), counted from 0.

    A stretch ends where the next row is missing or in another block. `rows`, int (m,), are sorted; `blocks`, int (m,), are
    theirs.

    Examples
    --------
    >>> number_stretches(np.array([3, 4, 6, 7]), np.array([0, 0, 0, 1]))
    array([0, 0, 1, 2])
    """
    return np.cumsum(np.r_[False, (np.diff(rows) != 1) | (np.diff(blocks) != 0)][: len(rows)])


def expanding_means(values: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Return the mean of the known values of its block up to each row, float64 (n,); NaN before the first.

    Examples
    --------
    >>> expanding_means(np.array([np.nan, 1.0, 3.0, 8.0]), np.array([0, 0, 0, 1]))
    array([nan,  1.,  2.,  8.])
    """
    return pd.Series(values).groupby(blocks, sort=False).transform(lambda part: part.expanding().mean()).to_numpy()


def block_means(values: np.ndarray, blocks: np.ndarray, count: int) -> np.ndarray:
    """Return the mean of the values of each block, float64 (count,); blocks without any get the mean of all values.

    `values`, float64 (n,), n > 0, belong to `blocks`, int64 (n,), from 0 to count - 1.

    Examples
    --------
    >>> block_means(np.array([1.0, 3.0, 8.0]), np.array([0, 0, 2]), 3)
    array([2., 4., 8.])
    """
    sizes = np.bincount(blocks, minlength=count)
    totals = np.bincount(blocks, values, minlength=count)
    return np.where(sizes > 0, totals / np.maximum(sizes, 1), values.mean())
