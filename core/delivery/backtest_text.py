"""The backtest in words and rows, for the page and the report."""

from collections.abc import Callable

from core.forecast.evaluation.backtest import BAND, Backtest
from core.samples.task import Task
from core.text.format import ABSENT, format_count, format_number, format_percent

_FILL = (
    "Decided at the close of a row, filled one row later at its price, held until the next decision is filled. The stake is "
    "constant, gains are not reinvested."
)
HEADERS = ("Measure", "Strategy", "Hold")


def trading_rule(task: Task) -> str:
    """Return when the strategy is long or short, and at which price it is filled."""
    above = "probability of a rise is above 50%" if task.is_direction else "forecast is above the last value"
    return f"Long if the {above}, short if below. {_FILL}"


def backtest_sentence(backtest: Backtest) -> str:
    """Return what the strategy would have earned after costs, and what holding would have."""
    gain = _gain(backtest)
    return (
        f"{gain(backtest.net_total)} after costs of {format_number(backtest.cost_bps)} bp each way, buy and hold "
        f"{gain(backtest.hold_total)}, over {format_count(backtest.periods, 'period')} of the {backtest.era} era."
    )


def backtest_doubt(backtest: Backtest) -> str:
    """Return how sure the gain is: its band, random strategies, and the cost that it can bear."""
    gain = _gain(backtest)
    band = f"{BAND:.0%} bootstrap band: {gain(backtest.net_low)} to {gain(backtest.net_high)}."
    luck = "" if backtest.random_percentile is None else f" {_random(backtest)}"
    return f"{band}{luck} {_break_even(backtest)}"


def backtest_rows(backtest: Backtest) -> tuple[tuple[str, str, str], ...]:
    """Return each measure with its values for the strategy and for holding, as text."""
    gain = _gain(backtest)
    found = backtest.break_even_cost
    cost = ABSENT if found is None else "below 0" if found <= 0 else f"{format_number(found)} bp"
    percentile = ABSENT if backtest.random_percentile is None else format_percent(backtest.random_percentile)
    return (
        ("Gain after costs", gain(backtest.net_total), gain(backtest.hold_total)),
        (f"{BAND:.0%} bootstrap band", f"{gain(backtest.net_low)} to {gain(backtest.net_high)}", ABSENT),
        ("Gain before costs", gain(backtest.gross_total), gain(backtest.hold_total)),
        ("HAC t of the mean gain", format_number(backtest.t_hac), ABSENT),
        ("HAC t of the gain over holding", format_number(backtest.t_excess), ABSENT),
        (
            "Sharpe ratio, annualised",
            _with_error(backtest.sharpe_net, backtest.sharpe_net_error),
            _with_error(backtest.sharpe_hold, backtest.sharpe_hold_error),
        ),
        ("Maximum drawdown", gain(backtest.drawdown_net), gain(backtest.drawdown_hold)),
        ("Turnover a period", format_number(backtest.turnover), ABSENT),
        ("Trades", format_number(backtest.trades), ABSENT),
        ("Random strategies that earn less", percentile, ABSENT),
        ("Break-even cost", cost, ABSENT),
    )


def _gain(backtest: Backtest) -> Callable[[float | None], str]:
    """Return how gains are written: returns in percent, differences in the target's unit."""
    return format_percent if backtest.unit == "return" else format_number


def _random(backtest: Backtest) -> str:
    share, count = format_percent(backtest.random_percentile), format_number(backtest.random_strategies)
    return f"It earned more than {share} of {count} random strategies with the same positions at other times."


def _break_even(backtest: Backtest) -> str:
    if backtest.no_break_even is not None:
        return backtest.no_break_even
    if backtest.break_even_cost is None or backtest.break_even_cost <= 0:
        return "It loses money even before costs."
    return f"Break-even cost: {format_number(backtest.break_even_cost)} bp."


def _with_error(value: float | None, error: float | None) -> str:
    return ABSENT if value is None else f"{format_number(value)} ± {format_number(error)}"
