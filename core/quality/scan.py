"""The one pass over the columns: profiles, correlations, and train rows lined up with the target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.columns import Column, Roles
from core.data.dataset import Dataset
from core.progress import Progress, ShouldStop, require_going
from core.quality.column.changes import difference_levels
from core.quality.column.profile import ColumnProfile, FaultLocations, ScannedColumn, scan_block
from core.quality.numerics.blocks import Block, Rows, read_blocks, read_stretches
from core.quality.numerics.correlation import MOST_COLUMNS, CorrelationTables, Scaled, correlate_columns, correlation
from core.quality.numerics.sampling import PairedSample, SampledColumns, choose_stretches
from core.quality.numerics.threads import THREADS, in_threads

# Columns of ten million rows are described one after the other: memory has no place for two.
_MOST_CELLS = 16_000_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Scan:
    """What one pass found. `columns` and `evidence` are in file order.

    `aligned` holds the target and the numeric features over at most 2,000 train rows, as changes where they drift; None
    where the target holds no numbers. `not_correlated` counts the number columns beyond those correlated. `sample` holds
    the numeric columns that vary over at most 2,000 train rows, the same for all.
    """

    columns: tuple[ColumnProfile, ...]
    evidence: tuple[FaultLocations, ...]
    correlations: CorrelationTables
    not_correlated: int
    aligned: pd.DataFrame | None
    sample: PairedSample


@dataclass(frozen=True, eq=False, kw_only=True)
class _Aim:
    """The target over the train rows: its values, and the places and values that relations are judged on."""

    values: np.ndarray
    places: np.ndarray
    aligned: np.ndarray


@dataclass(frozen=True, eq=False, kw_only=True)
class _Seen:
    """What is kept of a column: of a numeric one its values at the places of the aim, and how near it is to the target."""

    profile: ColumnProfile
    evidence: FaultLocations
    aligned: np.ndarray | None = None
    nearness: float = 0.0


def scan_columns(
    dataset: Dataset,
    rows: Rows,
    roles: Roles,
    ignore: tuple[str, ...],
    progress: Progress,
    should_stop: ShouldStop,
) -> Scan:
    """Return what the columns hold that are not ignored; raises `RecipeError` where the target is not a column."""
    columns = [column for column in dataset.columns if column.name not in ignore or column.name == roles.target]
    numeric = {column.name: column for column in columns if is_feature(column, roles)}
    aim = _read_aim(dataset, roles, rows)
    sampled = SampledColumns(rows.train_first)

    def see(found: ScannedColumn) -> _Seen:
        profile, values = found.profile, found.train_values
        if profile.name not in numeric:
            return _Seen(profile=profile, evidence=found.evidence)
        if not profile.constant:
            sampled.add(profile.name, values, profile.drifts)
        if aim is None:
            return _Seen(profile=profile, evidence=found.evidence)
        is_asked = len(numeric) > MOST_COLUMNS and not profile.constant
        nearness = abs(correlation(values, aim.values)) if is_asked else 0.0
        return _Seen(
            profile=profile, evidence=found.evidence, aligned=_changes(found, rows)[aim.places], nearness=nearness
        )

    def describe(block: Block) -> list[_Seen]:
        return [see(found) for found in scan_block(block, rows, None if aim is None else aim.values)]

    seen: dict[str, _Seen] = {}
    threads = int(np.clip(_MOST_CELLS // max(len(rows.times), 1), 1, THREADS))
    for block in in_threads(describe, read_blocks(dataset, columns, len(rows.times)), threads):
        require_going(should_stop)
        progress.step(len(seen), len(columns), "Columns")
        seen |= {column.profile.name: column for column in block}
    of_numeric = {name: seen[name] for name in numeric}
    correlated = _correlate(dataset, rows, of_numeric, roles.target, should_stop)
    progress.step(len(columns), len(columns), "Columns")
    varying = sum(not column.profile.constant for column in of_numeric.values())
    return Scan(
        columns=tuple(column.profile for column in seen.values()),
        evidence=tuple(column.evidence for column in seen.values()),
        correlations=correlated,
        not_correlated=max(0, varying - MOST_COLUMNS),
        aligned=None if aim is None else _frame(of_numeric, roles.target, aim),
        sample=sampled.gather(),
    )


def is_feature(column: Column, roles: Roles) -> bool:
    """Return whether a column holds numbers and is neither the time nor the series."""
    return column.kind.is_numeric and column.name not in (roles.time, roles.series)


def _read_aim(dataset: Dataset, roles: Roles, rows: Rows) -> _Aim | None:
    if roles.target is None or not dataset.column(roles.target).kind.is_numeric:
        return None
    block = next(read_blocks(dataset, [dataset.column(roles.target)], len(rows.times)))
    found = scan_block(block, rows, None)[0]
    aligned = _changes(found, rows)
    known = np.flatnonzero(~np.isnan(aligned))
    places = known[choose_stretches(len(known))]
    return _Aim(values=found.train_values.copy(), places=places, aligned=aligned[places])


def _changes(found: ScannedColumn, rows: Rows) -> np.ndarray:
    values = found.train_values
    return difference_levels(values, rows.train_first) if found.profile.drifts else values


def _frame(seen: Mapping[str, _Seen], target: str, aim: _Aim) -> pd.DataFrame:
    features = {name: column.aligned for name, column in seen.items() if name != target}
    return pd.DataFrame({target: aim.aligned} | features, index=aim.places)


def _correlate(
    dataset: Dataset, rows: Rows, seen: Mapping[str, _Seen], target: str | None, should_stop: ShouldStop
) -> CorrelationTables:
    """Return the correlations of the columns with each other: of too many, those nearest to the target in the train era."""
    chosen: Sequence[str] = list(seen)
    if len(chosen) > MOST_COLUMNS:
        varying = [name for name in chosen if not seen[name].profile.constant]
        chosen = sorted(varying, key=lambda name: (name != target, -round(seen[name].nearness, 12), name))[
            :MOST_COLUMNS
        ]
    of_train = {name: seen[name].profile.train for name in chosen}
    scaled = [
        Scaled(name=name, mean=train.mean, std=train.std)
        for name, train in of_train.items()
        if train.mean is not None and train.std
    ]
    stretches = read_stretches(dataset, [dataset.column(column.name) for column in scaled])
    return correlate_columns(scaled, rows.train, stretches, should_stop)
