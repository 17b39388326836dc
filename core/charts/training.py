"""Figures of training: the loss by epoch, and predictions of validation rows while the network learns."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts.direction import plot_probability
from core.charts.results import plot_changes, plot_predictions
from core.charts.style import LOOKS, Ink, Theme, Words, add_note, finish, label_line
from core.charts.timeline import as_values, downsample
from core.forecast.evaluation.units import OWN, PER_ROW
from core.text.escape import plotly_text
from core.text.format import format_count, format_number

if TYPE_CHECKING:
    from core.forecast.evaluation.validation_levels import ValidationLevels
    from core.forecast.network.training_summary import EpochLoss

MOST_POINTS = 2000
_FEW_EPOCHS = 40
_SMOOTHING = 0.2
_DASHES = ("dashdot", "longdash", "longdashdot")
# Levels may be close: their names must not lie on each other.
_LEVELS = {
    "persistence": ("persistence", "top right"),
    "mean": ("train mean", "top left"),
    "linear": ("linear (ridge)", "top"),
}


def plot_loss(
    history: Sequence["EpochLoss"],
    best_epoch: int | None,
    theme: Theme = "light",
    *,
    persistence_val_loss: float | None = None,
    mean_val_loss: float | None = None,
    linear_val_loss: float | None = None,
    epochs: int | None = None,
    log_scale: bool = False,
    smooth: bool = False,
    others: Mapping[str, Sequence["EpochLoss"]] | None = None,
) -> go.Figure:
    """Draw loss and val_loss of each ensemble member by epoch, with the best epoch marked.

    Parameters
    ----------
    history
        The losses so far, in order of epochs for each member.
    best_epoch
        The epoch to mark, if known.
    theme
        The theme of the figure.
    persistence_val_loss, mean_val_loss, linear_val_loss
        The val_loss of the persistence forecast, of the training-mean forecast and of ridge regression, if known.
    epochs
        The planned number of epochs, which fixes the axis while points arrive.
    log_scale
        Whether the loss axis is logarithmic.
    smooth
        Whether lines are exponential moving averages over about 9 epochs, above the faint losses themselves.
    others
        Losses of other trainings by name, whose val_loss is drawn for comparison.
    """
    look = LOOKS[theme]
    members = sorted({point.member for point in history})
    inks = {"loss": Ink(look.muted, "dot"), "val_loss": look.model("lstm")}
    figure = go.Figure()
    for member in members:
        points = [point for point in history if point.member == member]
        for name, ink in inks.items():
            line = as_values(tuple(np.nan if getattr(p, name) is None else getattr(p, name) for p in points))
            drawn = downsample(line, most=max(100, MOST_POINTS // (2 * len(members))))
            figure.add_scatter(
                x=[points[place].epoch for place in drawn],
                y=line[drawn],
                mode="lines+markers" if len(points) <= _FEW_EPOCHS else "lines",
                name=name,
                legendgroup=name,
                showlegend=member == members[0],
                uid=f"{name} {member}",
                line={"color": ink.color, "dash": ink.dash, "width": 2 if len(members) == 1 else 1.2},
                marker={"size": 5, "symbol": "circle-open" if name == "loss" else "circle"},
                hovertemplate="%{y:,.3~r}" + (f" (member {member + 1})" if len(members) > 1 else ""),
                opacity=0.3 if smooth else None,
            )
            if smooth:
                figure.add_scatter(
                    x=[points[place].epoch for place in drawn],
                    y=smooth_losses(line)[drawn],
                    mode="lines",
                    name=f"{name}, smoothed",
                    legendgroup=name,
                    showlegend=False,
                    uid=f"{name} {member} smoothed",
                    line={"color": ink.color, "dash": ink.dash, "width": 2.4},
                    hoverinfo="skip",
                )
    for number, (name, other) in enumerate((others or {}).items()):
        figure.add_scatter(
            x=[point.epoch for point in other],
            y=as_values(tuple(point.val_loss for point in other)),
            mode="lines",
            name=f"val_loss of {plotly_text(name, 24)}",
            uid=f"other {number}",
            line={"color": look.muted, "dash": _DASHES[number % len(_DASHES)], "width": 1.5},
            hovertemplate="%{y:,.3~r}",
        )
    levels = {"persistence": persistence_val_loss, "mean": mean_val_loss, "linear": linear_val_loss}
    for model, level in levels.items():
        if level is not None:
            ink, (name, place) = look.model(model), _LEVELS[model]
            figure.add_hline(
                y=level,
                line={"color": ink.color, "dash": ink.dash, "width": 1.5},
                annotation={"text": name, "font": {"size": 11, "color": look.muted}, "yanchor": "bottom"},
                annotation_position=place,
            )
            if log_scale:
                # On a logarithmic axis Plotly takes the position of a text as an exponent, unlike that of its line.
                figure.layout.annotations[-1].y = float(np.log10(level))
    last = max((point.epoch for point in history), default=0)
    span = (0.5, max(last, epochs or 0, 5) + 0.5)
    figure.update_xaxes(range=span, tickformat=",d", hoverformat=",d")
    if best_epoch is not None:
        figure.add_vline(x=best_epoch, line={"color": look.text, "dash": "dot", "width": 1})
        label_line(figure, f"best epoch {best_epoch}", best_epoch, span, theme)
    if log_scale:
        figure.update_yaxes(type="log")
    figure.update_layout(hovermode="x unified")
    if not history:
        add_note(figure, "No epoch has ended yet.", theme)
    words = Words(title="Loss by epoch", x="Epoch", y="Loss (scaled outcome)", alt=_describe(history, best_epoch))
    return finish(figure, words, theme, 310)


def plot_validation(
    levels: "ValidationLevels", theme: Theme = "light", *, series: str | None = None, changes: bool = False
) -> go.Figure:
    """Draw what the networks of a training predict of validation rows so far, and what happened.

    Parameters
    ----------
    levels
        Actual and predicted levels.
    theme
        The theme of the figure.
    series
        The series of a panel, by default the first.
    changes
        Whether to draw predicted against actual changes, of all series, not levels over time. A direction has none.
    """
    predictions, task = levels.predictions, levels.task
    if task.is_direction:
        return plot_probability(predictions, "validation", task.event, series, theme)
    unit = PER_ROW if task.predict == "volatility" else OWN
    if changes:
        return plot_changes(
            predictions, "validation", task.quantity, theme, mean_is_rival=levels.mean_is_rival, unit=unit
        )
    return plot_predictions(predictions, "validation", task.quantity, series, theme, unit=unit)


def smooth_losses(losses: np.ndarray) -> np.ndarray:
    """Return the exponential moving average of losses, float64 (n,); the first values are averages of fewer.

    Examples
    --------
    >>> smooth_losses(np.array([1.0, 0.0])).round(3).tolist()
    [1.0, 0.444]
    """
    return pd.Series(losses).ewm(alpha=_SMOOTHING, ignore_na=True).mean().to_numpy()


def _describe(history: Sequence["EpochLoss"], best_epoch: int | None) -> str:
    if not history:
        return "No epoch has finished yet."
    last = history[-1]
    best = f" Best epoch: {best_epoch}." if best_epoch is not None else ""
    return (
        f"Line chart of loss and val_loss after {format_count(last.epoch, 'epoch')}: loss {format_number(last.loss)}, "
        f"val_loss {format_number(last.val_loss)}.{best}"
    )
