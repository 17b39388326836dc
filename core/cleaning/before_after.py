"""What cleaning changed, cell by cell: a column before and after, its statistics, and the table of changed cells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from core.cleaning.cells import Cells, CellStatus, as_numbers, clean_cells, find_good
from core.cleaning.row_findings import becomes
from core.cleaning.row_layout import RowLayout, lay_out_rows
from core.cleaning.transform import ColumnChanges, FittedCleaning, count_changes, fit_cleaning
from core.data.columns import LINE
from core.data.dataset import Dataset
from core.data.eras import Era
from core.quality.profile import QualityProfile
from core.recipe.model import CleaningSettings

MOST_CELLS = 1_000
WORDS = {
    CellStatus.AVERAGED: "averaged",
    CellStatus.FILLED: "filled",
    CellStatus.CHANGED: "transformed",
    CellStatus.CLIPPED: "clipped",
    CellStatus.LEFT_BAD: "left bad",
    CellStatus.UNDEFINED: "undefined",
}
_CELLS_READ = 4_000_000


@dataclass(frozen=True, eq=False, kw_only=True)
class ColumnBeforeAfter:
    """A column before and after cleaning, arrays of one length, a row a time stamp, sorted by series and time.

    `in_file` are the numbers as they stand in the file, codes and infinities among them; `before` has NaN for every bad one,
    and `after` for every cell that still has no value, which costs its row. `becomes` is `log`, `difference`, `log return` or
    `return` where the column is changed to that, else empty: then `after` has another unit. `train` marks the train era,
    `series` holds names, or is None. `cells` tells what was done to each, and `changes` how often.
    """

    name: str
    becomes: str
    times: np.ndarray
    series: np.ndarray | None
    lines: np.ndarray
    in_file: np.ndarray
    train: np.ndarray
    cells: Cells
    changes: ColumnChanges

    @property
    def before(self) -> np.ndarray:
        """The good values of the file."""
        return self.cells.before

    @property
    def after(self) -> np.ndarray:
        """The values that go on to the features."""
        return self.cells.after

    @property
    def changed(self) -> int:
        """How many cells `table` has: those that were changed, and those that stay bad."""
        return int(np.count_nonzero(self.cells.what))

    @cached_property
    def statistics(self) -> pd.DataFrame:
        """A row a statistic: its name, and its number before and after, in the train era and over all rows."""
        columns = {
            f"{when}, {where}": _describe(values[rows])
            for where, rows in (("train", self.train), ("all rows", np.ones(len(self.train), dtype=bool)))
            for when, values in (("before", self.before), ("after", self.after))
        }
        return pd.DataFrame(columns).rename_axis("statistic").reset_index()

    def in_series(self, name: str) -> "ColumnBeforeAfter":
        """Return the rows of one series; with the counts of that one."""
        rows = self.series == name
        cells = Cells(before=self.before[rows], after=self.after[rows], what=self.cells.what[rows])
        cut = {field: getattr(self, field)[rows] for field in ("times", "series", "lines", "in_file", "train")}
        return replace(self, cells=cells, changes=count_changes(self.name, cells), **cut)

    def table(self, most: int | None = None) -> pd.DataFrame:
        """Return the changed cells as `line, time, series, column, before, after, what`, the first `most` of them."""
        at = np.flatnonzero(self.cells.what)[:most]
        frame = pd.DataFrame({"line": self.lines[at], "time": self.times[at]})
        if self.series is not None:
            frame["series"] = self.series[at]
        frame["column"] = self.name
        frame["before"], frame["after"] = self.in_file[at], self.after[at]
        frame["what"] = [_WORDS_OF[int(what)] for what in self.cells.what[at]]
        return frame


_WORDS_OF = {
    bits: ", ".join(word for what, word in WORDS.items() if bits & what) for bits in range(2 * max(CellStatus))
}


def _describe(values: np.ndarray) -> dict[str, float]:
    good = values[~np.isnan(values)]
    found = {"values": float(len(good))}
    names = ("mean", "standard deviation", "minimum", "1 % quantile", "median", "99 % quantile", "maximum")
    if not len(good):
        return found | dict.fromkeys(names, np.nan)
    low, first, middle, last, high = np.quantile(good, (0, 0.01, 0.5, 0.99, 1))
    spread = good.std(ddof=1) if len(good) > 1 else np.nan
    return found | dict(zip(names, map(float, (good.mean(), spread, low, first, middle, last, high)), strict=True))


def compare_column(
    dataset: Dataset, profile: QualityProfile, settings: CleaningSettings, name: str
) -> ColumnBeforeAfter:
    """Return one column of numbers before and after cleaning, whether it stays or goes; it alone is read.

    Raises `RecipeError` where there is no such column, and `DataError` where it holds text or no target is chosen.
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
    """Return every cell of these columns that cleaning changed, or left bad: `line, time, [series,] column, before, after, what`.

    Column after column, the first `most` cells, or all where `most` is None, read a few columns at a time. `before` is the
    number in the file, `what` one or more of averaged, filled, transformed, clipped, left bad, undefined.
    """
    parts: list[pd.DataFrame] = []
    left = most
    for column in _compare(dataset, profile, settings, list(names)):
        parts.append(column.table(left))
        left = None if left is None else left - len(parts[-1])
        if left == 0:
            break
    series = ["series"] if profile.roles.series else []
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame(columns=["line", "time", *series, "column", "before", "after", "what"])
    return pd.concat(filled, ignore_index=True)


def count_changed(
    dataset: Dataset, profile: QualityProfile, settings: CleaningSettings, names: Sequence[str]
) -> tuple[ColumnChanges, ...]:
    """Return how many cells of each column each step changed."""
    return tuple(column.changes for column in _compare(dataset, profile, settings, list(names)))


def _compare(
    dataset: Dataset, profile: QualityProfile, settings: CleaningSettings, names: list[str]
) -> Iterator[ColumnBeforeAfter]:
    roles = profile.roles
    keys = [name for name in (roles.time, roles.series, roles.target) if name]
    sentinels = {column.name: column.sentinels for column in dataset.columns if column.sentinels}
    at_once = max(1, _CELLS_READ // max(1, dataset.rows))
    for begin in range(0, len(names), at_once):
        part = names[begin : begin + at_once]
        frame = dataset.read(list(dict.fromkeys([*keys, *part, LINE])))
        features = tuple(name for name in part if name != roles.target)
        fitted = fit_cleaning(frame, roles, features, settings, profile.eras, sentinels)
        rows = lay_out_rows(frame, roles, fitted.duplicates, fitted.max_gap, fitted.calendar)
        train = profile.eras.label(rows.times) == Era.TRAIN
        for name in part:
            yield _compare_one(name, frame, fitted, rows, train)


def _compare_one(
    name: str, frame: pd.DataFrame, fitted: FittedCleaning, rows: RowLayout, train: np.ndarray
) -> ColumnBeforeAfter:
    numbers = as_numbers(frame[name])
    in_file = numbers[rows.places]
    cells = clean_cells(name, find_good(numbers, fitted.sentinels.get(name, ())), fitted, rows)
    changes = fitted.changes.get(name, ())
    return ColumnBeforeAfter(
        name=name,
        becomes=becomes(changes) if changes else "",
        times=rows.times,
        series=None
        if fitted.roles.series is None
        else frame[fitted.roles.series].astype(str).to_numpy(object)[rows.places],
        lines=frame[LINE].to_numpy(np.int64)[rows.places],
        in_file=in_file,
        train=train,
        cells=cells,
        changes=count_changes(name, cells),
    )
