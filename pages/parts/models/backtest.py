"""The backtest on the Results page: its numbers and charts at the cost of a slider, or why there is none."""

import pandas as pd
import streamlit as st

from core.charts.results import plot_backtest, plot_drawdown
from core.delivery.backtest_text import HEADERS, backtest_doubt, backtest_rows, backtest_sentence, trading_rule
from core.forecast.evaluation.backtest import Backtest, with_cost
from core.forecast.evaluation.evaluation import Evaluation
from core.text.escape import markdown_text
from pages.parts.frame.context import LoadedContext
from pages.parts.widgets import forms, placing

_MOST_COST, _COST_STEP = 50.0, 0.5


def show(context: LoadedContext, evaluation: Evaluation, run_id: str) -> None:
    """Show the backtest of a training, or why there is none and the switch that allows one."""
    st.subheader("Backtest: trading the sign of the forecast")
    if evaluation.backtest is not None:
        _show_at_cost(evaluation.backtest, trading_rule(evaluation.task), run_id)
    else:
        st.markdown(markdown_text(evaluation.no_backtest or ""))
    with st.expander("Trading settings of the next training"):
        forms.edit(context.project, context.recipe, "evaluation", "tradable", "cost_bps")


@st.fragment
def _show_at_cost(backtest: Backtest, rule: str, run_id: str) -> None:
    """Draw the slider of costs and everything that follows from it; only this part is drawn again."""
    st.caption(rule)
    own = backtest.cost_bps
    cost = st.slider(
        "Trading cost (bp each way)",
        min_value=0.0,
        max_value=max(_MOST_COST, 2 * own),
        value=own,
        step=_COST_STEP,
        format="%.4g bp",
        key=f"cost-{run_id}",
        help=f"Answers at once. The report and metrics.json use {own:g} bp, the setting of this training.",
    )
    shown = backtest if cost == own else with_cost(backtest, cost)
    placing.summarise(backtest_sentence(shown))
    st.markdown(markdown_text(backtest_doubt(shown)))
    aligned = {name: st.column_config.Column(alignment="right") for name in HEADERS[1:]}
    placing.table(pd.DataFrame(backtest_rows(shown), columns=list(HEADERS)), "backtest-numbers", aligned)
    theme = placing.theme()
    placing.chart(plot_backtest(shown, theme), "backtest")
    placing.chart(plot_drawdown(shown, theme), "drawdown")
