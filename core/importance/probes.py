"""Columns of pure chance that move like the features do: what they score, a feature can score by luck."""

from dataclasses import dataclass

import numpy as np

_LONGEST_MEMORY = 0.999


@dataclass(frozen=True, eq=False)
class Likeness:
    """What a probe imitates of a feature, neither of which tells anything about the outcome.

    `memory` is the autocorrelation of the feature over one row within its series, `common` the share of its variance that
    all series have in common on one day. A slow column, or one equal for all tickers, finds many more chance relations
    than independent draws would: measured against those, every slow column of noise looks like signal.
    """

    memory: np.ndarray
    common: np.ndarray


def find_probe_likeness(values: np.ndarray, stamps: np.ndarray, blocks: np.ndarray) -> Likeness:
    """Return the likeness of each column of `values` (rows x features, centred and scaled).

    `stamps` number the time stamps of the rows, `blocks` their series.
    """
    same = blocks[1:] == blocks[:-1]
    pairs = max(int(same.sum()), 1)
    memory = np.einsum("ij,ij->j", values[1:][same], values[:-1][same]) / pairs
    if blocks[0] == blocks[-1]:
        common = np.zeros(values.shape[1])
    else:
        counts = np.bincount(stamps)
        sums = np.array([np.bincount(stamps, weights=column) for column in values.T])
        common = (sums**2 / np.maximum(counts, 1)).sum(axis=1) / len(stamps)
    return Likeness(np.clip(memory, 0.0, _LONGEST_MEMORY), np.clip(common, 0.0, 1.0))


def make_probes(likeness: Likeness, stamps: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Return `count` Gaussian columns, one row a stamp given; the first imitates the slowest feature, the last the quickest.

    Source of the idea: the shadow features of Boruta (Kursa and Rudnicki, 2010), made here with memory.
    """
    from scipy.signal import lfilter

    order = np.argsort(-likeness.memory, kind="stable")
    imitated = order[np.linspace(0, len(order) - 1, count).round().astype(int)]
    columns = []
    for memory, common in zip(likeness.memory[imitated], likeness.common[imitated], strict=True):
        paths = [
            lfilter([np.sqrt(1 - memory**2)], [1, -memory], random.standard_normal(length))
            for length in (len(stamps), int(stamps.max()) + 1)
        ]
        columns.append(np.sqrt(1 - common) * paths[0] + np.sqrt(common) * paths[1][stamps])
    return np.column_stack(columns)
