"""Backtest: trading the sign of the predicted change, before and after costs."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.forecast.evaluation.scores import EraName

MOST_POINTS = 2000
NO_PRICE = (
    "No backtest: on the train era the mean forecasts the target better than its last value does, so it is not a tradable price "
    "(a return, for example)."
)
NO_VOLATILITY = "No backtest: the target behaves like a volatility, which cannot be bought and sold."
NO_ROWS = "No backtest: no row of the validation or test era was predicted."
YEAR = np.timedelta64(365, "D") + np.timedelta64(6, "h")


@dataclass(frozen=True, kw_only=True)
class EquityCurve:
    """Cumulative net gains of the strategy and of buy and hold; at most 2,000 points."""

    times: tuple[str, ...]
    strategy: tuple[float, ...]
    hold: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """Gains of a constant stake, not reinvested; None if a number does not exist.

    `gross`, `net` and `hold` are means by period, `*_total` sums. `unit` is `return` if the target is positive, else `difference`
    (the target's unit). `turnover` is the mean traded stake a period (2 for a reversal from long to short), `break_even_cost` the
    cost in basis points at which the total net gain is 0. Sharpe ratios are annualised by `periods_per_year`, taken from the time
    stamps. `t_hac` is the Newey-West t statistic of `net`.
    """

    era: EraName
    unit: Literal["return", "difference"]
    periods: int
    gross: float
    net: float
    hold: float
    gross_total: float
    net_total: float
    hold_total: float
    turnover: float
    break_even_cost: float | None
    sharpe_net: float | None
    sharpe_hold: float | None
    periods_per_year: float | None
    t_hac: float | None
    cost_bps: float
    equity: EquityCurve


@dataclass(frozen=True, eq=False, kw_only=True)
class Trades:
    """The input of a backtest: n origins, sorted by series and time.

    `times` datetime64 (n,); `blocks` int (n,) number the series; `price` float64 (n,) at the origin, `next_price` (n,) one row
    later; `predicted_change` float64 (n,), of which only the sign counts.
    """

    times: np.ndarray
    blocks: np.ndarray
    price: np.ndarray
    next_price: np.ndarray
    predicted_change: np.ndarray


def run_backtest(trades: Trades, cost_bps: float, era: EraName) -> Backtest:
    """Trade a stake of 1 in each series, long or short by the sign of the predicted change.

    The position taken at an origin earns the change to the next row and pays costs on the stake traded. It starts flat and is
    not closed at the end. Series have equal weights at each time stamp.

    Parameters
    ----------
    trades
        Origins, prices and predicted changes.
    cost_bps
        Trading costs, in basis points each way.
    era
        The era of the origins.
    """
    position = np.sign(trades.predicted_change)
    starts = np.r_[True, np.diff(trades.blocks) != 0]
    traded = np.abs(position - np.where(starts, 0.0, np.r_[0.0, position[:-1]]))
    positive = bool((trades.price > 0).all() and (trades.next_price > 0).all())
    stake = np.ones(len(position)) if positive else np.abs(trades.price)
    change = trades.next_price / trades.price - 1 if positive else trades.next_price - trades.price

    times, place = np.unique(trades.times, return_inverse=True)
    counts = np.bincount(place)

    def average(values: np.ndarray) -> np.ndarray:
        return np.bincount(place, values) / counts

    gross, hold, turnover, volume = (average(values) for values in (position * change, change, traded, traded * stake))
    net = gross - cost_bps * 1e-4 * volume
    periods_per_year = _periods_per_year(times)
    return Backtest(
        era=era,
        unit="return" if positive else "difference",
        periods=len(times),
        gross=float(gross.mean()),
        net=float(net.mean()),
        hold=float(hold.mean()),
        gross_total=float(gross.sum()),
        net_total=float(net.sum()),
        hold_total=float(hold.sum()),
        turnover=float(turnover.mean()),
        break_even_cost=float(1e4 * gross.sum() / volume.sum()) if volume.sum() > 0 else None,
        sharpe_net=_sharpe(net, periods_per_year),
        sharpe_hold=_sharpe(hold, periods_per_year),
        periods_per_year=periods_per_year,
        t_hac=newey_west_t(net),
        cost_bps=cost_bps,
        equity=_equity_curve(times, net, hold),
    )


def newey_west_t(values: np.ndarray) -> float | None:
    """Return the Newey-West t statistic of the mean of values, float64 (n,).

    With ceil(n^(1/3)) lags; None if there are fewer than three values, or they do not vary.
    """
    from statsmodels.api import OLS

    if len(values) < 3 or np.ptp(values) == 0:
        return None
    lags = int(np.ceil(len(values) ** (1 / 3)))
    t = float(OLS(values, np.ones(len(values))).fit(cov_type="HAC", cov_kwds={"maxlags": lags}).tvalues[0])
    return t if np.isfinite(t) else None


def _periods_per_year(times: np.ndarray) -> float | None:
    if len(times) < 2:
        return None
    return float((len(times) - 1) * (YEAR / (times[-1] - times[0])))


def _sharpe(gains: np.ndarray, periods_per_year: float | None) -> float | None:
    if periods_per_year is None or np.ptp(gains) == 0:
        return None
    return float(gains.mean() / gains.std(ddof=1) * np.sqrt(periods_per_year))


def _equity_curve(times: np.ndarray, net: np.ndarray, hold: np.ndarray) -> EquityCurve:
    """Return the cumulative gains at evenly spaced periods, including the last."""
    shown = np.unique(np.linspace(0, len(times) - 1, min(len(times), MOST_POINTS)).round().astype(np.int64))
    stamps = np.datetime_as_string(times[shown], unit="s").tolist()
    return EquityCurve(
        times=tuple(stamps), strategy=tuple(np.cumsum(net)[shown].tolist()), hold=tuple(np.cumsum(hold)[shown].tolist())
    )
