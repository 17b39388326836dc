"""Cap on how many findings of one kind a column or a file may have."""

from collections.abc import Iterable
from itertools import groupby

from core.findings.model import Finding, Remedy, Severity, worst_first
from core.text.format import format_list

MOST_FINDINGS = 20
_REMEDIES = {
    "drop": "Drop these {} columns",
    "returns": "Take the returns of these {} columns",
    "difference": "Take the differences of these {} columns",
    "log": "Take the logarithms of these {} columns",
    "clip_columns": "Clip these {} columns",
}


class FurtherFindings(Finding):
    """Findings of one kind beyond the limit, as one finding with their code and all their remedies."""

    code: str
    severity: Severity
    columns: tuple[str, ...]
    count: int
    claim: str
    remedy: Remedy | None = None

    @property
    def title(self) -> str:
        return f"{self.count:,} more columns {self.claim}"

    @property
    def detail(self) -> str:
        return format_list(self.columns, 10) + "."


def limit_findings(findings: Iterable[Finding], most: int = MOST_FINDINGS) -> tuple[Finding, ...]:
    """Return at most `most` findings of each code; the rest of a code become one finding that counts them.

    Examples
    --------
    >>> from core.findings.model import RecordedFinding
    >>> many = [RecordedFinding(code="text-column", severity="info", title=f"c{i}", column=f"c{i}") for i in range(50)]
    >>> limit_findings(many)[-1].count
    30
    """
    kept = []
    by_code = sorted(worst_first(tuple(findings)), key=lambda finding: finding.code)
    for code, group in groupby(by_code, key=lambda finding: finding.code):
        alike = list(group)
        listed = len(alike) if len(alike) == most + 1 else most
        kept += alike[:listed]
        if rest := alike[listed:]:
            kept.append(_sum_up(code, rest))
    return tuple(kept)


def _sum_up(code: str, rest: list[Finding]) -> Finding:
    remedies = [finding.remedy for finding in rest if finding.remedy]
    named = tuple(
        name for remedy in remedies if isinstance(remedy.value, tuple) for name in remedy.value if isinstance(name, str)
    )
    remedy = None
    if named:
        field = remedies[0].field
        label = _REMEDIES[field].format(f"{len(named):,}")
        remedy = Remedy(label=label, section="cleaning", field=field, value=named)
    return FurtherFindings(
        code=code,
        severity=rest[0].severity,
        columns=tuple(finding.column for finding in rest if finding.column),
        count=len(rest),
        claim=rest[0].plural,
        remedy=remedy,
    )
