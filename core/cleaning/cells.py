"""One column on its way through cleaning: bad values found, filled, changed to a log, difference or return, and clipped."""

from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from core.cleaning.row_layout import RowLayout
from core.recipe.model import CleaningSettings

if TYPE_CHECKING:
    from core.cleaning.transform import FittedCleaning

Change = Literal["log", "difference", "return"]
MAD_OF_NORMAL = 1.4826


class CellStatus(IntFlag):
    """What cleaning did to a cell."""

    AVERAGED = 1
    FILLED = 2
    CHANGED = 4
    CLIPPED = 8
    LEFT_BAD = 16
    UNDEFINED = 32


@dataclass(frozen=True, eq=False, kw_only=True)
class Cells:
    """A column before and after cleaning, a cell a row, and what was done to each, as `What`.

    `before` and `after` are float64 with NaN for a bad value. A row at the start of a block has no change from the row before
    it: that is no fault, and says nothing in `what`.
    """

    before: np.ndarray
    after: np.ndarray
    what: np.ndarray

    def count(self, what: CellStatus) -> int:
        """Return to how many cells this was done."""
        return int(np.count_nonzero(self.what & what))


def as_numbers(column: pd.Series) -> np.ndarray:
    """Return the column as float64, a copy, as it stands in the file."""
    return column.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)


def find_good(numbers: np.ndarray, sentinels: tuple[float, ...]) -> np.ndarray:
    """Return the numbers, in place, with NaN for every bad one."""
    numbers[~np.isfinite(numbers)] = np.nan
    if sentinels:
        numbers[np.isin(numbers, sentinels)] = np.nan
    return numbers


def changes_asked(settings: CleaningSettings, features: tuple[str, ...]) -> dict[str, tuple[Change, ...]]:
    """Return what each of the features becomes, in order; log and difference together make a log return.

    Examples
    --------
    >>> changes_asked(CleaningSettings(log=("a", "b"), difference=("b",), returns=("c",)), ("b", "c"))
    {'b': ('log', 'difference'), 'c': ('return',)}
    """
    asked: tuple[tuple[Change, tuple[str, ...]], ...] = (
        ("log", settings.log),
        ("difference", settings.difference),
        ("return", settings.returns),
    )
    steps = {name: tuple(change for change, names in asked if name in names) for name in features}
    return {name: changes for name, changes in steps.items() if changes}


def change_values(values: np.ndarray, changes: tuple[Change, ...], starts: np.ndarray) -> np.ndarray:
    """Return what the values become, NaN where that does not exist; a row sees itself and the row before in its block.

    Examples
    --------
    >>> change_values(np.array([1.0, 3.0, 0.0]), ("difference",), np.array([0, 0, 0]))
    array([nan,  2., -3.])
    """
    for change in changes:
        with np.errstate(all="ignore"):
            if change == "log":
                values = np.log(values)
            else:
                earlier = np.full(len(values), np.nan)
                earlier[1:] = np.where(starts[1:] < np.arange(1, len(values)), values[:-1], np.nan)
                values = values - earlier if change == "difference" else values / earlier - 1
        values = np.where(np.isfinite(values), values, np.nan)
    return values


def fit_bounds(values: np.ndarray, settings: CleaningSettings) -> tuple[float, float] | None:
    """Return the bounds that good train values teach, the tighter of both kinds; None where nothing is to be bound.

    Quantiles are values that occur, so that bounds learned again from clipped values are the same.

    Examples
    --------
    >>> fit_bounds(np.array([1.0, 2.0, 3.0, 4.0, 99.0]), CleaningSettings(clip_robust_z=2)) == (3 - 2.9652, 3 + 2.9652)
    True
    """
    bounds = []
    if settings.clip_quantile > 0:
        low = np.quantile(values, settings.clip_quantile, method="lower")
        bounds.append((float(low), float(np.quantile(values, 1 - settings.clip_quantile, method="higher"))))
    reach = settings.clip_robust_z * MAD_OF_NORMAL * median_distance(values)
    if 0 < reach < np.inf:
        bounds.append((float(np.median(values)) - reach, float(np.median(values)) + reach))
    return (max(low for low, _ in bounds), min(high for _, high in bounds)) if bounds else None


def median_distance(values: np.ndarray) -> float:
    """Return the median distance from the median (MAD); where it is 0, no robust z can tell what lies far out."""
    return float(np.median(np.abs(values - np.median(values))))


def clean_cells(name: str, values: np.ndarray, fitted: "FittedCleaning", rows: RowLayout) -> Cells:
    """Return a column of a frame as cleaning leaves it; `values` are those of the frame, NaN for a bad one.

    The target is taken as it is: only rows of one time stamp are made one.
    """
    before = rows.merge(values)
    what = np.zeros(len(before), dtype=np.uint8)
    if rows.duplicates == "mean":
        what[rows.repeated] = CellStatus.AVERAGED
    bad = np.isnan(before)
    if name == fitted.roles.target:
        what[bad] |= np.uint8(CellStatus.LEFT_BAD)
        return Cells(before=before, after=before, what=what)
    after = before.copy()
    if fitted.fill == "median":
        after[bad] = _medians(name, fitted, rows)[bad]
    elif fitted.fill == "forward" and bad.any():
        row = np.arange(len(after))
        last = np.maximum.accumulate(np.where(bad, -1, row))
        near = bad & (last >= rows.starts) & (row - last <= fitted.max_fill)
        after[near] = after[last[near]]
    left = np.isnan(after)
    what[bad & ~left] |= np.uint8(CellStatus.FILLED)
    what[left] |= np.uint8(CellStatus.LEFT_BAD)
    changes = fitted.changes.get(name, ())
    if changes:
        after = change_values(after, changes, rows.starts)
        gone = np.isnan(after)
        what[~gone] |= np.uint8(CellStatus.CHANGED)
        begins = rows.starts == np.arange(len(after)) if changes[-1] != "log" else np.zeros(len(after), dtype=bool)
        what[gone & ~left & ~begins] |= np.uint8(CellStatus.UNDEFINED)
    if name in fitted.clip:
        low, high = fitted.clip[name]
        what[(after < low) | (after > high)] |= np.uint8(CellStatus.CLIPPED)
        after = np.clip(after, low, high)
    return Cells(before=before, after=after, what=what)


def _medians(name: str, fitted: "FittedCleaning", rows: RowLayout) -> np.ndarray:
    """Return for each row the train median that fills it: that of its own series."""
    if fitted.roles.series is None:
        return np.full(len(rows.times), fitted.fill_values.get(name, np.nan))
    known = fitted.fill_by_series.get(name, {})
    return np.array([known.get(label, np.nan) for label in rows.names])[rows.series]
