"""The backtest in words: every number of the table, and why one is missing."""

from dataclasses import replace

import pytest

from core.delivery.backtest_text import HEADERS, backtest_doubt, backtest_rows
from tests.charts import examples


@pytest.mark.parametrize(
    ("cost", "trades", "sentence", "cell"),
    [
        (-145.0, 90, "It loses money even before costs.", "below 0"),
        (12.34, 90, "Break-even cost: 12.3 bp.", "12.3 bp"),
        (None, 7, "Only 7 trades: a break-even cost needs at least 20.", "–"),
        (None, 0, "It never trades.", "–"),
    ],
)
def test_the_break_even_cost_is_a_sentence_and_a_cell(cost, trades, sentence, cell):
    assert backtest_rows(replace(examples.backtest(), break_even_cost=cost, trades=trades))[-1][1] == cell
    assert backtest_doubt(replace(examples.backtest(), break_even_cost=cost, trades=trades)).endswith(sentence)


def test_rows_hold_the_numbers_of_the_backtest():
    found = examples.backtest()
    rows = {name: cells for name, *cells in backtest_rows(found)}
    assert all(len(cells) == len(HEADERS) - 1 for cells in rows.values())
    assert rows["Trades"] == [str(found.trades), "–"]
    assert rows["Maximum drawdown"][0].endswith("%")
    in_units = {name: cells for name, *cells in backtest_rows(replace(found, unit="difference"))}
    assert not any(cell.endswith("%") for name, cells in in_units.items() if "Random" not in name for cell in cells)
    assert "±" in rows["Sharpe ratio, annualised"][1]


def test_what_does_not_exist_is_a_dash():
    empty = replace(examples.backtest(), sharpe_net=None, t_hac=None, random_percentile=None, break_even_cost=None)
    rows = {name: cells for name, *cells in backtest_rows(empty)}
    for name in (
        "HAC t of the mean gain",
        "Sharpe ratio, annualised",
        "Random strategies that earn less",
        "Break-even cost",
    ):
        assert rows[name][0] == "–"
    assert "random" not in backtest_doubt(empty)
