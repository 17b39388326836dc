"""Ranks, labels and the noise line from importances of many fits."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.importance.stability import choose_features, rank_features

LINE = np.linspace(0, 1, 10).reshape(5, 2)


def test_the_noise_line_is_the_95_percent_quantile_of_the_probes():
    _, line = rank_features(("a",), np.ones((100, 1)), np.arange(1000.0).reshape(100, 10))
    assert line == 949.05


def test_labels_follow_the_share_of_fits_above_the_noise_line():
    above = np.array([[2.0, 2, 2, 0], [2, 2, 0, 0], [2, 2, 0, 0], [2, 2, 2, 0], [2, 0, 0, 2]])
    features, _ = rank_features(("always", "mostly", "sometimes", "once"), above, LINE)
    found = {feature.name: feature.label for feature in features}
    assert found == {"always": "signal", "mostly": "signal", "sometimes": "unstable", "once": "noise"}


def test_best_and_worst_rank_are_those_of_any_fit():
    features, _ = rank_features(("a", "b"), np.array([[3.0, 1.0], [1.0, 2.0], [3.0, 1.0]]), LINE)
    assert [(f.name, f.rank, f.rank_low, f.rank_high) for f in features] == [("a", 1, 1, 2), ("b", 2, 1, 2)]


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 8), st.integers(1, 6), st.integers(0, 2**31))
def test_ranks_are_a_permutation_with_decreasing_importance(count, fits, seed):
    random = np.random.default_rng(seed)
    names = tuple(f"f{number}" for number in range(count))
    features, line = rank_features(names, random.integers(0, 4, (fits, count)).astype(float), random.random((fits, 3)))
    assert [feature.rank for feature in features] == list(range(1, count + 1))
    importances = [feature.importance for feature in features]
    assert importances == sorted(importances, reverse=True)
    assert all(1 <= f.rank_low <= f.rank <= f.rank_high <= count for f in features)
    assert 0 <= line <= 1


def test_noise_is_chosen_only_if_all_features_are_noise():
    features, _ = rank_features(("a", "b", "c"), np.array([[5.0, 0.0, 4.0]]), np.ones((1, 1)))
    assert choose_features(features, 5) == ("a", "c")
    assert choose_features(features, 1) == ("a",)
    noise, _ = rank_features(("a", "b", "c"), np.array([[0.3, 0.1, 0.2]]), np.ones((1, 1)))
    assert choose_features(noise, 2) == ("a", "c")
