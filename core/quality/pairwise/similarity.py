"""How alike two columns are: of those that drift, their changes must agree too, since a common trend makes no copy."""

from dataclasses import dataclass

import numpy as np

from core.quality.numerics.correlation import CorrelationTables
from core.quality.numerics.sampling import PairedSample
from core.quality.pairwise.associations import correlate_sampled, rank_nearest

MOST_COMPARED = 1_000
LEAST = 0.5
_DIGITS = 9


@dataclass(frozen=True, kw_only=True)
class Similarity:
    """How much the columns `names` say the same in the train era.

    `one`, `other` and `correlation` are the pairs beyond 0.5 in size, as places in `names`; `to_target` is the size of each
    column's correlation with the target, 0 where it is not known. `left_out` columns of numbers were not compared, because there
    are more than a thousand.
    """

    names: tuple[str, ...]
    one: tuple[int, ...]
    other: tuple[int, ...]
    correlation: tuple[float, ...]
    to_target: tuple[float, ...]
    left_out: int


def measure_similarity(tables: CorrelationTables, sample: PairedSample, target: str | None) -> Similarity:
    """Return how alike the columns of the sample are in the train era; of two that drift, on levels or changes, the weaker.

    Open, high, low and close of an hour correlate above 0.9999 on levels, and yet none of them repeats another: their changes
    differ. Levels are those of all train rows where `tables` has them, else of the sampled rows, as changes are; where too few
    changes are known, the levels decide. Of more than a thousand columns those nearest to the target are compared.
    """
    known = np.isin(np.array(sample.names, dtype=object), np.array(tables.names, dtype=object))
    varies = np.flatnonzero(known | ~np.isnan(sample.levels).all(axis=1))
    compared = np.sort(rank_nearest(sample, varies, target)[:MOST_COMPARED])
    names = tuple(sample.names[place] for place in compared)
    likeness = _correlate_levels(names, tables, sample.levels[compared])
    drifting = np.flatnonzero(sample.drifts[compared])
    if len(drifting) > 1:
        square = np.ix_(drifting, drifting)
        changes = correlate_sampled(sample.changes[compared][drifting])
        likeness[square] = np.where(np.abs(changes) < np.abs(likeness[square]), changes, likeness[square])
    likeness = np.clip(np.round(np.nan_to_num(likeness), _DIGITS), -1, 1)
    one, other = np.nonzero(np.triu(np.abs(likeness) > LEAST, 1))
    to_target = np.abs(likeness[names.index(target)]) if target in names else np.zeros(len(names))
    return Similarity(
        names=names,
        one=tuple(one.tolist()),
        other=tuple(other.tolist()),
        correlation=tuple(likeness[one, other].tolist()),
        to_target=tuple(to_target.tolist()),
        left_out=len(varies) - len(compared),
    )


def _correlate_levels(names: tuple[str, ...], tables: CorrelationTables, levels: np.ndarray) -> np.ndarray:
    """Return the correlations of the levels, a row and a column each name: of all train rows where the tables know them."""
    known = {name: place for place, name in enumerate(tables.names)}
    at = np.array([place for place, name in enumerate(names) if name in known], dtype=np.int64)
    of_tables = np.array([known[names[place]] for place in at], dtype=np.int64)
    whole = np.array(tables.pearson_train, dtype=np.float64).reshape([len(tables.names)] * 2)
    of_all_rows = whole[np.ix_(of_tables, of_tables)]
    if len(at) == len(names):
        return of_all_rows
    found = correlate_sampled(levels)
    found[np.ix_(at, at)] = of_all_rows
    return found
