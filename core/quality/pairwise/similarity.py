"""How similar two columns are; differenced columns must agree on changes too, since a shared trend makes no copy."""

from dataclasses import dataclass

import numpy as np

from core.quality.numerics.correlation import CorrelationTables
from core.quality.numerics.sampling import PairedSample
from core.quality.pairwise.associations import correlate_sampled, rank_by_target

MOST_COMPARED = 1_000
LEAST = 0.5
_DIGITS = 9


@dataclass(frozen=True, kw_only=True)
class Similarity:
    """How similar the columns `names` are in the train era.

    `one`, `other` and `correlation` are the pairs whose correlation exceeds 0.5 in size; the first two are indices into
    `names`. `to_target` is the size of each column's correlation with the target, 0 if it does not exist. `left_out`
    numeric columns were not compared, because there are more than a thousand.
    """

    names: tuple[str, ...]
    one: tuple[int, ...]
    other: tuple[int, ...]
    correlation: tuple[float, ...]
    to_target: tuple[float, ...]
    left_out: int


def measure_similarity(tables: CorrelationTables, sample: PairedSample, target: str | None) -> Similarity:
    """Measure how similar the sampled columns are in the train era.

    Two differenced columns are as similar as the weaker of their correlations on levels and on changes: open, high, low and
    close of one hour correlate above 0.9999 on levels, yet none repeats another. Levels alone decide if too few changes
    are known.

    Parameters
    ----------
    tables
        Correlations on levels over all train rows; columns without are correlated on the sample.
    sample
        The columns to compare. If there are more than a thousand, those most correlated with the target are compared.
    target
        The target, if it is among the columns.
    """
    is_known = np.isin(np.array(sample.names, dtype=object), np.array(tables.names, dtype=object))
    varying = np.flatnonzero(is_known | ~np.isnan(sample.levels).all(axis=1))
    compared = np.sort(rank_by_target(sample, varying, target)[:MOST_COMPARED])
    names = tuple(sample.names[place] for place in compared)
    correlation = _correlate_levels(names, tables, sample.levels[compared])
    differenced = np.flatnonzero(sample.differenced[compared])
    if len(differenced) > 1:
        square = np.ix_(differenced, differenced)
        changes = correlate_sampled(sample.changes[compared][differenced])
        correlation[square] = np.where(np.abs(changes) < np.abs(correlation[square]), changes, correlation[square])
    correlation = np.clip(np.round(np.nan_to_num(correlation), _DIGITS), -1, 1)
    one, other = np.nonzero(np.triu(np.abs(correlation) > LEAST, 1))
    to_target = np.abs(correlation[names.index(target)]) if target in names else np.zeros(len(names))
    return Similarity(
        names=names,
        one=tuple(one.tolist()),
        other=tuple(other.tolist()),
        correlation=tuple(correlation[one, other].tolist()),
        to_target=tuple(to_target.tolist()),
        left_out=len(varying) - len(compared),
    )


def _correlate_levels(names: tuple[str, ...], tables: CorrelationTables, levels: np.ndarray) -> np.ndarray:
    """Return the correlations of the levels, shape (names, names): from the tables if known, else of the sample."""
    known = {name: place for place, name in enumerate(tables.names)}
    at = np.array([place for place, name in enumerate(names) if name in known], dtype=np.int64)
    in_tables = np.array([known[names[place]] for place in at], dtype=np.int64)
    whole = np.array(tables.pearson_train, dtype=np.float64).reshape([len(tables.names)] * 2)
    of_all_rows = whole[np.ix_(in_tables, in_tables)]
    if len(at) == len(names):
        return of_all_rows
    correlation = correlate_sampled(levels)
    correlation[np.ix_(at, at)] = of_all_rows
    return correlation
