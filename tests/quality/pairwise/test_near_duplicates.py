"""Near-duplicates: against a plain loop over pairs, and among more columns than are correlated."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.findings.columns import NearDuplicate
from core.quality.pairwise.near_duplicates import rank_near_duplicates
from core.quality.pairwise.similarity import Similarity


def similarity_of(matrix: np.ndarray) -> Similarity:
    one, other = np.nonzero(np.triu(matrix, 1))
    names = tuple(f"c{place}" for place in range(len(matrix)))
    return Similarity(
        names=names,
        one=tuple(one),
        other=tuple(other),
        correlation=tuple(matrix[one, other]),
        to_target=tuple(np.abs(matrix[0])),
        left_out=0,
    )


@given(st.integers(0, 10_000), st.floats(0.5, 0.99))
def test_a_column_is_a_duplicate_if_and_only_if_a_better_remaining_one_is_similar(seed: int, threshold: float) -> None:
    random = np.random.default_rng(seed)
    count = int(random.integers(1, 12))
    matrix = np.round(random.uniform(-1, 1, (count, count)), 3)
    matrix = np.triu(matrix, 1) + np.triu(matrix, 1).T
    ranking = rank_near_duplicates(similarity_of(matrix), dict.fromkeys((f"c{place}" for place in range(count)), 0.0))
    candidates, kept = random.random((2, count)) < ((0.8,), (0.2,))
    places = [int(name[1:]) for name in ranking.names]
    remaining = list(candidates)
    for rank, place in enumerate(places):
        similar = [one for one in range(rank) if remaining[one] and abs(matrix[place, places[one]]) > threshold]
        original = ranking.find_originals(threshold, candidates, kept)[rank]
        assert original == (similar[0] if similar and candidates[rank] else -1)
        if original >= 0:
            assert ranking.correlation_of(original, rank) == matrix[place, places[original]]
            remaining[rank] = bool(kept[rank])


def test_columns_rank_by_bad_values_then_correlation_with_the_target_then_name() -> None:
    similarity = Similarity(
        names=("a", "b", "c", "d"), one=(), other=(), correlation=(), to_target=(0.1, 0.9, 0.1, 1.0), left_out=0
    )
    assert rank_near_duplicates(similarity, {"a": 0.0, "b": 0.0, "c": 0.0, "d": 0.2}).names == ("b", "a", "c", "d")
    assert rank_near_duplicates(similarity, {"a": 0.3, "b": 0.1, "d": 0.2}, first="d").names == ("d", "b", "a")


@pytest.mark.fires("near-duplicate")
def test_copies_unrelated_to_the_target_are_found_among_more_columns_than_are_correlated(bench) -> None:
    random = np.random.default_rng(8)
    frame = pd.DataFrame(random.normal(size=(120, 300)), columns=[f"c{place:03}" for place in range(300)])
    frame["date"] = pd.date_range("2020-01-01", periods=120, unit="us")
    frame["copy"] = -3 * frame["c290"] + 7
    frame.iloc[:, 1:250] += 0.7 * frame[["c000"]].to_numpy()
    profile = bench.profile(frame, "c000")
    assert not {"copy", "c290"} <= set(profile.correlated)
    (found,) = [finding for finding in profile.findings if isinstance(finding, NearDuplicate)]
    assert {found.column, found.other} == {"copy", "c290"}
    pairs = zip(profile.similarity.one, profile.similarity.other, profile.similarity.correlation, strict=True)
    sizes = {(profile.similarity.names[one], profile.similarity.names[other]): size for one, other, size in pairs}
    assert sizes["c290", "copy"] == pytest.approx(-1)
    assert max(abs(size) for pair, size in sizes.items() if pair != ("c290", "copy")) < 0.9
