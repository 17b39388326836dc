"""How the contribution of a feature depends on its value: the points of a SHAP dependence plot."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.importance.contributions import FitScores
from core.importance.entries import Entry, take_entries
from core.importance.stability import FeatureImportance
from core.importance.table import RankingTable

MOST_FEATURES = 40
MOST_LABELS = 12


@dataclass(frozen=True, kw_only=True)
class Dependence:
    """Values of the best entry of a feature, in its own unit, and the contributions of its group, in deviations of the outcome.

    A category has `labels`, and its values are the positions of the most frequent ones.
    """

    name: str
    entry: str
    values: tuple[float, ...]
    contributions: tuple[float, ...]
    labels: tuple[str, ...] = ()


def gather_dependence(
    table: RankingTable,
    entries: Sequence[Entry],
    ranked: Sequence[FeatureImportance],
    scores: FitScores,
    by_entry: np.ndarray,
) -> tuple[Dependence, ...]:
    """Return the dependence of the best features of each group on a few scored samples.

    Parameters
    ----------
    table, entries
        Features and probes, and the entries of each.
    ranked
        The features, best first.
    scores
        Those of the last fold.
    by_entry
        float64 (columns, entries), the importances that say which entry is shown.
    """
    found = []
    for feature in [each for each in ranked if each.name == each.group][:MOST_FEATURES]:
        column = table.names.index(feature.name)
        entry = entries[int(np.argmax(by_entry[column]))]
        values = take_entries(table.standardised(column), scores.point_rows, [entry])[0].astype(float)
        contributions = scores.points[:, table.groups[column]]
        labels = table.labels.get(column, ())
        known = np.isfinite(values)
        if labels:
            frequent = np.argsort(-np.bincount(values[values >= 0].astype(int), minlength=1), kind="stable")[
                :MOST_LABELS
            ]
            known &= np.isin(values, frequent)
        found.append(
            Dependence(
                name=feature.name,
                entry=entry.label,
                values=tuple((values[known] * table.scale[column] + table.center[column]).tolist()),
                contributions=tuple(contributions[known].tolist()),
                labels=labels,
            )
        )
    return tuple(found)
