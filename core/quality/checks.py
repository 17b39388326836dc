"""What a profile gives reason to tell about pairs of columns and the target, and findings kept to a readable number."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import numpy as np

from core.findings import Finding, Remedy, Severity, worst_first
from core.quality.columns import ColumnProfile
from core.quality.contest import hold_contest
from core.quality.faults import BAD_RATIO, drop_remedy
from core.quality.likeness import Likeness
from core.quality.relations import MIN_ROWS, MOST_SHIFTS, Relation

MOST_FINDINGS, MOST_SUGGESTIONS = 20, 3
DUPLICATE = 0.9999
_PLURALS = {
    "constant-column": "do not vary in the train era",
    "many-bad-values": f"have more than {BAD_RATIO:.0%} bad values in the train era",
    "dead-feed": "have no good value after some date",
    "late-start": "have no good value before some date",
    "identifier-like": "look like identifiers",
    "sentinel-values": "hold codes that stand for a missing value",
    "infinite-values": "hold infinite values",
    "stale-run": "repeat one value for unusually long",
    "near-duplicate": "repeat another column",
    "text-column": "hold text or dates",
    "knows-the-future": "tell what the target does next",
    "same-row-direction": "only say how the same row ended",
    "ohlc-disorder": "are closes of rows whose prices are out of order",
    "one-price-bars": "are closes of rows of one price",
    "looks-like-split": "jump as in a split",
    "bad-tick": "leave and come back within one row",
    "adjusted-close": "are adjusted for what came later",
    "adjusted-equals-close": "equal the close",
    "volumes-swapped": "change places with another volume",
    "zero-volume": "are 0 where the price moved",
    "suggest-returns": "drift like prices: their returns say more than their levels",
    "suggest-difference": "drift: their changes say more than their levels",
    "suggest-log": "are positive and strongly skewed: their logarithms are more even",
    "suggest-clip": "have heavy tails: clipping keeps a few extremes from ruling what is learned",
}
_REMEDIES = {
    "drop": "Drop these {} columns",
    "returns": "Take the returns of these {} columns",
    "difference": "Take the differences of these {} columns",
    "log": "Take the logarithms of these {} columns",
    "clip_columns": "Clip these {} columns",
}


def check_likeness(likeness: Likeness, columns: Mapping[str, ColumnProfile], target: str | None) -> tuple[Finding, ...]:
    """Return the columns that repeat the target or a better column in the train era."""
    findings = []
    contest = hold_contest(likeness, {name: columns[name].train.bad_ratio for name in likeness.names}, target)
    # Too short to be told from another, a column can be repeated but repeats none.
    short = np.array([columns[name].train.rows < MIN_ROWS for name in contest.names], dtype=bool)
    repeated = contest.settle(DUPLICATE, np.ones(len(short), dtype=bool), short)
    for rank in np.flatnonzero((repeated >= 0) & ~short).tolist():
        name, other = contest.names[rank], contest.names[repeated[rank]]
        of_changes = ", on levels and on changes" if columns[name].drifts and columns[other].drifts else ""
        found = contest.correlation_of(repeated[rank], rank)
        detail = f"Correlation {found:.6f} with {other} in the train era{of_changes}."
        title = f"{name} repeats {other}"
        findings.append(Finding("near-duplicate", Severity.WARNING, title, detail, name, remedy=drop_remedy(name)))
    return limit_findings(findings)


def check_shown(shown: int, not_shown: int, likeness: Likeness) -> tuple[Finding, ...]:
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
    return (Finding("correlations-limited", Severity.INFO, title, detail, count=not_shown),)


def check_relations(relations: Sequence[Relation], rows: int, shifts: int) -> tuple[Finding, ...]:
    """Return what could not be judged about relations with the target, or only roughly."""
    findings = []
    unknown = [relation.feature for relation in relations if relation.p_value is None]
    if unknown:
        names = ", ".join(unknown[:5]) + (", …" if len(unknown) > 5 else "")
        findings.append(
            Finding(
                "relations-not-judged",
                Severity.INFO,
                f"{len(unknown):,} relation{'' if len(unknown) == 1 else 's'} with the target could not be judged",
                f"Fewer than {MIN_ROWS} good train rows together with the target, or no variation in them: {names}.",
                count=len(unknown),
            )
        )
    if relations and shifts < min(MOST_SHIFTS, rows - 1):
        findings.append(
            Finding(
                "relations-coarse",
                Severity.INFO,
                f"Relations of {len(relations):,} features are judged roughly",
                f"Each non-linear relation was compared with {shifts} shifts of the feature in place of {MOST_SHIFTS}, "
                "because there are so many features.",
                count=len(relations),
            )
        )
    return tuple(findings)


def limit_findings(findings: Iterable[Finding], most: int = MOST_FINDINGS) -> tuple[Finding, ...]:
    """Return the findings, at most so many of each code; what is beyond is one finding that counts it and offers all remedies.

    Examples
    --------
    >>> many = [Finding("text-column", Severity.INFO, f"c{i} holds text", column=f"c{i}") for i in range(50)]
    >>> limit_findings(many)[-1].title
    '30 more columns hold text or dates'
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
    names = [finding.column for finding in rest if finding.column]
    remedies = [finding.remedy for finding in rest if finding.remedy]
    named = tuple(name for remedy in remedies for name in remedy.value)
    detail = ", ".join(names[:10]) + (", …" if len(names) > 10 else ".")
    title = f"{len(rest):,} more columns {_PLURALS[code]}"
    if not named:
        return Finding(code, rest[0].severity, title, detail, count=len(rest))
    field = remedies[0].field
    remedy = Remedy(_REMEDIES[field].format(f"{len(named):,}"), "cleaning", field, named)
    return Finding(code, rest[0].severity, title, detail, count=len(rest), remedy=remedy)
