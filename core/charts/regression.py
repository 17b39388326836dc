"""Pictures of step 4: what least squares leave over, and how sure the coefficients are."""

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from core.charts.style import LOOKS, Theme, Words, finish, label_rows, note, rows_height
from core.charts.timeline import MOST_POINTS, as_times, as_values, even, set_time_axis, shade_era
from core.data.eras import Era
from core.text.escape import plain_text, plotly_text
from core.text.format import format_number, format_p

if TYPE_CHECKING:
    from core.regression.ols import Coefficient, RegressionReport

MOST_FEATURES = 30
CONSTANT = "const"

_NORMAL_95 = 1.959964


def plot_residuals(report: "RegressionReport", theme: Theme = "light") -> go.Figure:
    """Return the residuals over time: a pattern is what the regression did not learn."""
    times, residual = as_times(report.residuals.times), as_values(report.residuals.residual)
    figure = go.Figure()
    if len(times):
        shade_era(figure, Era.TRAIN, times.min(), times.max(), theme)
    set_time_axis(figure, times)
    _add_points(figure, times, residual, theme)
    words = Words(
        title="Residuals over time",
        x="Time of the origin",
        y=_residual_axis(report),
        alt=f"Points of {len(times):,} residuals over time, {_spread(residual)}.",
        subtitle=_sampled(report),
    )
    return finish(figure, words, theme, 250)


def plot_residuals_fitted(report: "RegressionReport", theme: Theme = "light") -> go.Figure:
    """Return the residuals against the fitted values: a bend or a fan is a fault of the straight line."""
    fitted, residual = as_values(report.residuals.fitted), as_values(report.residuals.residual)
    figure = go.Figure()
    _add_points(figure, fitted, residual, theme)
    words = Words(
        title="Residuals against fitted values",
        x=f"Fitted ({report.task.predict.replace('_', ' ')})",
        y=_residual_axis(report),
        alt=f"Points of {len(residual):,} residuals against fitted values, {_spread(residual)}.",
        subtitle=_sampled(report),
    )
    return finish(figure, words, theme, 250)


def plot_quantiles(report: "RegressionReport", theme: Theme = "light") -> go.Figure:
    """Return the quantiles of the standardised residuals against those of the normal distribution: off the line is not normal."""
    from scipy.special import ndtri

    look = LOOKS[theme]
    residual = as_values(report.residuals.residual)
    residual = np.sort(residual[np.isfinite(residual)])
    spread = residual.std() if len(residual) else 0.0
    figure = go.Figure()
    ends = "There are no residuals."
    if spread > 0:
        found = (residual - residual.mean()) / spread
        normal = ndtri((np.arange(len(found)) + 0.5) / len(found))
        reach = float(max(normal[-1], -normal[0]))
        line = {"color": look.muted, "dash": "dash", "width": 1.5}
        figure.add_scatter(
            x=[-reach, reach], y=[-reach, reach], mode="lines", name="normal", line=line, hoverinfo="skip"
        )
        some = even(len(found))
        figure.add_scatter(
            x=normal[some],
            y=found[some],
            mode="markers",
            name="residuals",
            marker={"color": look.kept, "size": 4},
            hovertemplate="normal %{x:,.3~r}<br>residual %{y:,.3~r}<extra></extra>",
        )
        ends = (
            f"The lowest lies at {format_number(found[0].item())} and the highest at {format_number(found[-1].item())} "
        )
        ends += (
            f"standard deviations, where a normal one would lie at {format_number(-reach)} and {format_number(reach)}."
        )
    else:
        note(figure, "All residuals are equal.", theme)
    words = Words(
        title="Residuals against the normal distribution",
        x="Normal quantile (std. dev.)",
        y="Residual (std. dev.)",
        alt=f"Quantiles of {len(residual):,} residuals against normal ones. {ends}",
        subtitle=_sampled(report),
    )
    figure.update_layout(hovermode="closest")
    return finish(figure, words, theme, 250)


def plot_coefficients(report: "RegressionReport", theme: Theme = "light") -> go.Figure:
    """Return the coefficients with 95 % intervals from HAC errors, the surest first; filled where zero lies outside."""
    look = LOOKS[theme]
    features = [coefficient for coefficient in report.coefficients if coefficient.name != CONSTANT]
    shown = sorted(features, key=_sureness, reverse=True)[:MOST_FEATURES]
    figure = go.Figure()
    sure = [_sureness(coefficient) > _NORMAL_95 for coefficient in shown]
    if shown:
        half = [_NORMAL_95 * (coefficient.std_err_hac or 0.0) for coefficient in shown]
        figure.add_vline(x=0, line={"color": look.muted, "width": 1})
        figure.add_scatter(
            x=[coefficient.coef for coefficient in shown],
            y=list(range(len(shown))),
            mode="markers",
            error_x={"type": "data", "array": half, "color": look.kept, "thickness": 1.5, "width": 4},
            marker={"color": look.kept, "size": 8, "symbol": ["circle" if s else "circle-open" for s in sure]},
            customdata=[
                (
                    plotly_text(coefficient.name),
                    format_number(coefficient.coef),
                    format_number(coefficient.coef - reach),
                    format_number(coefficient.coef + reach),
                    format_p(coefficient.p_value_hac).replace("<", "&lt;"),
                )
                for coefficient, reach in zip(shown, half, strict=True)
            ],
            hovertemplate="%{customdata[0]}<br>%{customdata[1]}, 95 % from %{customdata[2]} to %{customdata[3]}"
            "<br>%{customdata[4]} (HAC)<extra></extra>",
        )
    else:
        note(figure, "The regression has no features.", theme)
    label_rows(figure, [coefficient.name for coefficient in shown])
    figure.update_xaxes(tickformat="~g")
    figure.update_layout(showlegend=False, hovermode="closest")
    remark = f"{len(shown)} of {len(features):,} features, by |t|. " if len(shown) < len(features) else ""
    first = f" First: {plain_text(shown[0].name, 40)}, {format_number(shown[0].coef)}." if shown else ""
    words = Words(
        title="Coefficients and their 95 % intervals",
        x=f"Coefficient ({report.task.predict.replace('_', ' ')} for one unit of the feature)",
        y="Feature",
        alt=f"Coefficients of {len(shown)} features; in {sum(sure)} the 95 % interval leaves zero out.{first}",
        subtitle=f"{remark}HAC (Newey-West) errors with {report.hac_lags} lags, {report.rows:,} train rows. Each in its own "
        "unit: lengths do not compare. Filled: zero lies outside.",
    )
    return finish(figure, words, theme, rows_height(len(shown), 22))


def _sureness(coefficient: "Coefficient") -> float:
    """Return |t| by the HAC error, or by the plain one where there is none."""
    if coefficient.std_err_hac:
        return abs(coefficient.coef / coefficient.std_err_hac)
    return abs(coefficient.t or 0.0)


def _add_points(figure: go.Figure, x: np.ndarray, residual: np.ndarray, theme: Theme) -> None:
    look = LOOKS[theme]
    figure.add_hline(y=0, line={"color": look.muted, "width": 1})
    some = even(len(residual))
    figure.add_scatter(
        x=x[some],
        y=residual[some],
        mode="markers",
        marker={"color": look.kept, "size": 4, "opacity": 0.6},
        hovertemplate="%{x}<br>residual %{y:,.3~r}<extra></extra>",
    )
    figure.update_layout(showlegend=False, hovermode="closest")
    if not len(residual):
        note(figure, "There are no residuals.", theme)


def _unit(report: "RegressionReport") -> str:
    return plain_text(report.task.label, 60)


def _residual_axis(report: "RegressionReport") -> str:
    return f"Residual ({report.task.predict.replace('_', ' ')})"


def _spread(residual: np.ndarray) -> str:
    known = residual[np.isfinite(residual)]
    if not len(known):
        return "none of them known"
    return f"from {format_number(known.min().item())} to {format_number(known.max().item())}"


def _sampled(report: "RegressionReport") -> str:
    drawn = min(len(report.residuals.residual), MOST_POINTS)
    whole = drawn >= report.residuals.sampled_from
    return f"{_unit(report)}, " + (
        "train era." if whole else f"{drawn:,} of {report.residuals.sampled_from:,} train rows."
    )
