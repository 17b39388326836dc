"""Noise columns as persistent as the features: their scores are reached by chance."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

_MOST_AUTOCORRELATION = 0.999


@dataclass(frozen=True, eq=False)
class ProbeTraits:
    """The traits of each feature that a probe imitates, float64 (features,).

    `autocorrelation` is at lag 1 within series, `common` the share of variance that all series have in common at a time stamp.
    A persistent column, or one that is equal for all series, has many more spurious correlations than independent draws. Compared
    with those, every persistent column of noise looks like signal.
    """

    autocorrelation: np.ndarray
    common: np.ndarray


def measure_traits(values: np.ndarray, stamps: np.ndarray, blocks: np.ndarray) -> ProbeTraits:
    """Measure the traits of each feature.

    Parameters
    ----------
    values
        float64 (rows, features), each feature centred and scaled to variance 1.
    stamps, blocks
        int (rows,), the number of each row's time stamp and of its series, from 0.
    """
    same = blocks[1:] == blocks[:-1]
    pairs = max(int(same.sum()), 1)
    autocorrelation = np.einsum("ij,ij->j", values[1:][same], values[:-1][same]) / pairs
    if blocks[0] == blocks[-1]:
        common = np.zeros(values.shape[1])
    else:
        counts = np.bincount(stamps)
        sums = np.array([np.bincount(stamps, weights=column) for column in values.T])
        common = (sums**2 / np.maximum(counts, 1)).sum(axis=1) / len(stamps)
    return ProbeTraits(np.clip(autocorrelation, 0.0, _MOST_AUTOCORRELATION), np.clip(common, 0.0, 1.0))


def join_traits(parts: Iterable[ProbeTraits]) -> ProbeTraits:
    """Return the traits of several sets of features as one."""
    every = list(parts)
    return ProbeTraits(
        np.concatenate([part.autocorrelation for part in every]), np.concatenate([part.common for part in every])
    )


def make_probes(traits: ProbeTraits, stamps: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Draw Gaussian noise columns, float32 (rows, count), column by column in memory, with the traits of features.

    The first imitates the most persistent feature, the last the least persistent.

    Parameters
    ----------
    traits
        The traits of the features.
    stamps
        int (rows,), the number of each row's time stamp, from 0.
    count
        How many columns to draw.
    random
        The random generator.

    References
    ----------
    Kursa and Rudnicki (2010), Feature selection with the Boruta package, J. Stat. Software 36: its shadow features, here with
    autocorrelation.
    """
    from scipy.signal import lfilter

    order = np.argsort(-traits.autocorrelation, kind="stable")
    imitated = order[np.linspace(0, len(order) - 1, count).round().astype(int)]
    columns = np.empty((len(stamps), count), dtype=np.float32, order="F")
    for place, feature in enumerate(imitated):
        autocorrelation, common = traits.autocorrelation[feature], traits.common[feature]
        paths = [
            lfilter([np.sqrt(1 - autocorrelation**2)], [1, -autocorrelation], random.standard_normal(length))
            for length in (len(stamps), int(stamps.max()) + 1)
        ]
        columns[:, place] = np.sqrt(1 - common) * paths[0] + np.sqrt(common) * paths[1][stamps]
    return columns
