"""Checks of cleaned rows: dropped and incomplete rows, undefined transformations, and gaps."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from core.cleaning.fitted import CleanFrame, Transform, transform_name
from core.cleaning.swap_back import VolumePair
from core.findings.cleaning import (
    MOST_NAMED,
    ClipNotPossible,
    CutAtGaps,
    RepeatedTimes,
    RowsDropped,
    RowsIncomplete,
    TransformUndefined,
    VolumesSwappedBack,
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


def check_swapped_back(pair: VolumePair, swapped: np.ndarray, lines: np.ndarray) -> VolumesSwappedBack | None:
    """Return a finding on the rows in which two volumes were exchanged.

    Parameters
    ----------
    pair : the two volumes
    swapped : bool, shape (n,)
    lines : int64, shape (n,), the line numbers of the rows
    """
    count = int(np.count_nonzero(swapped))
    if not count:
        return None
    return VolumesSwappedBack(column=pair.units, money=pair.money, rows=first_rows(lines[swapped]), count=count)


def check_dropped(dropped: np.ndarray, lines: np.ndarray, target: str) -> RowsDropped | None:
    """Return a finding on rows that are dropped because the target has no value.

    Parameters
    ----------
    dropped : bool, shape (n,)
    lines : int64, shape (n,), the line numbers of the rows
    target : the name of the target
    """
    count = int(np.count_nonzero(dropped))
    if not count:
        return None
    return RowsDropped(column=target, rows=first_rows(lines[dropped]), count=count, total=len(dropped))


def check_incomplete(missing: Mapping[str, np.ndarray], lines: np.ndarray) -> RowsIncomplete | None:
    """Return a finding on rows that lack a feature, with the column that lacks most values.

    Parameters
    ----------
    missing : per feature, bool, shape (n,), the rows in which it has no value
    lines : int64, shape (n,), the line numbers of the rows
    """
    absent = np.sum(list(missing.values()), axis=0, dtype=np.int32) if missing else np.zeros(len(lines), dtype=np.int32)
    count = int(np.count_nonzero(absent))
    if not count:
        return None
    costs = {name: (int(cells.sum()), int((cells & (absent == 1)).sum())) for name, cells in missing.items()}
    worst = max(costs, key=lambda name: costs[name])
    return RowsIncomplete(
        column=worst,
        rows=first_rows(lines[absent > 0]),
        count=count,
        total=len(lines),
        missing=costs[worst][0],
        only_missing=costs[worst][1],
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
