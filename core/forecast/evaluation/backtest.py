"""What trading on the sign of the prediction would have earned, before and after costs."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

MOST_POINTS = 2000
NO_PRICE = (
    "Not reckoned: in the train era the mean is nearer to the next value than the last value is. Such a target, a return say, is "
    "no price that could be bought at its last value and sold at the next."
)
NO_ROWS = "Not reckoned: no row of the validation or test era was predicted."
YEAR = np.timedelta64(365, "D") + np.timedelta64(6, "h")


@dataclass(frozen=True, kw_only=True)
class EquityCurve:
    """Running sums of the net gain of the strategy and of holding, at most 2,000 points; times are ISO."""

    times: tuple[str, ...]
    strategy: tuple[float, ...]
    hold: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """Gains of a constant stake by period: `gross`, `net` and `hold` are means, `*_total` sums, none reinvested.

    `unit` is `return` where the target is positive, else `difference` (the target's own unit). `turnover` is the mean
    traded stake a period (2 for a turn from long to short), `break_even_cost` the cost in basis points that eats the
    whole gross gain. Sharpe ratios are a year's, by the periods a year that the time stamps show.
    """

    era: Literal["test", "validation"]
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
    """What a backtest trades on, a row an origin, sorted by series and time: `price` at the origin, `following` a row later.

    `change` is the predicted change, of which only the sign counts; `blocks` number the series.
    """

    times: np.ndarray
    blocks: np.ndarray
    price: np.ndarray
    following: np.ndarray
    change: np.ndarray


def run_backtest(trades: Trades, cost_bps: float, era: Literal["test", "validation"]) -> Backtest:
    """Return what a stake of 1 in each series earns, held long or short by the sign of the predicted change.

    The position taken at an origin earns the move to the next row and pays `cost_bps` of what it trades; it starts from
    no position, and is not closed at the end. Series weigh the same at each time stamp.
    """
    position = np.sign(trades.change)
    starts = np.r_[True, np.diff(trades.blocks) != 0]
    traded = np.abs(position - np.where(starts, 0.0, np.r_[0.0, position[:-1]]))
    positive = bool((trades.price > 0).all() and (trades.following > 0).all())
    stake = np.ones(len(position)) if positive else np.abs(trades.price)
    moved = trades.following / trades.price - 1 if positive else trades.following - trades.price

    times, place = np.unique(trades.times, return_inverse=True)
    counts = np.bincount(place)

    def average(values: np.ndarray) -> np.ndarray:
        return np.bincount(place, values) / counts

    gross, hold, turnover, volume = (average(row) for row in (position * moved, moved, traded, traded * stake))
    net = gross - cost_bps * 1e-4 * volume
    a_year = _periods_per_year(times)
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
        sharpe_net=_sharpe(net, a_year),
        sharpe_hold=_sharpe(hold, a_year),
        periods_per_year=a_year,
        t_hac=t_of_mean(net),
        cost_bps=cost_bps,
        equity=_draw(times, net, hold),
    )


def t_of_mean(values: np.ndarray) -> float | None:
    """Return the t statistic of the mean with Newey-West errors of ceil(n^(1/3)) lags, or None where it does not exist."""
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


def _draw(times: np.ndarray, net: np.ndarray, hold: np.ndarray) -> EquityCurve:
    """Return the running sums at evenly taken periods, the last always among them."""
    kept = np.unique(np.linspace(0, len(times) - 1, min(len(times), MOST_POINTS)).round().astype(np.int64))
    stamps = np.datetime_as_string(times[kept], unit="s").tolist()
    return EquityCurve(
        times=tuple(stamps), strategy=tuple(np.cumsum(net)[kept].tolist()), hold=tuple(np.cumsum(hold)[kept].tolist())
    )
