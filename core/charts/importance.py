"""Figures of feature importance."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.charts.style import (
    LOOKS,
    Theme,
    Words,
    add_level,
    add_mark,
    add_note,
    finish,
    label_line,
    label_rows,
    rows_height,
)
from core.text.escape import plain_text, plotly_text
from core.text.feature_tokens import feature_label
from core.text.format import format_count, format_list, format_percent

if TYPE_CHECKING:
    from core.importance.curve import CurvePoint
    from core.importance.dependence import Dependence
    from core.importance.ranking import ImportanceRanking
    from core.importance.stability import FeatureImportance

MOST_FEATURES = 40
MOST_PROFILES = 6
MOST_BY_PERIOD = 12

_PATTERNS = {"signal": "", "unstable": "/", "noise": "."}
_COLUMNS = 3


def plot_ranking(ranking: "ImportanceRanking", theme: Theme = "light") -> go.Figure:
    """Draw the importance of the best groups of features with their intervals, labels and the noise line."""
    look = LOOKS[theme]
    groups = _groups(ranking)
    shown = groups[:MOST_FEATURES]
    colors = {"signal": look.kept, "unstable": look.unstable, "noise": look.dropped}
    figure = go.Figure()
    for label, color in colors.items():
        rows = [(place, feature) for place, feature in enumerate(shown) if feature.label == label]
        if not rows:
            continue
        figure.add_bar(
            x=[feature.importance for _, feature in rows],
            y=[place for place, _ in rows],
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [feature.high - feature.importance for _, feature in rows],
                "arrayminus": [feature.importance - feature.low for _, feature in rows],
                "color": look.text,
                "thickness": 1,
                "width": 3,
            },
            orientation="h",
            name=label,
            marker={
                "color": color,
                "line": {"width": 0},
                "pattern": {
                    "shape": _PATTERNS[label],
                    "size": 6,
                    "solidity": 0.25,
                    "fillmode": "overlay",
                    "fgcolor": look.background,
                },
            },
            customdata=[_hover(ranking, feature) for _, feature in rows],
            hovertemplate="%{customdata[0]}<br>importance %{x:.3~p}, interval %{customdata[1]:.3~p} to %{customdata[2]:.3~p}"
            "<br>rank %{customdata[3]}, %{customdata[4]} to %{customdata[5]} across folds"
            "<br>most important: %{customdata[6]}<extra>" + label + "</extra>",
        )
    label_rows(figure, [_name(ranking, feature) for feature in shown])
    # In the margin: a narrow figure has no room between the longest bar and the end of the axis.
    labels = [_remark(ranking, feature) for feature in shown]
    for place, label in enumerate(labels):
        figure.add_annotation(
            text=label,
            x=1,
            xref="paper",
            xanchor="left",
            y=place,
            showarrow=False,
            font={"size": 11, "color": look.muted},
        )
    widest = max([ranking.noise_line, *(feature.high for feature in shown)])
    lowest = min([0.0, *(feature.low for feature in shown)])
    span = (1.05 * lowest, 1.05 * widest or 1)
    figure.update_xaxes(range=span, tickformat=".2~p")
    add_mark(figure, ranking.noise_line, {"color": look.text, "width": 1.5, "dash": "dash"})
    label_line(figure, f"noise line {format_percent(ranking.noise_line)}", ranking.noise_line, span, theme)
    figure.update_layout(barmode="overlay", hovermode="closest", margin={"r": 4 + 7 * max(map(len, labels), default=0)})
    signal = sum(feature.label == "signal" for feature in groups)
    best = plain_text(feature_label(shown[0].name), 40) if shown else "none"
    selection = f"{len(shown)} of {len(groups):,} groups of features. " if len(shown) < len(groups) else ""
    words = Words(
        title="Feature importance against noise",
        x="Share of the outcome's variance that is explained",
        y="",
        alt=f"Bar chart of the importance of {format_count(len(shown), 'feature')}; {signal} of {len(groups):,} are "
        f"signal: their whole interval exceeds the noise line {format_percent(ranking.noise_line)}. Highest: {best}.",
        subtitle=f"{selection}On later rows of the train era, over {format_count(ranking.fits, 'fit')}. The noise line is the best "
        f"of {format_count(ranking.probes, 'random column')}. Whiskers: 95% interval, widened to the last fold.",
    )
    return finish(figure, words, theme, rows_height(len(shown)))


def _groups(ranking: "ImportanceRanking") -> list["FeatureImportance"]:
    """Return the best feature of each group, best first."""
    ranked = sorted(ranking.features, key=lambda feature: feature.rank)
    return [feature for feature in ranked if feature.name == feature.group]


def _twins(ranking: "ImportanceRanking", feature: "FeatureImportance") -> list[str]:
    return [
        feature_label(each.name)
        for each in ranking.features
        if each.group == feature.group and each.name != feature.name
    ]


def _name(ranking: "ImportanceRanking", feature: "FeatureImportance") -> str:
    more = len(_twins(ranking, feature))
    return feature_label(feature.name) + (f" +{more}" if more else "")


def _hover(ranking: "ImportanceRanking", feature: "FeatureImportance") -> tuple[object, ...]:
    twins = _twins(ranking, feature)
    name = feature_label(feature.name) + (f", with {format_list(twins, 4)}" if twins else "")
    best = max(feature.lags, key=lambda each: each.importance)
    entry = f"mean over {best.rows} rows" if best.rows > 1 else f"lag {best.lag}" if best.lag else "last value"
    return (
        plotly_text(name, 90),
        feature.low,
        feature.high,
        feature.rank,
        feature.rank_low,
        feature.rank_high,
        entry,
    )


def _remark(ranking: "ImportanceRanking", feature: "FeatureImportance") -> str:
    """Return the label of a bar, and what became of it."""
    if feature.suspected:
        return f"{feature.label}, suspected leak"
    if feature.is_category:
        return f"{feature.label}, category"
    if feature.name not in ranking.chosen:
        return feature.label
    return f"{feature.label}, chosen" + (f" with lag {feature.best_lag}" if feature.name in ranking.lags else "")


def plot_dependence(dependence: "Dependence", theme: Theme = "light") -> go.Figure:
    """Draw what a feature contributes to the forecasts against its value (SHAP dependence)."""
    look = LOOKS[theme]
    name = plain_text(feature_label(dependence.name), 40)
    labels = [plotly_text(label, 24) for label in dependence.labels]
    figure = go.Figure()
    figure.add_scatter(
        x=[labels[int(value)] for value in dependence.values] if labels else dependence.values,
        y=dependence.contributions,
        mode="markers",
        marker={"size": 5, "color": look.kept, "opacity": 0.7},
        hovertemplate=f"value %{{x{'' if labels else ':,.3~r'}}}<br>contribution %{{y:.3~r}}<extra></extra>",
        showlegend=False,
    )
    add_level(figure, 0, {"color": look.muted, "width": 1})
    figure.update_layout(hovermode="closest")
    if not dependence.values:
        add_note(figure, "No value of this feature is known on the scored rows.", theme)
    words = Words(
        title=f"Contribution of {name}",
        x=f"{name}: {dependence.entry}",
        y="Contribution (std)",
        alt=f"Scatter chart of the contribution of {name} to {format_count(len(dependence.values), 'forecast')} against its value "
        f"({dependence.entry}).",
        subtitle="SHAP values on rows after the last fit, in standard deviations of the outcome."
        + ("" if labels else " A straight line is a linear relation, a flat one is none."),
    )
    return finish(figure, words, theme, 300)


def plot_lags(ranking: "ImportanceRanking", theme: Theme = "light") -> go.Figure:
    """Draw the importance of each lag of the best features, as small multiples on one scale."""
    look = LOOKS[theme]
    shown = [feature for feature in _groups(ranking) if not feature.is_category][:MOST_PROFILES]
    rows = max(1, -(-len(shown) // _COLUMNS))
    titles = [plotly_text(feature_label(feature.name), 26) for feature in shown]
    figure = make_subplots(
        rows=rows,
        cols=_COLUMNS,
        shared_yaxes=True,
        shared_xaxes=True,
        subplot_titles=titles,
        horizontal_spacing=0.03,
        vertical_spacing=0.4 / rows,
    )
    for place, feature in enumerate(shown):
        lags = [each for each in feature.lags if each.rows == 1]
        figure.add_bar(
            x=[each.lag for each in lags],
            y=[each.importance for each in lags],
            marker={"color": look.kept, "line": {"width": 0}},
            width=0.8,
            hovertemplate="lag %{x}: %{y:.3~p}<extra></extra>",
            showlegend=False,
            row=place // _COLUMNS + 1,
            col=place % _COLUMNS + 1,
        )
    figure.update_annotations(font={"size": 12, "color": look.muted})
    figure.update_yaxes(tickformat=".2~p", nticks=4)
    best = "; ".join(f"{plain_text(feature_label(each.name), 40)}: lag {each.best_lag}" for each in shown)
    words = Words(
        title="Importance by lag",
        x="Lag",
        y="Importance",
        alt=f"Small bar charts of importance by lag. Most important lags: {best}.",
        subtitle="Lags in rows before the forecast origin; 0 is the last value. Lags that no tree uses have no bar.",
    )
    finish(figure, words, theme, 60 + 150 * rows)
    # One title for all columns, and one for all rows.
    for place in range(1, rows * _COLUMNS):
        row, column = place // _COLUMNS + 1, place % _COLUMNS + 1
        if column > 1:
            figure.update_yaxes(title_text="", row=row, col=column)
            figure.update_xaxes(title_text="", row=row, col=column)
    if rows > 1:
        figure.update_xaxes(title_standoff=0, row=1, col=1)
    return figure


def plot_periods(ranking: "ImportanceRanking", theme: Theme = "light") -> go.Figure:
    """Draw the importance of the best features in each period of the scored rows."""
    look = LOOKS[theme]
    shown = _groups(ranking)[:MOST_BY_PERIOD]
    values = np.array([feature.by_period for feature in shown]).reshape(len(shown), len(ranking.periods))
    reach = float(np.abs(values).max()) if values.size else 1.0
    figure = go.Figure()
    figure.add_heatmap(
        z=values,
        x=[period[:10] for period in ranking.periods],
        y=list(range(len(shown))),
        zmin=-reach or -1,
        zmax=reach or 1,
        colorscale=[[place / 4, color] for place, color in enumerate(look.diverging)],
        colorbar={"tickformat": ".2~p", "len": 140, "title": {"text": "importance"}},
        xgap=1,
        ygap=1,
        hovertemplate="from %{x}: %{z:.3~p}<extra></extra>",
    )
    label_rows(figure, [feature_label(feature.name) for feature in shown])
    figure.update_xaxes(type="category", tickangle=-45)
    words = Words(
        title="Importance by period",
        x="First day of the period",
        y="",
        alt=f"Heat map of the importance of {format_count(len(shown), 'feature')} in "
        f"{format_count(len(ranking.periods), 'period')} of the train era.",
        subtitle="A feature that matters in early periods only is of no use now.",
    )
    return finish(figure, words, theme, rows_height(len(shown)) + 60)


def plot_curve(curve: Sequence["CurvePoint"], marked: int | None, theme: Theme = "light") -> go.Figure:
    """Draw the validation loss of ridge regression and CatBoost against the number of features.

    `marked` is the smallest number within one standard error of the lowest loss.
    """
    look = LOOKS[theme]
    figure = go.Figure()
    counts = [point.k for point in curve]
    for name, model, label in (("ridge", "linear", "ridge regression"), ("catboost", "catboost", "CatBoost")):
        losses = np.array([getattr(point, name) for point in curve])
        errors = np.array([getattr(point, f"{name}_error") for point in curve])
        ink = look.model(model)
        figure.add_scatter(
            x=counts,
            y=losses,
            error_y={"type": "data", "array": errors, "color": ink.color, "thickness": 1, "width": 4},
            mode="lines+markers",
            name=label,
            line={"color": ink.color, "dash": ink.dash, "width": 2},
            hovertemplate="%{x} features: %{y:.4~r}<extra>" + label + "</extra>",
        )
    span = (0.5, max(counts, default=5) + 0.5)
    figure.update_xaxes(range=span, tickvals=counts)
    if marked is not None:
        add_mark(figure, marked, {"color": look.text, "dash": "dot", "width": 1})
        label_line(figure, f"within one error: {marked}", marked, span, theme)
    figure.update_layout(hovermode="closest")
    if not curve:
        add_note(
            figure, "There is no curve of a stopped ranking, of a single feature, or without validation rows.", theme
        )
    words = Words(
        title="Validation loss by number of features",
        x="Features, best first",
        y="Loss",
        alt=f"Line chart of the validation loss with {format_list([str(count) for count in counts])} features. The smallest number "
        f"within one standard error of the lowest loss is {marked}.",
        subtitle="Squared error on the validation era, divided by the variance of the train outcome. Bars: one standard error of "
        "the difference from the lowest loss.",
    )
    return finish(figure, words, theme, 300)
