"""The single pass over the columns: profiles, correlations, and train rows aligned with the target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.columns import Column, Roles
from core.data.dataset import Dataset
from core.progress import Progress, ShouldStop, require_going
from core.quality.column.changes import difference_levels
from core.quality.column.profile import ColumnProfile, FaultLocations, ScannedColumn, scan_block
from core.quality.forecastability.table import Table, choose_columns, choose_rows, lay_out_table
from core.quality.numerics.blocks import Block, Rows, read_blocks, read_chunks
from core.quality.numerics.correlation import (
    MOST_COLUMNS,
    CorrelationTables,
    ScaledColumn,
    correlate_columns,
    correlation,
)
from core.quality.numerics.sampling import PairedSample, SampledColumns, choose_stretches
from core.quality.numerics.threads import THREADS, in_threads

# Columns of ten million rows are described one at a time, to save memory.
_MOST_CELLS = 16_000_000
# The last train rows that checks of look-ahead work on.
RECENT_ROWS = 5_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Scan:
    """The result of one pass; `columns` and `locations` (of their faults) are in file order.

    `aligned` holds the target and the numeric features over at most 2,000 train rows, differenced if they drift; None
    without a numeric target. `recent` holds the same columns as they are over the last 5,000 train rows, fewer in a very wide
    table, and `recent_first` (bool) marks the first row of each series among them. `not_correlated` counts the numeric columns
    beyond those correlated. `sample` holds the numeric columns that vary over at most 2,000 train rows, the same for all.
    `forecast_table` holds at most a thousand numeric columns over the last train and validation rows.
    """

    columns: tuple[ColumnProfile, ...]
    locations: tuple[FaultLocations, ...]
    correlations: CorrelationTables
    not_correlated: int
    aligned: pd.DataFrame | None
    recent: pd.DataFrame | None
    recent_first: np.ndarray
    sample: PairedSample
    forecast_table: Table


@dataclass(frozen=True, eq=False, kw_only=True)
class _Target:
    """The target over the train rows.

    `values`, float64, shape (train rows,); `places`, int64, shape (n,), are the rows that relations are tested on, and
    `aligned`, float64, shape (n,), its values there, differenced if it drifts.
    """

    name: str
    values: np.ndarray
    places: np.ndarray
    aligned: np.ndarray


@dataclass(frozen=True, eq=False, kw_only=True)
class _Kept:
    """What is kept of a column: of a numeric one also its aligned and its last values, and its correlation with the target.

    `mapped` are its values over the rows of the map of predictability.
    """

    profile: ColumnProfile
    locations: FaultLocations
    mapped: np.ndarray | None = None
    aligned: np.ndarray | None = None
    recent: np.ndarray | None = None
    to_target: float = 0.0


def scan_columns(
    dataset: Dataset,
    rows: Rows,
    roles: Roles,
    ignore: tuple[str, ...],
    progress: Progress,
    should_stop: ShouldStop,
) -> Scan:
    """Scan the columns that are not ignored.

    Parameters
    ----------
    dataset, rows
        The data set and its rows.
    roles
        Which columns are the time, the series and the target.
    ignore
        Names of columns to skip; the target is never skipped.
    progress, should_stop
        Called after each block of columns; `Stopped` is raised if a stop is requested.

    Raises
    ------
    RecipeError
        If the target is not a column.
    """
    columns = [column for column in dataset.columns if column.name not in ignore or column.name == roles.target]
    numeric = {column.name: column for column in columns if is_feature(column, roles)}
    target = _read_target(dataset, roles, rows)
    sampled = SampledColumns(rows.train_first)
    recent = int(min(RECENT_ROWS, len(rows.train_first), _MOST_CELLS // max(1, len(numeric))))

    mapped = choose_columns(list(numeric), roles.target)
    mapped_rows = choose_rows(rows, len(mapped))
    is_mapped = frozenset(mapped)

    def keep(found: ScannedColumn, whole: np.ndarray) -> _Kept:
        profile, values = found.profile, found.train_values
        if profile.name not in numeric:
            return _Kept(profile=profile, locations=found.locations)
        if not profile.constant:
            sampled.add(profile.name, values, profile.is_differenced)
        to_map = whole[mapped_rows] if profile.name in is_mapped else None
        if target is None:
            return _Kept(profile=profile, locations=found.locations, mapped=to_map)
        # Only if there are too many columns to correlate does their correlation with the target decide.
        is_ranked = len(numeric) > MOST_COLUMNS and not profile.constant
        return _Kept(
            profile=profile,
            locations=found.locations,
            mapped=to_map,
            aligned=_difference(found, rows)[target.places],
            recent=values[len(values) - recent :].copy(),
            to_target=abs(correlation(values, target.values)) if is_ranked else 0.0,
        )

    def describe(block: Block) -> list[_Kept]:
        found = scan_block(block, rows, None if target is None else target.values)
        return [keep(column, whole) for column, whole in zip(found, block.values, strict=True)]

    kept: dict[str, _Kept] = {}
    threads = int(np.clip(_MOST_CELLS // max(len(rows.times), 1), 1, THREADS))
    for block in in_threads(describe, read_blocks(dataset, columns, len(rows.times)), threads):
        require_going(should_stop)
        progress.step(len(kept), len(columns), "Columns")
        kept |= {column.profile.name: column for column in block}
    of_numeric = {name: kept[name] for name in numeric}
    correlated = _correlate(dataset, rows, of_numeric, roles.target, should_stop)
    progress.step(len(columns), len(columns), "Columns")
    varying = sum(not column.profile.constant for column in of_numeric.values())
    return Scan(
        columns=tuple(column.profile for column in kept.values()),
        locations=tuple(column.locations for column in kept.values()),
        correlations=correlated,
        not_correlated=max(0, varying - MOST_COLUMNS),
        aligned=None if target is None else _align(of_numeric, target),
        recent=None if target is None else pd.DataFrame({name: column.recent for name, column in of_numeric.items()}),
        recent_first=rows.train_first[len(rows.train_first) - recent :],
        sample=sampled.gather(),
        forecast_table=lay_out_table(
            {name: kept[name].profile for name in mapped},
            np.array([kept[name].mapped for name in mapped]).reshape(len(mapped), len(mapped_rows)),
            rows,
            mapped_rows,
            left_out=len(numeric) - len(mapped),
        ),
    )


def is_feature(column: Column, roles: Roles) -> bool:
    """Return whether a column is numeric, and neither the time nor the series."""
    return column.kind.is_numeric and column.name not in (roles.time, roles.series)


def _read_target(dataset: Dataset, roles: Roles, rows: Rows) -> _Target | None:
    if roles.target is None or not dataset.column(roles.target).kind.is_numeric:
        return None
    block = next(read_blocks(dataset, [dataset.column(roles.target)], len(rows.times)))
    found = scan_block(block, rows, None)[0]
    values = _difference(found, rows)
    known = np.flatnonzero(~np.isnan(values))
    places = known[choose_stretches(len(known))]
    return _Target(name=roles.target, values=found.train_values.copy(), places=places, aligned=values[places])


def _difference(found: ScannedColumn, rows: Rows) -> np.ndarray:
    values = found.train_values
    return difference_levels(values, rows.train_first) if found.profile.is_differenced else values


def _align(kept: Mapping[str, _Kept], target: _Target) -> pd.DataFrame:
    features = {name: column.aligned for name, column in kept.items() if name != target.name}
    return pd.DataFrame({target.name: target.aligned} | features, index=target.places)


def _correlate(
    dataset: Dataset, rows: Rows, kept: Mapping[str, _Kept], target: str | None, should_stop: ShouldStop
) -> CorrelationTables:
    """Correlate the columns; if there are too many, those most correlated with the target in the train era."""
    chosen: Sequence[str] = list(kept)
    if len(chosen) > MOST_COLUMNS:
        varying = [name for name in chosen if not kept[name].profile.constant]
        ranked = sorted(varying, key=lambda name: (name != target, -round(kept[name].to_target, 12), name))
        chosen = ranked[:MOST_COLUMNS]
    of_train = {name: kept[name].profile.train for name in chosen}
    scaled = [
        ScaledColumn(name=name, mean=train.mean, std=train.std)
        for name, train in of_train.items()
        if train.mean is not None and train.std
    ]
    chunks = read_chunks(dataset, [dataset.column(column.name) for column in scaled])
    return correlate_columns(scaled, rows.train, chunks, should_stop)
