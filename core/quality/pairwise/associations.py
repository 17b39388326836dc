"""Columns that correlate, on levels and on changes, and the groups that they form."""

from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from core.findings.columns import sampled_rows_text, shared_trends_text
from core.quality.numerics.correlation import Matrix, PairSums, as_matrix, rank_bounds
from core.quality.numerics.sampling import PairedSample
from core.quality.numerics.xi import xi_matrix

STRONG, WEAK = 0.7, 0.3
MOST_PAIRED, MOST_PAIRS = 500, 300
MOST_MAPPED, MAPPED_OF_MANY = 60, 30
FEWEST_ROWS = 30
_AT_ONCE = 100
_DIGITS = 4


@dataclass(frozen=True, kw_only=True)
class PairCorrelation:
    """Pearson correlations of two columns on levels and on changes; None with fewer than 30 common valid rows.

    `follows` if the changes of one correlate above 0.3 with those of the other one row later.
    """

    one: str
    other: str
    levels: float | None
    changes: float | None
    follows: bool = False


@dataclass(frozen=True)
class Cluster:
    """Columns whose changes correlate above 0.7 on average, the best of them first.

    The best is the target, or else the one most correlated with the target, or else the one most correlated with the others.
    """

    members: tuple[str, ...]

    @property
    def best(self) -> str:
        """The column that represents the others."""
        return self.members[0]


@dataclass(frozen=True, kw_only=True)
class Associations:
    """Correlations of columns over `rows` of `train_rows` train rows, on levels and on changes.

    `compared` of the `columns` that vary were paired with each other; `differenced` of them enter `changes` by their changes,
    the others, which mean-revert within a row, as they are. `strong` pairs correlate above 0.7 in size on levels and are known
    on changes; `vanished` of these correlate below 0.3 on changes, within rows and a row apart. `pairs` are the strongest, on
    levels or on changes. The matrices are those of `mapped` columns, the most related to the target if there are many: Pearson
    and Spearman on changes, and Chatterjee's xi, the larger of both directions. Ranks are taken over each column's valid rows.
    """

    rows: int
    train_rows: int
    columns: int
    compared: int
    differenced: int
    strong: int
    vanished: int
    pairs: tuple[PairCorrelation, ...]
    clusters: tuple[Cluster, ...]
    mapped: tuple[str, ...]
    pearson_changes: Matrix
    spearman_changes: Matrix
    xi_levels: Matrix
    xi_changes: Matrix

    @property
    def rows_text(self) -> str:
        """The rows that they were computed on, in words."""
        return sampled_rows_text(self.rows, self.train_rows)

    @property
    def sentence(self) -> str:
        """How many strong correlations come from a shared trend."""
        found = shared_trends_text(self.strong, self.vanished, STRONG, WEAK)
        reason = ": they share a trend, which is no evidence of a relation" if self.vanished else ""
        return f"{found}{reason}."


def associate(sample: PairedSample, mappable: tuple[str, ...], target: str | None) -> Associations:
    """Correlate the sampled columns with each other.

    Parameters
    ----------
    sample
        The columns. If there are more than 500, those most correlated with the target on changes are paired.
    mappable
        The columns that may be mapped.
    target
        The target, if it is among the columns.
    """
    varies = ~np.isnan(sample.levels).all(axis=1)
    ranked = rank_by_target(sample, np.flatnonzero(varies), target)
    paired = np.sort(ranked[:MOST_PAIRED])
    names = tuple(sample.names[place] for place in paired)
    levels, changes = (correlate_sampled(values[paired]) for values in (sample.levels, sample.changes))
    known = np.triu(~np.isnan(levels) & ~np.isnan(changes), 1)
    strong = known & (np.abs(levels) > STRONG)
    follows = _follow(sample.changes[paired])
    may_map = set(mappable)
    candidates = [place for place in ranked if sample.names[place] in may_map]
    shown = candidates if len(candidates) <= MOST_MAPPED else candidates[:MAPPED_OF_MANY]
    mapped = np.sort(np.array(shown, dtype=np.int64))
    at = np.searchsorted(paired, mapped)
    return Associations(
        rows=sample.levels.shape[1],
        train_rows=sample.train_rows,
        columns=int(np.count_nonzero(varies)),
        compared=len(paired),
        differenced=int(np.count_nonzero(sample.differenced[paired])),
        strong=int(np.count_nonzero(strong)),
        vanished=int(np.count_nonzero(strong & (np.abs(changes) < WEAK) & ~follows)),
        pairs=_strongest_pairs(names, levels, changes, follows),
        clusters=_cluster(names, changes, target),
        mapped=tuple(sample.names[place] for place in mapped),
        pearson_changes=_shorten(changes[np.ix_(at, at)]),
        spearman_changes=_shorten(correlate_sampled(_ranks(sample.changes[mapped]))),
        xi_levels=_shorten(xi_matrix(sample.levels[mapped], FEWEST_ROWS)),
        xi_changes=_shorten(xi_matrix(sample.changes[mapped], FEWEST_ROWS)),
    )


def rank_by_target(sample: PairedSample, places: np.ndarray, target: str | None) -> np.ndarray:
    """Return columns sorted by their correlation with the target on changes, the strongest first; int64.

    Parameters
    ----------
    sample
        All columns.
    places
        The indices of the columns to sort, int64.
    target
        The target, which comes first. Without one the columns keep their order.
    """
    strength = np.zeros(len(sample.names))
    if target in sample.names:
        at = sample.names.index(target)
        for begin in range(0, len(places), _AT_ONCE):
            some = places[begin : begin + _AT_ONCE]
            strength[some] = _correlate_with_one(sample.changes[some], sample.changes[at])
        strength[at] = 2
    return np.array(sorted(places, key=lambda place: (-strength[place], place)), dtype=np.int64)


def _correlate_with_one(values: np.ndarray, one: np.ndarray) -> np.ndarray:
    """Return the size of the correlation of each row of a matrix with one series; 0 if it does not exist."""
    valid = ~np.isnan(values) & ~np.isnan(one)
    count = np.maximum(valid.sum(axis=1, keepdims=True), 1)
    x, y = np.where(valid, values, 0.0), np.where(valid, one, 0.0)
    x, y = (np.where(valid, side - side.sum(axis=1, keepdims=True) / count, 0.0) for side in (x, y))
    size = np.sqrt((x * x).sum(axis=1) * (y * y).sum(axis=1))
    found = np.abs((x * y).sum(axis=1)) / np.where(size > 0, size, np.inf)
    return np.round(np.where(count[:, 0] >= FEWEST_ROWS, found, 0.0), 6)


def correlate_sampled(values: np.ndarray) -> np.ndarray:
    """Return Pearson correlations of sampled columns (columns, rows), shape (columns, columns), float64.

    NaN with fewer than 30 common valid cells.
    """
    sums = PairSums(len(values))
    sums.add(values.astype(np.float64))
    return np.round(sums.correlations(FEWEST_ROWS), 9)


def _follow(changes: np.ndarray) -> np.ndarray:
    """Return which columns lead or lag each other by a row, bool (columns, columns).

    A pair does if its changes correlate above 0.3 in size one row apart, so a weak correlation within rows is no sign that it
    only shares a trend. `changes` float32 (columns, rows) are standardised; NaN is missing.
    """
    before, after = (np.nan_to_num(part) for part in (changes[:, :-1], changes[:, 1:]))
    counts = (~np.isnan(changes[:, :-1])).astype(np.float32) @ (~np.isnan(changes[:, 1:])).astype(np.float32).T
    apart = np.where(counts >= FEWEST_ROWS, before @ after.T / np.maximum(counts, 1), 0.0)
    follows: np.ndarray = np.abs(apart) > WEAK
    return follows | follows.T


def _ranks(values: np.ndarray) -> np.ndarray:
    """Return ranks within the valid cells of each row, between -1 and 1; ties share their mean, NaN stays NaN."""
    bounds = [sum(rank_bounds(line)) / max(len(line), 1) - 1 for line in values]
    return np.where(np.isnan(values), np.nan, np.array(bounds).reshape(values.shape))


def _strongest_pairs(
    names: tuple[str, ...], levels: np.ndarray, changes: np.ndarray, follows: np.ndarray
) -> tuple[PairCorrelation, ...]:
    """Return the strongest pairs on levels and those on changes, sorted by the larger of both."""
    one, other = np.triu_indices(len(names), 1)
    sizes = [np.nan_to_num(np.abs(np.round(found[one, other], _DIGITS))) for found in (levels, changes)]
    chosen = np.unique(np.concatenate([np.argsort(-size, kind="stable")[:MOST_PAIRS] for size in sizes]))
    largest = np.maximum(*sizes)
    chosen = chosen[largest[chosen] > 0]
    chosen = chosen[np.argsort(-largest[chosen], kind="stable")]
    return tuple(
        PairCorrelation(
            one=names[one[place]],
            other=names[other[place]],
            levels=_or_none(levels[one[place], other[place]]),
            changes=_or_none(changes[one[place], other[place]]),
            follows=bool(follows[one[place], other[place]]),
        )
        for place in chosen
    )


def _cluster(names: tuple[str, ...], changes: np.ndarray, target: str | None) -> tuple[Cluster, ...]:
    """Return the groups of at least two columns, the largest first: average linkage on 1 - |r|."""
    if len(names) < 2:
        return ()
    similarity = np.round(np.abs(np.nan_to_num(changes)), 6)
    np.fill_diagonal(similarity, 1)
    groups = fcluster(linkage(squareform(1 - similarity, checks=False), "average"), 1 - STRONG, "distance")
    clusters = []
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        if len(members) > 1:
            merit = similarity[members][:, members].sum(axis=1)
            if target in names:
                at = names.index(target)
                merit = np.where(members == at, np.inf, similarity[members, at])
            best_first = sorted(range(len(members)), key=lambda place: (-round(merit[place], 6), members[place]))
            clusters.append(Cluster(tuple(names[members[place]] for place in best_first)))
    return tuple(sorted(clusters, key=lambda cluster: (-len(cluster.members), cluster.best)))


def _shorten(found: np.ndarray) -> Matrix:
    """Return the numbers with four digits, which is more than a sample supports."""
    return as_matrix(np.round(found.reshape(len(found), len(found)), _DIGITS))


def _or_none(value: np.float64) -> float | None:
    return None if np.isnan(value) else round(float(value), _DIGITS)
