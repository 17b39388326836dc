"""Greedy removal of near-duplicate columns: from the best column down, mark those that correlate with a better one."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.quality.pairwise.similarity import Similarity


@dataclass(frozen=True, eq=False, kw_only=True)
class DuplicateRanking:
    """Columns from best to worst, and the similar pairs among them.

    `names` are the n columns; a column's rank is its index. `better` and `worse` (int64, shape (pairs,)) are the ranks of
    each pair, sorted by `better`, then by `worse`; `correlation` (float64, shape (pairs,)) is signed.
    """

    names: tuple[str, ...]
    better: np.ndarray
    worse: np.ndarray
    correlation: np.ndarray

    def find_originals(self, threshold: float, candidates: np.ndarray, kept: np.ndarray) -> np.ndarray:
        """Return for each rank the rank of the best remaining column that it repeats, int64, shape (n,); -1 if none.

        Parameters
        ----------
        threshold
            Two columns repeat each other if the size of their correlation exceeds it.
        candidates
            Which ranks are compared, bool, shape (n,).
        kept
            Which ranks remain even if they repeat a better column, bool, shape (n,).
        """
        originals, remaining = np.full(len(self.names), -1), candidates.copy()
        is_strong = np.abs(self.correlation) > threshold
        better, worse = self.better[is_strong], self.worse[is_strong]
        ranks, begins = np.unique(better, return_index=True)
        for rank, similar in zip(ranks.tolist(), np.split(worse, begins[1:]), strict=False):
            if remaining[rank]:
                repeating = similar[remaining[similar] & (originals[similar] < 0)]
                originals[repeating] = rank
                remaining[repeating] = kept[repeating]
        return originals

    def correlation_of(self, better: int, worse: int) -> float:
        """Return the correlation of a similar pair, given by rank."""
        begin, end = np.searchsorted(self.better, [better, better + 1])
        return float(self.correlation[begin + np.searchsorted(self.worse[begin:end], worse)])


def rank_near_duplicates(
    similarity: Similarity, bad_ratio: Mapping[str, float], first: str | None = None
) -> DuplicateRanking:
    """Rank columns by few bad values, then by correlation with the target, then by name.

    Parameters
    ----------
    similarity
        Which columns are similar in the train era.
    bad_ratio
        The share of bad train rows of each column to rank; other columns are left out.
    first
        The column that ranks before all others.
    """
    # Rounded: the statistics of two exact copies differ in the last bits, by the order of summation.
    merit = {
        name: (name != first, bad_ratio[name], -round(to_target, 6), name)
        for name, to_target in zip(similarity.names, similarity.to_target, strict=True)
        if name in bad_ratio
    }
    names = tuple(sorted(merit, key=merit.__getitem__))
    rank = {name: place for place, name in enumerate(names)}
    rank_of = np.array([rank.get(name, -1) for name in similarity.names], dtype=np.int64)
    pairs = rank_of[np.array([similarity.one, similarity.other], dtype=np.int64)]
    better, worse = pairs.min(axis=0), pairs.max(axis=0)
    order = np.lexsort((worse, better))
    order = order[better[order] >= 0]
    return DuplicateRanking(
        names=names, better=better[order], worse=worse[order], correlation=np.array(similarity.correlation)[order]
    )
