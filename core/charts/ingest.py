"""Figures of the upload: a column over time."""

import numpy as np
import pandas as pd
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
    set_time_axis,
    shade_eras,
)
from core.data.eras import Eras
from core.text.escape import plain_text, plotly_text
from core.text.format import format_number


def plot_series(
    times: pd.Series | np.ndarray,
    values: pd.Series | np.ndarray,
    name: str,
    eras: Eras | None,
    theme: Theme = "light",
    *,
    sealed: bool = False,
) -> go.Figure:
    """Draw a column of one series over time, with the eras behind it.

    Parameters
    ----------
    times
        Time stamps, shape (n,).
    values
        Values, shape (n,); what is not finite is a gap.
    name
        The column.
    eras
        The eras to shade, if known.
    theme
        The theme of the figure.
    sealed
        Whether to leave out the values of the test era.
    """
    stamps, line = as_times(times), as_values(values)
    sealed = sealed and eras is not None
    if eras is not None and sealed:
        line = mask_test_era(stamps, line, eras)
    drawn = downsample(line)
    figure = go.Figure()
    if eras is not None:
        shade_eras(figure, eras, theme, sealed=sealed)
    set_time_axis(figure, stamps)
    add_line(figure, stamps[drawn], line[drawn], plotly_text(name), {"color": LOOKS[theme].actual.color, "width": 1.3})
    figure.update_layout(hovermode="x unified", showlegend=False)
    known = line[np.isfinite(line)]
    if not len(known):
        add_note(figure, "This column has no numbers.", theme)
    short = plain_text(name, 40)
    span = f" between {format_number(known.min().item())} and {format_number(known.max().item())}" if len(known) else ""
    words = Words(
        title=f"{short} over time",
        x="Time",
        y=short,
        alt=f"Line chart of {short} over time: {len(known):,} values{span}"
        + (f"; validation starts {eras.validation_from[:10]}, test {eras.test_from[:10]}." if eras else "."),
        subtitle=f"{SEALED_NOTE if sealed else ''} {downsampling_note(len(drawn), len(line))}".strip(),
    )
    return finish(figure, words, theme)
