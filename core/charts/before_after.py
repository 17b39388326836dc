"""Figures of a column before and after cleaning: over time, and its distribution."""

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from core.charts.style import LOOKS, Theme, Words, add_note, finish
from core.charts.timeline import (
    SEALED_NOTE,
    add_line,
    as_times,
    as_values,
    downsample,
    downsampling_note,
    mask_test_era,
    sample_evenly,
    set_time_axis,
    shade_eras,
)
from core.cleaning.cells import CellStatus
from core.data.eras import Eras
from core.text.escape import plain_text, plotly_text
from core.text.format import format_number

if TYPE_CHECKING:
    from core.cleaning.before_after import ColumnBeforeAfter

MOST_MARKS = 1000
BINS = 40
_MARKS = ((CellStatus.FILLED, "filled", "circle-open"), (CellStatus.CLIPPED, "clipped", "x-thin-open"))


def plot_before_after(
    column: "ColumnBeforeAfter", eras: Eras | None, theme: Theme = "light", *, sealed: bool = False
) -> go.Figure:
    """Draw a column before and after cleaning, with filled and clipped values marked.

    If the column was transformed, into its return for example, the result has its own axis on the right.

    Parameters
    ----------
    column
        The column before and after.
    eras
        The eras to shade, if known.
    theme
        The theme of the figure.
    sealed
        Whether to leave out the values of the test era.
    """
    look = LOOKS[theme]
    stamps, old, new = as_times(column.times), as_values(column.before), as_values(column.after)
    if eras is not None and sealed:
        old, new = mask_test_era(stamps, old, eras), mask_test_era(stamps, new, eras)
    short = plain_text(column.name, 40)
    axis = "y2" if column.transform else "y"
    drawn = downsample(old, new)
    figure = go.Figure()
    if eras is not None:
        shade_eras(figure, eras, theme, sealed=sealed)
    set_time_axis(figure, stamps)
    add_line(figure, stamps[drawn], old[drawn], "before", {"color": look.dropped, "width": 3.5})
    add_line(figure, stamps[drawn], new[drawn], "after", {"color": look.kept, "width": 1.3})
    figure.data[1].yaxis = axis
    for what, label, symbol in _MARKS:
        rows = np.flatnonzero((column.cells.status & what).astype(bool) & np.isfinite(new))
        if len(rows):
            some = rows[sample_evenly(len(rows), MOST_MARKS)]
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
    changes = changes_text(column)
    words = Words(
        title=f"{short} before and after cleaning",
        x="Time",
        y=short,
        alt=f"Line chart of {short} before and after cleaning. {changes}",
        subtitle=f"{changes} {SEALED_NOTE if sealed else ''} {downsampling_note(len(drawn), len(old))}",
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
    """Draw the distribution of a column before and after cleaning.

    The two are side by side if their units differ.
    """
    look = LOOKS[theme]
    short = plain_text(column.name, 40)
    values = {"before": as_values(column.before), "after": as_values(column.after)}
    good = {when: numbers[~np.isnan(numbers)] for when, numbers in values.items()}
    figure = go.Figure()
    if not any(map(len, good.values())):
        add_note(figure, "There are no valid values.", theme)
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
    medians = f"Median {middle['before']} before, {middle['after']} after; values beyond the axis are counted in the end bins."
    words = Words(
        title=f"Distribution of {short} before and after cleaning",
        x=short,
        y="Number of values",
        alt=f"Histograms of {short} before and after cleaning. {medians}",
        subtitle=medians,
    )
    figure.update_yaxes(rangemode="tozero", hoverformat=",")
    finish(figure, words, theme, 270)
    if column.transform:
        second = {"domain": [0.55, 1], "title": {"text": plotly_text(column.transform)}}
        figure.update_layout(xaxis={"domain": [0, 0.45]}, xaxis2=second)
    return figure


def changes_text(column: "ColumnBeforeAfter") -> str:
    """Return how many values of a column each step changed, as a sentence."""
    changes = column.changes
    counts = {
        "averaged": changes.averaged,
        "filled": changes.filled,
        f"turned into a {column.transform}": changes.transformed,
        "clipped": changes.clipped,
        "still bad": changes.still_bad,
        f"without a {column.transform}": changes.undefined,
    }
    parts = [f"{count:,} {what}" for what, count in counts.items() if count]
    return f"Of {len(column.times):,} values: {', '.join(parts)}." if parts else "No value was changed."


def _edges(numbers: np.ndarray) -> np.ndarray:
    if not len(numbers):
        return np.array([0.0, 1.0])
    low, high = np.quantile(numbers, (0.005, 0.995))
    return np.linspace(low, high if high > low else low + 1, BINS + 1)
