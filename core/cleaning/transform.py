"""Repairs of values: what is learned from the train era, and how it is carried out on any rows."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from core.cleaning.cells import (
    Cells,
    CellStatus,
    Change,
    as_numbers,
    change_values,
    changes_asked,
    clean_cells,
    find_good,
    fit_bounds,
    median_distance,
)
from core.cleaning.gaps import Calendar, cut_at_gaps, learn_calendar
from core.cleaning.row_findings import find_cuts, find_dropped, find_repeated, find_unbounded, find_undefined, is_known
from core.cleaning.row_layout import lay_out_rows
from core.data.columns import LINE, Roles
from core.data.eras import Era, Eras
from core.errors.model import DataError
from core.findings.model import Finding, worst_first
from core.recipe.model import CleaningSettings


@dataclass(frozen=True, kw_only=True)
class FittedCleaning:
    """What cleaning has learned from the train era; enough to clean new rows of the same columns.

    `fill_values` are medians (where `fill` is `median`); where there are series those of each by its name, `fill_by_series`,
    since nothing crosses from one into another, and a series that train does not know is not filled. `clip` holds the bounds
    of each clipped feature, of what it has become, `sentinels` the codes of features and target that stand for a missing
    value. `changes` are what features become, step by step. `unbounded` are features that were to be clipped by robust z, but
    have a median distance of 0. `calendar` is the usual step, by which `max_gap` is measured; 0 cuts nowhere.
    """

    roles: Roles
    features: tuple[str, ...]
    fill: str
    max_fill: int
    fill_values: dict[str, float]
    clip: dict[str, tuple[float, float]]
    sentinels: dict[str, tuple[float, ...]]
    changes: dict[str, tuple[Change, ...]] = field(default_factory=dict)
    unbounded: tuple[str, ...] = ()
    duplicates: Literal["first", "last", "mean"] = "last"
    max_gap: int = 0
    calendar: Calendar | None = None
    fill_by_series: dict[str, dict[str, float]] = field(default_factory=dict)

    def is_whole(self) -> bool:
        """Return whether the later parts fit together, as those of a file from elsewhere may not."""
        known = all(name in self.features and is_known(changes) for name, changes in self.changes.items())
        return known and self.max_gap >= 0 and (self.calendar is None or self.calendar.step > 0)


@dataclass(frozen=True, kw_only=True)
class ColumnChanges:
    """Cells of a column that were filled, that were clipped, and that stayed without a value and cost their rows.

    `changed` became a log, difference or return, `undefined` could not, and cost their rows; `averaged` are means of rows of
    one time stamp.
    """

    name: str
    filled: int
    clipped: int
    bad_left: int
    changed: int = 0
    undefined: int = 0
    averaged: int = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class CleanFrame:
    """Cleaned rows, sorted by series and time, without a missing value.

    `frame` holds the time, the series if there is one, the target and the features (float64), each as what it has become.
    `lines` are the lines of the rows in the user's file, or their places in the given frame where that holds no lines.
    `dropped_rows` counts incomplete rows and repeated time stamps.
    """

    frame: pd.DataFrame
    roles: Roles
    features: tuple[str, ...]
    lines: np.ndarray
    changes: tuple[ColumnChanges, ...]
    dropped_rows: int
    findings: tuple[Finding, ...]
    max_gap: int = 0
    calendar: Calendar | None = None

    @cached_property
    def blocks(self) -> np.ndarray:
        """The number of the series of each row, int64, counted from 0 in row order; a long gap begins another one."""
        times = self.frame[self.roles.time].to_numpy(dtype="datetime64[us]")
        return cut_at_gaps(times, _count_series(self.frame, self.roles), self.calendar, self.max_gap)


def fit_cleaning(
    frame: pd.DataFrame,
    roles: Roles,
    kept: tuple[str, ...],
    settings: CleaningSettings,
    eras: Eras,
    sentinels: dict[str, tuple[float, ...]],
) -> FittedCleaning:
    """Return what the rows of the train era teach: a median and clip bounds of each kept column, from its good values.

    Bounds are of what a column becomes (its log, difference or return). Quantiles are values that occur, so that clipping
    twice is clipping once. The target is neither filled, changed nor clipped. Raises `DataError` where a column is absent or
    holds text.
    """
    features = tuple(name for name in kept if name != roles.target)
    codes = {name: tuple(sentinels[name]) for name in (*features, roles.target) if sentinels.get(name)}
    _require_columns(frame, roles, features)
    rows = lay_out_rows(frame, roles, settings.duplicates)
    train = eras.label(rows.times) == Era.TRAIN
    calendar = learn_calendar(rows.times[train], rows.series[train]) if settings.max_gap else None
    if calendar is not None:
        rows = lay_out_rows(frame, roles, settings.duplicates, settings.max_gap, calendar)
    changes = changes_asked(settings, features)
    clipped = set(settings.clip_columns or features)
    fill_values, fill_by_series, clip, unbounded = {}, {}, {}, []
    for name in features:
        values = rows.merge(find_good(as_numbers(frame[name]), codes.get(name, ())))
        if settings.fill == "median" and (good := _good(values[train])).size:
            fill_values[name] = float(np.median(good))
            if roles.series is not None:
                medians = pd.Series(values[train]).groupby(rows.series[train]).median().dropna()
                fill_by_series[name] = {rows.names[place]: value for place, value in medians.items()}
        if name not in clipped or not (settings.clip_quantile or settings.clip_robust_z):
            continue
        good = _good(change_values(values, changes.get(name, ()), rows.starts)[train])
        if good.size and (bounds := fit_bounds(good, settings)) is not None:
            clip[name] = bounds
        if good.size and settings.clip_robust_z and not median_distance(good):
            unbounded.append(name)
    return FittedCleaning(
        roles=roles,
        features=features,
        fill=settings.fill,
        max_fill=settings.max_fill,
        fill_values=fill_values,
        clip=clip,
        sentinels=codes,
        changes=changes,
        unbounded=tuple(unbounded),
        duplicates=settings.duplicates,
        max_gap=settings.max_gap,
        calendar=calendar,
        fill_by_series=fill_by_series,
    )


def apply_cleaning(frame: pd.DataFrame, fitted: FittedCleaning) -> CleanFrame:
    """Return the cleaned rows: bad values are filled from the past or by the train median, then changed, then clipped.

    A forward fill takes the last good value of the same series, at most `max_fill` rows back. The target is taken as it is. Of
    rows with one time stamp in one series the first, the last or their mean stays. RowLayout that are still incomplete are dropped
    and counted. Nothing reaches over a gap longer than `max_gap` usual steps. Raises `DataError` where a column is absent or
    holds text, and where no row is left.
    """
    roles, features = fitted.roles, fitted.features
    _require_columns(frame, roles, features)
    given = len(frame)
    lines = frame[LINE].to_numpy(dtype=np.int64) if LINE in frame else np.arange(given)
    rows = lay_out_rows(frame, roles, fitted.duplicates, fitted.max_gap, fitted.calendar)
    lines = lines[rows.places]

    cleaned: dict[str, np.ndarray] = {}
    holes: dict[str, np.ndarray] = {}
    changes = []
    for name in (roles.target, *features):
        values = find_good(as_numbers(frame[name]), fitted.sentinels.get(name, ()))
        cells = clean_cells(name, values, fitted, rows)
        cleaned[name] = cells.after
        holes[name] = (cells.what & (CellStatus.LEFT_BAD | CellStatus.UNDEFINED)) > 0
        changes.append(count_changes(name, cells))
    timeless = np.isnat(rows.times)
    incomplete = np.logical_or.reduce([*holes.values(), timeless])
    # The first row of a block has no change from the row before it: it goes, and that is no fault of the data.
    begins = np.logical_or.reduce([np.isnan(cleaned[name]) for name in fitted.changes] or [timeless])
    stays = ~(incomplete | begins)
    if not stays.any():
        raise _no_row_left(given, changes)
    keys = [roles.time, *([roles.series] if roles.series else [])]
    places = rows.places[stays]
    clean = pd.DataFrame(
        {name: frame[name].array[places] for name in keys} | {name: values[stays] for name, values in cleaned.items()},
        copy=False,
    )
    found = CleanFrame(
        frame=clean,
        roles=roles,
        features=features,
        lines=lines[stays],
        changes=tuple(changes),
        dropped_rows=given - len(clean),
        findings=(),
        max_gap=fitted.max_gap,
        calendar=fitted.calendar,
    )
    said = (
        find_repeated(given - len(rows.begins), given, fitted.duplicates),
        find_dropped(incomplete, holes, lines, roles.target),
        *find_undefined({change.name: change.undefined for change in changes}, fitted.changes, len(lines)),
        find_unbounded(fitted.unbounded),
        find_cuts(found.blocks, _count_series(clean, roles), found.lines, fitted.max_gap),
    )
    return replace(found, findings=worst_first([finding for finding in said if finding]))


def _no_row_left(given: int, changes: list[ColumnChanges]) -> DataError:
    worst = max(changes, key=lambda change: change.bad_left + change.undefined, default=None)
    if not given or worst is None:
        return DataError("There are no rows.")
    if worst.undefined > worst.bad_left:
        what = f"'{worst.name}' cannot be changed as asked for in {worst.undefined:,}"
        return DataError(f"None of the {given:,} rows is complete; {what}.", "Take another change of it, or drop it.")
    return DataError(
        f"None of the {given:,} rows is complete; '{worst.name}' lacks most values.",
        "Drop that column, or fill its gaps.",
    )


def _good(values: np.ndarray) -> np.ndarray:
    return values[~np.isnan(values)]


def count_changes(name: str, cells: Cells) -> ColumnChanges:
    """Return how often each step changed a cell of a column."""
    return ColumnChanges(
        name=name,
        filled=cells.count(CellStatus.FILLED),
        clipped=cells.count(CellStatus.CLIPPED),
        bad_left=cells.count(CellStatus.LEFT_BAD),
        changed=cells.count(CellStatus.CHANGED),
        undefined=cells.count(CellStatus.UNDEFINED),
        averaged=cells.count(CellStatus.AVERAGED),
    )


def _count_series(frame: pd.DataFrame, roles: Roles) -> np.ndarray:
    """Return the number of the run of one series that each row lies in."""
    if roles.series is None or not len(frame):
        return np.zeros(len(frame), dtype=np.int64)
    codes = pd.factorize(frame[roles.series], use_na_sentinel=False)[0]
    return np.cumsum(np.r_[0, codes[1:] != codes[:-1]], dtype=np.int64)


def _require_columns(frame: pd.DataFrame, roles: Roles, features: tuple[str, ...]) -> None:
    if roles.target is None:
        raise DataError("No target is chosen.", "Choose the column to forecast.")
    for name in (roles.time, *([roles.series] if roles.series else []), roles.target, *features):
        if name not in frame:
            raise DataError(
                f"The column '{name}' is not in the data.", "Give data with the columns of the training data."
            )
    for name in (roles.target, *features):
        if not (pd.api.types.is_numeric_dtype(frame[name]) or frame[name].isna().all()):
            found = next(value for value in frame[name] if not pd.isna(value))
            raise DataError(
                f"The column '{name}' should hold numbers; it holds {str(found)[:40]!r}.", "Mend or drop it."
            )
