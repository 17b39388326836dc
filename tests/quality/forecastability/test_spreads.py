"""Pairs of columns that look cointegrated."""

import numpy as np
import pytest
from statsmodels.tsa.stattools import adfuller

from core.quality.forecastability.spreads import _test_pairs, find_spreads

ROWS = 400


def walks(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, ROWS)).cumsum(axis=1)


def with_partner(levels: np.ndarray, slope: float) -> np.ndarray:
    noise = np.random.default_rng(9).normal(size=ROWS)
    return np.vstack([levels, slope * levels[0] + noise])


def test_a_cointegrated_pair_is_found_with_its_slope() -> None:
    levels = with_partner(walks(6), 0.8)
    found = find_spreads(levels, [f"c{place}" for place in range(7)])
    spread = found[0]
    assert {spread.one, spread.other} == {0, 6}
    assert spread.slope == pytest.approx(0.8 if spread.one == 6 else 1 / 0.8, rel=0.1)
    assert len({frozenset((pair.one, pair.other)) for pair in found}) == len(found)


def test_the_statistic_is_dickey_and_fullers() -> None:
    levels = walks(3, seed=4)
    levels = levels - levels.mean(axis=1, keepdims=True)
    levels /= levels.std(axis=1, keepdims=True)
    statistic, slope = _test_pairs(levels)
    residual = levels[0] - slope[0, 1] * levels[1]
    oracle = adfuller(residual, maxlag=0, regression="n", autolag=None, result_object=False)[0]
    assert statistic[0, 1] == pytest.approx(oracle, rel=1e-2)


def test_independent_walks_rarely_look_cointegrated() -> None:
    found = [len(find_spreads(walks(10, seed), [f"c{place}" for place in range(10)])) for seed in range(30)]
    # 45 pairs each, and a test at 1%.
    assert np.mean(found) < 1.5


@pytest.mark.parametrize("fault", ["one instrument", "nearly equal", "smoothed", "short"])
def test_some_columns_are_no_pair(fault: str) -> None:
    levels = with_partner(walks(1), 0.8)
    names = ["a", "b"]
    match fault:
        case "one instrument":
            names = ["a", "a"]
        case "nearly equal":
            levels[1] = levels[0] + 0.01 * np.random.default_rng(1).normal(size=ROWS)
        case "smoothed":
            levels[1] = np.convolve(levels[0], np.ones(20) / 20, "same")
        case "short":
            levels = levels[:, :40]
    assert find_spreads(levels, names) == []


def test_a_gap_is_filled_from_the_past() -> None:
    levels = with_partner(walks(2), 0.8)
    whole = find_spreads(levels, list("abc"))
    levels[2, 100:103] = np.nan
    (pair, *_) = find_spreads(levels, list("abc"))
    assert {pair.one, pair.other} == {whole[0].one, whole[0].other}
