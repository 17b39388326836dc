"""Ranks of features over many fits, the noise line, and the choice of features."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

NOISE_QUANTILE = 0.95
SIGNAL_SHARE = 0.8
NOISE_SHARE = 1 / 3


@dataclass(frozen=True, kw_only=True)
class FeatureImportance:
    """The mean importance of a feature, its rank, and its best and worst rank in any fit.

    Labels: `signal` if it exceeds the noise line in at least 80% of the fits, `noise` if in at most a third, else `unstable`.
    """

    name: str
    importance: float
    rank: int
    rank_low: int
    rank_high: int
    label: Literal["signal", "unstable", "noise"]


def rank_features(
    names: tuple[str, ...], importances: np.ndarray, probes: np.ndarray
) -> tuple[tuple[FeatureImportance, ...], float]:
    """Rank and label the features; return them best first, with the noise line.

    Features are ranked by mean importance. The noise line is the 95% quantile of the probes' importances. Ties are broken by name.

    Parameters
    ----------
    names
        The names of the features.
    importances
        float64 (fits, features).
    probes
        float64 (fits, probes), the importances of noise columns in the same fits.

    Examples
    --------
    >>> features, line = rank_features(("dull", "good"), np.array([[0.0, 3.0], [0.1, 2.0]]), np.array([[0.1], [0.1]]))
    >>> [(feature.name, feature.rank, feature.label) for feature in features], line
    ([('good', 1, 'signal'), ('dull', 2, 'noise')], 0.1)
    """
    line = float(np.quantile(probes, NOISE_QUANTILE))
    means = importances.mean(axis=0)
    ranks = _ranks(means, names)
    by_fit = np.array([_ranks(fit, names) for fit in importances] + [ranks])
    above = (importances > line).mean(axis=0)
    features = [
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
    return tuple(sorted(features, key=lambda feature: feature.rank)), line


def choose_features(features: tuple[FeatureImportance, ...], top_k: int) -> tuple[str, ...]:
    """Return the best `top_k` features that are not noise, or of all if every one is noise."""
    candidates = [feature for feature in features if feature.label != "noise"] or list(features)
    return tuple(feature.name for feature in candidates[:top_k])


def _ranks(importances: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Return ranks, int (features,), 1 for the largest importance; ties are broken by name."""
    order = np.lexsort((np.array(names), -importances))
    ranks = np.empty(len(names), dtype=int)
    ranks[order] = np.arange(1, len(names) + 1)
    return ranks
