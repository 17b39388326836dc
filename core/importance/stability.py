"""From the importances of many fits to a rank, its spread, and what stands above noise."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

NOISE_QUANTILE = 0.95
SIGNAL_SHARE = 0.8
NOISE_SHARE = 1 / 3


@dataclass(frozen=True, kw_only=True)
class FeatureImportance:
    """One feature: its mean importance and rank, and the best and worst rank that it took in any fit.

    Labels: `signal` where it stood above the noise line in at least 80 % of the fits, `noise` in at most a third of them,
    `unstable` between.
    """

    name: str
    importance: float
    rank: int
    rank_low: int
    rank_high: int
    label: Literal["signal", "unstable", "noise"]


def judge_features(
    names: tuple[str, ...], importances: np.ndarray, probes: np.ndarray
) -> tuple[tuple[FeatureImportance, ...], float]:
    """Return the features by rank, and the noise line, from arrays of fits x features and fits x probes.

    The noise line is the importance that 95 % of the probes stay under. Equal importances rank by name.

    Examples
    --------
    >>> features, line = judge_features(("dull", "good"), np.array([[0.0, 3.0], [0.1, 2.0]]), np.array([[0.1], [0.1]]))
    >>> [(feature.name, feature.rank, feature.label) for feature in features], line
    ([('good', 1, 'signal'), ('dull', 2, 'noise')], 0.1)
    """
    line = float(np.quantile(probes, NOISE_QUANTILE))
    means = importances.mean(axis=0)
    ranks = _ranks(means, names)
    by_fit = np.array([_ranks(fit, names) for fit in importances] + [ranks])
    above = (importances > line).mean(axis=0)
    judged = [
        FeatureImportance(
            name=name,
            importance=float(means[place]),
            rank=int(ranks[place]),
            rank_low=int(by_fit[:, place].min()),
            rank_high=int(by_fit[:, place].max()),
            label="signal" if above[place] >= SIGNAL_SHARE else "noise" if above[place] <= NOISE_SHARE else "unstable",
        )
        for place, name in enumerate(names)
    ]
    return tuple(sorted(judged, key=lambda feature: feature.rank)), line


def choose_features(features: tuple[FeatureImportance, ...], top_k: int) -> tuple[str, ...]:
    """Return the names of the best `top_k` features that are not noise; of all of them where every one is noise."""
    candidates = [feature for feature in features if feature.label != "noise"] or list(features)
    return tuple(feature.name for feature in candidates[:top_k])


def _ranks(importances: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Return 1 for the largest importance, and so on; ties go by name."""
    order = np.lexsort((names, -importances))
    ranks = np.empty(len(names), dtype=int)
    ranks[order] = np.arange(1, len(names) + 1)
    return ranks
