"""Pictures of a column before and after cleaning: over time, and how its values are spread."""

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from core.charts.style import LOOKS, Theme, Words, finish, note
from core.charts.timeline import add_line, as_times, as_values, even, set_time_axis, shade_eras, thin, thinned_note
from core.cleaning.cells import CellStatus
from core.data.eras import Eras
from core.text.escape import plain_text, plotly_text
from core.text.format import format_number

if TYPE_CHECKING:
    from core.cleaning.before_after import ColumnBeforeAfter

MOST_MARKS = 1000
BINS = 40
_MARKS = ((CellStatus.FILLED, "filled", "circle-open"), (CellStatus.CLIPPED, "clipped", "x-thin-open"))


def plot_before_after(column: "ColumnBeforeAfter", eras: Eras | None, theme: Theme = "light") -> go.Figure:
    """Return a column before and after cleaning, row by row, the values that were filled or clipped marked.

    Where the column became something else, such as its return, that has an axis of its own on the right.
    """
    look = LOOKS[theme]
    stamps, old, new = as_times(column.times), as_values(column.before), as_values(column.after)
    short = plain_text(column.name, 40)
    axis = "y2" if column.transform else "y"
    drawn = thin(old, new)
    figure = go.Figure()
    if eras is not None:
        shade_eras(figure, eras, theme)
    set_time_axis(figure, stamps)
    add_line(figure, stamps[drawn], old[drawn], "before", {"color": look.dropped, "width": 3.5})
    add_line(figure, stamps[drawn], new[drawn], "after", {"color": look.kept, "width": 1.3})
    figure.data[1].yaxis = axis
    for what, label, symbol in _MARKS:
        rows = np.flatnonzero(column.cells.status & what)
        if len(rows):
            some = rows[even(len(rows), MOST_MARKS)]
            figure.add_scatter(
                x=stamps[some],
                y=new[some],
                yaxis=axis,
                mode="markers",
                name=f"{label} ({len(rows):,})",
                marker={"color": look.bad, "symbol": symbol, "size": 7, "line": {"width": 1.5, "color": look.bad}},
                hovertemplate=label + " to %{y:,.3~r}<extra></extra>",
            )
    figure.update_layout(hovermode="x unified")
    told = say_changes(column)
    words = Words(
        title=f"{short} before and after cleaning",
        x="Time",
        y=short,
        alt=f"Lines of {short} before and after cleaning: {told}",
        subtitle=f"{told} {thinned_note(len(drawn), len(old))}",
    )
    finish(figure, words, theme)
    if column.transform:
        right = {
            "overlaying": "y",
            "side": "right",
            "showgrid": False,
            "title": {"text": plotly_text(column.transform)},
        }
        figure.update_layout(yaxis2=right)
    return figure


def plot_both_distributions(column: "ColumnBeforeAfter", theme: Theme = "light") -> go.Figure:
    """Return how a column's values are spread before and after cleaning; side by side where they have two units."""
    look = LOOKS[theme]
    short = plain_text(column.name, 40)
    values = {"before": as_values(column.before), "after": as_values(column.after)}
    good = {when: numbers[~np.isnan(numbers)] for when, numbers in values.items()}
    figure = go.Figure()
    if not any(map(len, good.values())):
        note(figure, "No value is good.", theme)
    edges = _edges(np.concatenate(list(good.values())))
    inks = {"before": (look.dropped, 3.5), "after": (look.kept, 1.5)}
    for when, numbers in good.items():
        own = _edges(numbers) if column.transform else edges
        if not len(numbers):
            continue
        counts, _ = np.histogram(np.clip(numbers, own[0], own[-1]), own)
        figure.add_scatter(
            x=own,
            y=[*counts, counts[-1]],
            mode="lines",
            name=when if when == "before" or not column.transform else f"after: {column.transform}",
            line={"shape": "hv", "color": inks[when][0], "width": inks[when][1]},
            xaxis="x2" if column.transform and when == "after" else "x",
            hovertemplate="%{x:,.3~r}: %{y:,} values",
        )
    middle = {
        when: format_number(float(np.median(numbers))) if len(numbers) else "none" for when, numbers in good.items()
    }
    told = f"Median {middle['before']} before, {middle['after']} after; the outer steps hold the tails."
    words = Words(
        title=f"Distribution of {short} before and after",
        x=short,
        y="Values (count)",
        alt=f"Histograms of {short} before and after cleaning. {told}",
        subtitle=told,
    )
    figure.update_yaxes(rangemode="tozero", hoverformat=",")
    finish(figure, words, theme, 270)
    if column.transform:
        second = {"domain": [0.55, 1], "title": {"text": plotly_text(column.transform)}}
        figure.update_layout(xaxis={"domain": [0, 0.45]}, xaxis2=second)
    return figure


def say_changes(column: "ColumnBeforeAfter") -> str:
    """Return in one sentence how many cells of a column each step changed."""
    changes = column.changes
    counts = {
        "averaged": changes.averaged,
        "filled": changes.filled,
        f"made a {column.transform}": changes.transformed,
        "clipped": changes.clipped,
        "left bad": changes.still_bad,
        f"without a {column.transform}": changes.undefined,
    }
    told = [f"{count:,} {words}" for words, count in counts.items() if count]
    return f"Of {len(column.times):,} values: {', '.join(told)}." if told else "No value is changed."


def _edges(numbers: np.ndarray) -> np.ndarray:
    if not len(numbers):
        return np.array([0.0, 1.0])
    low, high = np.quantile(numbers, (0.005, 0.995))
    return np.linspace(low, high if high > low else low + 1, BINS + 1)
