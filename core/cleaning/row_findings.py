"""Checks of cleaned rows: dropped rows, undefined transformations, and gaps."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from core.cleaning.fitted import CleanFrame, Transform, transform_name
from core.findings.cleaning import (
    MOST_NAMED,
    ClipNotPossible,
    CutAtGaps,
    RepeatedTimes,
    RowsDropped,
    TransformUndefined,
)
from core.findings.limit import limit_findings
from core.findings.model import Finding, first_rows


def check_repeated_times(
    count: int, total: int, keep: Literal["first", "last", "mean"], disagreeing: Mapping[str, int]
) -> RepeatedTimes | None:
    """Return a finding if rows repeat a time stamp of their series.

    Parameters
    ----------
    count : the number of rows left out
    total : the number of rows in the frame
    keep : which valid value of each time stamp is kept
    disagreeing : per column, the time stamps at which its valid values differ
    """
    if not count:
        return None
    columns = tuple(name for name, stamps in disagreeing.items() if stamps)
    return RepeatedTimes(count=count, total=total, keep=keep, disagreeing=sum(disagreeing.values()), columns=columns)


def check_incomplete(
    incomplete: np.ndarray, missing: Mapping[str, np.ndarray], lines: np.ndarray, target: str
) -> RowsDropped | None:
    """Return a finding on incomplete rows with the column that lacks most values.

    Parameters
    ----------
    incomplete : bool, shape (n,), the rows to drop
    missing : per column, bool, shape (n,), the rows in which it has no value
    lines : int64, shape (n,), the line numbers of the rows
    target : the name of the target
    """
    count = int(incomplete.sum())
    if not count:
        return None
    only_one = np.sum(list(missing.values()), axis=0, dtype=np.int32) == 1
    costs = {name: (int(cells.sum()), int((cells & only_one).sum())) for name, cells in missing.items()}
    worst = max(costs, key=lambda name: costs[name])
    return RowsDropped(
        column=worst,
        rows=first_rows(lines[incomplete]),
        count=count,
        total=len(incomplete),
        missing=costs[worst][0],
        only_missing=costs[worst][1],
        is_target=worst == target,
    )


def check_transforms(
    undefined: Mapping[str, int], transforms: Mapping[str, tuple[Transform, ...]], total: int
) -> tuple[Finding, ...]:
    """Return findings on transformed columns that are undefined in some rows, the worst first.

    Parameters
    ----------
    undefined : the number of undefined cells per column
    transforms : the transformations per feature
    total : the number of rows
    """
    affected = sorted((name for name in transforms if undefined[name]), key=lambda name: (-undefined[name], name))
    findings = (
        TransformUndefined(column=name, transform=transform_name(transforms[name]), count=undefined[name], total=total)
        for name in affected
    )
    return limit_findings(findings, MOST_NAMED)


def check_clipping(unbounded: tuple[str, ...]) -> ClipNotPossible | None:
    """Return a finding if a robust z-score cannot clip some columns."""
    return ClipNotPossible(columns=unbounded) if unbounded else None


def check_gaps(clean: CleanFrame) -> CutAtGaps | None:
    """Return a finding if a series is split at gaps."""
    after_gap = np.flatnonzero((np.diff(clean.blocks) != 0) & (np.diff(clean.series_runs) == 0)) + 1
    if not len(after_gap):
        return None
    return CutAtGaps(rows=first_rows(clean.lines[after_gap]), count=len(after_gap), max_gap=clean.max_gap)
