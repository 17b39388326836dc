"""Cleaning of one column: mask bad values, fill, transform and clip."""

from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.cleaning.fitted import FittedCleaning, Transform
from core.cleaning.row_layout import RowLayout

if TYPE_CHECKING:
    from core.recipe.model import CleaningSettings

_MAD_TO_STD = 1.4826


class CellStatus(IntFlag):
    """What cleaning did to a cell."""

    AVERAGED = 1
    FILLED = 2
    TRANSFORMED = 4
    CLIPPED = 8
    STILL_BAD = 16
    UNDEFINED = 32
    SWAPPED = 64


@dataclass(frozen=True, eq=False, kw_only=True)
class Cells:
    """A column before and after cleaning, and the status of each cell; shape (n,).

    `before` and `after` are float64, NaN if a cell has no valid value. `status` is uint8, a sum of `CellStatus`. The first row of
    a block has no difference or return; it is NaN, but not flagged.
    """

    before: np.ndarray
    after: np.ndarray
    status: np.ndarray

    def count(self, flag: CellStatus) -> int:
        """Return the number of cells with this flag."""
        return int(np.count_nonzero(self.status & flag))


def as_numbers(column: pd.Series) -> np.ndarray:
    """Return a copy of a column as float64, shape (n,).

    Infinities and sentinel codes are left as in the file, missing values are NaN.
    """
    return column.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)


def mask_bad_values(numbers: np.ndarray, sentinels: tuple[float, ...]) -> np.ndarray:
    """Set infinities and sentinel codes to NaN in place, and return the same float64 array."""
    numbers[~np.isfinite(numbers)] = np.nan
    if sentinels:
        numbers[np.isin(numbers, sentinels)] = np.nan
    return numbers


def requested_transforms(settings: "CleaningSettings", features: tuple[str, ...]) -> dict[str, tuple[Transform, ...]]:
    """Return the transformations of each feature that has any, in order.

    A log and a difference of the same column make a log return.

    Examples
    --------
    >>> from core.recipe.model import CleaningSettings
    >>> requested_transforms(CleaningSettings(log=("a", "b"), difference=("b",), returns=("c",)), ("b", "c"))
    {'b': ('log', 'difference'), 'c': ('return',)}
    """
    requested: tuple[tuple[Transform, tuple[str, ...]], ...] = (
        ("log", settings.log),
        ("difference", settings.difference),
        ("return", settings.returns),
    )
    steps = {name: tuple(transform for transform, names in requested if name in names) for name in features}
    return {name: transforms for name, transforms in steps.items() if transforms}


def transform_values(values: np.ndarray, transforms: tuple[Transform, ...], block_starts: np.ndarray) -> np.ndarray:
    """Return the transformed values; differences and returns do not cross blocks.

    Parameters
    ----------
    values : float64, shape (n,), sorted by block and time; NaN if missing
    transforms : applied in order
    block_starts : int64, shape (n,), the first row of the block of each row

    Returns
    -------
    float64, shape (n,); NaN if undefined

    Examples
    --------
    >>> transform_values(np.array([1.0, 3.0, 0.0]), ("difference",), np.array([0, 0, 0]))
    array([nan,  2., -3.])
    """
    for transform in transforms:
        with np.errstate(all="ignore"):
            if transform == "log":
                values = np.log(values)
            else:
                earlier = np.full(len(values), np.nan)
                earlier[1:] = np.where(block_starts[1:] < np.arange(1, len(values)), values[:-1], np.nan)
                values = values - earlier if transform == "difference" else values / earlier - 1
        values = np.where(np.isfinite(values), values, np.nan)
    return values


def fit_bounds(values: np.ndarray, settings: "CleaningSettings") -> tuple[float, float] | None:
    """Return the clip bounds learned from `values`, or None if the settings clip nothing.

    `values` is float64, shape (n,), not empty and without NaN. With a quantile and a robust z-score, the tighter bound of each
    side applies. Quantiles are observed values, so bounds learned again from clipped values are the same.

    Examples
    --------
    >>> from core.recipe.model import CleaningSettings
    >>> fit_bounds(np.array([1.0, 2.0, 3.0, 4.0, 99.0]), CleaningSettings(clip_robust_z=2)) == (3 - 2.9652, 3 + 2.9652)
    True
    """
    bounds = []
    if settings.clip_quantile > 0:
        low = np.quantile(values, settings.clip_quantile, method="lower")
        bounds.append((float(low), float(np.quantile(values, 1 - settings.clip_quantile, method="higher"))))
    reach = settings.clip_robust_z * _MAD_TO_STD * median_absolute_deviation(values)
    if 0 < reach < np.inf:
        bounds.append((float(np.median(values)) - reach, float(np.median(values)) + reach))
    return (max(low for low, _ in bounds), min(high for _, high in bounds)) if bounds else None


def median_absolute_deviation(values: np.ndarray) -> float:
    """Return the unscaled median absolute deviation of float64 values without NaN, (n,)."""
    return float(np.median(np.abs(values - np.median(values))))


def clean_cells(name: str, values: np.ndarray, fitted: FittedCleaning, rows: RowLayout) -> Cells:
    """Return a column of a frame before and after cleaning.

    The target is neither filled, transformed nor clipped; only rows with the same time stamp are collapsed.

    Parameters
    ----------
    name : the target or a feature of `fitted`
    values : float64, shape (m,), in the order of the frame; NaN for a bad value
    fitted : what was learned from the train era
    rows : the row layout of the same frame
    """
    before = rows.merge(values)
    status = np.zeros(len(before), dtype=np.uint8)
    if rows.duplicates == "mean":
        status[rows.repeated] = CellStatus.AVERAGED
    bad = np.isnan(before)
    if name == fitted.roles.target:
        status[bad] |= np.uint8(CellStatus.STILL_BAD)
        return Cells(before=before, after=before, status=status)
    after = before.copy()
    if fitted.fill == "median":
        after[bad] = _fill_medians(name, fitted, rows)[bad]
    elif fitted.fill == "forward" and bad.any():
        row = np.arange(len(after))
        last_valid = np.maximum.accumulate(np.where(bad, -1, row))
        near = bad & (last_valid >= rows.block_starts) & (row - last_valid <= fitted.max_fill)
        after[near] = after[last_valid[near]]
    left = np.isnan(after)
    status[bad & ~left] |= np.uint8(CellStatus.FILLED)
    status[left] |= np.uint8(CellStatus.STILL_BAD)
    transforms = fitted.transforms.get(name, ())
    if transforms:
        after = transform_values(after, transforms, rows.block_starts)
        missing = np.isnan(after)
        status[~missing] |= np.uint8(CellStatus.TRANSFORMED)
        loses_first = transforms[-1] != "log"
        first = (rows.block_starts == np.arange(len(after))) & loses_first
        status[missing & ~left & ~first] |= np.uint8(CellStatus.UNDEFINED)
    if name in fitted.clip:
        low, high = fitted.clip[name]
        status[(after < low) | (after > high)] |= np.uint8(CellStatus.CLIPPED)
        after = np.clip(after, low, high)
    return Cells(before=before, after=after, status=status)


def _fill_medians(name: str, fitted: FittedCleaning, rows: RowLayout) -> np.ndarray:
    """Return the train median of each row's series, float64, shape (n,); NaN if unknown."""
    if fitted.roles.series is None:
        return np.full(len(rows.times), fitted.fill_values.get(name, np.nan))
    medians = fitted.fill_by_series.get(name, {})
    return np.array([medians.get(label, np.nan) for label in rows.names])[rows.series]
