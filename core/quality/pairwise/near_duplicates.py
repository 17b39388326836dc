"""Which columns say the same as a better one: pairs that are alike, settled from the best column downwards."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.quality.pairwise.similarity import Similarity


@dataclass(frozen=True, eq=False, kw_only=True)
class DuplicateRanking:
    """Columns in order of merit, the best first, and the pairs of them that are alike, as ranks in that order.

    The pairs are sorted by `better`, then by `worse`; `correlation` has their sign.
    """

    names: tuple[str, ...]
    better: np.ndarray
    worse: np.ndarray
    correlation: np.ndarray

    def settle(self, threshold: float, standing: np.ndarray, kept: np.ndarray) -> np.ndarray:
        """Return for each rank that of the best standing column that it repeats beyond the threshold, else -1.

        `standing` marks the ranks that take part. One that repeats a better column stands no more, unless it is `kept`.
        """
        repeated, standing = np.full(len(self.names), -1), standing.copy()
        strong = np.abs(self.correlation) > threshold
        better, worse = self.better[strong], self.worse[strong]
        ranks, begins = np.unique(better, return_index=True)
        for rank, alike in zip(ranks.tolist(), np.split(worse, begins[1:]), strict=False):
            if standing[rank]:
                struck = alike[standing[alike] & (repeated[alike] < 0)]
                repeated[struck] = rank
                standing[struck] = kept[struck]
        return repeated

    def correlation_of(self, better: int, worse: int) -> float:
        """Return the correlation of two ranks that are alike."""
        begin, end = np.searchsorted(self.better, [better, better + 1])
        return float(self.correlation[begin + np.searchsorted(self.worse[begin:end], worse)])


def rank_near_duplicates(
    likeness: Similarity, bad_ratio: Mapping[str, float], first: str | None = None
) -> DuplicateRanking:
    """Return the contest of the columns that have a `bad_ratio` of the train era: the fewer bad values the better.

    Then counts who is nearer to the target, then the earlier name. The column `first` comes before all.
    """
    # Rounded, because two exact copies differ in the last bits, by the order in which they were summed.
    merit = {
        name: (name != first, bad_ratio[name], -round(near, 6), name)
        for name, near in zip(likeness.names, likeness.to_target, strict=True)
        if name in bad_ratio
    }
    names = tuple(sorted(merit, key=merit.__getitem__))
    rank = {name: place for place, name in enumerate(names)}
    rank_of = np.array([rank.get(name, -1) for name in likeness.names], dtype=np.int64)
    pairs = rank_of[np.array([likeness.one, likeness.other], dtype=np.int64)]
    better, worse = pairs.min(axis=0), pairs.max(axis=0)
    order = np.lexsort((worse, better))
    order = order[better[order] >= 0]
    return DuplicateRanking(
        names=names, better=better[order], worse=worse[order], correlation=np.array(likeness.correlation)[order]
    )
