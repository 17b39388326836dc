"""Pictures of step 7: forecasts beside what happened, their rivals, and what trading on them would have earned."""

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts.style import LOOKS, Theme, Words, finish, label_rows, note, rows_height
from core.charts.timeline import (
    add_line,
    as_times,
    as_values,
    even,
    level_format,
    say_times,
    set_time_axis,
    shade_era,
    thin,
    thinned_note,
)
from core.data.eras import Era
from core.forecast.evaluation.scores import LABELS, naive_rival
from core.text.escape import plain_text
from core.text.format import format_number, format_percent

if TYPE_CHECKING:
    from core.forecast.evaluation.backtest import Backtest
    from core.forecast.evaluation.evaluation import Evaluation

EraName = Literal["validation", "test"]

# Plain colours with an alpha: Plotly takes no eight-digit hex.
_BAND = {"light": "rgba(0,114,178,0.16)", "dark": "rgba(86,180,233,0.22)"}

_MEANINGS = {
    "persistence": "the last value carried forward",
    "mean": "those of always saying the mean of the train era",
}
_STARTS = {"persistence": "the last value", "mean": "the train mean"}


def plot_predictions(
    predictions: pd.DataFrame, era: EraName, target: str, series: str | None = None, theme: Theme = "light"
) -> go.Figure:
    """Return actual values, the LSTM, persistence and the interval over one era; of a panel one series, the first unless named."""
    look = LOOKS[theme]
    rows, shown_series = _rows_of(predictions, era, series)
    times = as_times(rows["time"])
    lines = {name: as_values(rows[name]) for name in ("actual", "lstm", "persistence") if name in rows}
    band = {name: as_values(rows[name]) for name in ("lower", "upper") if name in rows}
    drawn = thin(*lines.values(), *band.values())
    figure = go.Figure()
    if len(times):
        shade_era(figure, Era[era.upper()], times.min(), times.max(), theme)
    set_time_axis(figure, times)
    has_band = len(band) == 2 and bool(np.isfinite(band["lower"]).any())
    if has_band:
        _add_band(figure, times[drawn], band["lower"][drawn], band["upper"][drawn], theme)
    for name in ("persistence", "actual", "lstm"):
        if name in lines:
            ink = look.actual if name == "actual" else look.model(name)
            width = 1.8 if name == "lstm" else 1.3
            label = LABELS.get(name, "Actual")
            add_line(
                figure, times[drawn], lines[name][drawn], label, {"color": ink.color, "dash": ink.dash, "width": width}
            )
    figure.update_layout(hovermode="x unified")
    if not len(rows):
        note(figure, f"There are no predictions in the {era} era.", theme)
    short = plain_text(target, 24) + (f" of {plain_text(shown_series, 16)}" if shown_series is not None else "")
    in_sample = "On validation the interval is in sample: it was calibrated there."
    remarks = [thinned_note(len(drawn), len(rows)), in_sample if has_band and era == "validation" else ""]
    words = Words(
        title=f"{short}: forecast and actual, {era} era",
        x="Time of the predicted row",
        y=plain_text(target, 40),
        alt=f"Lines of the actual {short}, the LSTM's forecast and persistence over {len(rows):,} rows of the {era} era"
        + (", with the prediction interval." if has_band else "."),
        subtitle=" ".join(remark for remark in remarks if remark),
    )
    return finish(figure, words, theme, 370)


def plot_changes(
    predictions: pd.DataFrame, era: EraName, target: str, theme: Theme = "light", *, mean_is_rival: bool
) -> go.Figure:
    """Return predicted against actual changes: right on the slanted line, saying nothing on the flat one.

    They are changes from the last value, or from the train mean where that is a rival: from the last value of a return the way back
    to the mean alone would look like foresight. Of a panel all series take part.
    """
    look = LOOKS[theme]
    rows = predictions[predictions["era"] == era]
    start = "mean" if mean_is_rival else "persistence"
    base = as_values(rows[start])
    actual, predicted = as_values(rows["actual"]) - base, as_values(rows["lstm"]) - base
    known = np.flatnonzero(np.isfinite(actual) & np.isfinite(predicted))
    actual, predicted = actual[known], predicted[known]
    figure = go.Figure()
    line = {"color": look.muted, "width": 1}
    figure.add_hline(y=0, line=line)
    figure.add_vline(x=0, line=line)
    spread = "none known"
    some = even(len(known))
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
            customdata=say_times(as_times(rows["time"])[known][some]),
            hovertemplate="%{customdata}<br>actual %{x:,.3~r}<br>predicted %{y:,.3~r}<extra></extra>",
        )
        figure.update_xaxes(range=[-reach, reach])
        figure.update_yaxes(range=[-reach, reach])
        spread = (
            f"actual ones from {format_number(actual.min().item())} to {format_number(actual.max().item())}, "
            f"predicted ones from {format_number(predicted.min().item())} to {format_number(predicted.max().item())}"
        )
    else:
        note(figure, f"There are no predictions in the {era} era.", theme)
    figure.update_layout(hovermode="closest", showlegend=bool(len(known)))
    short = plain_text(target, 40)
    words = Words(
        title=f"Predicted against actual changes, {era} era",
        x=f"Actual change of {short} from {_STARTS[start]}",
        y="Predicted change",
        alt=f"Points of {len(known):,} changes of {short}: {spread}.",
        subtitle=f"One scale on both axes: a flat cloud is a forecast that says little more than {_STARTS[start]}."
        + (f" {len(some):,} of {len(known):,} rows, taken evenly." if len(some) < len(known) else ""),
    )
    return finish(figure, words, theme, 370)


def plot_scores(evaluation: "Evaluation", era: EraName, theme: Theme = "light") -> go.Figure:
    """Return each model's RMSE against that of persistence, or of the train mean where it is harder to beat, the best first."""
    look = LOOKS[theme]
    scores = getattr(evaluation, era) or {}
    rival = naive_rival(scores)
    yardstick = scores[rival].rmse if rival in scores else 0.0
    ranked = sorted(scores, key=lambda name: scores[name].rmse) if yardstick > 0 else []
    against = {name: 100 * (scores[name].rmse / yardstick - 1) for name in ranked}
    figure = go.Figure()
    for place, name in enumerate(ranked):
        figure.add_bar(
            x=[against[name]],
            y=[place],
            orientation="h",
            marker={"color": look.model(name).color, "line": {"width": 0}},
            text=[f"{'+' if against[name] > 0 else ''}{format_number(against[name])} %".replace("-", "−")],
            textposition="outside",
            cliponaxis=False,
            customdata=[(LABELS.get(name, name), format_number(scores[name].rmse))],
            hovertemplate="%{customdata[0]}<br>RMSE %{customdata[1]}<extra></extra>",
        )
    label_rows(figure, [LABELS.get(name, name) for name in ranked])
    ink = look.model(rival)
    if ranked:
        figure.add_vline(x=0, line={"color": ink.color, "dash": ink.dash, "width": 1.5})
    low, high = min([0.0, *against.values()]), max([0.0, *against.values()])
    # Beside the longest bars the figure must hold their numbers, in a narrow window too.
    room = 0.35 * (high - low) or 1.0
    figure.update_xaxes(range=[low - (room if low < 0 else 0.1 * room), high + room], ticksuffix=" %")
    figure.update_layout(showlegend=False, hovermode="closest", barmode="overlay")
    said = {"mean": "the train mean"}.get(rival, rival)
    listed = ", ".join(f"{LABELS.get(name, name)} {format_number(against[name])} %" for name in ranked)
    alt = f"Bars of the RMSE of {len(ranked)} models against {said} in the {era} era, best first: {listed}."
    if not ranked:
        sealed = not scores and era == "test"
        alt = (
            "The test era is sealed."
            if sealed
            else "Persistence makes no error here, so nothing can be compared with it."
        )
        note(figure, alt, theme)
    words = Words(
        title=f"Error against {said}, {era} era",
        x=f"RMSE against {said} (%)",
        y="Model",
        alt=alt,
        subtitle=f"Left of the dashed line: smaller errors than {_MEANINGS[rival]}." if ranked else "",
    )
    return finish(figure, words, theme, rows_height(len(ranked), 26))


def plot_backtest(backtest: "Backtest", theme: Theme = "light") -> go.Figure:
    """Return the running gain of trading on the forecast, after costs, beside that of holding."""
    look = LOOKS[theme]
    share = backtest.unit == "return"
    factor = 100 if share else 1
    times = as_times(backtest.equity.times)
    strategy, hold = (factor * as_values(values) for values in (backtest.equity.strategy, backtest.equity.hold))
    figure = go.Figure()
    if len(times):
        shade_era(figure, Era[backtest.era.upper()], times.min(), times.max(), theme)
    set_time_axis(figure, times)
    figure.add_hline(y=0, line={"color": look.muted, "width": 1})
    add_line(figure, times, hold, "Hold", {"color": look.actual.color, "dash": "dot", "width": 1.3})
    add_line(figure, times, strategy, "Strategy, after costs", {"color": look.model("lstm").color, "width": 1.8})
    figure.update_layout(hovermode="x unified")
    told = [
        format_percent(total) if share else format_number(total) for total in (backtest.net_total, backtest.hold_total)
    ]
    unit = "% of the stake" if share else "unit of the target"
    words = Words(
        title=f"Gain of trading on the forecast, {backtest.era} era",
        x="Time",
        y=f"Gain ({unit})",
        alt=f"Lines of the running gain over {backtest.periods:,} periods: {told[0]} after costs of "
        f"{format_number(backtest.cost_bps)} basis points each way, holding {told[1]}.",
        subtitle=f"After {format_number(backtest.cost_bps)} basis points each way; gains are not reinvested.",
    )
    return finish(figure, words, theme, 290)


def _rows_of(predictions: pd.DataFrame, era: EraName, series: str | None) -> tuple[pd.DataFrame, str | None]:
    """Return the rows of one era and, of a panel, of one series; and the name of that series."""
    rows = predictions[predictions["era"] == era]
    # As in predictions.csv: origin, time, the series column under the user's own name if there is one, era.
    column = predictions.columns[2]
    if column == "era" or rows.empty:
        return rows, None
    name = rows[column].iloc[0] if series is None else series
    return rows[rows[column] == name], str(name)


def _add_band(figure: go.Figure, times: np.ndarray, lower: np.ndarray, upper: np.ndarray, theme: Theme) -> None:
    """Draw the prediction interval as two invisible lines with colour between them; its ends are told in the hover."""
    line = {"width": 0, "color": LOOKS[theme].model("lstm").color}
    hover = f"%{{y:{level_format(upper)}}}"
    common = {"mode": "lines", "line": line, "legendgroup": "interval"}
    figure.add_scatter(x=times, y=upper, name="Upper end", showlegend=False, hovertemplate=hover, **common)
    figure.add_scatter(
        x=times,
        y=lower,
        name="Prediction interval",
        fill="tonexty",
        fillcolor=_BAND[theme],
        hovertemplate=f"from {hover}",
        **common,
    )
