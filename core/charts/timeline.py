"""Time axes with the eras behind them, and downsampling that keeps every spike."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts.style import HOVER_NUMBER, LOOKS, Theme
from core.data.eras import Era, Eras
from core.ingest.values.timecodes import are_counts

MOST_POINTS = 4000
SEALED_NOTE = "The test era is sealed: its values are hidden."

# Rows that are only counted have artificial time stamps, in seconds since 1970.
_COUNT = "%s"
_ISO_TICKS = [
    {"dtickrange": [None, 60_000], "value": "%H:%M:%S\n%Y-%m-%d"},
    {"dtickrange": [60_000, 86_400_000], "value": "%H:%M\n%Y-%m-%d"},
    {"dtickrange": [86_400_000, "M1"], "value": "%Y-%m-%d"},
    {"dtickrange": ["M1", "M6"], "value": "%Y-%m"},
    {"dtickrange": ["M12", None], "value": "%Y"},
]


def as_times(times: pd.Series | np.ndarray | tuple[str, ...]) -> np.ndarray:
    """Return time stamps as datetime64[ms], shape (n,), the shortest form in JSON."""
    return np.asarray(times, dtype="datetime64[ms]")


def format_times(times: np.ndarray) -> np.ndarray:
    """Return time stamps, shape (n,), as texts to the minute.

    Rows that are only counted become their number.
    """
    return (
        times.astype("datetime64[s]").astype(np.int64).astype(str)
        if are_counts(times)
        else np.datetime_as_string(times, unit="m")
    )


def as_values(values: pd.Series | np.ndarray | tuple[float, ...]) -> np.ndarray:
    """Return values as float64, shape (n,), with NaN for everything that is not finite."""
    array = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(array), array, np.nan)


def mask_test_era(times: np.ndarray, values: np.ndarray, eras: Eras) -> np.ndarray:
    """Return values, shape (n,), with NaN at all times of the test era: a sealed era is not part of a figure.

    Parameters
    ----------
    times
        Time stamps, shape (n,) datetime64.
    values
        Values, shape (n,) float64.
    eras
        The eras.
    """
    return np.where(eras.label(times) == Era.TEST, np.nan, values)


def downsample(*lines: np.ndarray, most: int = MOST_POINTS) -> np.ndarray:
    """Return at most `most` positions at which lines look as they do in full.

    The positions are sorted; the lines have equal shape (n,).

    Each line keeps the minimum and maximum of every bucket, its first and last value, and its longest gaps. LTTB is not used:
    it keeps one point per bucket and may lose one of two adjacent spikes, and its NaN-aware variants lose a spike next to a
    gap.

    Examples
    --------
    >>> quiet = np.zeros(100_000)
    >>> quiet[[500, 501]] = 9, -9
    >>> positions = downsample(quiet)
    >>> len(positions) <= 4000, {500, 501} <= set(positions.tolist())
    (True, True)
    """
    length = len(lines[0])
    if length <= most:
        return np.arange(length)
    share = (most - 2) // len(lines)
    kept = [np.array([0, length - 1])]
    for line in lines:
        gaps = _gaps(line, share // 4)
        known = np.flatnonzero(np.isfinite(line))
        kept += [gaps, known[_extremes(line[known], share - len(gaps))]]
    return np.unique(np.concatenate(kept))


def downsampling_note(drawn: int, rows: int) -> str:
    """Return how many of the rows a figure draws, or an empty text if it draws them all."""
    if drawn >= rows:
        return ""
    return f"{drawn:,} of {rows:,} rows drawn, including the minimum and maximum of every stretch."


def sample_evenly(length: int, most: int = MOST_POINTS) -> np.ndarray:
    """Return at most `most` evenly spaced positions, for scatter plots."""
    return np.unique(np.linspace(0, length - 1, min(length, most)).round().astype(np.int64)) if length else np.arange(0)


def level_format(values: np.ndarray) -> str:
    """Return a hover format that distinguishes neighbouring values, shape (n,).

    It shows three significant digits of their typical step.

    Examples
    --------
    >>> level_format(np.array([18432.0, 18510.0, 18390.0]))
    ',.1f'
    """
    steps = np.abs(np.diff(values[np.isfinite(values)]))
    steps = steps[steps > 0]
    digits = int(2 - np.floor(np.log10(np.median(steps)))) if len(steps) else 99
    return f",.{max(0, digits)}f" if digits <= 10 else HOVER_NUMBER


def set_time_axis(figure: go.Figure, times: np.ndarray) -> None:
    """Format the x axis for these times, shape (n,).

    Dates are in ISO format, with the time of day if the data have one.

    Rows that are only counted show their number.
    """
    if are_counts(times):
        figure.update_xaxes(type="date", hoverformat=_COUNT, tickformat=_COUNT)
        return
    whole_days = np.all(times[~np.isnat(times)].astype("datetime64[D]") == times[~np.isnat(times)])
    hover = "%Y-%m-%d" if whole_days else "%Y-%m-%d %H:%M"
    figure.update_xaxes(type="date", hoverformat=hover, tickformatstops=_ISO_TICKS)


def shade_eras(figure: go.Figure, eras: Eras, theme: Theme, *, sealed: bool = False) -> None:
    """Shade and name the three eras behind a time axis.

    Parameters
    ----------
    figure
        The figure.
    eras
        The eras.
    theme
        The theme of the figure.
    sealed
        Whether the values of the test era are hidden, see `mask_test_era`.
    """
    cuts = as_times((eras.start, eras.validation_from, eras.test_from, eras.end))
    for era in Era:
        if era is Era.TEST and sealed:
            cover_test_era(figure, cuts[era], cuts[era + 1], theme)
        else:
            shade_era(figure, era, cuts[era], cuts[era + 1], theme)


def cover_test_era(figure: go.Figure, start: np.datetime64, end: np.datetime64, theme: Theme) -> None:
    """Cover the span of a sealed test era with a grey band that says so.

    Parameters
    ----------
    figure
        The figure.
    start, end
        The ends of the span.
    theme
        The theme of the figure.
    """
    look = LOOKS[theme]
    span = {"x0": str(start), "x1": str(end), "y0": 0, "y1": 1, "yref": "paper", "layer": "below"}
    figure.add_shape(type="rect", line={"width": 0}, fillcolor=look.sealed, name="sealed", **span)
    middle = start + (end - start) // 2
    figure.add_annotation(
        text="test era,<br>sealed",
        x=str(middle),
        y=0.5,
        yref="paper",
        showarrow=False,
        font={"size": 12, "color": look.text},
    )


SEALED_NOTE = "The test era is sealed: its values are hidden."


def shade_era(figure: go.Figure, era: Era, start: np.datetime64, end: np.datetime64, theme: Theme) -> None:
    """Shade and name one era.

    Parameters
    ----------
    figure
        The figure.
    era
        The era.
    start, end
        Its ends.
    theme
        The theme of the figure.
    """
    look = LOOKS[theme]
    first, last = str(start), str(end)
    figure.add_shape(
        type="rect",
        x0=first,
        x1=last,
        y0=0,
        y1=1,
        yref="paper",
        layer="below",
        line={"width": 0},
        fillcolor=look.eras[era],
        name=era.name.lower(),
    )
    name_era(figure, era, start, end, theme)
    if era is not Era.TRAIN:
        figure.add_shape(
            type="line",
            x0=first,
            x1=first,
            y0=0,
            y1=1,
            yref="paper",
            layer="below",
            line={"width": 1, "color": look.grid},
        )


def name_era(figure: go.Figure, era: Era, start: np.datetime64, end: np.datetime64, theme: Theme) -> None:
    """Name an era above its span.

    Names never overlap, however narrow the eras: validation is right-aligned to the cut at which test is left-aligned, and the
    margin has room for the rest of the latter.

    Parameters
    ----------
    figure
        The figure.
    era
        The era.
    start, end
        The ends of the span.
    theme
        The theme of the figure.
    """
    right_aligned = era is Era.VALIDATION
    figure.add_annotation(
        text=era.name.lower(),
        x=str(end if right_aligned else start),
        y=1,
        yref="paper",
        xanchor="right" if right_aligned else "left",
        yanchor="bottom",
        showarrow=False,
        borderpad=4,
        font={"size": 11, "color": LOOKS[theme].muted},
    )
    figure.update_layout(margin={"r": 30})


def add_line(
    figure: go.Figure,
    times: np.ndarray,
    values: np.ndarray,
    name: str,
    line: dict[str, str | float],
) -> None:
    """Draw a line over time.

    Parameters
    ----------
    figure
        The figure.
    times
        Time stamps, shape (n,).
    values
        Values, shape (n,); NaN is a gap.
    name
        Legend entry, already escaped.
    line
        Colour, width and dash.
    """
    figure.add_scatter(
        x=times,
        y=values,
        mode="lines",
        name=name,
        line=line,
        connectgaps=False,
        hovertemplate=f"%{{y:{level_format(values)}}}",
    )


def _gaps(line: np.ndarray, most: int) -> np.ndarray:
    """Return the first row of each gap, sorted, of the longest if there are more than `most`."""
    missing = np.r_[False, ~np.isfinite(line), False]
    edges = np.flatnonzero(missing[1:] != missing[:-1])
    starts, lengths = edges[::2], edges[1::2] - edges[::2]
    return np.sort(starts[np.argsort(-lengths, kind="stable")[:most]])


def _extremes(values: np.ndarray, most: int) -> np.ndarray:
    if len(values) <= most:
        return np.arange(len(values))
    from tsdownsample import MinMaxDownsampler

    return MinMaxDownsampler().downsample(np.ascontiguousarray(values), n_out=most // 2 * 2).astype(np.int64)
