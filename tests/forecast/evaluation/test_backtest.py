"""A backtest of five rows by hand, and its statistics against independent numbers."""

import numpy as np
import pytest

from core.forecast.evaluation.backtest import MOST_POINTS, Trades, newey_west_t, run_backtest

DAYS = np.datetime64("2024-01-01", "us") + np.arange(4000) * np.timedelta64(1, "D")


def trades(price, next_price, change, blocks=None, times=None):
    price = np.array(price, dtype=float)
    blocks = np.zeros(len(price), int) if blocks is None else np.array(blocks)
    times = DAYS[: len(price)] if times is None else times
    return Trades(
        times=times,
        blocks=blocks,
        price=price,
        next_price=np.array(next_price, float),
        predicted_change=np.array(change, float),
    )


FIVE = trades([100, 110, 99, 99, 198], [110, 99, 99, 198, 99], [1, -1, 0, -2, -3])


def test_five_rows_by_hand():
    # Positions +1 -1 0 -1 -1, returns +10% -10% 0 +100% -50%, traded 1 2 1 1 0.
    result = run_backtest(FIVE, 100, "test")
    assert result.unit == "return"
    assert result.periods == 5
    assert result.gross_total == pytest.approx(0.1 + 0.1 + 0 - 1 + 0.5)
    assert result.net_total == pytest.approx(-0.3 - 5 * 0.01)
    assert result.hold_total == pytest.approx(0.5)
    assert result.turnover == pytest.approx(1)
    assert result.break_even_cost == pytest.approx(-0.3 / 5 * 1e4)
    assert result.gross == pytest.approx(result.gross_total / 5)
    assert result.equity.strategy == pytest.approx((0.09, 0.17, 0.16, -0.85, -0.35))
    assert result.equity.hold == pytest.approx((0.1, 0, 0, 1, 0.5))
    assert result.equity.times[0] == "2024-01-01T00:00:00"


def test_the_net_gain_is_0_at_the_break_even_cost():
    gaining = trades([100, 110, 99], [110, 99, 108.9], [1, -1, 1])
    result = run_backtest(gaining, 0, "test")
    assert run_backtest(gaining, result.break_even_cost, "test").net_total == pytest.approx(0, abs=1e-12)


def test_predicted_changes_of_0_trade_nothing():
    result = run_backtest(trades([1, 2, 3], [2, 3, 4], [0, 0, 0]), 5, "validation")
    assert (result.gross, result.net, result.turnover) == (0, 0, 0)
    assert result.break_even_cost is None
    assert result.sharpe_net is None
    assert result.t_hac is None
    assert result.era == "validation"


def test_gains_of_a_target_that_can_be_negative_are_in_its_unit():
    result = run_backtest(trades([-1, 1, 2], [1, 2, 1], [1, 1, -1]), 100, "test")
    assert result.unit == "difference"
    assert result.gross_total == 4
    assert result.net_total == pytest.approx(4 - 0.01 * (1 * 1 + 0 + 2 * 2))


def test_series_have_equal_weights_and_start_flat():
    times = np.r_[DAYS[:2], DAYS[:2]]
    result = run_backtest(
        trades([100, 100, 50, 50], [100, 100, 55, 55], [1, 1, -1, -1], [0, 0, 1, 1], times), 0, "test"
    )
    assert result.periods == 2
    assert result.gross_total == pytest.approx(-0.1)
    assert result.turnover == pytest.approx(0.5)


@pytest.mark.parametrize(("step", "periods_per_year"), [("D", 365.25), ("h", 8766)])
def test_periods_per_year_follow_the_time_stamps(step, periods_per_year):
    times = np.datetime64("2024-01-01", "us") + np.arange(500) * np.timedelta64(1, step)
    gains = np.random.default_rng(0).normal(0.001, 0.01, 500)
    result = run_backtest(trades(np.ones(500), 1 + gains, np.ones(500), times=times), 0, "test")
    assert result.periods_per_year == pytest.approx(periods_per_year)
    assert result.sharpe_net == pytest.approx(gains.mean() / gains.std(ddof=1) * np.sqrt(periods_per_year))
    assert result.sharpe_hold == pytest.approx(result.sharpe_net)


def test_the_t_statistic_matches_the_newey_west_formula():
    values = np.random.default_rng(0).normal(0.1, 1, 200)
    centred, lags = values - values.mean(), 6
    variance = centred @ centred
    for lag in range(1, lags + 1):
        variance += 2 * (1 - lag / (lags + 1)) * (centred[lag:] @ centred[:-lag])
    assert newey_west_t(values) == pytest.approx(values.mean() / np.sqrt(variance / 200**2))
    assert newey_west_t(np.ones(50)) is None


def test_a_long_equity_curve_is_downsampled_and_keeps_its_ends():
    gains = np.random.default_rng(0).normal(0, 0.01, 3999)
    result = run_backtest(trades(np.ones(3999), 1 + gains, np.ones(3999)), 0, "test")
    assert len(result.equity.times) == MOST_POINTS
    assert result.equity.strategy[0] == pytest.approx(gains[0])
    assert result.equity.strategy[-1] == pytest.approx(gains.sum())
