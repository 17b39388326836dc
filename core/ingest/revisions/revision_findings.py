"""What a newer file changed, as findings with the lines of that file."""

from collections.abc import Sequence

from core.findings.model import Finding, Severity, legacy_finding, worst_first
from core.ingest.revisions.compare import ColumnRevision, FileChanges, RowGroup, Value

_MOST_EACH = 10
_MOST_NAMES = 20


def say_changes(changes: FileChanges) -> tuple[Finding, ...]:
    """Return what the user must know before old results are read beside new ones, the worst first."""
    return worst_first([*_say_restated(changes), *_say_rows(changes), *_say_columns(changes)])


def _say_restated(changes: FileChanges) -> list[Finding]:
    ranked = sorted(changes.columns, key=lambda column: -column.cells)
    findings = [
        legacy_finding(
            "history-restated",
            Severity.WARNING,
            f"{column.column} was restated: {_what_happened(column)}",
            f"The earliest is of {_where(column)}: {_show(column.examples[0].old)} became {_show(column.examples[0].new)}."
            + _largest(column.largest),
            column.column,
            tuple(sorted(example.line for example in column.examples)),
            column.cells,
        )
        for column in ranked[:_MOST_EACH]
    ]
    if rest := ranked[_MOST_EACH:]:
        cells = sum(column.cells for column in rest)
        title = f"{len(rest):,} more columns were restated, {cells:,} of their cells differ"
        names = _listed([column.column for column in rest])
        findings.append(
            legacy_finding("history-restated", Severity.WARNING, title, f"Columns: {names}.", count=len(rest))
        )
    return findings


def _largest(ratio: float | None) -> str:
    if ratio is None:
        return ""
    size = f"{100 * ratio:.3g} % of" if ratio < 10 else f"{ratio:,.0f} times"
    return f" The largest change is {size} the old value."


def _what_happened(column: ColumnRevision) -> str:
    parts = [
        (column.restated, "value differs", "values differ"),
        (column.filled, "missing cell is filled", "missing cells are filled"),
        (column.emptied, "value is missing now", "values are missing now"),
    ]
    return ", ".join(f"{count:,} {one if count == 1 else many}" for count, one, many in parts if count)


def _where(column: ColumnRevision) -> str:
    first = column.examples[0]
    return first.time if first.series is None else f"{first.time} in {first.series}"


def _show(value: Value) -> str:
    if value is None:
        return "a missing value"
    return f"{value:.10g}" if isinstance(value, float) else repr(value[:80])


def _say_rows(changes: FileChanges) -> list[Finding]:
    findings = []
    then, now = changes.series_column
    if (then is None) != (now is None):
        one, other = ("old", "new") if now is None else ("new", "old")
        title = (
            f"Only the {one} file has several series, by {then or now}: its rows cannot be laid on those of the {other}"
        )
        findings.append(legacy_finding("series-not-comparable", Severity.WARNING, title))
    if changes.gone.count:
        count = changes.gone.count
        title = f"{count:,} row{' of the earlier file is' if count == 1 else 's of the earlier file are'} gone"
        detail = _since(changes.gone)
        if changes.series_gone:
            detail += f" Series that are gone: {_listed(changes.series_gone)}."
        findings.append(legacy_finding("rows-gone", Severity.WARNING, title, detail, count=changes.gone.count))
    if changes.added:
        groups = (
            (changes.added_after, "after the old end"),
            (changes.added_inside, "within the old span"),
            (changes.added_before, "before the old start"),
        )
        detail = " ".join(f"{group.count:,} {where}. {_since(group)}" for group, where in groups if group.count)
        if changes.series_new:
            detail += f" New series: {_listed(changes.series_new)}."
        title = f"{changes.added:,} row{' is' if changes.added == 1 else 's are'} new"
        findings.append(legacy_finding("rows-new", Severity.INFO, title, detail, count=changes.added))
    return findings


def _since(group: RowGroup) -> str:
    return f"The first {'is' if group.count == 1 else 'are'} of {', '.join(group.first[:3])}."


def _say_columns(changes: FileChanges) -> list[Finding]:
    findings = []
    for code, severity, names, words in (
        ("columns-gone", Severity.WARNING, changes.columns_gone, "gone"),
        ("columns-new", Severity.INFO, changes.columns_new, "new"),
    ):
        if names:
            title = f"{len(names):,} columns are {words}" if len(names) > 1 else f"The column {names[0]} is {words}"
            detail = f"Columns: {_listed(names)}." if len(names) > 1 else ""
            findings.append(legacy_finding(code, severity, title, detail, count=len(names)))
    if changes.kinds:
        told = [f"{kind.column} held {kind.old.value} and holds {kind.new.value} now" for kind in changes.kinds]
        apart = [kind.column for kind in changes.kinds if not kind.compared]
        detail = f"{'; '.join(told[:_MOST_NAMES])}{'; …' if len(told) > _MOST_NAMES else ''}."
        detail += f" Cells were not compared in {_listed(apart)}." if apart else ""
        severity = Severity.WARNING if apart else Severity.INFO
        title = f"{len(told):,} column{'s hold' if len(told) > 1 else ' holds'} something else now"
        findings.append(legacy_finding("kinds-changed", severity, title, detail, count=len(told)))
    return findings


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    return f"{', '.join(names[:_MOST_NAMES])}{more}"
