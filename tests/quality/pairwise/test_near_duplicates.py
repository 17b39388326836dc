"""Which of many alike columns stay: against the same rule told pair by pair, and copies among more columns than are mapped."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.quality.pairwise.near_duplicates import rank_near_duplicates
from core.quality.pairwise.similarity import Similarity


def likeness_of(matrix: np.ndarray) -> Similarity:
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
def test_a_column_goes_if_and_only_if_a_better_one_that_stays_is_like_it(seed: int, threshold: float) -> None:
    random = np.random.default_rng(seed)
    count = int(random.integers(1, 12))
    matrix = np.round(random.uniform(-1, 1, (count, count)), 3)
    matrix = np.triu(matrix, 1) + np.triu(matrix, 1).T
    contest = rank_near_duplicates(likeness_of(matrix), dict.fromkeys((f"c{place}" for place in range(count)), 0.0))
    takes_part, kept = random.random((2, count)) < ((0.8,), (0.2,))
    places = [int(name[1:]) for name in contest.names]
    stays = list(takes_part)
    for rank, place in enumerate(places):
        alike = [one for one in range(rank) if stays[one] and abs(matrix[place, places[one]]) > threshold]
        repeated = contest.find_originals(threshold, takes_part, kept)[rank]
        assert repeated == (alike[0] if alike and takes_part[rank] else -1)
        if repeated >= 0:
            assert contest.correlation_of(repeated, rank) == matrix[place, places[repeated]]
            stays[rank] = bool(kept[rank])


def test_merit_is_fewer_bad_values_then_nearness_to_the_target_then_the_name() -> None:
    likeness = Similarity(
        names=("a", "b", "c", "d"), one=(), other=(), correlation=(), to_target=(0.1, 0.9, 0.1, 1.0), left_out=0
    )
    assert rank_near_duplicates(likeness, {"a": 0.0, "b": 0.0, "c": 0.0, "d": 0.2}).names == ("b", "a", "c", "d")
    assert rank_near_duplicates(likeness, {"a": 0.3, "b": 0.1, "d": 0.2}, first="d").names == ("d", "b", "a")


def test_copies_far_from_the_target_are_found_among_more_columns_than_are_shown(bench) -> None:
    random = np.random.default_rng(8)
    frame = pd.DataFrame(random.normal(size=(120, 300)), columns=[f"c{place:03}" for place in range(300)])
    frame["date"] = pd.date_range("2020-01-01", periods=120, unit="us")
    frame["copy"] = -3 * frame["c290"] + 7
    frame.iloc[:, 1:250] += 0.7 * frame[["c000"]].to_numpy()
    profile = bench.profile(frame, "c000")
    assert not {"copy", "c290"} <= set(profile.correlated)
    (found,) = [finding for finding in profile.findings if finding.code == "near-duplicate"]
    assert found.title == "copy repeats c290" or found.title == "c290 repeats copy"
    pairs = zip(profile.similarity.one, profile.similarity.other, profile.similarity.correlation, strict=True)
    alike = {(profile.similarity.names[one], profile.similarity.names[other]): size for one, other, size in pairs}
    assert alike["c290", "copy"] == pytest.approx(-1)
    assert max(abs(size) for pair, size in alike.items() if pair != ("c290", "copy")) < 0.9
