"""Figures of a column over time and of its autocorrelation."""

from dataclasses import replace

import numpy as np
import pytest

from core.charts.quality.over_time import plot_autocorrelation, plot_over_time
from core.charts.style import words_of
from core.quality.views.calendar import find_calendar
from core.quality.views.over_time import OverTime
from core.regression.acf import autocorrelate
from tests.charts import examples
from tests.charts.examples import ERAS
from tests.data.markets import NEW_YORK_HOURLY


def drawn(line: OverTime, first: int, last: int, as_changes: bool = False):
    return plot_over_time(line, as_changes, find_calendar(line), (line.times[first], line.times[last]), ERAS)


def long_line(rows: int = 200_000) -> OverTime:
    times = np.datetime64("2020-01-01", "us") + np.arange(rows) * np.timedelta64(1, "m")
    levels = np.ones(rows)
    levels[3 * rows // 4 : 3 * rows // 4 + 2] = 9.0, -9.0
    return OverTime(
        name="x",
        series=None,
        times=times,
        levels=levels,
        lines=np.arange(rows),
        train=np.ones(rows, bool),
        price_like=False,
    )


def test_a_spike_is_kept_and_a_narrow_range_is_drawn_in_full():
    line = long_line()
    whole, part = drawn(line, 0, -1), drawn(line, 149_000, 151_000)
    assert len(whole.data[0].x) <= 4000 and "of 200,000 rows drawn" in words_of(whole).subtitle
    assert {9.0, -9.0} <= set(whole.data[0].y)
    # The rows of the range, and one on either side so the line reaches the edges.
    assert len(part.data[0].x) == 2003 and words_of(part).subtitle == ""
    assert list(part.layout.xaxis.range) == [str(line.times[at].astype("datetime64[ms]")) for at in (149_000, 151_000)]


def test_gaps_repeats_and_missing_values_are_marked_below_the_line():
    figure = drawn(examples.over_time(), 0, -1)
    assert list(figure.layout.yaxis2.ticktext) == ["gap", "no value", "repeated"]
    texts = {trace.name: trace.text[0] for trace in figure.data[1:]}
    assert "9 bars missing" in texts["gap"] and "line 702 of the file" in texts["gap"]
    assert (
        "20 rows without a valid value" in texts["no value"] and "2 rows with the same time stamp" in texts["repeated"]
    )
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis2.domain[1]
    assert figure.layout.yaxis2.title.text is None
    assert list(drawn(examples.over_time(), 250, 500).layout.yaxis2.ticktext) == ["no value"]
    assert len(drawn(examples.over_time(), 400, 600).data) == 1


def test_missing_bars_and_short_sessions_are_marked_below_the_line():
    times = NEW_YORK_HOURLY.stamped(None, start="2022-06-01", end="2022-11-18")
    missing = ("2022-07-07T11:30", "2022-08-17T09:30", "2022-09-07T15:30")
    times = times[~np.isin(times, np.array(missing, "datetime64[us]"))]
    line = replace(long_line(len(times)), times=times)
    figure = drawn(line, 0, -1)
    assert list(figure.layout.yaxis2.ticktext) == ["hole", "late start", "early end"]
    texts = {trace.name: trace.text[0] for trace in figure.data[1:]}
    assert "2022-07-07 11:30:00<br>1 bar missing within the session" in texts["hole"]
    assert "1 bar missing at the start of the session" in texts["late start"]
    assert "1 bar missing at the end of the session" in texts["early end"]
    assert "0 gaps, 1 hole, 1 late start, 1 early end, 0 runs" in words_of(figure).alt


def test_the_line_breaks_at_gaps():
    line = long_line(900)
    gapped = replace(line, times=line.times + np.where(np.arange(900) < 300, 0, 50) * np.timedelta64(1, "m"))
    (gap,) = find_calendar(gapped).gaps
    before, after = (
        list(drawn(gapped, 0, -1).data[0].x).index(stamp.astype("datetime64[ms]")) for stamp in (gap.start, gap.stop)
    )
    heights = drawn(gapped, 0, -1).data[0].y
    assert np.isnan(heights[before + 1 : after]).tolist() == [True]
    assert not np.isnan(np.delete(heights, before + 1)).any()


def test_marks_beyond_the_limit_are_counted():
    line = long_line(2000)
    assert len(drawn(line, 0, -1).data) == 1
    line.levels[::2] = np.nan
    figure = drawn(line, 0, -1)
    assert len(figure.data[1].x) == 900
    assert "700 shortest marks" in words_of(figure).subtitle


def test_a_range_without_rows_still_has_an_axis():
    line = examples.over_time()
    beyond = line.times[-1] + np.timedelta64(3, "D"), line.times[-1] + np.timedelta64(4, "D")
    figure = plot_over_time(line, False, find_calendar(line), beyond, ERAS)
    first, last = figure.layout.xaxis.range
    assert first < last


def test_only_the_eras_of_the_range_are_shaded():
    assert [shape.name for shape in drawn(examples.over_time(), 0, 900).layout.shapes if shape.type == "rect"] == [
        "train"
    ]
    both = drawn(examples.over_time(), 900, 1100).layout.shapes
    assert [shape.name for shape in both if shape.type == "rect"] == ["train", "validation"]


def test_changes_of_a_price_are_in_percent():
    line = examples.over_time()
    figure = drawn(line, 0, -1, as_changes=True)
    assert figure.layout.yaxis.title.text == "change of close (%)"
    assert figure.data[0].y[1] == pytest.approx(100 * (line.levels[1] / line.levels[0] - 1))


def test_lags_outside_the_band_are_filled_and_the_others_hollow():
    walk = examples.walk()
    figure = plot_autocorrelation(autocorrelate(walk), autocorrelate(np.diff(walk)), "close")
    by_title = dict(zip([each.text for each in figure.layout.annotations], figure.data, strict=True))
    assert list(by_title) == ["PACF of levels", "ACF of levels", "PACF of changes", "ACF of changes"]
    levels, changes = by_title["ACF of levels"].marker, by_title["ACF of changes"].marker
    hollow = "rgba(0,0,0,0)"
    assert len(set(levels.color)) == 1 and hollow not in levels.color
    assert changes.color.count(hollow) > 30
    assert len(set(changes.color)) == len(set(changes.line.color)) <= 2
    assert "Levels: 1.00 at lag 1, 40 of 40 lags" in words_of(figure).alt
    bands = [shape.y1 for shape in figure.layout.shapes]
    assert bands == pytest.approx([1.96 / np.sqrt(1500)] * 2 + [1.96 / np.sqrt(1499)] * 2)


def test_a_log_scale_is_that_of_the_values_and_not_of_the_marks():
    line = examples.over_time()
    span = line.times[0], line.times[-1]
    figure = plot_over_time(line, False, find_calendar(line), span, ERAS, log_scale=True)
    assert (figure.layout.yaxis.type, figure.layout.yaxis2.type) == ("log", None)
