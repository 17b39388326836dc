"""What single figures show: order, positions, marks, and what they omit."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.charts import before_after, cleaning, importance, ingest, regression, results, training
from core.charts import regression_diagnostics as pictures
from core.charts.next_forecast import plot_next_forecast
from core.charts.quality import bad_values
from core.charts.style import LOOKS, words_of
from core.data.columns import BadCounts
from core.forecast.evaluation.units import OWN, Unit
from tests.charts import examples
from tests.charts.examples import ERAS

WIDE = tuple(f"feature {place}" for place in range(300))


def labels(figure: object) -> list[str]:
    return list(figure.layout.yaxis.ticktext)


def test_a_spike_among_a_million_rows_is_drawn_and_downsampling_is_stated():
    times = np.arange("1990-01-01", 1_000_000, dtype="datetime64[h]")
    values = np.random.default_rng(0).normal(100, 1, 1_000_000)
    values[654_321] = 1e4
    figure = ingest.plot_series(times, values, "close", None)
    line = figure.data[0]
    assert len(line.y) <= 4000
    assert line.y.max() == 1e4
    assert line.x[int(np.argmax(line.y))] == times[654_321]
    assert "of 1,000,000 rows drawn" in words_of(figure).subtitle
    assert len(figure.to_json()) < 300_000


def test_bad_columns_are_sorted_and_their_kinds_add_up():
    profile = examples.profile()
    figure = bad_values.plot_bad_values(profile)
    totals = {column.name: column.bad.total for column in profile.columns if column.bad.total}
    assert labels(figure) == sorted(totals, key=totals.get, reverse=True)
    drawn = np.sum([np.array(trace.x, dtype=float) for trace in figure.data], axis=0) * profile.rows / 100
    assert drawn.round().tolist() == sorted(totals.values(), reverse=True)
    assert {trace.name for trace in figure.data} == {"missing", "infinite", "unparseable", "sentinel"}
    assert len({trace.marker.pattern.shape for trace in figure.data}) == 4


def test_of_many_bad_columns_the_worst_forty_are_shown():
    profile = examples.profile()
    many = tuple(
        replace(profile.columns[0], name=name, bad=BadCounts(missing=place + 1)) for place, name in enumerate(WIDE)
    )
    figure = bad_values.plot_bad_values(replace(profile, columns=many))
    assert labels(figure)[0] == "feature 299"
    assert len(labels(figure)) == 40
    assert "40 of 300 columns" in words_of(figure).subtitle


def test_bad_values_over_time_lie_between_the_edges_of_their_periods():
    profile = examples.profile()
    figure = bad_values.plot_bad_over_time(profile)
    heat = figure.data[0]
    assert len(heat.x) == len(profile.periods) + 1
    assert str(heat.x[0])[:10] == "2018-01-01"
    assert str(heat.x[-1])[:10] == "2022-02-08"
    assert (heat.zmin, heat.zmax) == (0, 100)
    cuts = {shape.name: shape.x0[:10] for shape in figure.layout.shapes}
    assert cuts == {"validation": "2020-11-16", "test": "2021-06-29"}
    row = labels(figure).index("us_10y_yield")
    assert np.isnan(heat.z[row][4])


def test_the_smallest_share_of_bad_values_has_another_colour_than_0():
    stops = [stop for stop, _ in bad_values.plot_bad_over_time(examples.profile()).data[0].colorscale]
    assert stops[0] == 0
    assert stops[1] < 1e-5


def test_the_current_value_of_a_threshold_is_marked():
    curve = examples.curve()
    figure = cleaning.plot_consequences(curve)
    step, mark = figure.data
    assert step.line.shape == "hv"
    label = figure.layout.annotations[0].text
    assert label.startswith("now 30") and label.endswith(f": {mark.y[0]} kept")
    assert (mark.x[0], mark.y[0]) == (0.3, curve.remaining[curve.thresholds.index(0.3)])
    assert "feed_b, sentiment" in words_of(cleaning.plot_consequences(curve)).alt
    assert list(figure.layout.xaxis.range) == [curve.thresholds[0], curve.thresholds[-1]]


def test_a_small_number_of_columns_has_an_axis_of_whole_numbers():
    few = replace(examples.curve(), remaining=tuple(min(count, 2) for count in examples.curve().remaining))
    assert cleaning.plot_consequences(few).layout.yaxis.dtick == 1
    assert cleaning.plot_consequences(examples.curve()).layout.yaxis.dtick is None


def test_a_threshold_close_to_1_is_not_rounded_to_1():
    curve = replace(examples.curve(), setting="max_correlation", current=0.9999)
    assert cleaning.plot_consequences(curve).layout.annotations[0].text.startswith("now 0.9999:")


def test_filled_and_clipped_values_are_marked_and_counted():
    column = examples.before_and_after()
    figure = before_after.plot_before_after(column, ERAS)
    old, new, filled, clipped = figure.data
    assert filled.y.tolist() == column.after[[100, 101, 102]].tolist()
    assert clipped.y.tolist() == [column.after[700]]
    assert filled.marker.symbol != clipped.marker.symbol
    assert words_of(figure).subtitle.startswith("Of 1,500 values: 3 filled, 1 clipped, 1 still bad.")
    assert (old.line.color, new.line.color) == (LOOKS["light"].dropped, LOOKS["light"].kept)


def test_a_column_that_became_a_return_has_its_own_axis():
    column = examples.before_and_after(transform="log return")
    over_time, spread = before_after.plot_before_after(column, ERAS), before_after.plot_both_distributions(column)
    assert [line.yaxis for line in over_time.data] == [None, "y2", "y2", "y2"]
    assert over_time.layout.yaxis2.title.text == "log return"
    assert [line.xaxis for line in spread.data] == ["x", "x2"]


def test_both_distributions_count_every_valid_value_in_the_same_bins():
    column = examples.before_and_after()
    old, new = before_after.plot_both_distributions(column).data
    assert sum(old.y[:-1]) == np.isfinite(column.before).sum()
    assert sum(new.y[:-1]) == np.isfinite(column.after).sum()
    assert old.x.tolist() == new.x.tolist()


def test_coefficients_are_standardised_and_sorted_by_size_without_the_constant():
    report = examples.regression()
    figure = regression.plot_coefficients(report)
    sizes = {c.name: c.standardised for c in report.coefficients if c.name != "const"}
    assert labels(figure) == sorted(sizes, key=lambda name: -abs(sizes[name]))
    points = figure.data[0]
    assert list(points.x) == [sizes[name] for name in labels(figure)]
    filled = [symbol == "circle" for symbol in points.marker.symbol]
    by_name = {c.name: c for c in report.coefficients}
    assert filled == [by_name[name].low > 0 or by_name[name].high < 0 for name in labels(figure)]
    outside = [abs(x) > reach for x, reach in zip(points.x, points.error_x.array, strict=True)]
    assert filled == outside


def test_a_cusum_that_leaves_its_bounds_is_marked_as_bad():
    cusum = examples.stability().cusum
    figure = pictures.plot_cusum(cusum)
    assert figure.data[0].line.color == LOOKS["light"].bad
    assert "leaves" in words_of(figure).subtitle
    calm = replace(cusum, values=tuple(0.1 * value for value in cusum.values))
    assert pictures.plot_cusum(calm).data[0].line.color == LOOKS["light"].kept


def test_the_line_through_a_scatter_is_the_regression_on_that_feature():
    report = examples.regression()
    row = replace(report.scan[0], coef=0.5, intercept=2.0)
    line = pictures.plot_feature_scatter(report, row).data[1]
    assert list(line.y) == pytest.approx([2 + 0.5 * x for x in line.x])


def test_a_cross_correlogram_is_centred_on_the_same_row():
    bars = pictures.plot_leads(examples.granger()[0], 1040).data[0]
    assert (bars.x[0], bars.x[20], bars.x[-1]) == (-20, 0, 20)


def test_of_many_coefficients_thirty_are_shown():
    figure = regression.plot_coefficients(examples.regression(WIDE))
    assert len(labels(figure)) == 30
    assert "30 of 299 features" in words_of(figure).subtitle


def test_normal_residuals_lie_on_the_line():
    report = examples.regression()
    draws = np.random.default_rng(0).normal(3, 5, 4000)
    normal = replace(report, residuals=replace(report.residuals, residual=tuple(draws.tolist())))
    points = regression.plot_qq(normal).data[1]
    middle = slice(100, -100)
    assert np.abs(points.x[middle] - points.y[middle]).max() < 0.1
    heavy = regression.plot_qq(report).data[1]
    assert heavy.y[-1] > heavy.x[-1] + 1


def test_sampling_of_residuals_is_stated():
    report = examples.regression()
    sampled = replace(report, residuals=replace(report.residuals, sampled_from=50_000))
    assert "1,040 of 50,000 train rows" in words_of(regression.plot_residuals(sampled)).subtitle
    assert "of" not in words_of(regression.plot_residuals(report)).subtitle.split("train")[1]


def test_features_are_sorted_by_rank_with_the_noise_level_marked():
    ranking = examples.ranking()
    figure = importance.plot_ranking(replace(ranking, features=ranking.features[::-1]))
    first, _, *others = [feature.name for feature in ranking.features]
    assert labels(figure) == [f"{first} +1", *others]  # a pair of twins is one bar
    assert figure.layout.shapes[0].x0 == figure.layout.shapes[0].x1 == ranking.noise_line
    margin = [each for each in figure.layout.annotations if each.xref == "paper"]
    assert [each.y for each in margin] == list(range(len(ranking.features) - 1))
    assert [margin[place].text for place in (0, 1, -1)] == [
        "signal, chosen with lag 1",
        "signal, suspected leak",
        "noise",
    ]
    # Letters of 11 pixels are at most 7 wide.
    assert all(each.x == 1 and 7 * len(each.text) <= figure.layout.margin.r for each in margin)
    bars = {trace.name: trace for trace in figure.data if trace.type == "bar"}
    assert bars["signal"].marker.color == LOOKS["light"].kept
    assert len({bar.marker.pattern.shape for bar in bars.values()}) == 3
    whiskers = bars["signal"].error_x
    assert whiskers.array[0] == whiskers.arrayminus[0] == pytest.approx(0.2 * ranking.features[0].importance)


def test_small_multiples_of_lags_share_their_scale_and_leave_out_means():
    ranking = examples.ranking()
    figure = importance.plot_lags(ranking)
    assert len(figure.data) == importance.MOST_PROFILES
    assert all(list(bar.x) == [0, 1, 2, 3] for bar in figure.data)
    assert figure.layout.yaxis2.matches == "y"


def test_the_curve_marks_the_smallest_number_within_one_error():
    figure = importance.plot_curve(examples.ranking().curve, 2)
    assert figure.layout.shapes[0].x0 == 2
    assert {trace.name for trace in figure.data} == {"ridge regression", "CatBoost"}


def test_importance_by_period_is_centred_at_zero():
    heat = importance.plot_periods(examples.ranking()).data[0]
    assert heat.zmin == -heat.zmax
    assert np.shape(heat.z) == (len(examples.ranking().features) - 1, 3)


def test_a_live_loss_keeps_its_axis_and_its_traces_while_points_arrive():
    history = examples.history(epochs=30)
    early, late = (training.plot_loss(history[:count], None, epochs=40) for count in (2, 30))
    assert early.layout.xaxis.range == late.layout.xaxis.range == (0.5, 40.5)
    assert [trace.uid for trace in early.data] == [trace.uid for trace in late.data]
    assert early.data[0].mode == "lines+markers"


def test_each_member_has_its_own_loss_lines_and_a_missing_val_loss_is_a_gap():
    history = [replace(point, val_loss=None) if point.epoch == 3 else point for point in examples.history(members=3)]
    figure = training.plot_loss(history, None)
    assert len(figure.data) == 6
    assert sum(trace.showlegend for trace in figure.data) == 2
    assert np.isnan(figure.data[1].y[2])


@pytest.mark.parametrize(("best", "side"), [(1, "left"), (40, "right")])
def test_the_label_of_a_line_is_on_the_side_with_more_room(best, side):
    figure = training.plot_loss(examples.history(epochs=40), best)
    assert [each.xanchor for each in figure.layout.annotations] == [side]


def test_thousands_of_epochs_make_a_small_figure():
    figure = training.plot_loss(examples.history(members=5, epochs=5000), 14)
    assert sum(len(trace.x) for trace in figure.data) <= 2000
    assert len(figure.to_json()) < 150_000


def test_the_best_epoch_and_persistence_are_marked():
    figure = training.plot_loss(examples.history(), 14, persistence_val_loss=1.0)
    assert {each.text for each in figure.layout.annotations} == {"best epoch 14", "persistence"}
    assert any(shape.x0 == 14 for shape in figure.layout.shapes)
    both = training.plot_loss(examples.history(), 14, persistence_val_loss=1.0, mean_val_loss=0.5)
    assert "train mean" in {each.text for each in both.layout.annotations}


def test_the_linear_rival_has_its_own_ink_and_a_name_of_its_own_place():
    figure = training.plot_loss(
        examples.history(), None, persistence_val_loss=1.0, mean_val_loss=1.0, linear_val_loss=1.0
    )
    places = {each.text: (each.x, each.xanchor) for each in figure.layout.annotations}
    assert set(places) == {"persistence", "train mean", "linear (ridge)"}
    assert len(set(places.values())) == 3
    assert figure.layout.shapes[2].line.color == LOOKS["light"].model("linear").color


def test_on_a_log_scale_the_names_of_levels_are_at_their_lines():
    figure = training.plot_loss(examples.history(), None, persistence_val_loss=0.01, log_scale=True)
    (name,) = (each for each in figure.layout.annotations if each.text == "persistence")
    assert name.y == -2
    assert figure.layout.shapes[0].y0 == 0.01


def test_smoothed_losses_lie_over_faint_ones_and_stay_within_them():
    history = examples.history(epochs=30)
    plain, smooth = (training.plot_loss(history, None, smooth=asked) for asked in (False, True))
    by_uid = {trace.uid: trace for trace in smooth.data}
    faint, line = by_uid["val_loss 0"], by_uid["val_loss 0 smoothed"]
    assert faint.opacity < 1
    assert plain.data[0].opacity is None
    assert min(faint.y) <= min(line.y)
    assert max(line.y) <= max(faint.y)
    assert np.abs(np.diff(line.y)).sum() < np.abs(np.diff(faint.y)).sum()


def test_validation_rows_have_their_forecast_and_no_interval_while_a_network_learns():
    levels = examples.validation_levels()
    figure = training.plot_validation(levels, series=examples.NAMES[2])
    assert [trace.name for trace in figure.data] == ["Persistence", "Actual", "LSTM"]
    shown = levels.predictions[levels.predictions["ticker"] == examples.NAMES[2]]
    assert np.array_equal(figure.data[2].y, shown["lstm"])
    assert words_of(figure).subtitle == ""


def test_probabilities_have_no_band_before_they_are_calibrated():
    figure = training.plot_validation(examples.validation_levels(predict="direction"))
    assert [trace.name for trace in figure.data] == ["Train frequency", "LSTM", "Actual"]
    assert "calibration" not in words_of(figure).subtitle


def test_the_next_forecast_follows_the_last_row_and_its_bar_is_the_interval():
    recent, row = examples.next_forecast()
    figure = plot_next_forecast(recent, row, "close")
    forecast = figure.data[-1]
    assert forecast.x[0] > figure.data[0].x[-1]
    assert forecast.y[0] - forecast.error_y.arrayminus[0] == row["lower"]
    assert forecast.y[0] + forecast.error_y.array[0] == row["upper"]
    alone = plot_next_forecast(recent, pd.Series({**row, "lower": np.nan, "upper": np.nan}), "close").data[-1]
    assert alone.error_y.array is None


def test_forecast_and_actual_have_their_colours_and_the_interval_is_below():
    figure = results.plot_predictions(examples.predictions(), "test", "close")
    by_name = {trace.name: trace for trace in figure.data}
    assert by_name["LSTM"].line.color == "#0072B2"
    assert by_name["Actual"].line.color == LOOKS["light"].text
    assert by_name["Persistence"].line.dash == "dash"
    assert [trace.name for trace in figure.data][:2] == ["Upper bound", "Prediction interval"]
    assert {shape.name for shape in figure.layout.shapes if shape.type == "rect"} == {"test"}
    assert len(by_name["LSTM"].x) == 225


def test_of_a_panel_one_series_is_drawn():
    frame = examples.predictions(("AAPL", "MSFT"))
    first, named = (results.plot_predictions(frame, "test", "close", series) for series in (None, "MSFT"))
    lines = [next(trace for trace in figure.data if trace.name == "Actual").y for figure in (first, named)]
    for name, line in zip(("AAPL", "MSFT"), lines, strict=True):
        mine = frame[(frame["ticker"] == name) & (frame["era"] == "test")]
        assert line.tolist() == mine["actual"].tolist()
    assert "of MSFT" in words_of(named).title


def test_long_predictions_are_downsampled_and_every_line_keeps_its_spike():
    frame = examples.predictions()
    long = frame.loc[np.repeat(frame.index[-1:], 50_000)].reset_index(drop=True)
    long["time"] = np.arange("2000-01-01", 50_000, dtype="datetime64[h]").astype("datetime64[us]")
    long.loc[111, "actual"], long.loc[222, "lstm"] = 1e5, -1e5
    figure = results.plot_predictions(long, "test", "close")
    by_name = {trace.name: trace.y for trace in figure.data}
    assert len(by_name["LSTM"]) <= 4000
    assert by_name["Actual"].max() == 1e5
    assert by_name["LSTM"].min() == -1e5
    assert len(figure.to_json()) < 1_000_000


def test_predictions_without_an_interval_have_no_band():
    frame = examples.predictions()
    frame[["lower", "upper"]] = np.nan
    names = [trace.name for trace in results.plot_predictions(frame, "validation", "close").data]
    assert names == ["Persistence", "Actual", "LSTM"]


def test_the_interval_on_validation_is_marked_as_in_sample():
    frame = examples.predictions()
    assert "in sample" in words_of(results.plot_predictions(frame, "validation", "close")).subtitle
    assert "in sample" not in words_of(results.plot_predictions(frame, "test", "close")).subtitle


def test_changes_are_from_the_last_value_or_the_train_mean_on_one_scale():
    frame = examples.predictions()
    figure = results.plot_changes(frame, "test", "close", mean_is_rival=False)
    test = frame[frame["era"] == "test"]
    points = figure.data[1]
    assert points.x.tolist() == (test["actual"] - test["persistence"]).tolist()
    assert points.y.tolist() == (test["lstm"] - test["persistence"]).tolist()
    assert figure.layout.xaxis.range == figure.layout.yaxis.range
    diagonal = figure.data[0]
    assert list(diagonal.x) == list(diagonal.y)
    of_return = results.plot_changes(frame.assign(mean=0.5), "test", "return", mean_is_rival=True)
    assert of_return.data[1].x.tolist() == (test["actual"] - 0.5).tolist()
    assert "train mean" in of_return.layout.xaxis.title.text


def test_models_are_sorted_by_loss_relative_to_the_best_naive_forecast():
    figure = results.plot_scores(examples.evaluation(), "test")
    assert labels(figure) == ["Drift", "Persistence", "Autoregression", "LSTM", "Linear", "CatBoost"]
    by_name = dict(zip(labels(figure), (trace.x[0] for trace in figure.data), strict=True))
    assert by_name["Drift"] == 0
    assert by_name["LSTM"] == pytest.approx(100 * ((1.32 / 1.309) ** 2 - 1))


def test_models_are_relative_to_the_train_mean_if_that_is_harder_to_beat():
    given = examples.evaluation()
    mean = replace(given.test["persistence"], mean_loss=1.2)
    figure = results.plot_scores(replace(given, test=given.test | {"mean": mean}), "test")
    by_name = dict(zip(labels(figure), (trace.x[0] for trace in figure.data), strict=True))
    assert by_name["Train mean"] == 0
    assert by_name["Persistence"] == pytest.approx(100 * (1.31**2 / 1.2 - 1))
    assert "the train mean" in words_of(figure).title


def test_a_fifth_of_the_axis_is_free_for_the_numbers_beside_the_longest_bars():
    figure = results.plot_scores(examples.evaluation(), "test")
    ends = [trace.x[0] for trace in figure.data]
    low, high = figure.layout.xaxis.range
    assert min(ends) == 0 < max(ends)
    assert high - max(ends) >= 0.2 * (high - low)


def test_the_gain_has_its_interval_and_a_line_where_both_are_equal():
    given = examples.evaluation()
    lstm = replace(given.test["lstm"], r2_oos=0.04, r2_interval=(-0.01, 0.09))
    figure = results.plot_gain(replace(given, test=given.test | {"lstm": lstm}))
    (point,) = figure.data
    assert point.x[0] == pytest.approx(4)
    assert (point.error_x.arrayminus[0], point.error_x.array[0]) == pytest.approx((5, 5))
    assert [shape.x0 for shape in figure.layout.shapes] == [0]
    assert figure.layout.xaxis.range[0] < -1 < 9 < figure.layout.xaxis.range[1]
    assert "a constant drift" in words_of(figure).title


def test_the_gain_on_a_sealed_era_is_that_of_validation():
    assert "validation" in words_of(results.plot_gain(examples.evaluation(sealed=True))).title


def test_long_histories_have_thin_lines_and_leave_persistence_to_the_legend():
    short, frame = examples.predictions(), examples.predictions()
    test = frame[frame["era"] == "test"]
    times = np.arange("2000-01-01", 20 * len(test), dtype="datetime64[D]")
    long = pd.concat([test] * 20, ignore_index=True).assign(time=times)
    lines = {trace.name: trace for trace in results.plot_predictions(long, "test", "close").data}
    few = {trace.name: trace for trace in results.plot_predictions(short, "test", "close").data}
    assert lines["LSTM"].line.width < few["LSTM"].line.width
    assert (lines["Persistence"].visible, few["Persistence"].visible) == ("legendonly", None)
    assert lines["Actual"].visible is None


def test_a_range_of_predictions_is_cut_before_it_is_drawn():
    frame = examples.predictions()
    times = frame.loc[frame["era"] == "test", "time"].to_numpy("datetime64[us]")
    figure = results.plot_predictions(frame, "test", "close", span=(times[50], times[99]))
    assert {len(trace.x) for trace in figure.data} == {52}
    assert figure.layout.yaxis.type is None
    assert results.plot_predictions(frame, "test", "close", log_scale=True).layout.yaxis.type == "log"


def test_a_sealed_era_shows_no_bar():
    figure = results.plot_scores(examples.evaluation(sealed=True), "test")
    assert len(figure.data) == 0
    assert "no scores" in words_of(figure).alt


def test_a_backtest_is_in_percent_for_returns_only():
    backtest = examples.backtest()
    for unit, factor in (("return", 100), ("difference", 1)):
        given = replace(backtest, unit=unit)
        high, low, hold, strategy = results.plot_backtest(given).data
        assert strategy.y[-1] == pytest.approx(factor * backtest.net_total)
        assert hold.y[-1] == pytest.approx(factor * backtest.hold_total)
        assert (low.y[-1], high.y[-1]) == pytest.approx((factor * backtest.net_low, factor * backtest.net_high))
        hold, strategy = results.plot_drawdown(given).data
        assert min(strategy.y) == pytest.approx(-factor * backtest.drawdown_net)
        assert min(hold.y) == pytest.approx(-factor * backtest.drawdown_hold)


def test_a_volatility_is_drawn_in_percent_with_its_unit_on_the_axis():
    predictions, unit = examples.predictions(), Unit(factor=1587.0, sign="%", name="a year")
    plain, drawn = (results.plot_predictions(predictions, "test", "close", unit=each) for each in (OWN, unit))
    for one, other in zip(plain.data, drawn.data, strict=True):
        np.testing.assert_allclose(np.array(other.y, dtype=float), 1587 * np.array(one.y, dtype=float))
    assert words_of(drawn).y == "close (% a year)"
    changes = results.plot_changes(predictions, "test", "close", mean_is_rival=False, unit=unit)
    own = results.plot_changes(predictions, "test", "close", mean_is_rival=False)
    np.testing.assert_allclose(changes.data[-1].x, 1587 * np.array(own.data[-1].x))


def test_the_best_penalty_is_marked_and_the_smaller_coefficients_are_grey():
    _, lasso = examples.shrinkage(("const", *(f"column {place}" for place in range(12))))
    figure = pictures.plot_shrinkage(lasso)
    assert sum(line.x0 == lasso.strengths[lasso.best] for line in figure.layout.shapes) == 1
    others, *largest = figure.data
    assert others.line.color == LOOKS["light"].muted
    assert np.isnan(others.y).sum() == np.isnan(others.x).sum() == 12 - len(largest) == 5
    assert np.nanmax(np.abs(others.y)) <= min(np.abs(line.y).max() for line in largest)
