"""Figures of the results: forecasts, scores against benchmarks, and the backtest."""

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts.style import (
    LOOKS,
    Theme,
    Words,
    add_level,
    add_mark,
    add_note,
    finish,
    keep_square,
    label_rows,
    rows_height,
)
from core.charts.timeline import (
    add_line,
    as_times,
    as_values,
    downsample,
    downsampling_note,
    format_times,
    level_format,
    sample_evenly,
    set_time_axis,
    shade_era,
)
from core.data.eras import Era
from core.forecast.evaluation.backtest import BAND
from core.forecast.evaluation.evidence import gain_text
from core.forecast.evaluation.gains import bootstrap_sums, drawdowns
from core.forecast.evaluation.scores import LABELS, naive_rival
from core.forecast.evaluation.units import OWN, Unit
from core.quality.views.over_time import rows_between
from core.text.escape import plain_text
from core.text.format import format_count, format_number, format_percent

if TYPE_CHECKING:
    from core.forecast.evaluation.backtest import Backtest
    from core.forecast.evaluation.evaluation import Evaluation

EraName = Literal["validation", "test"]
Span = tuple[np.datetime64, np.datetime64]

# rgba, because Plotly accepts no eight-digit hex colours.
_BAND = {"light": "rgba(0,114,178,0.16)", "dark": "rgba(86,180,233,0.22)"}

_LOSSES = {"squared_error": "Squared error", "qlike": "QLIKE", "log_loss": "Log loss"}
_STARTS = {"persistence": "the last value", "mean": "the train mean"}
# With more rows, persistence hides the line that it repeats, and wide lines hide each other.
_MANY_ROWS = 500


def plot_predictions(
    predictions: pd.DataFrame,
    era: EraName,
    target: str,
    series: str | None = None,
    theme: Theme = "light",
    *,
    unit: Unit = OWN,
    span: Span | None = None,
    log_scale: bool = False,
) -> go.Figure:
    """Draw actual values, forecasts and the prediction interval over one era.

    Of many rows lines are thin, and persistence is left to the legend: it repeats the actual line.

    Parameters
    ----------
    predictions
        The table of `predictions.csv`.
    era
        The era.
    target
        The target column.
    series
        The series of a panel, by default the first.
    theme
        The theme of the figure.
    unit
        The unit to draw levels in.
    span
        The first and last time to draw; all by default.
    log_scale
        Whether the vertical axis is logarithmic.
    """
    look = LOOKS[theme]
    rows, shown_series = rows_of(predictions, era, series)
    if span is not None:
        rows = rows[rows_between(rows["time"].to_numpy("datetime64[us]"), *span)]
    times = as_times(rows["time"])
    lines = {name: unit.factor * as_values(rows[name]) for name in ("actual", "lstm", "persistence") if name in rows}
    band = {name: unit.factor * as_values(rows[name]) for name in ("lower", "upper") if name in rows}
    drawn = downsample(*lines.values(), *band.values())
    is_long = len(drawn) > _MANY_ROWS
    figure = go.Figure()
    if len(times):
        shade_era(figure, Era[era.upper()], times.min(), times.max(), theme)
    set_time_axis(figure, times)
    has_band = len(band) == 2 and bool(np.isfinite(band["lower"]).any())
    if has_band:
        add_band(figure, times[drawn], band["lower"][drawn], band["upper"][drawn], theme)
    for name in ("persistence", "actual", "lstm"):
        if name in lines:
            ink = look.actual if name == "actual" else look.model(name)
            width = (1.8 if name == "lstm" else 1.3) * (0.6 if is_long else 1)
            line: dict[str, str | float] = {"color": ink.color, "dash": ink.dash, "width": width}
            add_line(figure, times[drawn], lines[name][drawn], LABELS.get(name, "Actual"), line)
            if is_long and name == "persistence":
                figure.data[-1].visible = "legendonly"
    figure.update_layout(hovermode="x unified")
    if log_scale:
        figure.update_yaxes(type="log")
    if not len(rows):
        add_note(figure, f"There are no predictions in the {era} era.", theme)
    short = plain_text(target, 40) + (f" of {plain_text(shown_series, 16)}" if shown_series is not None else "")
    in_sample = "On validation the interval is in sample: it was calibrated on this era."
    parts = [downsampling_note(len(drawn), len(rows)), in_sample if has_band and era == "validation" else ""]
    words = Words(
        title=f"{short}: forecast and actual, {era} era",
        x="Time of the predicted row",
        y=unit.heading(plain_text(target, 40)),
        alt=f"Line chart of the actual {unit.heading(short)}, the LSTM forecast and persistence over {len(rows):,} rows of the "
        f"{era} era" + (", with the prediction interval." if has_band else "."),
        subtitle=" ".join(part for part in parts if part),
    )
    return finish(figure, words, theme, 370)


def plot_changes(
    predictions: pd.DataFrame,
    era: EraName,
    target: str,
    theme: Theme = "light",
    *,
    mean_is_rival: bool,
    unit: Unit = OWN,
) -> go.Figure:
    """Draw predicted against actual changes; a perfect forecast lies on the diagonal.

    All series are drawn.

    Changes are from the last value, or from the train mean if that is the benchmark: relative to its last value, mean reversion
    alone would make the forecast of a return look skilful.

    Parameters
    ----------
    predictions
        The table of `predictions.csv`.
    era
        The era.
    target
        The target column.
    theme
        The theme of the figure.
    mean_is_rival
        Whether the train mean is the benchmark.
    unit
        The unit to draw levels in.
    """
    look = LOOKS[theme]
    rows = predictions[predictions["era"] == era]
    start = "mean" if mean_is_rival else "persistence"
    actual, predicted = (unit.factor * as_values(rows[name] - rows[start]) for name in ("actual", "lstm"))
    known = np.flatnonzero(np.isfinite(actual) & np.isfinite(predicted))
    actual, predicted = actual[known], predicted[known]
    figure = go.Figure()
    line = {"color": look.muted, "width": 1}
    add_level(figure, 0, line)
    add_mark(figure, 0, line)
    ranges = "none is known"
    some = sample_evenly(len(known))
    if len(known):
        reach = 1.05 * float(max(np.abs(actual).max(), np.abs(predicted).max()) or 1.0)
        figure.add_scatter(
            x=[-reach, reach],
            y=[-reach, reach],
            mode="lines",
            name="predicted = actual",
            line={"color": look.muted, "dash": "dash", "width": 1.5},
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=actual[some],
            y=predicted[some],
            mode="markers",
            name="LSTM",
            marker={"color": look.model("lstm").color, "size": 4, "opacity": 0.6},
            customdata=format_times(as_times(rows["time"])[known][some]),
            hovertemplate="%{customdata}<br>actual %{x:,.3~r}<br>predicted %{y:,.3~r}<extra></extra>",
        )
        figure.update_xaxes(range=[-reach, reach])
        figure.update_yaxes(range=[-reach, reach])
        ranges = (
            f"actual from {format_number(actual.min().item())} to {format_number(actual.max().item())}, "
            f"predicted from {format_number(predicted.min().item())} to {format_number(predicted.max().item())}"
        )
    else:
        add_note(figure, f"There are no predictions in the {era} era.", theme)
    figure.update_layout(hovermode="closest", showlegend=bool(len(known)))
    short = plain_text(target, 40)
    words = Words(
        title=f"Predicted against actual changes, {era} era",
        # The axis has room for the unit or the name of the target.
        x=unit.heading(f"Actual change{'' if unit.name else f' of {short}'} from {_STARTS[start]}"),
        y=unit.heading("Predicted change"),
        alt=f"Scatter plot of {len(known):,} changes of {unit.heading(short)}: {ranges}.",
        subtitle=f"Both axes have the same scale. A flat cloud is a forecast that stays close to {_STARTS[start]}."
        + (f" {len(some):,} of {len(known):,} rows drawn, evenly spaced." if len(some) < len(known) else ""),
    )
    return keep_square(finish(figure, words, theme, 370))


def plot_gain(evaluation: "Evaluation", theme: Theme = "light") -> go.Figure:
    """Draw how much lower the LSTM's loss is than that of the best naive forecast, with its 95% interval.

    The judged era is drawn: test once it is open, else validation.
    """
    look = LOOKS[theme]
    scores, era = evaluation.judged
    rival = naive_rival(scores)
    phrase, ink = evaluation.naive_phrase(rival), look.model("lstm")
    figure = go.Figure()
    lstm = scores.get("lstm")
    gain = None if lstm is None else lstm.r2_oos
    alt = subtitle = f"There is no loss of {phrase} to compare with."
    if lstm is None or gain is None:
        add_note(figure, alt, theme)
    else:
        low, high = lstm.r2_interval or (gain, gain)
        figure.add_scatter(
            x=[100 * gain],
            y=[0],
            mode="markers",
            marker={"color": ink.color, "size": 13, "symbol": "diamond"},
            error_x={"array": [100 * (high - gain)], "arrayminus": [100 * (gain - low)], "thickness": 3, "width": 9},
            hovertemplate="%{x:,.3~r}%<extra></extra>",
        )
        add_mark(figure, 0, {"color": look.model(rival).color, "dash": look.model(rival).dash, "width": 1.5})
        reach = 115 * max(abs(low), abs(high), 1e-6)
        figure.update_xaxes(range=[-reach, reach])
        alt = f"{gain_text(lstm)} that of {phrase}, on {lstm.n:,} {era} rows."
        subtitle = f"{gain_text(lstm)}. Right of the dashed line the LSTM is more accurate."
    figure.update_xaxes(ticksuffix="%")
    figure.update_yaxes(range=[-1, 1], visible=False, fixedrange=True)
    figure.update_layout(showlegend=False, hovermode="closest")
    words = Words(
        title=f"LSTM against {phrase}, {era} era",
        x=f"Loss below that of {phrase}",
        y="LSTM",
        alt=alt,
        subtitle=subtitle,
    )
    return finish(figure, words, theme, 118)


def plot_scores(evaluation: "Evaluation", era: EraName, theme: Theme = "light") -> go.Figure:
    """Draw each model's mean loss relative to the best naive forecast, best first.

    Parameters
    ----------
    evaluation
        The scores of every model.
    era
        The era; without scores the figure is empty.
    theme
        The theme of the figure.
    """
    look = LOOKS[theme]
    scores = getattr(evaluation, era) or {}
    rival = naive_rival(scores)
    benchmark = scores[rival].mean_loss if rival in scores else 0.0
    ranked = sorted(scores, key=lambda name: scores[name].mean_loss) if benchmark > 0 else []
    against = {name: 100 * (scores[name].mean_loss / benchmark - 1) for name in ranked}
    figure = go.Figure()
    for place, name in enumerate(ranked):
        figure.add_bar(
            x=[against[name]],
            y=[place],
            orientation="h",
            marker={"color": look.model(name).color, "line": {"width": 0}},
            text=[_signed_percent(against[name])],
            textposition="outside",
            cliponaxis=False,
            customdata=[(evaluation.model_label(name), format_number(scores[name].mean_loss))],
            hovertemplate="%{customdata[0]}<br>mean loss %{customdata[1]}<extra></extra>",
        )
    label_rows(figure, [evaluation.model_label(name) for name in ranked])
    ink = look.model(rival)
    if ranked:
        add_mark(figure, 0, {"color": ink.color, "dash": ink.dash, "width": 1.5})
    low, high = min([0.0, *against.values()]), max([0.0, *against.values()])
    # The axis leaves room for the numbers next to the longest bars, in a narrow window too.
    room = 0.35 * (high - low) or 1.0
    figure.update_xaxes(range=[low - (room if low < 0 else 0.1 * room), high + room], ticksuffix="%")
    figure.update_layout(showlegend=False, hovermode="closest", barmode="overlay")
    rival_name = evaluation.naive_phrase(rival)
    listed = ", ".join(f"{evaluation.model_label(name)} {_signed_percent(against[name])}" for name in ranked)
    alt = f"Bar chart of the loss of {len(ranked)} models relative to {rival_name} in the {era} era, best first: {listed}."
    if not ranked:
        alt = (
            f"There are no scores on the {era} era."
            if not scores
            else "The last value has no error here, so no model can be compared with it."
        )
        add_note(figure, alt, theme)
    words = Words(
        title=f"Loss relative to {rival_name}, {era} era",
        x=f"{_LOSSES[evaluation.loss]} relative to {rival_name} (%)",
        y="",
        alt=alt,
        subtitle=f"Left of the dashed line: smaller losses than {rival_name}." if ranked else "",
    )
    return finish(figure, words, theme, rows_height(len(ranked), 26))


def plot_backtest(backtest: "Backtest", theme: Theme = "light") -> go.Figure:
    """Draw the cumulative gain of trading on the forecast, after costs, with its bootstrap band, and of buy and hold."""
    factor, unit = _gain_unit(backtest)
    times, net = backtest.gains.stamps, backtest.gains.after_costs(backtest.cost_bps)
    strategy, hold = (factor * np.cumsum(gains) for gains in (net, backtest.gains.hold))
    drawn = downsample(strategy, hold)
    figure = _over_gains(backtest, theme)
    ends, sums = bootstrap_sums(net)
    low, high = factor * np.quantile(sums, [(1 - BAND) / 2, (1 + BAND) / 2], axis=0)
    add_band(figure, as_times(times)[ends], low, high, theme, f"{BAND:.0%} bootstrap band")
    _add_gains(figure, as_times(times)[drawn], strategy[drawn], hold[drawn], theme)
    cost = f"{format_number(backtest.cost_bps)} bp each way"
    net_total, hold_total, *band = (
        _gain_text(backtest, total)
        for total in (backtest.net_total, backtest.hold_total, backtest.net_low, backtest.net_high)
    )
    words = Words(
        title=f"Cumulative gain of the strategy, {backtest.era} era",
        x="Time",
        y=f"Gain ({unit})",
        alt=f"Line chart of the cumulative gain over {format_count(backtest.periods, 'period')}: {net_total} after costs of "
        f"{cost}, {BAND:.0%} bootstrap band {' to '.join(band)}, buy and hold {hold_total}.",
        subtitle=f"After costs of {cost}; gains are not reinvested. The band resamples the strategy's own gains in blocks.",
    )
    return finish(figure, words, theme, 320)


def plot_drawdown(backtest: "Backtest", theme: Theme = "light") -> go.Figure:
    """Draw by how much the cumulative gain of the strategy, and of buy and hold, is below its highest value so far."""
    factor, unit = _gain_unit(backtest)
    net = backtest.gains.after_costs(backtest.cost_bps)
    strategy, hold = (-factor * drawdowns(np.array(gains)) for gains in (net, backtest.gains.hold))
    times, drawn = as_times(backtest.gains.stamps), downsample(strategy, hold)
    figure = _over_gains(backtest, theme)
    _add_gains(figure, times[drawn], strategy[drawn], hold[drawn], theme)
    deepest = [_gain_text(backtest, -value) for value in (backtest.drawdown_net, backtest.drawdown_hold)]
    words = Words(
        title=f"Drawdown, {backtest.era} era",
        x="Time",
        y=unit.capitalize(),
        alt=f"Line chart of the drawdown over {format_count(backtest.periods, 'period')}: at most {deepest[0]} for the strategy "
        f"and {deepest[1]} for buy and hold.",
        subtitle="Cumulative gain less its highest value so far.",
    )
    return finish(figure, words, theme, 220)


def _over_gains(backtest: "Backtest", theme: Theme) -> go.Figure:
    """Return a figure over the periods of a backtest, with its era and a line at 0."""
    times = as_times(backtest.gains.stamps)
    figure = go.Figure()
    shade_era(figure, Era[backtest.era.upper()], times[0], times[-1], theme)
    set_time_axis(figure, times)
    add_level(figure, 0, {"color": LOOKS[theme].muted, "width": 1})
    figure.update_layout(hovermode="x unified")
    return figure


def _add_gains(figure: go.Figure, times: np.ndarray, strategy: np.ndarray, hold: np.ndarray, theme: Theme) -> None:
    """Draw lines of the strategy and of buy and hold; all arrays have shape (n,)."""
    look = LOOKS[theme]
    add_line(figure, times, hold, "Buy and hold", {"color": look.actual.color, "dash": "dot", "width": 1.3})
    add_line(figure, times, strategy, "Strategy, after costs", {"color": look.model("lstm").color, "width": 1.8})


def _gain_unit(backtest: "Backtest") -> tuple[int, str]:
    """Return what gains are multiplied by for display, and their unit."""
    return (100, "% of the stake") if backtest.unit == "return" else (1, "units of the target")


def _gain_text(backtest: "Backtest", gain: float) -> str:
    return format_percent(gain) if backtest.unit == "return" else format_number(gain)


def _signed_percent(percent: float) -> str:
    sign = "+" if percent > 0 else ""
    return f"{sign}{format_number(percent)}%".replace("-", "−")


def rows_of(predictions: pd.DataFrame, era: EraName, series: str | None) -> tuple[pd.DataFrame, str | None]:
    """Return the rows of one era and, in a panel, of one series, with the name of that series."""
    rows = predictions[predictions["era"] == era]
    # As in predictions.csv: origin, time, the series column, if any, under its own name, era.
    column = predictions.columns[2]
    if column == "era" or rows.empty:
        return rows, None
    name = rows[column].iloc[0] if series is None else series
    return rows[rows[column] == name], str(name)


def add_band(
    figure: go.Figure,
    times: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    theme: Theme,
    name: str = "Prediction interval",
) -> None:
    """Draw a shaded band, with its bounds in the hover.

    Parameters
    ----------
    figure
        The figure.
    times, lower, upper
        Time stamps and the ends of the band, shape (n,).
    theme
        The theme of the figure.
    name
        Legend entry, already escaped.
    """
    line = {"width": 0, "color": LOOKS[theme].model("lstm").color}
    hover = f"%{{y:{level_format(upper)}}}"
    common = {"mode": "lines", "line": line, "legendgroup": "interval"}
    figure.add_scatter(x=times, y=upper, name="Upper bound", showlegend=False, hovertemplate=hover, **common)
    figure.add_scatter(
        x=times,
        y=lower,
        name=name,
        fill="tonexty",
        fillcolor=_BAND[theme],
        hovertemplate=f"from {hover}",
        **common,
    )
