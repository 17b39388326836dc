"""One period for several charts: each figure with a time axis is zoomed to it."""

import numpy as np
import plotly.graph_objects as go

from core.ingest.values.timecodes import are_counts

# First and last time, shape () datetime64[us] each.
Period = tuple[np.datetime64, np.datetime64]

_PADDING = 0.05


def has_time_axis(figure: go.Figure) -> bool:
    """Return whether the x axis of a figure is time."""
    return figure.layout.xaxis.type == "date"


def zoom_period(figure: go.Figure, period: Period) -> go.Figure | None:
    """Return a copy of a figure that shows a period, its y axis fitted to the lines within; None if no point is in it.

    An axis whose range the figure fixes keeps it.
    """
    inside = [_points_inside(trace, period) for trace in figure.data]
    if not any(found for found, _ in inside):
        return None
    zoomed = go.Figure(figure)
    zoomed.update_xaxes(range=[str(stamp) for stamp in period])
    values = np.concatenate([values for _, values in inside])
    if figure.layout.yaxis.range is None and len(values):
        zoomed.update_yaxes(range=_fit_axis(values, figure.layout.yaxis.type == "log"))
    return zoomed


def period_text(figure: go.Figure, period: Period) -> str:
    """Return the ends of a period as text: dates, with the time of day within a week; of rows that are only counted, nothing."""
    if any(are_counts(_times(trace)) for trace in figure.data if trace.x is not None):
        return ""
    unit = "m" if period[1] - period[0] < np.timedelta64(7, "D") else "D"
    first, last = (str(stamp.astype(f"datetime64[{unit}]")).replace("T", " ") for stamp in period)
    return f"{first} to {last}"


def _points_inside(trace: go.Scatter, period: Period) -> tuple[bool, np.ndarray]:
    """Return whether a trace has points in a period, and the finite values of its line there."""
    if trace.x is None:
        return False, np.array([])
    times = _times(trace)
    inside = (times >= period[0]) & (times <= period[1])
    if trace.type == "heatmap":
        return bool(inside.any()), np.array([])
    values = np.asarray(trace.y, dtype=np.float64)[inside[: len(trace.y)]]
    return bool(inside.any()), values[np.isfinite(values)]


def _times(trace: go.Scatter) -> np.ndarray:
    return np.asarray(trace.x).astype("datetime64[us]")


def _fit_axis(values: np.ndarray, is_log: bool) -> list[float]:
    low, high = (float(np.log10(end)) if is_log else float(end) for end in (values.min(), values.max()))
    margin = _PADDING * (high - low) or _PADDING
    return [low - margin, high + margin]
