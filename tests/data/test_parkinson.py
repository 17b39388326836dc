"""Parkinson's variance: known values, bars that show no range, and the volatility of a known walk."""

import numpy as np
import pytest

from core.data.parkinson import parkinson_variance
from tests.data.bars import STEPS, make_bars


def test_it_is_the_squared_log_range_over_four_log_two() -> None:
    found = parkinson_variance(np.array([102.0, 50.0]), np.array([100.0, 49.0]))
    assert found.tolist() == pytest.approx([np.log(1.02) ** 2 / 2.772589, np.log(50 / 49) ** 2 / 2.772589])


def test_a_row_without_a_range_has_none() -> None:
    high = np.array([1.0, 1.0, np.nan, 2.0, 2.0, np.inf, -1.0])
    low = np.array([1.0, 2.0, 1.0, np.nan, 0.0, 1.0, -2.0])
    assert np.isnan(parkinson_variance(high, low)).all()


def test_it_is_precise_and_leaves_out_the_gaps_between_rows() -> None:
    bars = make_bars(4000, seed=3, sigma=0.01, gap=0.008)
    variances = parkinson_variance(bars["high"].to_numpy(), bars["low"].to_numpy())
    returns = np.diff(np.log(bars["close"]))
    # Watched at 64 points, the range is a little too small: by 0.9 steps on each side (Broadie, Glasserman and Kou 1997).
    assert np.sqrt(variances.mean()) == pytest.approx(0.01 * (1 - 1.1 / np.sqrt(STEPS) / 1.67), rel=0.05)
    assert np.sqrt(np.mean(returns**2)) == pytest.approx(np.hypot(0.01, 0.008), rel=0.05)
    assert variances.std() / variances.mean() < 0.6 * (returns**2).std() / np.mean(returns**2)
