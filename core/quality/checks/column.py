"""Checks of one column at a time."""

from collections.abc import Iterator

import numpy as np

from core.data.columns import Kind, Roles
from core.data.eras import Eras
from core.findings.columns import (
    ConstantColumn,
    DeadFeed,
    IdentifierLike,
    InfiniteValues,
    LateStart,
    ManyBadValues,
    SentinelValues,
    StaleRun,
    TargetDrifts,
    TargetFewValues,
    TargetMissing,
    TextColumn,
)
from core.findings.model import Finding
from core.quality.column.profile import ColumnProfile, FaultLocations
from core.quality.numerics.statistics import BAD_RATIO

_MOST_GAPS = 0.5
_MIN_STAMPS, _MIN_STAMPS_SHARE = 5, 0.01
_MOST_CLASSES = 5


def check_column(
    column: ColumnProfile, locations: FaultLocations, roles: Roles, eras: Eras, stamps: int
) -> Iterator[Finding]:
    """Check a feature or the target; the time column and the series column have no findings.

    Parameters
    ----------
    column, locations
        The column, and where its faults are.
    roles, eras
        Which column is the target, and when the eras start.
    stamps
        The number of distinct times in the data.
    """
    if column.name in (roles.time, roles.series):
        return
    is_target = column.name == roles.target
    if is_target:
        yield from _check_target(column, locations)
    if not column.kind.is_numeric and column.kind != Kind.EMPTY:
        yield TextColumn(column=column.name, holds_dates=column.kind == Kind.TIME)
    outages = [*_check_outages(column, locations, is_target, eras, stamps)]
    # A feature that starts late or has died is bad for that reason: it is reported once.
    if column.train.bad_ratio > BAD_RATIO and (is_target or not outages):
        yield ManyBadValues(
            column=column.name,
            is_target=is_target,
            bad_ratio=column.train.bad_ratio,
            missing=column.train.missing,
            infinite=column.train.infinite,
            sentinel=column.train.sentinel,
            train_rows=column.train.rows,
            rows=locations.bad_lines,
        )
    if column.constant:
        yield ConstantColumn(
            column=column.name, is_target=is_target, constant=column.train.mean, train_rows=column.train.rows
        )
    if column.identifier_like:
        yield IdentifierLike(
            column=column.name,
            is_target=is_target,
            unique_ratio=column.train.unique_ratio,
            is_text=not column.kind.is_numeric,
        )
    yield from outages
    yield from _check_cells(column, locations)


def _check_target(column: ColumnProfile, locations: FaultLocations) -> Iterator[Finding]:
    train = column.train
    if bad := column.all.missing + column.all.infinite + column.all.sentinel:
        yield TargetMissing(
            column=column.name,
            bad_ratio=column.all.bad_ratio,
            is_high=column.all.bad_ratio > BAD_RATIO,
            rows=locations.bad_lines,
            count=bad,
        )
    if column.drifts:
        yield TargetDrifts(column=column.name, autocorrelation=train.autocorrelation, price_like=column.price_like)
    if 2 <= train.distinct <= _MOST_CLASSES and train.min is not None and train.max is not None:
        yield TargetFewValues(column=column.name, distinct=train.distinct, lowest=train.min, highest=train.max)


def _check_outages(
    column: ColumnProfile, locations: FaultLocations, is_target: bool, eras: Eras, stamps: int
) -> Iterator[Finding]:
    """Check for a feed that died, and for one that starts late; one with gaps throughout is neither."""
    if locations.first_valid is None or locations.last_valid is None or locations.gap_ratio > _MOST_GAPS:
        return
    train_bad_ratio = column.train.bad_ratio if column.train.bad_ratio > BAD_RATIO else None
    if is_long(locations.stamps_after, stamps):
        yield DeadFeed(
            column=column.name,
            is_target=is_target,
            last_valid=locations.last_valid,
            stamps=stamps,
            gap_ratio=locations.gap_ratio,
            in_test=not np.datetime64(locations.last_valid) < np.datetime64(eras.test_from),
            train_bad_ratio=train_bad_ratio,
            count=locations.stamps_after,
        )
    if is_long(locations.stamps_before, stamps):
        yield LateStart(
            column=column.name,
            is_target=is_target,
            first_valid=locations.first_valid,
            stamps=stamps,
            train_bad_ratio=train_bad_ratio,
            rows=locations.bad_lines,
            count=locations.stamps_before,
        )


def is_long(outside: int, stamps: int) -> bool:
    """Return whether a feed without values at so many of all time stamps has died, or starts late."""
    return outside >= max(_MIN_STAMPS, _MIN_STAMPS_SHARE * stamps)


def _check_cells(column: ColumnProfile, locations: FaultLocations) -> Iterator[Finding]:
    for kind, count, lines in (
        (SentinelValues, column.all.sentinel, locations.sentinel_lines),
        (InfiniteValues, column.all.infinite, locations.infinite_lines),
    ):
        if count:
            yield kind(column=column.name, share=count / column.all.rows, rows=lines, count=count)
    if run := locations.stale_run:
        yield StaleRun(
            column=column.name,
            repeated=run.value,
            since=run.since,
            series=run.series,
            rows=run.lines,
            count=run.length,
        )
