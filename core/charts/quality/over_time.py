"""Pictures of a column over time: the line with what its calendar lacks, and how long it remembers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from core.charts.bands import band_marker
from core.charts.style import LOOKS, Theme, Words, finish, note
from core.charts.timeline import add_line, as_times, as_values, set_time_axis, shade_era, thin, thinned_note
from core.data.eras import Era, Eras
from core.quality.views.over_time import rows_between
from core.text.escape import plain_text, plotly_text
from core.text.format import format_number

if TYPE_CHECKING:
    from core.quality.views.calendar import Calendar, Spot
    from core.quality.views.over_time import OverTime
    from core.regression.acf import Memory

_MOST_SPOTS = 300
_STRIP_ROW = 0.06
_STROKES_A_WIDTH = 400
Span = tuple[np.datetime64, np.datetime64]


def plot_over_time(
    line: "OverTime", as_changes: bool, calendar: "Calendar", span: Span, eras: Eras, theme: Theme = "light"
) -> go.Figure:
    """Return a part of a column as a line, the eras behind it; below, where rows, values or an order of stamps are missing."""
    rows = rows_between(line.times, *span)
    span = _narrow(span, line.times[rows])
    times, values = as_times(line.times[rows]), as_values(line.values(as_changes)[rows])
    drawn = thin(values)
    figure = go.Figure()
    _shade(figure, eras, span, theme)
    set_time_axis(figure, times)
    seen = _break_at_gaps(times[drawn], values[drawn], calendar)
    add_line(figure, *seen, plotly_text(line.name), {"color": LOOKS[theme].actual.color, "width": 1.3})
    figure.update_layout(hovermode="x", showlegend=False)
    figure.update_xaxes(range=[str(as_times(span)[0]), str(as_times(span)[1])])
    left_out = _strip(figure, calendar, span, theme)
    known = values[np.isfinite(values)]
    if not len(known):
        note(figure, "No good value lies in this range.", theme)
    short = plain_text(line.name, 40)
    whose = f" of {plain_text(line.series, 40)}" if line.series else ""
    unit = " (%)" if as_changes and line.relative else ""
    what = f"change of {short}" if as_changes else short
    between = (
        f" between {format_number(known.min().item())} and {format_number(known.max().item())}{unit}"
        if len(known)
        else ""
    )
    shown = [thinned_note(len(drawn), len(values))]
    if left_out:
        shown.append(f"Of the marks below, {left_out:,} of the shortest are left out.")
    words = Words(
        title=f"{what[0].upper() + what[1:] if as_changes else what}{whose} over time",
        x="Time",
        y=f"{what}{unit}",
        alt=f"Line of {what}{whose} from {_day(span[0])} to {_day(span[1])}: {len(known):,} values{between}. "
        f"{_tell(calendar)} Validation begins {eras.validation_from[:10]}, test {eras.test_from[:10]}.",
        subtitle=" ".join(part for part in shown if part),
    )
    finish(figure, words, theme, 380)
    return figure.update_layout(yaxis2={"title": {"text": None}} if len(figure.data) > 1 else None)


def _break_at_gaps(times: np.ndarray, values: np.ndarray, calendar: "Calendar") -> tuple[np.ndarray, np.ndarray]:
    """Return the line with nothing drawn where bars are missing: a straight stroke there would be made up."""
    longest = _longest(calendar.gaps)
    starts = as_times(np.array([spot.start for spot in longest], "datetime64[us]"))
    after = np.searchsorted(times, np.sort(starts), side="right")
    after = np.unique(after[(after > 0) & (after < len(times))])
    return np.insert(times, after, times[after - 1]), np.insert(values, after, np.nan)


def _narrow(span: Span, times: np.ndarray) -> Span:
    """Return the span without what lies beyond the rows; the rows' own where it holds none of them."""
    if not len(times):
        return span
    first, last = max(span[0], times[0]), min(span[1], times[-1])
    return (first, last) if first < last else (times[0], times[-1])


def _shade(figure: go.Figure, eras: Eras, span: Span, theme: Theme) -> None:
    """Put the tints of the eras behind the part of them that is looked at."""
    cuts = as_times((eras.start, eras.validation_from, eras.test_from, eras.end))
    cuts[[0, -1]] = min(cuts[0], as_times(span)[0]), max(cuts[-1], as_times(span)[1])
    begin, end = as_times(span)
    for era in Era:
        start, stop = max(cuts[era], begin), min(cuts[era + 1], end)
        if start < stop:
            shade_era(figure, era, start, stop, theme)


def _strip(figure: go.Figure, calendar: "Calendar", span: Span, theme: Theme) -> int:
    """Draw below the line, one row a kind, what is missing; return how many marks are left out."""
    kinds = {
        "gap": (calendar.gaps, "{} bar{} missing"),
        "no value": (calendar.valueless, "{} row{} without a value"),
        "repeated": (calendar.repeated, "{} row{} of one time stamp"),
    }
    seen = {
        kind: [spot for spot in spots if span[0] <= spot.stop and spot.start <= span[1]]
        for kind, (spots, _) in kinds.items()
    }
    rows = [kind for kind, spots in seen.items() if spots]
    if not rows:
        return 0
    left_out = 0
    for place, kind in enumerate(rows):
        longest = _longest(seen[kind])
        left_out += len(seen[kind]) - len(longest)
        figure.add_scatter(
            x=as_times(_strokes(longest, span)),
            y=np.tile([place, place, np.nan], len(longest)),
            text=np.repeat(np.array([_say_spot(spot, kinds[kind][1]) for spot in longest], dtype=object), 3),
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
    return left_out


def _strokes(spots: Sequence["Spot"], span: Span) -> np.ndarray:
    """Return the ends of a stroke for each spot, a gap after it; one of a moment is wide enough to be seen.

    Hundreds of markers, each a shape of its own, would take a browser as long as all the rest.
    """
    ends = np.array([(spot.start, spot.stop, "NaT") for spot in spots], "datetime64[us]")
    ends[:, 1] = np.maximum(ends[:, 1], ends[:, 0] + (span[1] - span[0]) // _STROKES_A_WIDTH)
    return ends.ravel()


def _longest(spots: Sequence["Spot"]) -> Sequence["Spot"]:
    ends = np.array([(spot.start, spot.stop) for spot in spots], "datetime64[us]").reshape(-1, 2)
    lengths = ends[:, 1] - ends[:, 0]
    return [spots[place] for place in np.argsort(-lengths, kind="stable")[:_MOST_SPOTS]]


def _say_spot(spot: "Spot", what: str) -> str:
    count = "" if spot.count is None else what.format(f"{spot.count:,}", "" if spot.count == 1 else "s")
    ends = _day(spot.start) if spot.start == spot.stop else f"{_day(spot.start)} to {_day(spot.stop)}"
    return "<br>".join(part for part in (ends, count, f"line {spot.line:,} of the file") if part)


def _tell(calendar: "Calendar") -> str:
    return (
        f"{len(calendar.gaps):,} gaps, {len(calendar.valueless):,} stretches without a value, "
        f"{len(calendar.repeated):,} repeated time stamps."
    )


def _day(stamp: np.datetime64) -> str:
    text = str(stamp.astype("datetime64[s]")).replace("T", " ")
    return text.removesuffix(" 00:00:00")


def plot_memory(levels: "Memory", changes: "Memory", name: str, theme: Theme = "light") -> go.Figure:
    """Return the autocorrelation above the partial one, of the levels on the left and of the changes on the right."""
    short = plain_text(name, 40)
    figure = go.Figure()
    for column, (what, memory) in enumerate((("levels", levels), ("changes", changes))):
        for row, (kind, values) in enumerate((("PACF", memory.pacf), ("ACF", memory.acf))):
            _add_panel(figure, (row, column), f"{kind} of {what}", values, memory, theme)
    figure.update_layout(showlegend=False, hovermode="closest", bargap=0)
    if not levels.acf and not changes.acf:
        note(figure, "Too few train rows, or values that never move.", theme)
    words = Words(
        title=f"How long {short} remembers",
        x="Lag (rows)",
        y="Correlation",
        alt=f"Four bar charts of correlations with the own past at up to {len(levels.acf)} lags. "
        f"{_tell_memory('Levels', levels)} {_tell_memory('Changes', changes)}",
        subtitle=f"Correlation with its own past, whole (ACF) and with the lags between taken out (PACF), in the last "
        f"{levels.rows:,} train rows. Chance alone stays within the grey band at 95 of 100 lags.",
    )
    finish(figure, words, theme, 420)
    untitled = {name: {"title": {"text": None}} for name in ("xaxis3", "xaxis4", "yaxis2", "yaxis4")}
    return figure.update_layout(untitled, margin={"t": 26})


def _add_panel(
    figure: go.Figure, place: tuple[int, int], title: str, values: tuple[float, ...], memory: "Memory", theme: Theme
) -> None:
    """Draw the correlations of one kind in a panel of two by two, with the band of chance behind them."""
    look, (row, column) = LOOKS[theme], place
    axis = str(2 * row + column + 1).removeprefix("1")
    heights = np.array(values)
    beyond = np.abs(heights) > memory.band
    # Both panels of a column share their scale, so that changes, which remember little, are seen at all.
    most = max(1.2 * np.abs([*memory.acf, *memory.pacf, 0.0]).max(), 4 * memory.band)
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
        y0=-memory.band,
        y1=memory.band,
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


def _tell_memory(what: str, memory: "Memory") -> str:
    if not memory.acf:
        return f"{what}: not known."
    return f"{what}: first lag {memory.acf[0]:.2f}, {len(memory.beyond)} of {len(memory.acf)} lags beyond chance."
