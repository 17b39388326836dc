"""Findings of one kind that repeat by column, as one group with one remedy for all its columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from core.findings.catalogue import all_findings
from core.findings.model import Finding, Remedy, Severity, worst_first
from core.text.format import format_count


@dataclass(frozen=True, kw_only=True)
class FindingGroup:
    """Findings of one code and severity, in their given order, and `columns`, the number of columns they are about."""

    findings: tuple[Finding, ...]
    columns: int

    @property
    def severity(self) -> Severity:
        """The severity of every finding of the group."""
        return self.findings[0].severity

    @property
    def title(self) -> str:
        """The title of the only finding, or what all of them have in common."""
        if len(self.findings) == 1:
            return self.findings[0].title
        return f"{format_count(self.columns, 'column')} {_plurals()[self.findings[0].code]}"

    @property
    def remedy(self) -> Remedy | None:
        """The change that answers every finding: the one they share, or theirs together; None if there is none."""
        remedies = {finding.remedy for finding in self.findings}
        return remedies.pop() if len(remedies) == 1 else self.remedy_in(self.choices)

    @property
    def choices(self) -> tuple[str, ...]:
        """The columns of which some can be chosen to be remedied; empty unless every remedy names columns only."""
        named = [_remedied_columns(finding) for finding in self.findings]
        fields = {(remedy.section, remedy.field) for finding in self.findings if (remedy := finding.remedy)}
        return (
            tuple(dict.fromkeys(name for names in named for name in names)) if all(named) and len(fields) == 1 else ()
        )

    def remedy_in(self, columns: tuple[str, ...]) -> Remedy | None:
        """Return the remedy for some of the `choices`; None for no column, or if no finding shows how to name it."""
        alone = next((finding for finding in self.findings if finding.column and finding.remedy), None)
        if not columns or alone is None or alone.remedy is None:
            return None
        verb, _, rest = alone.remedy.label.rpartition(str(alone.column))
        place = columns[0] if len(columns) == 1 else format_count(len(columns), "column")
        if columns == self.choices and len(columns) > 1:
            place = "both columns" if len(columns) == 2 else f"all {place}"
        label = f"{verb}{place}{rest}"
        return Remedy(label=label, section=alone.remedy.section, field=alone.remedy.field, value=columns)


def group_findings(findings: Iterable[Finding]) -> tuple[FindingGroup, ...]:
    """Return the findings worst first, those of a kind that repeats by column as one group.

    Examples
    --------
    >>> from core.findings.columns import TextColumn
    >>> texts = [TextColumn(column=name, holds_dates=False) for name in ("note", "name", "place")]
    >>> [group.title for group in group_findings(texts)]
    ['3 columns hold text or dates']
    """
    alike: dict[object, list[Finding]] = {}
    for finding in worst_first(dict.fromkeys(findings)):
        repeats = bool(_plurals().get(finding.code))
        alike.setdefault((finding.code, finding.severity) if repeats else finding, []).append(finding)
    return tuple(FindingGroup(findings=tuple(found), columns=_count_columns(found)) for found in alike.values())


@cache
def _plurals() -> dict[str, str]:
    """Return what completes "12 columns ...", by code; a finding read from JSON does not know it."""
    return {code: kind.plural for code, kind in all_findings().items()}


def _count_columns(findings: Sequence[Finding]) -> int:
    """Return how many columns findings are about; one without a column sums up as many as it counts."""
    named = {finding.column for finding in findings if finding.column}
    return len(named) + sum(finding.count or 1 for finding in findings if not finding.column)


def _remedied_columns(finding: Finding) -> tuple[str, ...]:
    """Return the columns that a remedy names, if it names nothing but those the finding is about."""
    value = None if finding.remedy is None else finding.remedy.value
    if not isinstance(value, tuple):
        return ()
    names = tuple(name for name in value if isinstance(name, str))
    of_one = finding.column is None or names == (finding.column,)
    return names if of_one and len(names) == len(value) else ()
