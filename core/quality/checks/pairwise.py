"""What a profile gives reason to tell about pairs of columns and the target, and findings kept to a readable number."""

from collections.abc import Mapping, Sequence

import numpy as np

from core.findings.limit import limit_findings
from core.findings.model import Finding, Severity, drop_column, legacy_finding
from core.quality.column.profile import ColumnProfile
from core.quality.pairwise.near_duplicates import rank_near_duplicates
from core.quality.pairwise.relations import MIN_ROWS, MOST_SHIFTS, Relation
from core.quality.pairwise.similarity import Similarity

MOST_SUGGESTIONS = 3
DUPLICATE = 0.9999


def check_likeness(
    likeness: Similarity, columns: Mapping[str, ColumnProfile], target: str | None
) -> tuple[Finding, ...]:
    """Return the columns that repeat the target or a better column in the train era."""
    findings = []
    contest = rank_near_duplicates(likeness, {name: columns[name].train.bad_ratio for name in likeness.names}, target)
    # Too short to be told from another, a column can be repeated but repeats none.
    short = np.array([columns[name].train.rows < MIN_ROWS for name in contest.names], dtype=bool)
    repeated = contest.settle(DUPLICATE, np.ones(len(short), dtype=bool), short)
    for rank in np.flatnonzero((repeated >= 0) & ~short).tolist():
        name, other = contest.names[rank], contest.names[repeated[rank]]
        of_changes = ", on levels and on changes" if columns[name].drifts and columns[other].drifts else ""
        found = contest.correlation_of(repeated[rank], rank)
        detail = f"Correlation {found:.6f} with {other} in the train era{of_changes}."
        title = f"{name} repeats {other}"
        findings.append(
            legacy_finding("near-duplicate", Severity.WARNING, title, detail, name, remedy=drop_column(name))
        )
    return limit_findings(findings)


def check_shown(shown: int, not_shown: int, likeness: Similarity) -> tuple[Finding, ...]:
    """Return how many columns of numbers are not correlated with each other, where there are too many."""
    if not not_shown:
        return ()
    duplicates = (
        f"duplicates are looked for among {len(likeness.names):,} columns, not among the other {likeness.left_out:,}"
        if likeness.left_out
        else "duplicates are looked for among all"
    )
    title = f"Correlations over all rows are computed for {shown:,} of {shown + not_shown:,} number columns"
    detail = f"Those most correlated with the target in the train era; {duplicates}."
    return (legacy_finding("correlations-limited", Severity.INFO, title, detail, count=not_shown),)


def check_relations(relations: Sequence[Relation], rows: int, shifts: int) -> tuple[Finding, ...]:
    """Return what could not be judged about relations with the target, or only roughly."""
    findings = []
    unknown = [relation.feature for relation in relations if relation.p_value is None]
    if unknown:
        names = ", ".join(unknown[:5]) + (", …" if len(unknown) > 5 else "")
        findings.append(
            legacy_finding(
                "relations-not-judged",
                Severity.INFO,
                f"{len(unknown):,} relation{'' if len(unknown) == 1 else 's'} with the target could not be judged",
                f"Fewer than {MIN_ROWS} good train rows together with the target, or no variation in them: {names}.",
                count=len(unknown),
            )
        )
    if relations and shifts < min(MOST_SHIFTS, rows - 1):
        findings.append(
            legacy_finding(
                "relations-coarse",
                Severity.INFO,
                f"Relations of {len(relations):,} features are judged roughly",
                f"Each non-linear relation was compared with {shifts} shifts of the feature in place of {MOST_SHIFTS}, "
                "because there are so many features.",
                count=len(relations),
            )
        )
    return tuple(findings)
