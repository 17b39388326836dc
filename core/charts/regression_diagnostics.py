"""Figures of what is tested about a regression: scan, form, influence, stability, and what leads what."""

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from core.charts.style import LOOKS, Theme, Words, add_level, add_mark, add_note, band_marker, finish
from core.charts.timeline import as_times, set_time_axis
from core.text.escape import plain_text, plotly_text
from core.text.feature_tokens import feature_label
from core.text.format import format_count, format_number, format_p

if TYPE_CHECKING:
    from core.regression.acf import Autocorrelation
    from core.regression.coefficient import Coefficient
    from core.regression.granger import GrangerTest
    from core.regression.influence import Influence
    from core.regression.report import RegressionReport
    from core.regression.scan import ScanRow
    from core.regression.shrinkage import ShrinkagePath
    from core.regression.stability import Cusum, RollingCoefficient

SMALL = 250
_SIGNIFICANT = 0.05
_LOWEST_P = 1e-16
_MOST_LINES = 7
_LEGEND = 80
_NOT_KEPT = "The values of this feature are not kept."


def plot_volcano(scan: "tuple[ScanRow, ...]", theme: Theme = "light") -> go.Figure:
    """Draw each feature's correlation with the outcome against the evidence for it; filled if q is below 0.05."""
    look = LOOKS[theme]
    shown = [row for row in scan if row.p_value_hac is not None]
    figure = go.Figure()
    found = [row.q_value is not None and row.q_value < _SIGNIFICANT for row in shown]
    if shown:
        figure.add_scatter(
            x=[np.copysign(row.r_squared**0.5, row.coef) for row in shown],
            y=[-np.log10(max(row.p_value_hac or 1.0, _LOWEST_P)) for row in shown],
            mode="markers",
            marker={
                "color": [look.kept if one else look.dropped for one in found],
                "size": 8,
                "symbol": ["circle" if one else "circle-open" for one in found],
            },
            customdata=[
                (plotly_text(feature_label(row.name)), *(_p_text(p) for p in (row.p_value_hac, row.q_value)))
                for row in shown
            ],
            hovertemplate="%{customdata[0]}<br>correlation %{x:.3f}<br>%{customdata[1]}, corrected %{customdata[2]}"
            "<extra></extra>",
        )
    else:
        add_note(figure, "No feature could be tested.", theme)
    figure.update_layout(showlegend=False, hovermode="closest")
    words = Words(
        title="Each feature alone: size and evidence",
        x="Correlation with the outcome",
        y="-log10 of p",
        alt=f"Scatter plot of {format_count(len(shown), 'feature')}: correlation with the outcome against -log10 of the p-value; "
        f"{sum(found)} significant after correction.",
        subtitle=f"Filled: significant after the Benjamini-Hochberg correction ({sum(found)} of {len(shown)}). Click a point to "
        "show its feature below.",
    )
    return finish(figure, words, theme, 300)


def plot_feature_scatter(report: "RegressionReport", row: "ScanRow", theme: Theme = "light") -> go.Figure:
    """Draw the outcome against one feature, with the line of the regression on it alone."""
    look, points = LOOKS[theme], report.points
    values = None if points is None else points.of(row.name)
    figure = go.Figure()
    if values is None or points is None:
        add_note(figure, _NOT_KEPT, theme)
    else:
        _add_dots(figure, values, np.array(points.outcome), theme)
        ends = np.array([values.min(), values.max()])
        figure.add_scatter(
            x=ends,
            y=row.intercept + row.coef * ends,
            mode="lines",
            line={"color": look.text, "width": 1.5},
            hoverinfo="skip",
        )
    label = plain_text(feature_label(row.name), 40)
    words = Words(
        title=f"Outcome against {label}",
        x=label,
        y=plain_text(report.outcome, 40),
        alt=f"Scatter plot with the fitted line; slope {format_number(row.coef)}, R² {format_number(row.r_squared)}.",
        subtitle=f"Slope {format_number(row.coef)}, R² {format_number(row.r_squared)}, {format_p(row.p_value_hac)}.",
    )
    return finish(figure, words, theme, SMALL)


def plot_feature_residuals(report: "RegressionReport", row: "ScanRow", theme: Theme = "light") -> go.Figure:
    """Draw the residuals of the regression on one feature over time."""
    points = report.points
    values = None if points is None else points.of(row.name)
    figure = go.Figure()
    if values is None or points is None:
        add_note(figure, _NOT_KEPT, theme)
    else:
        times = as_times(points.times)
        set_time_axis(figure, times)
        _add_dots(figure, times, np.array(points.outcome) - row.intercept - row.coef * values, theme)
    label = plain_text(feature_label(row.name), 40)
    words = Words(
        title=f"Residuals of the regression on {label}",
        x="Time",
        y="Residual",
        alt=f"Residuals of the regression on {label} over time.",
        subtitle=f"The slope has the sign of the whole in {row.same_sign} of 3 thirds of the train era.",
    )
    return finish(figure, words, theme, SMALL)


def plot_component(report: "RegressionReport", coefficient: "Coefficient", theme: Theme = "light") -> go.Figure:
    """Draw a feature's component plus residual: a curve is non-linearity that the line misses."""
    points = report.points
    values = None if points is None else points.of(coefficient.name)
    figure = go.Figure()
    if values is None or points is None:
        add_note(figure, _NOT_KEPT, theme)
    else:
        component = coefficient.coef * (values - values.mean())
        _add_dots(figure, values, component + np.array(points.residual), theme)
        order = np.argsort(values)[[0, -1]]
        figure.add_scatter(
            x=values[order],
            y=component[order],
            mode="lines",
            line={"color": LOOKS[theme].text, "width": 1.5},
            hoverinfo="skip",
        )
    label = plain_text(feature_label(coefficient.name), 40)
    words = Words(
        title=f"Component plus residual: {label}",
        x=label,
        y="Component + residual",
        alt=f"Scatter plot of the component of {label} plus the residual, with the fitted line.",
        subtitle="The other features are held fixed. A curve around the line is non-linearity.",
    )
    return finish(figure, words, theme, SMALL)


def plot_residual_acf(found: "Autocorrelation | None", theme: Theme = "light") -> go.Figure:
    """Draw the autocorrelation of the residuals with the 95% band of white noise."""
    figure = go.Figure()
    heights = np.array(() if found is None else found.acf)
    band = 0.0 if found is None else found.band
    if len(heights):
        figure.add_bar(
            x=np.arange(1, len(heights) + 1),
            y=np.round(heights, 4),
            width=0.6,
            marker=band_marker(np.abs(heights) > band, theme),
            hovertemplate="lag %{x}: %{y:.3f}<extra></extra>",
        )
        _add_band(figure, band, theme)
    else:
        add_note(figure, "There are too few residuals.", theme)
    beyond = int(np.count_nonzero(np.abs(heights) > band))
    words = Words(
        title="Autocorrelation of the residuals",
        x="Lag (rows)",
        y="Correlation",
        alt=f"Autocorrelation of the residuals at {format_count(len(heights), 'lag')}; {beyond} outside the 95% band.",
        subtitle=f"{beyond} of {format_count(len(heights), 'lag')} outside the 95% band of white noise.",
    )
    return finish(figure.update_layout(showlegend=False), words, theme, SMALL)


def plot_influence(found: "Influence", theme: Theme = "light") -> go.Figure:
    """Draw standardised residuals against leverage; the rows of most influence are named by their time."""
    figure = go.Figure()
    _add_dots(figure, np.array(found.leverage), np.array(found.standardised), theme)
    worst = found.rows[0] if found.rows else None
    words = Words(
        title="Influence of single rows",
        x="Leverage",
        y="Residual (st. dev.)",
        alt=f"Scatter plot of standardised residuals against leverage for {format_count(len(found.leverage), 'row')}.",
        subtitle="No rows."
        if worst is None
        else f"Largest Cook's distance: {format_number(worst.cook)} on {worst.time[:10]}. Above 1, one row decides the fit.",
    )
    return finish(figure, words, theme, SMALL)


def plot_cusum(found: "Cusum | None", theme: Theme = "light") -> go.Figure:
    """Draw the cumulative sum of the residuals with its 95% bounds."""
    look = LOOKS[theme]
    figure = go.Figure()
    crossed = False
    if found is None:
        add_note(figure, "Not computed: several series, overlapping outcomes, or too few rows.", theme)
    else:
        times, values = as_times(found.times), np.array(found.values)
        crossed = bool(np.abs(values).max() > found.bound)
        set_time_axis(figure, times)
        color = look.bad if crossed else look.kept
        figure.add_scatter(x=times, y=values, mode="lines", line={"color": color, "width": 1.5}, hoverinfo="skip")
        _add_band(figure, found.bound, theme)
    words = Words(
        title="Cumulative sum of the residuals (CUSUM)",
        x="Time",
        y="Sum (st. dev.)",
        alt=f"Cumulative sum of the residuals over time; it {'leaves' if crossed else 'stays within'} its 95% bounds.",
        subtitle=f"It {'leaves' if crossed else 'stays within'} the bounds that a stable relation keeps in 95% of samples."
        if found
        else "",
    )
    return finish(figure.update_layout(showlegend=False), words, theme, SMALL)


def plot_rolling_coefficient(
    found: "RollingCoefficient", whole: "Coefficient", window: int, theme: Theme = "light"
) -> go.Figure:
    """Draw one coefficient over rolling windows with its 95% band, beside that of the whole train era.

    Parameters
    ----------
    found
        The rolling coefficient.
    whole
        The coefficient of the train era.
    window
        The rows of a window.
    theme
        The theme of the figure.
    """
    look = LOOKS[theme]
    times, coefs, half = as_times(found.times), np.array(found.coefs), np.array(found.half_widths)
    figure = go.Figure()
    set_time_axis(figure, times)
    edge = {"color": look.kept, "width": 0.5}
    figure.add_scatter(x=times, y=coefs - half, mode="lines", line=edge, hoverinfo="skip")
    figure.add_scatter(
        x=times,
        y=coefs + half,
        mode="lines",
        line=edge,
        fill="tonexty",
        fillcolor="rgba(86,180,233,0.2)",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=times, y=coefs, mode="lines", line={"color": look.kept, "width": 2}, hovertemplate="%{y:,.3~r}<extra></extra>"
    )
    add_level(figure, whole.coef, {"color": look.text, "dash": "dash", "width": 1})
    add_level(figure, 0, {"color": look.muted, "width": 1})
    label = plain_text(feature_label(found.name), 40)
    signs = int(np.count_nonzero(np.sign(coefs) == np.sign(whole.coef)))
    words = Words(
        title=f"Coefficient of {label} over time",
        x="End of the window",
        y="Coefficient",
        alt=f"Rolling coefficient of {label} from {format_number(coefs.min())} to {format_number(coefs.max())}.",
        subtitle=f"Windows of {window:,} rows, band 95% (HC1). Dashed: the whole train era. It has that sign in {signs} of "
        f"{len(coefs)} windows.",
    )
    return finish(figure.update_layout(showlegend=False), words, theme, SMALL)


def plot_leads(found: "GrangerTest", rows: int, theme: Theme = "light") -> go.Figure:
    """Draw the correlation of the outcome with one feature at leads and lags, with the 95% band of white noise.

    `rows` are the train rows.
    """
    heights = np.array([np.nan if value is None else value for value in found.correlations])
    most, band = len(heights) // 2, 1.96 / rows**0.5
    figure = go.Figure()
    figure.add_bar(
        x=np.arange(-most, most + 1),
        y=np.round(heights, 4),
        width=0.6,
        marker=band_marker(np.abs(heights) > band, theme),
        hovertemplate="lead %{x}: %{y:.3f}<extra></extra>",
    )
    _add_band(figure, band, theme)
    label = plain_text(feature_label(found.name), 40)
    words = Words(
        title=f"Cross-correlogram with {label}",
        x="Rows by which the feature comes first",
        y="Correlation",
        alt=f"Correlation of the outcome with {label} at {len(heights)} leads and lags.",
        subtitle="Right of 0 the feature comes first. Dashed: 95% band of unrelated white noise.",
    )
    return finish(figure.update_layout(showlegend=False), words, theme, SMALL)


def plot_shrinkage(path: "ShrinkagePath", theme: Theme = "light") -> go.Figure:
    """Draw the standardised coefficients against the penalty; the seven largest in colour, the others grey."""
    look = LOOKS[theme]
    table = np.array(path.coefficients)
    largest = np.argsort(-np.abs(table).max(axis=0), kind="stable")
    figure = go.Figure()
    others = largest[_MOST_LINES:]
    if len(others):
        # One trace for all, with a gap after each line: a trace each takes the browser long.
        gap = np.full((1, len(others)), np.nan)
        figure.add_scatter(
            x=np.tile([*path.strengths, np.nan], len(others)),
            y=np.vstack([table[:, others], gap]).T.ravel(),
            mode="lines",
            line={"color": look.muted, "width": 1},
            hoverinfo="skip",
            showlegend=False,
        )
    for place, ink in zip(largest[:_MOST_LINES], look.models.values(), strict=False):
        figure.add_scatter(
            x=path.strengths,
            y=table[:, place],
            mode="lines",
            line={"color": ink.color, "dash": ink.dash, "width": 2},
            name=plotly_text(plain_text(feature_label(path.names[place]), 24)),
            hovertemplate="%{y:.3f}<extra>%{fullData.name}</extra>",
        )
    subtitle = "No R² on the validation era: the naive forecast makes no error there."
    if path.best is not None and (score := path.r2_oos[path.best]) is not None:
        add_mark(figure, path.strengths[path.best], {"color": look.text, "dash": "dash", "width": 1})
        kept = path.kept(path.best)
        subtitle = f"Dashed: best on the validation era (R² {score:.3f}; {kept} of {len(path.names)} features kept)."
    figure.update_xaxes(type="log", autorange="reversed", dtick=1, tickformat="~g")
    add_level(figure, 0, {"color": look.muted, "width": 1})
    words = Words(
        title=f"Coefficients by {path.penalty} penalty",
        x="Penalty (falls to the right)",
        y="Coefficient (st. dev.)",
        alt=f"Paths of {len(path.names)} standardised coefficients as the {path.penalty} penalty falls.",
        subtitle=subtitle,
    )
    return finish(figure, words, theme, SMALL + _LEGEND)


def _add_dots(figure: go.Figure, x: np.ndarray, y: np.ndarray, theme: Theme) -> None:
    look = LOOKS[theme]
    add_level(figure, 0, {"color": look.muted, "width": 1})
    figure.add_scatter(
        x=x,
        y=y,
        mode="markers",
        marker={"color": look.kept, "size": 4, "opacity": 0.6},
        hovertemplate="%{x}<br>%{y:,.3~r}<extra></extra>",
    )
    figure.update_layout(showlegend=False, hovermode="closest")


def _add_band(figure: go.Figure, band: float, theme: Theme) -> None:
    for bound in (-band, band):
        add_level(figure, bound, {"color": LOOKS[theme].text, "dash": "dash", "width": 1})


def _p_text(p_value: float | None) -> str:
    return format_p(p_value).replace("<", "&lt;")
