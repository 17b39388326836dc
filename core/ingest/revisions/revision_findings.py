"""Findings on what a newer file changed, with the lines of that file."""

from core.findings.ingest.revisions import (
    ColumnsGone,
    ColumnsNew,
    EarliestChange,
    HistoryRestated,
    KindsChanged,
    RowsGone,
    RowsNew,
    SeriesNotComparable,
)
from core.findings.limit import limit_findings
from core.findings.model import Finding, worst_first
from core.ingest.revisions.compare import ColumnRevision, FileChanges

_MOST_RESTATED = 10


def check_revision(changes: FileChanges) -> tuple[Finding, ...]:
    """Return what changed between the files, worst first."""
    return worst_first([*_check_restated(changes), *_check_rows(changes), *_check_columns(changes)])


def _check_restated(changes: FileChanges) -> tuple[Finding, ...]:
    ranked = sorted(changes.columns, key=lambda column: -column.cells)
    return limit_findings([_restated(column) for column in ranked], _MOST_RESTATED)


def _restated(column: ColumnRevision) -> Finding:
    first = column.examples[0]
    return HistoryRestated(
        column=column.column,
        restated=column.restated,
        filled=column.filled,
        emptied=column.emptied,
        largest=column.largest,
        earliest=EarliestChange(time=first.time, series=first.series, old=first.old, new=first.new),
        rows=tuple(sorted(example.line for example in column.examples)),
    )


def _check_rows(changes: FileChanges) -> list[Finding]:
    findings: list[Finding] = []
    old, new = changes.series_column
    if old is not None and new is None:
        findings.append(SeriesNotComparable(series_column=old, is_old=True))
    if new is not None and old is None:
        findings.append(SeriesNotComparable(series_column=new, is_old=False))
    if changes.removed.count:
        findings.append(RowsGone(removed=changes.removed, series=changes.series_removed))
    if changes.added:
        findings.append(
            RowsNew(
                after=changes.added_after,
                inside=changes.added_inside,
                before=changes.added_before,
                series=changes.series_new,
            )
        )
    return findings


def _check_columns(changes: FileChanges) -> list[Finding]:
    findings: list[Finding] = []
    if changes.columns_removed:
        findings.append(ColumnsGone(columns=changes.columns_removed))
    if changes.columns_new:
        findings.append(ColumnsNew(columns=changes.columns_new))
    if changes.kinds:
        findings.append(
            KindsChanged(
                changes=tuple((kind.column, kind.old.value, kind.new.value) for kind in changes.kinds),
                not_compared=tuple(kind.column for kind in changes.kinds if not kind.compared),
            )
        )
    return findings
