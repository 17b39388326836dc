"""Importances, ranks and labels of features, from their contributions over all folds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.accuracy.mean_test import mean_test
from core.importance.contributions import FitScores
from core.importance.entries import Entry
from core.importance.table import RankingTable

LEVEL = 0.95
MOST_PERIODS = 12

Label = Literal["signal", "unstable", "noise"]


@dataclass(frozen=True, kw_only=True)
class LagImportance:
    """The importance of the value `lag` rows before the origin, or of the mean of the last `rows` values."""

    lag: int
    rows: int
    importance: float


@dataclass(frozen=True, kw_only=True)
class FeatureImportance:
    """The importance of a feature with its interval, its rank, and its best and worst rank in any fold.

    `group` names the best of the features that it is ranked together with; importance, interval and label are those of the group.
    `best_lag` is the most important lag of the feature itself, `lags` are all, then window means. `by_period` are the importances
    in consecutive periods. `suspected` marks a suspected look-ahead, `is_category` a column of labels, which no network takes.

    Labels: `signal` if the whole interval exceeds the noise line, `noise` if none of it does, else `unstable`.
    """

    name: str
    importance: float
    low: float
    high: float
    rank: int
    rank_low: int
    rank_high: int
    label: Label
    group: str
    best_lag: int
    lags: tuple[LagImportance, ...]
    by_period: tuple[float, ...]
    suspected: bool = False
    is_category: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class GroupScores:
    """The importance of each group, probes last, with its interval, and by fold (folds, groups) and period (periods, groups)."""

    importance: np.ndarray
    low: np.ndarray
    high: np.ndarray
    by_fold: np.ndarray
    by_period: np.ndarray
    period_starts: np.ndarray


def combine_folds(folds: Sequence[FitScores], horizon: int) -> GroupScores:
    """Combine the contributions over all folds.

    The importance is the mean over time. Its interval covers the 95% confidence interval and the importance in the last fold: a
    relation that ended is not stable, and neither is one that has just begun.

    Parameters
    ----------
    folds
        The scores of each fold, in time order, averaged over repeats.
    horizon
        Rows ahead, over which outcomes overlap.
    """
    changes = np.concatenate([fold.changes for fold in folds])
    starts = np.concatenate([fold.starts for fold in folds])
    tests = [mean_test(series, horizon) for series in changes.T]
    intervals = [test.interval(LEVEL) or (test.mean, test.mean) for test in tests]
    by_fold = np.array([fold.changes.mean(axis=0) for fold in folds])
    low, high = np.array(intervals).T
    periods = np.array_split(np.arange(len(changes)), min(MOST_PERIODS, len(changes)))
    return GroupScores(
        importance=np.array([test.mean for test in tests]),
        low=np.minimum(low, by_fold[-1]),
        high=np.maximum(high, by_fold[-1]),
        by_fold=by_fold,
        by_period=np.array([changes[period].mean(axis=0) for period in periods]),
        period_starts=starts[[period[0] for period in periods]],
    )


def rank_features(
    table: RankingTable, entries: Sequence[Entry], scores: GroupScores, by_entry: np.ndarray
) -> tuple[tuple[FeatureImportance, ...], float]:
    """Rank and label the features; return them best first, with the noise line.

    The noise line is the importance of the best probe, at least 0. Ties are broken by name.

    Parameters
    ----------
    table
        The features, the probes and their groups.
    entries, by_entry
        The entries, and their importances, float64 (columns, entries).
    scores
        The importances of groups.
    """
    line = max(0.0, float(scores.importance[table.feature_groups :].max()))
    own = by_entry[: len(table.names)]
    groups = table.groups[: len(table.names)]
    ranks = _ranks(scores.importance[groups], own.sum(axis=1), table.names)
    by_fold = np.array([_ranks(fold[groups], own.sum(axis=1), table.names) for fold in scores.by_fold])
    leader = {group: table.names[place] for place, group in sorted(enumerate(groups), key=lambda each: -ranks[each[0]])}
    lags = [place for place, entry in enumerate(entries) if entry.rows == 1]
    features = [
        FeatureImportance(
            name=name,
            importance=float(scores.importance[group]),
            low=float(scores.low[group]),
            high=float(scores.high[group]),
            rank=int(ranks[place]),
            rank_low=int(min(ranks[place], by_fold[:, place].min())),
            rank_high=int(max(ranks[place], by_fold[:, place].max())),
            label="signal" if scores.low[group] > line else "noise" if scores.high[group] <= line else "unstable",
            group=leader[group],
            best_lag=entries[lags[int(np.argmax(own[place, lags]))]].lag,
            lags=tuple(
                LagImportance(lag=entry.lag, rows=entry.rows, importance=float(own[place, number]))
                for number, entry in enumerate(entries)
            ),
            by_period=tuple(scores.by_period[:, group].tolist()),
            is_category=place in table.labels,
        )
        for place, (name, group) in enumerate(zip(table.names, groups, strict=True))
    ]
    return tuple(sorted(features, key=lambda feature: feature.rank)), line


def _ranks(of_group: np.ndarray, own: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Return ranks, int (features,), 1 for the most important group, and within it for the most important member."""
    order = np.lexsort((np.array(names), -own, -of_group))
    ranks = np.empty(len(names), dtype=int)
    ranks[order] = np.arange(1, len(names) + 1)
    return ranks
