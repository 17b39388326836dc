"""Backtest: trading the sign of the predicted change one row later, before and after costs."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from core.data.blocks import block_slices, number_stretches, rows_before
from core.forecast.evaluation.gains import bootstrap_sums, drawdowns, newey_west_t, sharpe_ratio
from core.forecast.evaluation.scores import EraName
from core.quality.numerics.circular_shifts import correlate_at_shifts
from core.text.format import format_count

FEWEST_TRADES = 20
BAND = 0.9
# Rows from the origin to the fill, and to the row whose price ends the gain.
FILLED, ENDED = 1, 2
YEAR = np.timedelta64(365, "D") + np.timedelta64(6, "h")


@dataclass(frozen=True, kw_only=True)
class PeriodGains:
    """What the result at any cost is computed from, by period: one value a time stamp, means over the series.

    `times` are microseconds since 1970, of the price that ends the gain. `gross` is the strategy before costs, `hold` that of
    buying and holding, `volume` the value traded.
    """

    times: tuple[int, ...]
    gross: tuple[float, ...]
    hold: tuple[float, ...]
    volume: tuple[float, ...]

    def after_costs(self, cost_bps: float) -> np.ndarray:
        """Return the gains after costs in basis points each way, float64 (periods,)."""
        return np.array(self.gross) - 1e-4 * cost_bps * np.array(self.volume)

    @property
    def stamps(self) -> np.ndarray:
        """The times, datetime64[us] (periods,)."""
        return np.array(self.times, dtype="datetime64[us]")


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """Gains of a constant stake, not reinvested; None if a number does not exist. Holding is shown before costs.

    `gross`, `net` and `hold` are means by period, `*_total` sums. `unit` is `return` if the target is positive, else `difference`
    (the target's unit). `net_low` and `net_high` are the ends of the 90% block-bootstrap band of the total net gain. `trades`
    counts orders, `turnover` is the mean traded stake a period (2 for a reversal from long to short). `break_even_cost` is the
    cost in basis points at which the total net gain is 0; None below 20 trades, and `no_break_even` says so.

    Sharpe ratios and their errors are annualised by `periods_per_year`, taken from the time stamps. `t_hac` is the Newey-West t
    statistic of `net`, `t_excess` that of the net gain minus that of holding. Drawdowns are the largest falls of the cumulative
    gain. `random_percentile` is the share of `random_strategies` with the same positions at other times, and so the same
    turnover, that gain less.
    """

    era: EraName
    unit: Literal["return", "difference"]
    periods: int
    trades: int
    turnover: float
    gross: float
    hold: float
    gross_total: float
    hold_total: float
    break_even_cost: float | None
    sharpe_hold: float | None
    sharpe_hold_error: float | None
    drawdown_hold: float
    periods_per_year: float | None
    random_percentile: float | None
    random_strategies: int
    cost_bps: float
    net: float
    net_total: float
    net_low: float
    net_high: float
    sharpe_net: float | None
    sharpe_net_error: float | None
    drawdown_net: float
    t_hac: float | None
    t_excess: float | None
    gains: PeriodGains

    @property
    def no_break_even(self) -> str | None:
        """Why there is no break-even cost, in a sentence; None if there is one."""
        if self.trades == 0:
            return "It never trades."
        if self.trades < FEWEST_TRADES:
            return f"Only {format_count(self.trades, 'trade')}: a break-even cost needs at least {FEWEST_TRADES}."
        return None


@dataclass(frozen=True, eq=False, kw_only=True)
class Trades:
    """The input of a backtest: n origins, sorted by series and time.

    `origins` int (n,) number the rows; `blocks` int (n,) the series. `entry` float64 (n,) is the price one row after the origin,
    `exit` that of two rows after, and `times` datetime64 (n,) its time. `predicted_change` float64 (n,): only the sign counts.
    """

    origins: np.ndarray
    blocks: np.ndarray
    times: np.ndarray
    entry: np.ndarray
    exit: np.ndarray
    predicted_change: np.ndarray


def run_backtest(trades: Trades, cost_bps: float, era: EraName) -> Backtest | None:
    """Trade a stake of 1 in each series, long or short by the sign of the predicted change; None without a trade to fill.

    A position is decided at the close of a row and filled at the price of the next row. It earns the change from there to the row
    after, where the next decision replaces it, also for horizons above 1. It starts flat, and is closed at the end of the series,
    and where the next row has no forecast. Costs are paid on the stake traded. Series have equal weights at each time stamp.

    Parameters
    ----------
    trades
        Origins, prices and predicted changes.
    cost_bps
        Trading costs, in basis points each way.
    era
        The era of the origins.
    """
    if not len(trades.origins):
        return None
    position = np.sign(trades.predicted_change)
    is_positive = bool((trades.entry > 0).all() and (trades.exit > 0).all())
    change = trades.exit / trades.entry - 1 if is_positive else trades.exit - trades.entry
    moved, closed = _traded(trades, position)
    traded = moved + closed
    volume = traded if is_positive else moved * np.abs(trades.entry) + closed * np.abs(trades.exit)

    times, place = np.unique(trades.times.astype("datetime64[us]"), return_inverse=True)
    counts = np.bincount(place)
    gross, hold, turnover, volumes = (
        np.bincount(place, values) / counts for values in (position * change, change, traded, volume)
    )
    gains = PeriodGains(
        times=tuple(times.astype(np.int64).tolist()),
        gross=tuple(gross.tolist()),
        hold=tuple(hold.tolist()),
        volume=tuple(volumes.tolist()),
    )
    orders = int(np.count_nonzero(moved) + np.count_nonzero(closed))
    years = _periods_per_year(times)
    sharpe_hold, sharpe_hold_error = _annual_sharpe(hold, years)
    shifted = _shift_positions(trades.blocks, position, change / counts[place])
    return Backtest(
        era=era,
        unit="return" if is_positive else "difference",
        periods=len(times),
        trades=orders,
        turnover=float(turnover.mean()),
        gross=float(gross.mean()),
        hold=float(hold.mean()),
        gross_total=float(gross.sum()),
        hold_total=float(hold.sum()),
        break_even_cost=float(1e4 * gross.sum() / volumes.sum()) if orders >= FEWEST_TRADES else None,
        sharpe_hold=sharpe_hold,
        sharpe_hold_error=sharpe_hold_error,
        drawdown_hold=float(drawdowns(hold).max()),
        periods_per_year=years,
        random_percentile=_percentile(shifted),
        random_strategies=len(shifted) - 1,
        **_after_costs(gains, cost_bps, years),
    )


def with_cost(backtest: Backtest, cost_bps: float) -> Backtest:
    """Return the same backtest at other trading costs, in basis points each way."""
    return replace(backtest, **_after_costs(backtest.gains, cost_bps, backtest.periods_per_year))


def _after_costs(gains: PeriodGains, cost_bps: float, periods_per_year: float | None) -> dict[str, Any]:
    """Return the fields of a backtest that depend on costs."""
    net = gains.after_costs(cost_bps)
    sharpe, error = _annual_sharpe(net, periods_per_year)
    _, sums = bootstrap_sums(net)
    low, high = np.quantile(sums[:, -1], [(1 - BAND) / 2, (1 + BAND) / 2]).tolist()
    return {
        "gains": gains,
        "cost_bps": cost_bps,
        "net": float(net.mean()),
        "net_total": float(net.sum()),
        "net_low": low,
        "net_high": high,
        "sharpe_net": sharpe,
        "sharpe_net_error": error,
        "drawdown_net": float(drawdowns(net).max()),
        "t_hac": newey_west_t(net),
        "t_excess": newey_west_t(net - np.array(gains.hold)),
    }


def _traded(trades: Trades, position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the stake traded at each entry, and that of positions closed at the exit, both float64 (n,)."""
    is_first = rows_before(number_stretches(trades.origins, trades.blocks)) == 0
    moved = np.abs(position - np.where(is_first, 0.0, np.r_[0.0, position[:-1]]))
    return moved, np.where(np.r_[is_first[1:], True], np.abs(position), 0.0)


def _shift_positions(blocks: np.ndarray, position: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Return the total gross gain if the positions were taken k rows later, for every k, float64; at k = 0 the actual one.

    Positions at the end of a series return to its start. All series are shifted by the same k, which keeps their correlation.
    """
    slices = block_slices(blocks, len(blocks))
    longest = max(rows.stop - rows.start for rows in slices)
    totals = np.zeros(longest)
    for rows in slices:
        size = rows.stop - rows.start
        totals += size * correlate_at_shifts(position[rows], change[rows])[np.arange(longest) % size]
    return totals


def _percentile(totals: np.ndarray) -> float | None:
    """Return the share of the totals after the first that are below it, ties counted half; None if all are equal."""
    actual, others = totals[0], totals[1:]
    slack = 1e-9 * float(np.abs(totals).max())
    if not len(others) or np.ptp(totals) <= slack:
        return None
    equal = np.abs(others - actual) <= slack
    return float(np.mean(np.where(equal, 0.5, others < actual)))


def _periods_per_year(times: np.ndarray) -> float | None:
    if len(times) < 2:
        return None
    return float((len(times) - 1) * (YEAR / (times[-1] - times[0])))


def _annual_sharpe(gains: np.ndarray, periods_per_year: float | None) -> tuple[float | None, float | None]:
    found = sharpe_ratio(gains)
    if found is None or periods_per_year is None:
        return None, None
    ratio, error = (number * float(np.sqrt(periods_per_year)) for number in found)
    return ratio, error
