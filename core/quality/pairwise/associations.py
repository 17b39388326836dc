"""Which columns move together, on levels and on changes, and the groups that they form."""

from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from core.findings.model import Finding, Severity, legacy_finding
from core.quality.numerics.correlation import Matrix, PairSums, as_matrix, rank_bounds
from core.quality.numerics.sampling import PairedSample
from core.quality.numerics.xi import xi_matrix

STRONG, GONE = 0.7, 0.3
MOST_PAIRED, MOST_PAIRS = 500, 300
MOST_MAPPED, MAPPED_OF_MANY = 60, 30
FEWEST_ROWS = 30
_AT_ONCE = 100
_DIGITS = 4


@dataclass(frozen=True, kw_only=True)
class PairCorrelation:
    """Pearson's correlation of two columns on levels and on changes; None where fewer than 30 rows are good in both."""

    one: str
    other: str
    levels: float | None
    changes: float | None


@dataclass(frozen=True)
class Cluster:
    """Columns whose changes correlate with each other above 0.7 on average, the best of them first.

    The best is the target, or else the one nearest to the target, or else the one nearest to the others.
    """

    members: tuple[str, ...]

    @property
    def best(self) -> str:
        """The column that stands for the others."""
        return self.members[0]


@dataclass(frozen=True, kw_only=True)
class Associations:
    """How columns move together over `rows` of `train_rows` train rows: `changes` are those of columns that drift.

    `compared` columns, of `columns` that vary, were paired with each other, `drifting` of them drift. Of `strong` pairs,
    above 0.7 on levels and known on changes, `vanished` fall below 0.3 on changes. `pairs` are the strongest, on levels or
    on changes. `mapped` columns, those nearest to the target where there are many, have matrices: Pearson and Spearman on
    changes, and Chatterjee's xi, the larger of both directions, on either; ranks are those within a column's good rows.
    """

    rows: int
    train_rows: int
    columns: int
    compared: int
    drifting: int
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
    def rows_told(self) -> str:
        """The rows that they were computed on, in words."""
        if self.rows == self.train_rows:
            return f"{self.rows:,} train rows"
        return f"{self.rows:,} of {self.train_rows:,} train rows, in stretches evenly apart"

    @property
    def sentence(self) -> str:
        """How many strong correlations are those of a common trend alone."""
        if not self.strong:
            return f"No pair correlates above {STRONG} on levels."
        if self.strong == 1:
            does = "falls below" if self.vanished else "does not fall below"
            reason = ": they share a trend, not a cause" if self.vanished else ""
            return f"The one pair that correlates above {STRONG} on levels {does} {GONE} on changes{reason}."
        above = f"{self.strong:,} pairs that correlate"
        if not self.vanished:
            return f"Of the {above} above {STRONG} on levels, none falls below {GONE} on changes."
        share = f"All {above}" if self.vanished == self.strong else f"{self.vanished:,} of {above}"
        return (
            f"{share} above {STRONG} on levels "
            f"{'falls' if self.vanished == 1 else 'fall'} below {GONE} on changes: they share a trend, not a cause."
        )


def associate(sample: PairedSample, mappable: tuple[str, ...], target: str | None) -> Associations:
    """Return how the sampled columns move together; `mappable` are those that may be mapped.

    Of more than five hundred columns those nearest to the target are paired, by the correlation of their changes.
    """
    varies = ~np.isnan(sample.levels).all(axis=1)
    nearest = rank_nearest(sample, np.flatnonzero(varies), target)
    paired = np.sort(nearest[:MOST_PAIRED])
    names = tuple(sample.names[place] for place in paired)
    levels, changes = (correlate_sampled(values[paired]) for values in (sample.levels, sample.changes))
    known = np.triu(~np.isnan(levels) & ~np.isnan(changes), 1)
    strong = known & (np.abs(levels) > STRONG)
    may = set(mappable)
    mapped = [place for place in nearest if sample.names[place] in may]
    mapped = np.sort(mapped if len(mapped) <= MOST_MAPPED else mapped[:MAPPED_OF_MANY]).astype(np.int64)
    at = np.searchsorted(paired, mapped)
    return Associations(
        rows=sample.levels.shape[1],
        train_rows=sample.train_rows,
        columns=int(np.count_nonzero(varies)),
        compared=len(paired),
        drifting=int(np.count_nonzero(sample.drifts[paired])),
        strong=int(np.count_nonzero(strong)),
        vanished=int(np.count_nonzero(strong & (np.abs(changes) < GONE))),
        pairs=_strongest(names, levels, changes),
        clusters=_cluster(names, changes, target),
        mapped=tuple(sample.names[place] for place in mapped),
        pearson_changes=_short(changes[np.ix_(at, at)]),
        spearman_changes=_short(correlate_sampled(_ranks(sample.changes[mapped]))),
        xi_levels=_short(xi_matrix(sample.levels[mapped], FEWEST_ROWS)),
        xi_changes=_short(xi_matrix(sample.changes[mapped], FEWEST_ROWS)),
    )


def check_trends(found: Associations) -> tuple[Finding, ...]:
    """Return how many strong correlations are those of a trend alone, where there are such."""
    if not found.vanished:
        return ()
    example = max(
        (p for p in found.pairs if p.changes is not None and abs(p.levels or 0) > STRONG and abs(p.changes) < GONE),
        key=lambda pair: abs(pair.levels),
        default=None,
    )
    shown = ""
    if example:
        shown = f" {example.one} and {example.other}: {example.levels:.2f} on levels, {example.changes:.2f} on changes."
    title, _, reason = found.sentence.rstrip(".").partition(": ")
    detail = f"{reason.capitalize()}.{shown} Judged on {found.rows_told}."
    return (legacy_finding("shared-trend", Severity.INFO, title, detail, count=found.vanished),)


def rank_nearest(sample: PairedSample, places: np.ndarray, target: str | None) -> np.ndarray:
    """Return the places of the columns, the target first, then by the correlation of their changes with those of the target."""
    near = np.zeros(len(sample.names))
    if target in sample.names:
        at = sample.names.index(target)
        for begin in range(0, len(places), _AT_ONCE):
            some = places[begin : begin + _AT_ONCE]
            near[some] = _with_one(sample.changes[some], sample.changes[at])
        near[at] = 2
    return np.array(sorted(places, key=lambda place: (-near[place], place)), dtype=np.int64)


def _with_one(values: np.ndarray, one: np.ndarray) -> np.ndarray:
    """Return the size of the correlation of each row of a matrix with one other, 0 where it is not known."""
    good = ~np.isnan(values) & ~np.isnan(one)
    count = np.maximum(good.sum(axis=1, keepdims=True), 1)
    x, y = np.where(good, values, 0.0), np.where(good, one, 0.0)
    x, y = (np.where(good, side - side.sum(axis=1, keepdims=True) / count, 0.0) for side in (x, y))
    size = np.sqrt((x * x).sum(axis=1) * (y * y).sum(axis=1))
    found = np.abs((x * y).sum(axis=1)) / np.where(size > 0, size, np.inf)
    return np.round(np.where(count[:, 0] >= FEWEST_ROWS, found, 0.0), 6)


def correlate_sampled(values: np.ndarray) -> np.ndarray:
    """Return Pearson's correlations of the rows of a matrix of sampled columns, NaN below 30 common good cells."""
    sums = PairSums(len(values))
    sums.add(values.astype(np.float64))
    return np.round(sums.correlations(FEWEST_ROWS), 9)


def _ranks(values: np.ndarray) -> np.ndarray:
    """Return ranks within all good cells of each row, between -1 and 1; ties share their mean, NaN keeps NaN."""
    bounds = [sum(rank_bounds(line)) / max(len(line), 1) - 1 for line in values]
    return np.where(np.isnan(values), np.nan, np.array(bounds).reshape(values.shape))


def _strongest(names: tuple[str, ...], levels: np.ndarray, changes: np.ndarray) -> tuple[PairCorrelation, ...]:
    """Return the strongest pairs on changes and those on levels, by the larger of both."""
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
        )
        for place in chosen
    )


def _cluster(names: tuple[str, ...], changes: np.ndarray, target: str | None) -> tuple[Cluster, ...]:
    """Return the groups of at least two columns, the largest first: average linkage on 1 - |r|."""
    if len(names) < 2:
        return ()
    likeness = np.round(np.abs(np.nan_to_num(changes)), 6)
    np.fill_diagonal(likeness, 1)
    groups = fcluster(linkage(squareform(1 - likeness, checks=False), "average"), 1 - STRONG, "distance")
    found = []
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        if len(members) > 1:
            near = likeness[members][:, members].sum(axis=1)
            if target in names:
                at = names.index(target)
                near = np.where(members == at, np.inf, likeness[members, at])
            best_first = sorted(range(len(members)), key=lambda place: (-round(near[place], 6), members[place]))
            found.append(Cluster(tuple(names[members[place]] for place in best_first)))
    return tuple(sorted(found, key=lambda cluster: (-len(cluster.members), cluster.best)))


def _short(found: np.ndarray) -> Matrix:
    """Return the numbers in four digits, which is more than a sample knows."""
    return as_matrix(np.round(found.reshape(len(found), len(found)), _DIGITS))


def _or_none(value: np.float64) -> float | None:
    return None if np.isnan(value) else round(float(value), _DIGITS)
