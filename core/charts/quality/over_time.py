"""Figures of a column over time: its line, its gaps, and its autocorrelation."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from core.charts.style import LOOKS, Theme, Words, add_note, band_marker, finish
from core.charts.timeline import (
    SEALED_NOTE,
    add_line,
    as_times,
    as_values,
    cover_test_era,
    downsample,
    downsampling_note,
    mask_test_era,
    set_time_axis,
    shade_era,
)
from core.data.eras import Era, Eras
from core.quality.views.over_time import rows_between
from core.text.escape import plain_text, plotly_text
from core.text.format import format_count, format_number, format_time

if TYPE_CHECKING:
    from core.quality.views.calendar import Anomaly, Calendar
    from core.quality.views.over_time import OverTime
    from core.regression.acf import Autocorrelation

_MOST_MARKS = 300
_STRIP_ROW = 0.06
_STROKES_A_WIDTH = 400
Span = tuple[np.datetime64, np.datetime64]


def plot_over_time(
    line: "OverTime",
    as_changes: bool,
    calendar: "Calendar",
    span: Span,
    eras: Eras,
    theme: Theme = "light",
    *,
    sealed: bool = False,
    log_scale: bool = False,
) -> go.Figure:
    """Draw a range of a column as a line, with the eras behind it.

    Gaps, missing bars, repeats and missing values are marked below.

    Parameters
    ----------
    line
        The column.
    as_changes
        Whether to draw changes instead of levels.
    calendar
        The gaps, missing bars, repeated time stamps and missing values of the column.
    span
        The first and last time of the range.
    eras
        The eras to shade.
    theme
        The theme of the figure.
    sealed
        Whether to leave out the values of the test era.
    log_scale
        Whether the vertical axis is logarithmic.
    """
    rows = rows_between(line.times, *span)
    span = _clip_span(span, line.times[rows])
    times, values = as_times(line.times[rows]), as_values(line.values(as_changes)[rows])
    if sealed:
        values = mask_test_era(times, values, eras)
    drawn = downsample(values)
    figure = go.Figure()
    _shade(figure, eras, span, theme, sealed=sealed)
    set_time_axis(figure, times)
    broken = _break_at_gaps(times[drawn], values[drawn], calendar)
    add_line(figure, *broken, plotly_text(line.name), {"color": LOOKS[theme].actual.color, "width": 1.3})
    figure.update_layout(hovermode="x", showlegend=False)
    figure.update_xaxes(range=[str(as_times(span)[0]), str(as_times(span)[1])])
    omitted = _add_marks(figure, calendar, span, theme)
    known = values[np.isfinite(values)]
    if not len(known):
        add_note(figure, "There are no valid values in this range.", theme)
    short = plain_text(line.name, 40)
    whose = f" of {plain_text(line.series, 40)}" if line.series else ""
    unit = " (%)" if as_changes and line.relative else ""
    what = f"change of {short}" if as_changes else short
    between = (
        f" between {format_number(known.min().item())} and {format_number(known.max().item())}{unit}"
        if len(known)
        else ""
    )
    notes = [SEALED_NOTE if sealed else "", downsampling_note(len(drawn), len(values))]
    if omitted:
        notes.append(f"The {omitted:,} shortest marks below are omitted.")
    words = Words(
        title=f"{what[0].upper() + what[1:] if as_changes else what}{whose} over time",
        x="Time",
        y=f"{what}{unit}",
        alt=f"Line chart of {what}{whose} from {format_time(span[0])} to {format_time(span[1])}: "
        f"{format_count(len(known), 'value')}{between}. {_calendar_text(calendar)} "
        f"Validation starts {eras.validation_from[:10]}, test {eras.test_from[:10]}.",
        subtitle=" ".join(part for part in notes if part),
    )
    finish(figure, words, theme, 380)
    if log_scale:
        figure.update_layout(yaxis={"type": "log"})
    return figure.update_layout(yaxis2={"title": {"text": None}} if len(figure.data) > 1 else None)


def _break_at_gaps(times: np.ndarray, values: np.ndarray, calendar: "Calendar") -> tuple[np.ndarray, np.ndarray]:
    """Return times and values, both of shape (m,), with a NaN after each gap.

    A line across a gap would be invented.
    """
    longest = _longest(calendar.gaps)
    starts = as_times(np.array([gap.start for gap in longest], "datetime64[us]"))
    after = np.searchsorted(times, np.sort(starts), side="right")
    after = np.unique(after[(after > 0) & (after < len(times))])
    return np.insert(times, after, times[after - 1]), np.insert(values, after, np.nan)


def _clip_span(span: Span, times: np.ndarray) -> Span:
    """Return the span clipped to the sorted times of rows, shape (n,).

    Without overlap it is the span of the rows.
    """
    if not len(times):
        return span
    first, last = max(span[0], times[0]), min(span[1], times[-1])
    return (first, last) if first < last else (times[0], times[-1])


def _shade(figure: go.Figure, eras: Eras, span: Span, theme: Theme, *, sealed: bool) -> None:
    """Shade the parts of the eras within the span."""
    cuts = as_times((eras.start, eras.validation_from, eras.test_from, eras.end))
    cuts[[0, -1]] = min(cuts[0], as_times(span)[0]), max(cuts[-1], as_times(span)[1])
    begin, end = as_times(span)
    for era in Era:
        start, stop = max(cuts[era], begin), min(cuts[era + 1], end)
        if start < stop and era is Era.TEST and sealed:
            cover_test_era(figure, start, stop, theme)
        elif start < stop:
            shade_era(figure, era, start, stop, theme)


def _add_marks(figure: go.Figure, calendar: "Calendar", span: Span, theme: Theme) -> int:
    """Mark gaps, missing bars, missing values and repeats below the line, a row per kind.

    Returns how many marks are omitted.
    """
    kinds = {
        "gap": (calendar.gaps, "{} missing", "bar"),
        "hole": (calendar.holes, "{} missing within the session", "bar"),
        "late start": (calendar.late, "{} missing at the start of the session", "bar"),
        "early end": (calendar.early, "{} missing at the end of the session", "bar"),
        "no value": (calendar.missing, "{} without a valid value", "row"),
        "repeated": (calendar.repeated, "{} with the same time stamp", "row"),
    }
    visible = {
        kind: [each for each in anomalies if span[0] <= each.stop and each.start <= span[1]]
        for kind, (anomalies, _, _) in kinds.items()
    }
    rows = [kind for kind, anomalies in visible.items() if anomalies]
    if not rows:
        return 0
    omitted = 0
    for place, kind in enumerate(rows):
        longest = _longest(visible[kind])
        omitted += len(visible[kind]) - len(longest)
        _, text, thing = kinds[kind]
        figure.add_scatter(
            x=as_times(_strokes(longest, span)),
            y=np.tile([place, place, np.nan], len(longest)),
            text=np.repeat(np.array([_hover_text(each, text, thing) for each in longest], dtype=object), 3),
            mode="lines",
            name=kind,
            yaxis="y2",
            line={"color": LOOKS[theme].bad, "width": 8},
            hovertemplate="%{text}<extra></extra>",
        )
    figure.update_layout(
        yaxis={"domain": [_STRIP_ROW * len(rows) + 0.06, 1]},
        yaxis2={
            "domain": [0, _STRIP_ROW * len(rows)],
            "range": [len(rows) - 0.4, -0.6],
            "tickvals": list(range(len(rows))),
            "ticktext": rows,
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
        xaxis={"anchor": "y2"},
    )
    return omitted


def _strokes(anomalies: Sequence["Anomaly"], span: Span) -> np.ndarray:
    """Return start, stop and NaT for each anomaly, shape (3 * anomalies,).

    Short ones are widened to be visible.

    One line with breaks: hundreds of markers would slow the browser down.
    """
    ends = np.array([(each.start, each.stop, "NaT") for each in anomalies], "datetime64[us]")
    ends[:, 1] = np.maximum(ends[:, 1], ends[:, 0] + (span[1] - span[0]) // _STROKES_A_WIDTH)
    return ends.ravel()


def _longest(anomalies: Sequence["Anomaly"]) -> Sequence["Anomaly"]:
    ends = np.array([(each.start, each.stop) for each in anomalies], "datetime64[us]").reshape(-1, 2)
    lengths = ends[:, 1] - ends[:, 0]
    return [anomalies[place] for place in np.argsort(-lengths, kind="stable")[:_MOST_MARKS]]


def _hover_text(anomaly: "Anomaly", text: str, thing: str) -> str:
    count = "" if anomaly.count is None else text.format(format_count(anomaly.count, thing))
    ends = format_time(anomaly.start)
    if anomaly.start != anomaly.stop:
        ends += f" to {format_time(anomaly.stop)}"
    return "<br>".join(part for part in (ends, count, f"line {anomaly.line:,} of the file") if part)


def _calendar_text(calendar: "Calendar") -> str:
    sessions = ((calendar.holes, "hole"), (calendar.late, "late start"), (calendar.early, "early end"))
    parts = [
        format_count(len(calendar.gaps), "gap"),
        *(format_count(len(found), what) for found, what in sessions if found),
        f"{format_count(len(calendar.missing), 'run')} of missing values",
        format_count(len(calendar.repeated), "repeated time stamp"),
    ]
    return f"{', '.join(parts)}."


def plot_autocorrelation(
    levels: "Autocorrelation", changes: "Autocorrelation", name: str, theme: Theme = "light"
) -> go.Figure:
    """Draw the ACF above the PACF, of the levels on the left and of the changes on the right.

    Parameters
    ----------
    levels, changes
        Their autocorrelations.
    name
        The column.
    theme
        The theme of the figure.
    """
    short = plain_text(name, 40)
    figure = go.Figure()
    for column, (form, found) in enumerate((("levels", levels), ("changes", changes))):
        for row, (kind, values) in enumerate((("PACF", found.pacf), ("ACF", found.acf))):
            _add_panel(figure, (row, column), f"{kind} of {form}", values, found, theme)
    figure.update_layout(showlegend=False, hovermode="closest", bargap=0)
    if not levels.acf and not changes.acf:
        add_note(figure, "There are too few train rows, or the values are constant.", theme)
    words = Words(
        title=f"Autocorrelation of {short}",
        x="Lag (rows)",
        y="Correlation",
        alt=f"Four bar charts: ACF and PACF at up to {format_count(len(levels.acf), 'lag')}. "
        f"{_acf_text('Levels', levels)} {_acf_text('Changes', changes)}",
        subtitle=f"Autocorrelation (ACF) and partial autocorrelation (PACF) over the last {levels.rows:,} train rows. Grey: "
        "95% band of white noise.",
    )
    finish(figure, words, theme, 420)
    untitled = {name: {"title": {"text": None}} for name in ("xaxis3", "xaxis4", "yaxis2", "yaxis4")}
    return figure.update_layout(untitled, margin={"t": 26})


def _add_panel(
    figure: go.Figure,
    place: tuple[int, int],
    title: str,
    values: tuple[float, ...],
    found: "Autocorrelation",
    theme: Theme,
) -> None:
    """Draw one of the two by two panels: its correlations, and the 95% band behind them."""
    look, (row, column) = LOOKS[theme], place
    axis = str(2 * row + column + 1).removeprefix("1")
    heights = np.array(values)
    beyond = np.abs(heights) > found.band
    # Each column of panels has its own scale, or the small correlations of changes would be invisible.
    most = max(1.2 * np.abs([*found.acf, *found.pacf, 0.0]).max(), 4 * found.band)
    limit = min(1.05, most) if values else 1.05
    figure.add_bar(
        x=np.arange(1, len(values) + 1),
        y=np.round(heights, 4),
        xaxis=f"x{axis}",
        yaxis=f"y{axis}",
        width=0.6,
        marker=band_marker(beyond, theme),
        hovertemplate=f"lag %{{x}}: %{{y:.3f}}<extra>{title}</extra>",
    )
    across, down = [0.56 * column, 0.44 + 0.56 * column], [0.6 * row, 0.4 + 0.6 * row]
    ends = [0.3, max(len(values), 1) + 0.7]
    x_axis = {"domain": across, "anchor": f"y{axis}", "range": ends, "showgrid": False}
    y_axis = {"domain": down, "anchor": f"x{axis}", "range": [-limit, limit], "nticks": 5}
    figure.update_layout({f"xaxis{axis}": x_axis, f"yaxis{axis}": y_axis})
    figure.add_shape(
        type="rect",
        xref=f"x{axis} domain",
        yref=f"y{axis}",
        x0=0,
        x1=1,
        y0=-found.band,
        y1=found.band,
        line={"width": 0},
        fillcolor=look.muted,
        opacity=0.2,
        layer="below",
    )
    figure.add_annotation(
        text=title,
        xref=f"x{axis} domain",
        yref=f"y{axis} domain",
        x=0,
        y=1,
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
        font={"size": 12, "color": look.text},
    )


def _acf_text(form: str, found: "Autocorrelation") -> str:
    if not found.acf:
        return f"{form}: unknown."
    return f"{form}: {found.acf[0]:.2f} at lag 1, {len(found.significant)} of {len(found.acf)} lags outside the band."
