"""Figures of the regression: its residuals, and its coefficients with intervals."""

from typing import TYPE_CHECKING

import numpy as np
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
from core.charts.timeline import MOST_POINTS, as_times, as_values, sample_evenly, set_time_axis, shade_era
from core.data.eras import Era
from core.text.escape import plain_text, plotly_text
from core.text.feature_tokens import feature_label
from core.text.format import format_count, format_number, format_p

if TYPE_CHECKING:
    from core.regression.coefficient import Coefficient
    from core.regression.report import RegressionReport

MOST_FEATURES = 30


def plot_residuals(report: "RegressionReport", theme: Theme = "light") -> go.Figure:
    """Draw the residuals over time; a pattern is structure that the regression misses."""
    times, residual = as_times(report.residuals.times), as_values(report.residuals.residual)
    figure = go.Figure()
    if len(times):
        shade_era(figure, Era.TRAIN, times.min(), times.max(), theme)
    set_time_axis(figure, times)
    _add_points(figure, times, residual, theme)
    words = Words(
        title="Residuals over time",
        x="Time" if report.question == "explain" else "Forecast origin",
        y=_residual_axis(report),
        alt=f"Scatter plot of {len(times):,} residuals over time, {_range_text(residual)}.",
        subtitle=_sample_text(report),
    )
    return finish(figure, words, theme, 250)


def plot_residuals_fitted(report: "RegressionReport", theme: Theme = "light") -> go.Figure:
    """Draw the residuals against the fitted values.

    A curve shows non-linearity, a fan heteroskedasticity.
    """
    fitted, residual = as_values(report.residuals.fitted), as_values(report.residuals.residual)
    figure = go.Figure()
    _add_points(figure, fitted, residual, theme)
    words = Words(
        title="Residuals against fitted values",
        x=f"Fitted ({report.task.predict.replace('_', ' ')})",
        y=_residual_axis(report),
        alt=f"Scatter plot of {len(residual):,} residuals against fitted values, {_range_text(residual)}.",
        subtitle=_sample_text(report),
    )
    return finish(figure, words, theme, 250)


def plot_qq(report: "RegressionReport", theme: Theme = "light") -> go.Figure:
    """Draw a normal Q-Q plot of the standardised residuals."""
    from scipy.special import ndtri

    look = LOOKS[theme]
    residual = as_values(report.residuals.residual)
    residual = np.sort(residual[np.isfinite(residual)])
    deviation = residual.std() if len(residual) else 0.0
    figure = go.Figure()
    ends = "There is no variation to show."
    if deviation > 0:
        found = (residual - residual.mean()) / deviation
        normal = ndtri((np.arange(len(found)) + 0.5) / len(found))
        reach = float(max(normal[-1], -normal[0]))
        line = {"color": look.muted, "dash": "dash", "width": 1.5}
        figure.add_scatter(
            x=[-reach, reach], y=[-reach, reach], mode="lines", name="normal", line=line, hoverinfo="skip"
        )
        some = sample_evenly(len(found))
        figure.add_scatter(
            x=normal[some],
            y=found[some],
            mode="markers",
            name="residuals",
            marker={"color": look.kept, "size": 4},
            hovertemplate="normal %{x:,.3~r}<br>residual %{y:,.3~r}<extra></extra>",
        )
        ends = (
            f"They range from {format_number(found[0].item())} to {format_number(found[-1].item())} standard deviations; normal "
            f"ones would range from {format_number(-reach)} to {format_number(reach)}."
        )
    else:
        add_note(figure, "All residuals are equal.", theme)
    words = Words(
        title="Normal Q-Q plot of the residuals",
        x="Normal quantile (st. dev.)",
        y="Residual (st. dev.)",
        alt=f"Normal Q-Q plot of {len(residual):,} residuals. {ends}",
        subtitle=_sample_text(report),
    )
    figure.update_layout(hovermode="closest")
    return keep_square(finish(figure, words, theme, 300))


def plot_coefficients(report: "RegressionReport", theme: Theme = "light") -> go.Figure:
    """Draw the standardised coefficients with 95% HAC intervals, the largest first.

    Markers are filled if the interval excludes 0.
    """
    look = LOOKS[theme]
    features = [coefficient for coefficient in report.coefficients if coefficient.standardised is not None]
    shown = sorted(features, key=lambda found: -abs(found.standardised or 0.0))[:MOST_FEATURES]
    figure = go.Figure()
    excluded = [coefficient.low > 0 or coefficient.high < 0 for coefficient in shown]
    if shown:
        sizes = [(coefficient.standardised or 0.0) for coefficient in shown]
        half = [
            abs(size / coefficient.coef) * (coefficient.high - coefficient.low) / 2 if coefficient.coef else 0.0
            for size, coefficient in zip(sizes, shown, strict=True)
        ]
        add_mark(figure, 0, {"color": look.muted, "width": 1})
        figure.add_scatter(
            x=sizes,
            y=list(range(len(shown))),
            mode="markers",
            error_x={"type": "data", "array": half, "color": look.kept, "thickness": 1.5, "width": 4},
            marker={"color": look.kept, "size": 8, "symbol": ["circle" if out else "circle-open" for out in excluded]},
            customdata=[_coefficient_texts(coefficient) for coefficient in shown],
            hovertemplate="%{customdata[0]}<br>%{customdata[1]}, 95% interval %{customdata[2]} to %{customdata[3]}"
            "<br>standardised %{x:.3f}<br>%{customdata[4]} (robust)<extra></extra>",
        )
    else:
        add_note(figure, "The regression has no features.", theme)
    label_rows(figure, [feature_label(coefficient.name) for coefficient in shown])
    figure.update_xaxes(tickformat="~g")
    figure.update_layout(showlegend=False, hovermode="closest")
    some = (
        f"{len(shown)} of {len(features):,} features, the largest coefficients. " if len(shown) < len(features) else ""
    )
    first = (
        f" Largest: {plain_text(feature_label(shown[0].name), 40)}, {format_number(shown[0].standardised)}."
        if shown
        else ""
    )
    words = Words(
        title="Standardised coefficients with 95% intervals",
        x="Outcome st. dev. per feature st. dev.",
        y="",
        alt=f"Coefficients of {format_count(len(shown), 'feature')}; {sum(excluded)} of the 95% intervals exclude 0.{first}",
        subtitle=f"{some}Newey-West (HAC) errors with {format_count(report.hac_lags, 'lag')}, {report.rows:,} train rows. "
        "Filled: the interval excludes 0.",
    )
    return finish(figure, words, theme, rows_height(len(shown), 22))


def _coefficient_texts(coefficient: "Coefficient") -> tuple[str, ...]:
    """Return the texts of a coefficient's label: in its own units, with its interval and p-value."""
    numbers = (format_number(number) for number in (coefficient.coef, coefficient.low, coefficient.high))
    p_value = format_p(coefficient.p_value_hac).replace("<", "&lt;")
    return plotly_text(feature_label(coefficient.name)), *numbers, p_value


def _add_points(figure: go.Figure, x: np.ndarray, residual: np.ndarray, theme: Theme) -> None:
    look = LOOKS[theme]
    add_level(figure, 0, {"color": look.muted, "width": 1})
    some = sample_evenly(len(residual))
    figure.add_scatter(
        x=x[some],
        y=residual[some],
        mode="markers",
        marker={"color": look.kept, "size": 4, "opacity": 0.6},
        hovertemplate="%{x}<br>residual %{y:,.3~r}<extra></extra>",
    )
    figure.update_layout(showlegend=False, hovermode="closest")
    if not len(residual):
        add_note(figure, "There are no residuals.", theme)


def _residual_axis(report: "RegressionReport") -> str:
    return f"Residual ({report.task.predict.replace('_', ' ')})"


def _range_text(residual: np.ndarray) -> str:
    known = residual[np.isfinite(residual)]
    if not len(known):
        return "all of them unknown"
    return f"from {format_number(known.min().item())} to {format_number(known.max().item())}"


def _sample_text(report: "RegressionReport") -> str:
    drawn = min(len(report.residuals.residual), MOST_POINTS)
    whole = drawn >= report.residuals.sampled_from
    return f"{plain_text(report.outcome, 60)}, " + (
        "train era." if whole else f"{drawn:,} of {report.residuals.sampled_from:,} train rows."
    )
