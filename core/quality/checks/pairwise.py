"""Checks of pairs of columns: duplicates, shared trends, and relations that cannot be tested."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from core.findings.columns import (
    CorrelationsLimited,
    ExamplePair,
    NearDuplicate,
    RelationsCoarse,
    RelationsNotJudged,
    SharedTrend,
)
from core.findings.limit import limit_findings
from core.findings.model import Finding
from core.quality.column.profile import ColumnProfile
from core.quality.pairwise.associations import STRONG, WEAK, Associations
from core.quality.pairwise.near_duplicates import rank_near_duplicates
from core.quality.pairwise.relations import MIN_ROWS, MOST_SHIFTS, Relation
from core.quality.pairwise.similarity import Similarity

DUPLICATE = 0.9999


def check_near_duplicates(
    similarity: Similarity, columns: Mapping[str, ColumnProfile], target: str | None
) -> tuple[Finding, ...]:
    """Check for columns that repeat the target or a better column in the train era.

    Parameters
    ----------
    similarity
        Which columns are similar in the train era.
    columns
        The profiles of these columns by name.
    target
        The target, which ranks before all other columns.
    """
    bad_ratio = {name: columns[name].train.bad_ratio for name in similarity.names}
    ranking = rank_near_duplicates(similarity, bad_ratio, target)
    # A column with too few rows may be repeated, but is not reported as a copy.
    is_short = np.array([columns[name].train.rows < MIN_ROWS for name in ranking.names], dtype=bool)
    original = ranking.find_originals(DUPLICATE, np.ones(len(is_short), dtype=bool), is_short)
    findings = []
    for rank in np.flatnonzero((original >= 0) & ~is_short).tolist():
        name, other = ranking.names[rank], ranking.names[original[rank]]
        findings.append(
            NearDuplicate(
                column=name,
                other=other,
                correlation=ranking.correlation_of(original[rank], rank),
                on_changes=columns[name].is_differenced and columns[other].is_differenced,
            )
        )
    return limit_findings(findings)


def check_correlations_limited(
    shown: int, not_shown: int, similarity: Similarity, target: str | None
) -> Iterator[CorrelationsLimited]:
    """Check for numeric columns that are not correlated with each other, because there are too many.

    Parameters
    ----------
    shown, not_shown
        The numbers of numeric columns with and without correlations.
    similarity
        Which columns are checked for duplicates.
    target
        The numeric target that the shown columns are closest to, if there is one.
    """
    if not_shown:
        yield CorrelationsLimited(
            target=target,
            shown=shown,
            numeric=shown + not_shown,
            compared=len(similarity.names),
            not_compared=similarity.left_out,
        )


def check_relations(relations: Sequence[Relation], rows: int, shifts: int) -> Iterator[Finding]:
    """Check for relations with the target that cannot be tested, or only with less precision.

    Parameters
    ----------
    relations
        The relation of each feature with the target.
    rows
        The number of train rows that they are tested on.
    shifts
        The number of circular shifts that each of them is compared with.
    """
    untested = tuple(relation.feature for relation in relations if relation.p_value is None)
    if untested:
        yield RelationsNotJudged(features=untested, fewest_rows=MIN_ROWS)
    if relations and shifts < min(MOST_SHIFTS, rows - 1):
        yield RelationsCoarse(shifts=shifts, usual_shifts=MOST_SHIFTS, count=len(relations))


def check_shared_trends(found: Associations) -> Iterator[SharedTrend]:
    """Check for strong correlations on levels that vanish on changes."""
    if not found.vanished:
        return
    examples = (
        ExamplePair(one=pair.one, other=pair.other, levels=pair.levels, changes=pair.changes)
        for pair in found.pairs
        if pair.levels is not None and pair.changes is not None
        if abs(pair.levels) > STRONG and abs(pair.changes) < WEAK and not pair.follows
    )
    yield SharedTrend(
        strong=found.strong,
        strong_above=STRONG,
        weak_below=WEAK,
        example=max(examples, key=lambda pair: abs(pair.levels), default=None),
        rows_used=found.rows,
        train_rows=found.train_rows,
        count=found.vanished,
    )
