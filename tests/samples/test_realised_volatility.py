"""Realised volatility: by hand, causal, per block, and as what a task predicts."""

import numpy as np
import pandas as pd
import pytest

from core.errors.samples import VolatilityNeedsPrices
from core.samples.features import FeatureFrame
from core.samples.realised_volatility import realised_volatility, take_volatility_as_target
from core.samples.task import Task

NAN = float("nan")
ONE = np.zeros(6, dtype=np.int64)


def frame(target: np.ndarray, blocks: np.ndarray) -> FeatureFrame:
    count = len(target)
    return FeatureFrame(
        values=pd.DataFrame({"x": np.arange(float(count))}),
        times=np.datetime64("2024-01-01", "us") + np.arange(count) * np.timedelta64(1, "D"),
        series=None,
        blocks=blocks,
        target=target,
        lines=np.arange(count) + 2,
    )


def test_it_is_the_root_mean_square_of_the_last_log_returns():
    returns = np.array([0.0, 0.01, -0.02, 0.03, 0.0, -0.01])
    found = realised_volatility(100 * np.exp(np.cumsum(returns)), ONE, 2)
    expected = [NAN, NAN, *(np.sqrt((returns[row] ** 2 + returns[row - 1] ** 2) / 2) for row in range(2, 6))]
    assert found.tolist() == pytest.approx(expected, nan_ok=True)


def test_it_does_not_cross_blocks_and_never_uses_a_later_row():
    chance = np.random.default_rng(1)
    prices = 100 * np.exp(np.cumsum(0.01 * chance.normal(size=60)))
    blocks = np.repeat([0, 1], 30)
    found = realised_volatility(prices, blocks, 5)
    assert np.flatnonzero(np.isnan(found)).tolist() == [*range(5), *range(30, 35)]
    alone = realised_volatility(prices[30:], blocks[30:], 5)
    np.testing.assert_allclose(found[30:], alone, rtol=1e-12)
    changed = prices.copy()
    changed[50:] *= 3
    assert realised_volatility(changed, blocks, 5)[:50].tobytes() == found[:50].tobytes()


def test_a_row_without_a_change_has_a_twentieth_of_the_volatility_so_far():
    prices = 100 * np.exp(np.cumsum([0.0, 0.02, 0.0, 0.0]))
    found = realised_volatility(prices, np.zeros(4, dtype=np.int64), 1)
    assert found[1:].tolist() == pytest.approx([0.02, 0.05 * np.sqrt(0.02**2 / 2), 0.05 * np.sqrt(0.02**2 / 3)])


def test_with_variances_of_rows_it_is_the_root_of_their_mean_and_a_row_without_one_counts_by_its_return():
    prices = 100 * np.exp(np.cumsum([0.0, 0.01, -0.02, 0.03, 0.0, -0.01]))
    variances = np.array([4.0, 1.0, NAN, 4.0, 9.0, NAN]) * 1e-4
    found = realised_volatility(prices, ONE, 2, variances)
    squares = np.array([4.0, 1.0, 4.0, 4.0, 9.0, 1.0]) * 1e-4
    expected = [NAN, NAN, *(np.sqrt((squares[row] + squares[row - 1]) / 2) for row in range(2, 6))]
    assert found.tolist() == pytest.approx(expected, nan_ok=True)


def test_the_target_becomes_the_volatility_up_to_the_horizon():
    prices = 100 * np.exp(np.cumsum(0.01 * np.random.default_rng(2).normal(size=40)))
    blocks = np.repeat([0, 1, 2], [25, 3, 12])
    task = Task(target="close", predict="volatility", horizon=5)
    found = take_volatility_as_target(frame(prices, blocks), task)
    # The second block is shorter than the horizon.
    assert found.lines.tolist() == [*range(7, 27), *range(35, 42)]
    assert found.blocks.tolist() == [0] * 20 + [1] * 7
    returns = np.diff(np.log(prices))
    # Five rows after an origin, the target is the volatility of the five returns in between.
    assert found.target[5] == pytest.approx(np.sqrt(np.mean(returns[5:10] ** 2)))
    assert task.change(found.target[:1], found.target[5:6]) == pytest.approx(np.log(found.target[5] / found.target[0]))
    assert (task.label, task.quantity) == ("volatility of close over 5 rows", "volatility of close")


def test_other_tasks_keep_their_target():
    features = frame(np.arange(1.0, 7.0), ONE)
    assert take_volatility_as_target(features, Task(target="close", predict="return", horizon=1)) is features


def test_a_target_that_is_not_positive_has_no_volatility():
    with pytest.raises(VolatilityNeedsPrices) as caught:
        take_volatility_as_target(
            frame(np.array([1.0, 2.0, -1.0, 3.0, 2.0, 1.0]), ONE),
            Task(target="spread", predict="volatility", horizon=1),
        )
    assert (caught.value.column, caught.value.value, caught.value.line) == ("spread", -1.0, 4)
