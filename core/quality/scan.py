"""The one pass over the columns: profiles, correlations, and train rows lined up with the target."""

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.ingest.dataset import Dataset, Roles
from core.progress import Progress, ShouldStop, require_going
from core.quality.changes import difference_levels
from core.quality.columns import ColumnProfile, Evidence, ScannedColumn, scan_block
from core.quality.correlations import MOST_COLUMNS, CorrelatedColumns, CorrelationTables, correlation
from core.quality.rows import Block, Rows, read_blocks
from core.quality.sampling import PairedSample, SampledColumns, choose_stretches

_MOST_THREADS = 4


@dataclass(frozen=True, eq=False)
class Scan:
    """What one pass found. `columns` and `evidence` are in file order.

    `aligned` holds the target and the numeric features over at most 2,000 train rows, as changes where they drift; None
    where the target holds no numbers. `not_correlated` counts the number columns beyond those correlated. `sample` holds
    the numeric columns that vary over at most 2,000 train rows, the same for all.
    """

    columns: tuple[ColumnProfile, ...]
    evidence: tuple[Evidence, ...]
    correlations: CorrelationTables
    not_correlated: int
    aligned: pd.DataFrame | None
    sample: PairedSample


@dataclass(frozen=True, eq=False)
class _Aim:
    """The target over the train rows: its values, and the places and values that relations are judged on."""

    values: np.ndarray
    places: np.ndarray
    aligned: np.ndarray


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
    numeric = [column for column in columns if column.kind.is_numeric and column.name not in (roles.time, roles.series)]
    aim = _read_aim(dataset, roles, rows)
    values_of_target = None if aim is None else aim.values
    all_fit = len(numeric) <= MOST_COLUMNS
    correlated = CorrelatedColumns([column.name for column in numeric] if all_fit else [], rows.train)
    names = {column.name for column in numeric}
    profiles: dict[str, ColumnProfile] = {}
    evidence: dict[str, Evidence] = {}
    samples: dict[str, np.ndarray] = {}
    likeness: dict[str, float] = {}
    sampled = SampledColumns(rows.train_first)
    for block, described in _scan_blocks(read_blocks(dataset, columns, len(rows.times)), rows, values_of_target):
        require_going(should_stop)
        progress.step(len(profiles), len(columns), "Columns")
        for place, found in enumerate(described):
            profile = found.profile
            profiles[profile.name], evidence[profile.name] = profile, found.evidence
            if profile.name not in names:
                continue
            if not profile.constant:
                sampled.add(profile.name, found.train_values, profile.drifts)
            if aim is not None:
                samples[profile.name] = _align(found, rows, aim)
            if all_fit:
                correlated.add(profile.name, block.values[place], profile.train.mean, profile.train.std)
            elif not profile.constant:
                likeness[profile.name] = 0.0 if aim is None else abs(correlation(found.train_values, aim.values))
    if not all_fit:
        correlated = _correlate_likest(dataset, rows, profiles, likeness, roles.target, should_stop)
    progress.step(len(columns), len(columns), "Columns")
    return Scan(
        tuple(profiles.values()),
        tuple(evidence.values()),
        correlated.correlate(),
        max(0, len(likeness) - MOST_COLUMNS),
        None if aim is None else _frame(samples, roles.target, aim),
        sampled.gather(),
    )


def _scan_blocks(
    blocks: Iterator[Block], rows: Rows, target: np.ndarray | None
) -> Iterator[tuple[Block, list[ScannedColumn]]]:
    """Yield the blocks in their order with what they hold, described in threads: numpy lets go of the interpreter meanwhile."""
    threads = min(_MOST_THREADS, os.cpu_count() or 1)
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[tuple[Block, Future[list[ScannedColumn]]]] = deque()
        try:
            for block in blocks:
                waiting.append((block, pool.submit(scan_block, block, rows, target)))
                if len(waiting) > threads:
                    first, described = waiting.popleft()
                    yield first, described.result()
            while waiting:
                first, described = waiting.popleft()
                yield first, described.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _read_aim(dataset: Dataset, roles: Roles, rows: Rows) -> _Aim | None:
    if roles.target is None or not dataset.column(roles.target).kind.is_numeric:
        return None
    block = next(read_blocks(dataset, [dataset.column(roles.target)], len(rows.times)))
    found = scan_block(block, rows, None)[0]
    aligned = _changes(found, rows)
    known = np.flatnonzero(~np.isnan(aligned))
    places = known[choose_stretches(len(known))]
    return _Aim(found.train_values, places, aligned[places])


def _changes(found: ScannedColumn, rows: Rows) -> np.ndarray:
    values = found.train_values
    return difference_levels(values, rows.train_first) if found.profile.drifts else values


def _align(found: ScannedColumn, rows: Rows, aim: _Aim) -> np.ndarray:
    return _changes(found, rows)[aim.places]


def _frame(samples: dict[str, np.ndarray], target: str, aim: _Aim) -> pd.DataFrame:
    features = {name: sample for name, sample in samples.items() if name != target}
    return pd.DataFrame({target: aim.aligned} | features, index=aim.places)


def _correlate_likest(
    dataset: Dataset,
    rows: Rows,
    profiles: dict[str, ColumnProfile],
    likeness: dict[str, float],
    target: str | None,
    should_stop: ShouldStop,
) -> CorrelatedColumns:
    """Return the columns most correlated with the target in the train era, read once more because there are too many to keep."""
    chosen = sorted(likeness, key=lambda name: (name != target, -round(likeness[name], 12), name))[:MOST_COLUMNS]
    correlated = CorrelatedColumns(chosen, rows.train)
    for block in read_blocks(dataset, [dataset.column(name) for name in chosen], len(rows.times)):
        require_going(should_stop)
        for column, values in zip(block.columns, block.values, strict=True):
            train = profiles[column.name].train
            correlated.add(column.name, values, train.mean, train.std)
    return correlated
