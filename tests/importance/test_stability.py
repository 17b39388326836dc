"""Labels, ranks and intervals from the contributions over all folds."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.importance.entries import Entry
from core.importance.stability import GroupScores, combine_folds, rank_features

ENTRIES = (Entry(lag=0), Entry(lag=3), Entry(lag=0, rows=5))


def scores(importance, low, high, by_fold=None):
    by_fold = np.array([importance] if by_fold is None else by_fold)
    return GroupScores(
        importance=np.array(importance),
        low=np.array(low),
        high=np.array(high),
        by_fold=by_fold,
        by_period=by_fold,
        period_starts=np.array(["2000-01-01"], dtype="datetime64[us]"),
    )


def table(names, groups, probes=2):
    """Features and probes: a probe is a group of its own."""
    last = max(groups)
    return SimpleNamespace(
        names=names,
        labels={},
        groups=np.array([*groups, *range(last + 1, last + 1 + probes)]),
        feature_groups=last + 1,
    )


def test_labels_follow_the_interval_and_the_line_that_is_drawn():
    given = scores([0.9, 0.6, 0.2, 0.5, 0.1], [0.6, 0.4, 0.1, 0.4, 0.0], [1.2, 0.8, 0.5, 0.6, 0.2])
    features, line = rank_features(table(("a", "b", "c"), (0, 1, 2)), ENTRIES, given, np.zeros((5, 3)))
    assert line == 0.5  # the best probe
    assert {f.name: f.label for f in features} == {"a": "signal", "b": "unstable", "c": "noise"}


def test_the_noise_line_is_not_below_zero():
    given = scores([0.1, -0.3, -0.2], [0.0, -0.4, -0.3], [0.2, -0.2, -0.1])
    assert rank_features(table(("a",), (0,)), ENTRIES, given, np.zeros((3, 3)))[1] == 0.0


def test_twins_share_importance_and_label_and_are_led_by_the_best_member():
    given = scores([0.4, 0.9, 0.1, 0.1], [0.3, 0.8, 0.0, 0.0], [0.5, 1.0, 0.2, 0.2])
    by_entry = np.array([[0.1, 0.0, 0.0], [0.0, 0.0, 0.2], [0.3, 0.0, 0.0], [0, 0, 0], [0, 0, 0]])
    features, _ = rank_features(table(("a", "b", "c"), (1, 0, 1)), ENTRIES, given, by_entry)
    assert [(f.name, f.group, f.rank) for f in features] == [("c", "c", 1), ("a", "c", 2), ("b", "b", 3)]
    assert features[0].importance == features[1].importance == 0.9


def test_best_and_worst_rank_are_those_of_any_fold():
    given = scores([2.0, 1.5, 0, 0], [1, 1, 0, 0], [3, 2, 0, 0], [[3.0, 1.0, 0, 0], [1.0, 2.0, 0, 0]])
    features, _ = rank_features(table(("a", "b"), (0, 1)), ENTRIES, given, np.zeros((4, 3)))
    assert [(f.name, f.rank, f.rank_low, f.rank_high) for f in features] == [("a", 1, 1, 2), ("b", 2, 1, 2)]


def test_the_best_lag_is_that_of_a_single_row():
    given = scores([1.0, 0.0, 0.0], [0.5, 0.0, 0.0], [1.5, 0.0, 0.0])
    by_entry = np.array([[0.1, 0.4, 0.5], [0, 0, 0], [0, 0, 0]])
    (feature,), _ = rank_features(table(("a",), (0,)), ENTRIES, given, by_entry)
    assert feature.best_lag == 3
    assert [(each.lag, each.rows, each.importance) for each in feature.lags] == [(0, 1, 0.1), (3, 1, 0.4), (0, 5, 0.5)]


def fold(*means, rows=400, seed=0):
    random = np.random.default_rng(seed)
    starts = np.datetime64("2000-01-01", "us") + np.arange(rows) * np.timedelta64(1, "D")
    return SimpleNamespace(changes=np.array(means) + random.standard_normal((rows, len(means))), starts=starts)


def test_the_interval_covers_the_mean_at_its_nominal_rate():
    covered = 0
    for seed in range(200):
        found = combine_folds([fold(0.1, seed=2 * seed), fold(0.1, seed=2 * seed + 1)], horizon=1)
        covered += found.low[0] <= 0.1 <= found.high[0]
    assert covered / 200 >= 0.92


def test_a_relation_that_ended_is_not_stable():
    found = combine_folds([fold(1.0), fold(1.0, seed=1), fold(0.0, seed=2)], horizon=1)
    assert found.importance[0] == pytest.approx(0.67, abs=0.1)
    assert found.low[0] == found.by_fold[-1, 0] < 0.2


def test_periods_hold_their_own_importance():
    found = combine_folds([fold(2.0), fold(0.0, seed=1)], horizon=1)
    assert found.by_period[0, 0] > 1.5
    assert abs(found.by_period[-1, 0]) < 0.7
    assert len(found.by_period) == len(found.period_starts) == 12
