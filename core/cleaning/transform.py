"""Learning repairs of values from the train era, and applying them to any rows."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.cleaning.cells import (
    Cells,
    CellStatus,
    as_numbers,
    clean_cells,
    fit_bounds,
    mask_bad_values,
    median_absolute_deviation,
    requested_transforms,
    transform_values,
)
from core.cleaning.fitted import CleanFrame, ColumnChanges, FittedCleaning
from core.cleaning.gaps import learn_calendar
from core.cleaning.row_findings import (
    check_clipping,
    check_dropped,
    check_gaps,
    check_incomplete,
    check_repeated_times,
    check_swapped_back,
    check_transforms,
)
from core.cleaning.row_layout import RowLayout, lay_out_rows
from core.cleaning.swap_back import VolumePair, swap_back, swapped_rows
from core.data.columns import LINE, Roles
from core.data.eras import Era, Eras
from core.data.parkinson import parkinson_variance
from core.errors.cleaning import ColumnNotInData, ColumnNotNumeric, NoRows, NoTargetChosen, NoTargetValue
from core.findings.model import worst_first

if TYPE_CHECKING:
    from core.recipe.model import CleaningSettings


def fit_cleaning(
    frame: pd.DataFrame,
    roles: Roles,
    kept: tuple[str, ...],
    settings: "CleaningSettings",
    eras: Eras,
    sentinels: dict[str, tuple[float, ...]],
    bar: tuple[str, str] | None = None,
    swaps: tuple[VolumePair, ...] = (),
) -> FittedCleaning:
    """Learn fill medians and clip bounds from the valid values of the train era.

    Clip bounds are in transformed units, and are observed values, so clipping twice equals clipping once. The target is neither
    filled, transformed nor clipped.

    Parameters
    ----------
    frame : rows of all eras in any order
    roles : the time, series and target columns
    kept : the feature columns; the target is ignored if it is among them
    settings : how to fill, transform, clip and split
    eras : the cuts; nothing is learned from rows after the train era
    sentinels : the codes for a missing value, per column
    bar : the high and low columns that the target's volatility is measured from
    swaps : the volumes that are exchanged where they are swapped; those that are neither feature nor target are left out

    Raises
    ------
    DataError
        If there is no target, there are no rows, or a column is absent or holds text.
    """
    features = tuple(name for name in kept if name != roles.target)
    swaps = tuple(pair for pair in swaps if {pair.units, pair.money} & {*features, roles.target})
    target = _require_columns(
        frame, roles, (*features, *(bar or ()), *(name for pair in swaps for name in pair.columns))
    )
    frame = swap_back(frame, swaps)
    codes = {name: tuple(sentinels[name]) for name in (*features, target, *(bar or ())) if sentinels.get(name)}
    rows = lay_out_rows(frame, roles, settings.duplicates)
    train = eras.label(rows.times) == Era.TRAIN
    calendar = learn_calendar(rows.times[train], rows.series[train]) if settings.max_gap else None
    if calendar is not None:
        rows = lay_out_rows(frame, roles, settings.duplicates, settings.max_gap, calendar)
    transforms = requested_transforms(settings, features)
    clipped = set(settings.clip_columns or features)
    fill_values, fill_by_series, clip, unbounded = {}, {}, {}, []
    for name in features:
        values = rows.merge(mask_bad_values(as_numbers(frame[name]), codes.get(name, ())))
        if settings.fill == "median" and (valid := _drop_nan(values[train])).size:
            fill_values[name] = float(np.median(valid))
            if roles.series is not None:
                medians = pd.Series(values[train]).groupby(rows.series[train]).median().dropna()
                fill_by_series[name] = {rows.names[position]: value for position, value in medians.items()}
        if name not in clipped or not (settings.clip_quantile or settings.clip_robust_z):
            continue
        valid = _drop_nan(transform_values(values, transforms.get(name, ()), rows.block_starts)[train])
        if valid.size and (bounds := fit_bounds(valid, settings)) is not None:
            clip[name] = bounds
        if valid.size and settings.clip_robust_z and not median_absolute_deviation(valid):
            unbounded.append(name)
    return FittedCleaning(
        roles=roles,
        features=features,
        fill=settings.fill,
        max_fill=settings.max_fill,
        fill_values=fill_values,
        clip=clip,
        sentinels=codes,
        transforms=transforms,
        unbounded=tuple(unbounded),
        duplicates=settings.duplicates,
        max_gap=settings.max_gap,
        calendar=calendar,
        fill_by_series=fill_by_series,
        bar=bar,
        swaps=swaps,
    )


def apply_cleaning(frame: pd.DataFrame, fitted: FittedCleaning) -> CleanFrame:
    """Return the cleaned rows: swapped volumes exchanged, filled, then transformed, then clipped.

    A forward fill uses the last valid value of the same series, at most `max_fill` rows back. The target is never filled,
    transformed or clipped. One row per time stamp and series is kept. Rows without a target are dropped, rows that lack a
    feature are kept: both are counted. Nothing crosses a gap of more than `max_gap` sampling intervals.

    Raises
    ------
    DataError
        If there are no rows, a column is absent or holds text, or the target has no value.
    """
    roles, features = fitted.roles, fitted.features
    target = _require_columns(frame, roles, fitted.columns)
    total = len(frame)
    lines = frame[LINE].to_numpy(dtype=np.int64) if LINE in frame else np.arange(total)
    exchanged = tuple(check_swapped_back(pair, swapped_rows(frame, pair), lines) for pair in fitted.swaps)
    frame = swap_back(frame, fitted.swaps)
    rows = lay_out_rows(frame, roles, fitted.duplicates, fitted.max_gap, fitted.calendar)
    lines = lines[rows.positions]

    cleaned: dict[str, np.ndarray] = {}
    missing: dict[str, np.ndarray] = {}
    changes = []
    disagreeing = {}
    for name in (target, *features):
        values = mask_bad_values(as_numbers(frame[name]), fitted.sentinels.get(name, ()))
        disagreeing[name] = rows.count_disagreeing(values)
        cells = clean_cells(name, values, fitted, rows)
        cleaned[name] = cells.after
        missing[name] = (cells.status & (CellStatus.STILL_BAD | CellStatus.UNDEFINED)) > 0
        changes.append(count_changes(name, cells))
    kept = ~(missing[target] | np.isnat(rows.times))
    if not kept.any():
        raise NoTargetValue(rows=total, column=target)
    keys = [roles.time, *([roles.series] if roles.series else [])]
    positions = rows.positions[kept]
    clean = CleanFrame(
        frame=pd.DataFrame(
            {name: frame[name].array[positions] for name in keys}
            | {name: values[kept] for name, values in cleaned.items()},
            copy=False,
        ),
        roles=roles,
        features=features,
        lines=lines[kept],
        changes=tuple(changes),
        dropped_rows=total - len(positions),
        findings=(),
        variances=None if fitted.bar is None else _measure_variances(frame, fitted, fitted.bar, rows)[kept],
        max_gap=fitted.max_gap,
        calendar=fitted.calendar,
    )
    undefined = {change.name: change.undefined for change in changes}
    findings = (
        check_repeated_times(total - len(rows.first_rows), total, fitted.duplicates, disagreeing),
        check_dropped(~kept, lines, target),
        check_incomplete({name: missing[name][kept] for name in features}, clean.lines),
        *check_transforms(undefined, fitted.transforms, len(lines)),
        check_clipping(fitted.unbounded),
        check_gaps(clean),
        *exchanged,
    )
    return replace(clean, findings=worst_first(finding for finding in findings if finding))


def _measure_variances(
    frame: pd.DataFrame, fitted: FittedCleaning, bar: tuple[str, str], rows: RowLayout
) -> np.ndarray:
    """Return the variance of each row by high and low, float64, one per time stamp; NaN if either cell is bad."""
    high, low = (rows.merge(mask_bad_values(as_numbers(frame[name]), fitted.sentinels.get(name, ()))) for name in bar)
    return parkinson_variance(high, low)


def count_changes(name: str, cells: Cells) -> ColumnChanges:
    """Return how many cells of a column each step changed."""
    return ColumnChanges(
        name=name,
        filled=cells.count(CellStatus.FILLED),
        clipped=cells.count(CellStatus.CLIPPED),
        still_bad=cells.count(CellStatus.STILL_BAD),
        transformed=cells.count(CellStatus.TRANSFORMED),
        undefined=cells.count(CellStatus.UNDEFINED),
        averaged=cells.count(CellStatus.AVERAGED),
    )


def _drop_nan(values: np.ndarray) -> np.ndarray:
    return values[~np.isnan(values)]


def _require_columns(frame: pd.DataFrame, roles: Roles, features: tuple[str, ...]) -> str:
    """Return the target if the frame has rows, all columns, and numbers in those to clean."""
    if roles.target is None:
        raise NoTargetChosen()
    for name in (roles.time, *([roles.series] if roles.series else []), roles.target, *features):
        if name not in frame:
            raise ColumnNotInData(column=name)
    for name in (roles.target, *features):
        if not (pd.api.types.is_numeric_dtype(frame[name]) or frame[name].isna().all()):
            text = next(value for value in frame[name] if not pd.isna(value))
            raise ColumnNotNumeric(column=name, found=str(text)[:40])
    if frame.empty:
        raise NoRows()
    return roles.target
