"""Every figure, with ordinary and with hostile names, in the light and in the dark theme."""

import json
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from core.charts import before_after, cleaning, importance, ingest, regression, results, training
from core.charts import regression_diagnostics as pictures
from core.charts.coverage import plot_coverage
from core.charts.next_forecast import plot_next_forecast
from core.charts.quality import bad_values, distributions, gallery, over_time, relations
from core.charts.quality.correlations import plot_correlations
from core.charts.quality.forecastability import plot_forecastability
from core.charts.style import Theme, words_of
from core.charts.walk_forward import plot_walk_forward
from core.quality.forecastability.question import Forecastability
from core.quality.numerics.sampling import SampledColumns
from core.quality.pairwise.associations import associate
from core.quality.views.calendar import find_calendar
from core.quality.views.cross_correlation import cross_correlate
from core.quality.views.over_time import OverTime
from core.quality.views.pair import scatter_pair
from core.quality.views.rolling_correlation import roll_correlation
from core.regression.acf import autocorrelate
from tests.charts import examples
from tests.charts.examples import ERAS, HOSTILE, NAMES, TIMES

Make = Callable[[tuple[str, ...], str], go.Figure]


def column_over_time(line: OverTime, theme: Theme = "light") -> go.Figure:
    span = line.times[0], line.times[-1]
    return over_time.plot_over_time(line, True, find_calendar(line), span, ERAS, theme)


FIGURES: dict[str, Make] = {
    "walk-forward": lambda names, theme: plot_walk_forward(examples.walk_forward(), theme),
    "series": lambda names, theme: ingest.plot_series(TIMES, examples.walk(), names[0], ERAS, theme),
    "bad values": lambda names, theme: bad_values.plot_bad_values(examples.profile(names), theme),
    "bad over time": lambda names, theme: bad_values.plot_bad_over_time(examples.profile(names), theme),
    "distribution": lambda names, theme: distributions.plot_distribution(examples.profile(names).columns[0], theme),
    "distribution of changes": lambda names, theme: distributions.plot_distribution(
        examples.profile(names).columns[0], theme, changes=True
    ),
    "normal quantiles": lambda names, theme: distributions.plot_qq(examples.profile(names).columns[0], theme),
    "gallery": lambda names, theme: gallery.plot_gallery(examples.profile(names).columns, "drift", theme),
    "pearson": lambda names, theme: plot_correlations(examples.profile(names), "pearson", theme=theme),
    "xi of changes": lambda names, theme: plot_correlations(examples.profile(names), "xi", "changes", theme),
    "pair": lambda names, theme: relations.plot_pair(scatter_pair(examples.pair(names)), theme),
    "forecastability": lambda names, theme: plot_forecastability(examples.forecastability(names), theme),
    "rolling": lambda names, theme: relations.plot_rolling(roll_correlation(examples.pair(names), 60), ERAS, theme),
    "leads": lambda names, theme: relations.plot_cross_correlation(cross_correlate(examples.pair(names)), theme),
    "over time": lambda names, theme: column_over_time(examples.over_time(names[0]), theme),
    "autocorrelation": lambda names, theme: over_time.plot_autocorrelation(
        autocorrelate(examples.walk()), autocorrelate(np.diff(examples.walk())), names[0], theme
    ),
    "consequences": lambda names, theme: cleaning.plot_consequences(
        replace(examples.curve(), next_dropped=names[:3]), theme
    ),
    "before and after": lambda names, theme: before_after.plot_before_after(
        examples.before_and_after(names[0]), ERAS, theme
    ),
    "before and after in two units": lambda names, theme: before_after.plot_before_after(
        examples.before_and_after(names[0], "log return"), ERAS, theme
    ),
    "both distributions": lambda names, theme: before_after.plot_both_distributions(
        examples.before_and_after(names[0]), theme
    ),
    "distributions in two units": lambda names, theme: before_after.plot_both_distributions(
        examples.before_and_after(names[0], "log return"), theme
    ),
    "residuals": lambda names, theme: regression.plot_residuals(examples.regression(names), theme),
    "residuals fitted": lambda names, theme: regression.plot_residuals_fitted(examples.regression(names), theme),
    "quantiles": lambda names, theme: regression.plot_qq(examples.regression(names), theme),
    "coefficients": lambda names, theme: regression.plot_coefficients(examples.regression(names), theme),
    "volcano": lambda names, theme: pictures.plot_volcano(examples.regression(names).scan, theme),
    "feature scatter": lambda names, theme: pictures.plot_feature_scatter(
        examples.regression(names), examples.regression(names).scan[0], theme
    ),
    "feature residuals": lambda names, theme: pictures.plot_feature_residuals(
        examples.regression(names), examples.regression(names).scan[0], theme
    ),
    "component": lambda names, theme: pictures.plot_component(
        examples.regression(names), examples.regression(names).coefficients[1], theme
    ),
    "residual acf": lambda names, theme: pictures.plot_residual_acf(examples.regression(names).residual_acf, theme),
    "influence": lambda names, theme: pictures.plot_influence(examples.influence(), theme),
    "cusum": lambda names, theme: pictures.plot_cusum(examples.stability(names).cusum, theme),
    "rolling coefficient": lambda names, theme: pictures.plot_rolling_coefficient(
        examples.stability(names).rolling[0], examples.regression(names).coefficients[1], 130, theme
    ),
    "ridge path": lambda names, theme: pictures.plot_shrinkage(examples.shrinkage(names)[0], theme),
    "lasso path": lambda names, theme: pictures.plot_shrinkage(examples.shrinkage(names)[1], theme),
    "leads of a feature": lambda names, theme: pictures.plot_leads(examples.granger(names)[0], 1040, theme),
    "ranking": lambda names, theme: importance.plot_ranking(examples.ranking(names), theme),
    "dependence": lambda names, theme: importance.plot_dependence(examples.ranking(names).dependence[0], theme),
    "dependence on labels": lambda names, theme: importance.plot_dependence(
        replace(examples.ranking(names).dependence[0], labels=names[:3], values=(0.0, 1.0, 2.0)), theme
    ),
    "lags": lambda names, theme: importance.plot_lags(examples.ranking(names), theme),
    "periods": lambda names, theme: importance.plot_periods(examples.ranking(names), theme),
    "curve": lambda names, theme: importance.plot_curve(examples.ranking(names).curve, 2, theme),
    "loss": lambda names, theme: training.plot_loss(examples.history(2), 14, theme, persistence_val_loss=1.0),
    "losses compared": lambda names, theme: training.plot_loss(
        examples.history(), 14, theme, smooth=True, log_scale=True, others={name: examples.history() for name in names}
    ),
    "validation": lambda names, theme: training.plot_validation(
        examples.validation_levels(names), theme, series=names[2]
    ),
    "validation changes": lambda names, theme: training.plot_validation(
        examples.validation_levels(names, "volatility"), theme, changes=True
    ),
    "validation of a direction": lambda names, theme: training.plot_validation(
        examples.validation_levels(names, "direction"), theme
    ),
    "predictions": lambda names, theme: results.plot_predictions(
        examples.predictions(names[1:3]), "test", names[0], names[2], theme
    ),
    "changes": lambda names, theme: results.plot_changes(
        examples.predictions(), "test", names[0], theme, mean_is_rival=False
    ),
    "next forecast": lambda names, theme: plot_next_forecast(*examples.next_forecast(), names[0], theme),
    "scores": lambda names, theme: results.plot_scores(examples.evaluation(), "test", theme),
    "gain": lambda names, theme: results.plot_gain(examples.evaluation(), theme),
    "coverage": lambda names, theme: plot_coverage(examples.evaluation().interval, theme),
    "backtest": lambda names, theme: results.plot_backtest(examples.backtest(), theme),
    "drawdown": lambda names, theme: results.plot_drawdown(examples.backtest(), theme),
}

EMPTY: dict[str, Callable[[], go.Figure]] = {
    "series": lambda: ingest.plot_series(TIMES[:3], np.full(3, np.nan), "close", None),
    "bad values": lambda: bad_values.plot_bad_values(examples.clean(examples.profile())),
    "bad over time": lambda: bad_values.plot_bad_over_time(examples.clean(examples.profile())),
    "distribution": lambda: distributions.plot_distribution(replace(examples.profile().columns[0], histogram=None)),
    "distribution of changes": lambda: distributions.plot_distribution(
        replace(examples.profile().columns[0], changes=None), changes=True
    ),
    "normal quantiles": lambda: distributions.plot_qq(replace(examples.profile().columns[0], histogram=None)),
    "gallery": lambda: gallery.plot_gallery((), "name"),
    "correlations": lambda: plot_correlations(
        replace(examples.profile(), associations=associate(SampledColumns(np.ones(1, dtype=bool)).gather(), (), None)),
        "pearson",
        "changes",
    ),
    "pair": lambda: relations.plot_pair(scatter_pair(examples.pair(known=0))),
    "forecastability": lambda: plot_forecastability(Forecastability()),
    "rolling": lambda: relations.plot_rolling(roll_correlation(examples.pair(known=9), 60), ERAS),
    "leads": lambda: relations.plot_cross_correlation(cross_correlate(examples.pair(known=40))),
    "over time": lambda: column_over_time(examples.over_time(known=0)),
    "autocorrelation": lambda: over_time.plot_autocorrelation(
        autocorrelate(np.ones(9)), autocorrelate(np.zeros(8)), "close"
    ),
    "residuals": lambda: regression.plot_residuals(without_rows()),
    "quantiles": lambda: regression.plot_qq(without_rows()),
    "coefficients": lambda: regression.plot_coefficients(replace(examples.regression(), coefficients=())),
    "curve": lambda: importance.plot_curve((), None),
    "dependence": lambda: importance.plot_dependence(
        replace(examples.ranking().dependence[0], values=(), contributions=())
    ),
    "volcano": lambda: pictures.plot_volcano(()),
    "feature scatter": lambda: pictures.plot_feature_scatter(
        replace(examples.regression(), points=None), examples.regression().scan[0]
    ),
    "feature residuals": lambda: pictures.plot_feature_residuals(
        replace(examples.regression(), points=None), examples.regression().scan[0]
    ),
    "component": lambda: pictures.plot_component(
        replace(examples.regression(), points=None), examples.regression().coefficients[1]
    ),
    "residual acf": lambda: pictures.plot_residual_acf(None),
    "cusum": lambda: pictures.plot_cusum(None),
    "loss": lambda: training.plot_loss((), None, epochs=40),
    "predictions": lambda: results.plot_predictions(examples.predictions().head(0), "test", "close"),
    "changes": lambda: results.plot_changes(examples.predictions().head(0), "test", "close", mean_is_rival=False),
    "gain": lambda: results.plot_gain(replace(examples.evaluation(), test={})),
    "sealed": lambda: results.plot_scores(examples.evaluation(sealed=True), "test"),
}


def without_rows() -> object:
    report = examples.regression()
    return replace(report, residuals=replace(report.residuals, times=(), fitted=(), residual=(), sampled_from=0))


def strings(part: object) -> list[str]:
    """Return every string in a figure's JSON except its texts and template: texts are never shown as markup."""
    if isinstance(part, str):
        return [part]
    if isinstance(part, dict):
        return [text for name, value in part.items() if name not in ("meta", "template") for text in strings(value)]
    return [text for value in part for text in strings(value)] if isinstance(part, list) else []


def axes(figure: go.Figure) -> list[tuple[str, go.layout.XAxis | go.layout.YAxis]]:
    """The two axes with their titles."""
    return [(axis.title.text, axis) for axis in (figure.layout.xaxis, figure.layout.yaxis)]


def is_named_by_its_ticks(axis: go.layout.XAxis | go.layout.YAxis) -> bool:
    """Whether the ticks are names, of columns or models, which need no title."""
    return axis.type == "category" or any(re.search("[a-z]", text) for text in axis.ticktext or ())


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_its_texts_and_is_small(name, theme):
    figure = FIGURES[name](NAMES, theme)
    assert words_of(figure).title
    assert all(title or is_named_by_its_ticks(axis) for title, axis in axes(figure))
    assert len(words_of(figure).alt) > 20
    assert {trace.type for trace in figure.data} <= {"scatter", "bar", "heatmap"}
    assert len(figure.to_json()) < 150_000


@pytest.mark.parametrize("name", EMPTY)
def test_a_figure_without_data_explains_why(name):
    figure = EMPTY[name]()
    assert words_of(figure).title
    assert any(each.x == each.y == 0.5 and each.text for each in figure.layout.annotations)


@pytest.mark.parametrize("name", FIGURES)
def test_no_name_becomes_markup_or_a_formula(name):
    figure = FIGURES[name](HOSTILE, "light")
    for text in strings(json.loads(figure.to_json())):
        assert not re.search(r"<(?!br>|extra>|/extra>)", text), text
        assert "$" not in text
        assert "\u202e" not in text
        assert "a" * 100 not in text
    assert "a" * 1000 not in words_of(figure).alt


@pytest.mark.parametrize("name", FIGURES)
def test_no_name_enters_a_hover_template(name):
    figure = FIGURES[name](HOSTILE, "light")
    for trace in figure.data:
        for fragment in ("onerror", "href", "7*7", "2020-01-01"):
            assert fragment not in (trace.hovertemplate or "")


@pytest.mark.parametrize("name", FIGURES)
def test_the_json_of_a_figure_cannot_close_its_script_element(name):
    page = FIGURES[name](HOSTILE, "light").to_html(full_html=False, include_plotlyjs=False)
    assert page.count("</script>") == page.count("<script")
    assert "<img" not in page


def test_equal_results_give_equal_figures():
    for make in FIGURES.values():
        assert make(NAMES, "light").to_json() == make(NAMES, "light").to_json()
