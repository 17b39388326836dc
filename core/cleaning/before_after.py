"""A column before and after cleaning: its values, statistics and changed cells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from core.cleaning.cells import Cells, CellStatus, as_numbers, clean_cells, mask_bad_values
from core.cleaning.fitted import ColumnChanges, FittedCleaning, transform_name
from core.cleaning.pair_volumes import pair_volumes
from core.cleaning.row_layout import RowLayout, lay_out_rows
from core.cleaning.swap_back import swap_back, swapped_rows
from core.cleaning.transform import count_changes, fit_cleaning
from core.data.columns import LINE
from core.data.dataset import Dataset
from core.data.eras import Era
from core.quality.profile import QualityProfile
from core.recipe.model import CleaningSettings

MOST_CELLS = 1_000
_CELLS_READ = 4_000_000
_STATUS_NAMES = {
    CellStatus.AVERAGED: "averaged",
    CellStatus.FILLED: "filled",
    CellStatus.TRANSFORMED: "transformed",
    CellStatus.CLIPPED: "clipped",
    CellStatus.STILL_BAD: "still bad",
    CellStatus.UNDEFINED: "undefined",
    CellStatus.SWAPPED: "swapped back",
}
_STATUS_TEXTS = {
    bits: ", ".join(name for status, name in _STATUS_NAMES.items() if bits & status)
    for bits in range(2 * max(CellStatus))
}
_STATISTICS = ("mean", "standard deviation", "minimum", "1% quantile", "median", "99% quantile", "maximum")


@dataclass(frozen=True, eq=False, kw_only=True)
class ColumnBeforeAfter:
    """A column before and after cleaning, one row per time stamp, by series and time.

    Arrays have shape (n,). `in_file`, float64, are the numbers of the file, with sentinel codes and infinities;
    `before` has NaN for every bad value, and `after` for every cell without a value, whose row is dropped. `transform`
    is "log", "difference", "log return" or "return" if the column is transformed, which gives `after` another unit,
    else empty. `times` is datetime64[us], `lines` int64. `train`, bool, marks the train era. `series` holds names, or
    is None.
    """

    name: str
    transform: str
    times: np.ndarray
    series: np.ndarray | None
    lines: np.ndarray
    in_file: np.ndarray
    train: np.ndarray
    cells: Cells
    changes: ColumnChanges

    @property
    def before(self) -> np.ndarray:
        """The valid values of the file, float64, shape (n,), NaN elsewhere."""
        return self.cells.before

    @property
    def after(self) -> np.ndarray:
        """The cleaned values that features are built from, float64, shape (n,), NaN if none."""
        return self.cells.after

    @property
    def changed(self) -> int:
        """The number of rows of `table`: cells that were changed or are still bad."""
        return int(np.count_nonzero(self.cells.status))

    @cached_property
    def statistics(self) -> pd.DataFrame:
        """One row per statistic, before and after, in the train era and over all rows."""
        columns = {
            f"{when}, {era}": _describe(values[rows])
            for era, rows in (("train", self.train), ("all rows", np.ones(len(self.train), dtype=bool)))
            for when, values in (("before", self.before), ("after", self.after))
        }
        return pd.DataFrame(columns).rename_axis("statistic").reset_index()

    def in_series(self, name: str) -> "ColumnBeforeAfter":
        """Return the rows of one series and their counts."""
        rows = self.series == name
        cells = Cells(before=self.before[rows], after=self.after[rows], status=self.cells.status[rows])
        cut = {field: getattr(self, field)[rows] for field in ("times", "series", "lines", "in_file", "train")}
        return replace(self, cells=cells, changes=count_changes(self.name, cells), **cut)

    def table(self, most: int | None = None) -> pd.DataFrame:
        """Return the first `most` changed cells, in the columns of `cell_changes`."""
        rows = np.flatnonzero(self.cells.status)[:most]
        frame = pd.DataFrame({"line": self.lines[rows], "time": self.times[rows]})
        if self.series is not None:
            frame["series"] = self.series[rows]
        frame["column"] = self.name
        frame["before"], frame["after"] = self.in_file[rows], self.after[rows]
        frame["change"] = [_STATUS_TEXTS[int(status)] for status in self.cells.status[rows]]
        return frame


def _describe(values: np.ndarray) -> dict[str, float]:
    valid = values[~np.isnan(values)]
    count = {"values": float(len(valid))}
    if not len(valid):
        return count | dict.fromkeys(_STATISTICS, np.nan)
    low, first, median, last, high = np.quantile(valid, (0, 0.01, 0.5, 0.99, 1))
    deviation = valid.std(ddof=1) if len(valid) > 1 else np.nan
    numbers = (valid.mean(), deviation, low, first, median, last, high)
    return count | dict(zip(_STATISTICS, map(float, numbers), strict=True))


def compare_column(
    dataset: Dataset, profile: QualityProfile, settings: CleaningSettings, name: str
) -> ColumnBeforeAfter:
    """Return one numeric column before and after cleaning, even if it is dropped.

    Parameters
    ----------
    dataset : the data set
    profile : its quality profile, with roles and eras
    settings : how to fill, transform, clip and split
    name : the column

    Raises
    ------
    RecipeError
        If there is no such column.
    DataError
        If it holds text, or no target is chosen.
    """
    dataset.column(name)
    return next(_compare(dataset, profile, settings, [name]))


def cell_changes(
    dataset: Dataset,
    profile: QualityProfile,
    settings: CleaningSettings,
    names: Sequence[str],
    most: int | None = MOST_CELLS,
) -> pd.DataFrame:
    """Return the cells that cleaning changed or left bad, column after column.

    Parameters
    ----------
    dataset : the data set, read a few columns at a time
    profile : its quality profile, with roles and eras
    settings : how to fill, transform, clip and split
    names : the columns
    most : how many cells to return at most; None returns all

    Returns
    -------
    `line, time, [series,] column, before, after, change`; `before` is the number in the file, `change` one or more of
    averaged, filled, transformed, clipped, still bad, undefined, swapped back
    """
    parts: list[pd.DataFrame] = []
    left = most
    for column in _compare(dataset, profile, settings, list(names)):
        parts.append(column.table(left))
        left = None if left is None else left - len(parts[-1])
        if left == 0:
            break
    series = ["series"] if profile.roles.series else []
    non_empty = [part for part in parts if len(part)]
    if not non_empty:
        return pd.DataFrame(columns=["line", "time", *series, "column", "before", "after", "change"])
    return pd.concat(non_empty, ignore_index=True)


def _compare(
    dataset: Dataset, profile: QualityProfile, settings: CleaningSettings, names: list[str]
) -> Iterator[ColumnBeforeAfter]:
    roles = profile.roles
    keys = [name for name in (roles.time, roles.series, roles.target) if name]
    sentinels = {column.name: column.sentinels for column in dataset.columns if column.sentinels}
    swaps = pair_volumes(settings.swap_back, [column.name for column in dataset.columns])
    at_once = max(1, _CELLS_READ // max(1, dataset.rows))
    for begin in range(0, len(names), at_once):
        part = names[begin : begin + at_once]
        needed = [name for pair in swaps if {pair.units, pair.money} & {*part} for name in pair.columns]
        frame = dataset.read(list(dict.fromkeys([*keys, *part, *needed, LINE])))
        features = tuple(name for name in part if name != roles.target)
        fitted = fit_cleaning(frame, roles, features, settings, profile.eras, sentinels, swaps=swaps)
        rows = lay_out_rows(frame, roles, fitted.duplicates, fitted.max_gap, fitted.calendar)
        train = profile.eras.label(rows.times) == Era.TRAIN
        for name in part:
            yield _compare_one(name, frame, fitted, rows, train)


def _compare_one(
    name: str, frame: pd.DataFrame, fitted: FittedCleaning, rows: RowLayout, train: np.ndarray
) -> ColumnBeforeAfter:
    in_file = as_numbers(frame[name])[rows.positions]
    numbers = as_numbers(swap_back(frame, fitted.swaps)[name])
    cells = clean_cells(name, mask_bad_values(numbers, fitted.sentinels.get(name, ())), fitted, rows)
    for pair in fitted.swaps:
        if name in (pair.units, pair.money):
            cells.status[swapped_rows(frame, pair)[rows.positions]] |= np.uint8(CellStatus.SWAPPED)
    transforms = fitted.transforms.get(name, ())
    series = None
    if fitted.roles.series is not None:
        series = frame[fitted.roles.series].astype(str).to_numpy(object)[rows.positions]
    return ColumnBeforeAfter(
        name=name,
        transform=transform_name(transforms) if transforms else "",
        times=rows.times,
        series=series,
        lines=frame[LINE].to_numpy(np.int64)[rows.positions],
        in_file=in_file,
        train=train,
        cells=cells,
        changes=count_changes(name, cells),
    )
