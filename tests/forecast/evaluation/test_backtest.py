"""A backtest of four rows by hand, fills one row later, and the strategies that it is compared with."""

import time
from dataclasses import fields, replace

import numpy as np
import pytest

from core.forecast.evaluation.backtest import FEWEST_TRADES, Trades, run_backtest, with_cost
from core.forecast.evaluation.gains import newey_west_t
from tests.forecast.evaluation.examples import evaluate_world

DAYS = np.datetime64("2024-01-01", "us") + np.arange(4000) * np.timedelta64(1, "D")


def trades(entry, exit, change, blocks=None, times=None, origins=None):
    count = len(entry)
    return Trades(
        origins=np.arange(count) if origins is None else np.array(origins),
        blocks=np.zeros(count, int) if blocks is None else np.array(blocks),
        times=DAYS[:count] if times is None else times,
        entry=np.array(entry, float),
        exit=np.array(exit, float),
        predicted_change=np.array(change, float),
    )


def persistent_signs(count, rng, switch=0.2):
    return np.where(np.cumsum(rng.random(count) < switch) % 2, 1.0, -1.0)


def test_four_rows_by_hand():
    # Positions +1 -1 0 -1, returns +10% -10% 0 +100%; traded 1 2 1 1, and 1 to close at the end.
    result = run_backtest(trades([100, 110, 99, 99], [110, 99, 99, 198], [1, -1, 0, -2]), 100, "test")
    assert (result.unit, result.periods, result.trades, result.era) == ("return", 4, 5, "test")
    assert result.gains.gross == pytest.approx((0.1, 0.1, 0, -1))
    assert result.gains.volume == (1, 2, 1, 2)
    assert result.gross_total == pytest.approx(-0.8)
    assert result.net_total == pytest.approx(-0.8 - 6 * 0.01)
    assert result.hold_total == pytest.approx(1)
    assert (result.gross, result.net, result.hold) == pytest.approx((-0.2, -0.215, 0.25))
    assert result.turnover == pytest.approx(1.5)
    # Net gains are 0.09, 0.08, -0.01, -1.02.
    assert result.drawdown_net == pytest.approx(1.03)
    assert result.drawdown_hold == pytest.approx(0.1)
    assert result.sharpe_hold == pytest.approx(0.25 / np.std([0.1, -0.1, 0, 1], ddof=1) * np.sqrt(365.25))


def test_a_position_is_filled_one_row_after_its_origin(world):
    # The forecast knows the next move exactly: a fill at the last value would earn each of them.
    target = 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, 400)))
    w = world(target)
    windows = w.windows(4)
    found = evaluate_world(w, np.where(np.isnan(windows.samples.future), 0, windows.samples.future)).backtest
    assert abs(newey_west_t(np.array(found.gains.gross))) < 3
    rows = np.flatnonzero(w.samples.eras == 2)
    rows = rows[rows + 2 <= rows.max() + 1]
    sign = np.sign(target[rows + 1] - target[rows])
    assert found.gains.gross == pytest.approx(sign * (target[rows + 2] / target[rows + 1] - 1))
    later = np.r_[target[2:], target[-2:]]
    knowing = np.where(later[windows.samples.rows] > np.r_[target[1:], 0][windows.samples.rows], 1e3, 0)
    known = evaluate_world(w, knowing).backtest
    assert min(known.gains.gross) >= 0


def test_later_prices_change_no_earlier_gain(world, random_walk):
    target = random_walk(300, 1)
    w = world(target)
    forecast = w.windows(4).samples.base + np.random.default_rng(0).normal(size=len(w.windows(4).ends))
    before = evaluate_world(w, forecast).backtest
    cut = 280
    changed = target.copy()
    changed[cut:] *= 5
    other = world(changed)
    # The sign of the forecast stays as it was.
    moved = other.windows(4).samples.base + np.sign(forecast - w.windows(4).samples.base)
    after = evaluate_world(other, moved).backtest
    known = before.gains.stamps < w.features.times[cut]
    assert 0 < known.sum() < len(known)
    for name in ("times", "gross", "hold", "volume"):
        first, second = (np.array(getattr(each.gains, name)) for each in (before, after))
        assert np.array_equal(first[known], second[known]), name


def test_no_price_of_a_sealed_era_is_read(world, random_walk):
    target = random_walk(300, 1)
    w = world(target)
    changed = target.copy()
    first_test_row = int(np.flatnonzero(w.samples.eras == 2).min()) + 1
    changed[first_test_row:] = -7
    results = [
        evaluate_world(each, each.windows(4).samples.base + 1, opened=False).backtest for each in (w, world(changed))
    ]
    assert results[0] == results[1]
    assert results[0].era == "validation"


def test_a_longer_horizon_trades_every_row_by_its_latest_forecast(world, random_walk):
    w = world(random_walk(300, 2), horizon=5)
    rng = np.random.default_rng(1)
    signs = rng.choice([-1.0, 1.0], size=len(w.windows(4).ends))
    found = evaluate_world(w, w.windows(4).samples.base + signs).backtest
    rows = w.samples.of(2)
    target = w.features.target
    assert found.periods == len(rows)
    assert found.gains.gross == pytest.approx(signs[rows - 3] * (target[rows + 2] / target[rows + 1] - 1))


def test_nothing_crosses_series_or_gaps(world, random_walk):
    target = np.r_[random_walk(150, 1), 1e4 + random_walk(150, 2)]
    w = world(target, blocks=[0] * 150 + [1] * 150)
    found = evaluate_world(w, w.windows(4).samples.base + 1).backtest
    assert found.gains.hold == pytest.approx(found.gains.gross)
    assert max(map(abs, found.gains.gross)) < 0.2
    missing = run_backtest(
        trades([100, 100, 100], [100, 100, 100], [1, 1, 1], origins=[0, 1, 5]), 100, "test"
    )  # a position is closed before the gap, and opened again after it
    assert missing.gains.volume == (1, 1, 2)
    assert missing.trades == 4


def test_series_have_equal_weights_and_start_flat():
    times = np.r_[DAYS[:2], DAYS[:2]]
    result = run_backtest(
        trades([100, 100, 50, 50], [100, 100, 55, 55], [1, 1, -1, -1], [0, 0, 1, 1], times, [0, 1, 2, 3]), 0, "test"
    )
    assert result.periods == 2
    assert result.gross_total == pytest.approx(-0.1)
    assert result.turnover == pytest.approx(1)
    assert result.trades == 4


def test_gains_of_a_target_that_can_be_negative_are_in_its_unit():
    result = run_backtest(trades([-1, 1, 2], [1, 2, 1], [1, 1, -1]), 100, "test")
    assert result.unit == "difference"
    assert result.gross_total == 4
    assert result.net_total == pytest.approx(4 - 0.01 * (1 * 1 + 0 + 2 * 2 + 1 * 1))


def test_predicted_changes_of_0_trade_nothing():
    result = run_backtest(trades([1, 2, 3], [2, 3, 4], [0, 0, 0]), 5, "validation")
    assert (result.gross, result.net, result.turnover, result.trades) == (0, 0, 0, 0)
    assert (result.break_even_cost, result.sharpe_net, result.t_hac, result.random_percentile) == (None,) * 4
    assert "never" in result.no_break_even
    assert run_backtest(trades([], [], []), 5, "test") is None


def test_the_net_gain_is_0_at_the_break_even_cost_which_needs_20_trades():
    rng = np.random.default_rng(0)
    gains = rng.normal(0, 0.01, 200)
    signs = np.sign(gains + rng.normal(0, 0.01, 200))
    many = run_backtest(trades(np.ones(200), 1 + gains, signs), 5, "test")
    assert many.trades >= FEWEST_TRADES
    assert many.no_break_even is None
    assert with_cost(many, many.break_even_cost).net_total == pytest.approx(0, abs=1e-12)
    for count, exists in ((19, False), (20, True)):
        # Each row but the first is a reversal, and the last position is closed.
        few = run_backtest(
            trades(np.ones(count - 1), np.full(count - 1, 1.1), [1, -1] * 9 + [1] * (count - 19)), 5, "test"
        )
        assert few.trades == count
        assert (few.break_even_cost is not None) is exists
        assert (few.no_break_even is None) is exists


def test_another_cost_is_the_same_backtest_at_that_cost():
    rng = np.random.default_rng(3)
    given = trades(np.ones(500), 1 + rng.normal(0, 0.01, 500), rng.normal(size=500))
    cheap, dear = run_backtest(given, 1, "test"), run_backtest(given, 30, "test")
    assert with_cost(cheap, 30) == dear
    assert with_cost(dear, 1) == cheap
    fixed = ("gross_total", "break_even_cost", "random_percentile", "turnover", "sharpe_hold", "gains")
    assert all(getattr(cheap, name) == getattr(dear, name) for name in fixed)
    changed = {field.name for field in fields(cheap) if getattr(cheap, field.name) != getattr(dear, field.name)}
    assert changed == {"cost_bps", "net", "net_total", "net_low", "net_high", "sharpe_net", "sharpe_net_error"} | {
        "drawdown_net",
        "t_hac",
        "t_excess",
    }


def test_a_slider_of_costs_answers_at_once():
    rng = np.random.default_rng(3)
    count = 150_000
    times = np.datetime64("2024-01-01", "us") + np.arange(count) * np.timedelta64(1, "m")
    large = run_backtest(
        trades(np.ones(count), 1 + rng.normal(0, 0.01, count), rng.normal(size=count), times=times), 1, "test"
    )
    began = time.process_time()
    with_cost(large, 2)
    assert time.process_time() - began < 1


def test_the_excess_over_holding_is_tested():
    rng = np.random.default_rng(5)
    gains = rng.normal(0.002, 0.01, 300)
    long = run_backtest(trades(np.ones(300), 1 + gains, np.ones(300)), 0, "test")
    assert long.t_excess is None  # equal to holding, up to the closing trade, which is free
    assert long.t_hac == pytest.approx(newey_west_t(gains))
    short = run_backtest(trades(np.ones(300), 1 + gains, -np.ones(300)), 0, "test")
    assert short.t_excess == pytest.approx(newey_west_t(-2 * gains))


def test_random_strategies_have_the_same_positions_at_other_times():
    rng = np.random.default_rng(7)
    gains, signs = rng.normal(0, 0.01, 60), persistent_signs(60, rng)
    found = run_backtest(trades(np.ones(60), 1 + gains, signs), 5, "test")
    totals = [np.roll(signs, shift) @ gains for shift in range(60)]
    assert found.random_strategies == 59
    assert found.random_percentile == pytest.approx(np.mean(np.array(totals[1:]) < totals[0]))
    knowing = run_backtest(trades(np.ones(60), 1 + gains, gains), 5, "test")
    assert knowing.random_percentile == 1
    assert run_backtest(trades(np.ones(60), 1 + gains, np.ones(60)), 5, "test").random_percentile is None


def test_random_positions_of_a_panel_move_together():
    rng = np.random.default_rng(8)
    gains, signs = rng.normal(0, 0.01, 50), persistent_signs(50, rng)
    one = run_backtest(trades(np.ones(50), 1 + gains, signs), 0, "test")
    twice = trades(
        np.ones(100),
        1 + np.tile(gains, 2),
        np.tile(signs, 2),
        np.repeat([0, 1], 50),
        np.tile(DAYS[:50], 2),
        np.arange(100),
    )
    # Two equal series are no more evidence than one.
    assert run_backtest(twice, 0, "test").random_percentile == pytest.approx(one.random_percentile)


@pytest.mark.simulation
def test_random_strategies_are_beaten_at_their_nominal_rate():
    rng = np.random.default_rng(11)
    percentiles = []
    for _ in range(1000):
        volatility = np.exp(np.convolve(rng.normal(0, 0.3, 310), np.ones(10) / 3, "valid"))[:300]
        gains, signs = 0.01 * volatility * rng.normal(size=300), persistent_signs(300, rng, 0.1)
        percentiles.append(
            run_backtest(trades(np.ones(300), 1 + np.clip(gains, -0.9, 9), signs), 0, "test").random_percentile
        )
    assert np.mean(np.array(percentiles) > 0.95) == pytest.approx(0.05, abs=0.02)
    assert np.mean(percentiles) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(("step", "periods_per_year"), [("D", 365.25), ("h", 8766)])
def test_periods_per_year_follow_the_time_stamps(step, periods_per_year):
    times = np.datetime64("2024-01-01", "us") + np.arange(500) * np.timedelta64(1, step)
    gains = np.random.default_rng(0).normal(0.001, 0.01, 500)
    result = run_backtest(trades(np.ones(500), 1 + gains, np.ones(500), times=times), 0, "test")
    assert result.periods_per_year == pytest.approx(periods_per_year)
    assert result.sharpe_net == pytest.approx(gains.mean() / gains.std(ddof=1) * np.sqrt(periods_per_year))
    assert result.sharpe_net == pytest.approx(result.sharpe_hold)
    assert result.sharpe_net_error == pytest.approx(np.sqrt(periods_per_year / 499), rel=0.1)
    assert replace(result, cost_bps=0.0) == result
