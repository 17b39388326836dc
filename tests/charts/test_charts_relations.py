"""Figures of two columns: scatter plot, rolling correlation, and cross-correlation."""

import re
from dataclasses import replace

import numpy as np
import pytest

from core.charts.quality.relations import plot_cross_correlation, plot_pair, plot_rolling
from core.charts.style import words_of
from core.quality.views.cross_correlation import cross_correlate
from core.quality.views.pair import scatter_pair
from core.quality.views.rolling_correlation import roll_correlation
from tests.charts import examples
from tests.charts.examples import ERAS


def test_outliers_do_not_squeeze_the_other_points_and_are_counted():
    scatter = scatter_pair(examples.pair())
    far = replace(scatter, x=np.r_[scatter.x, 1e6, -1e6], y=np.r_[scatter.y, 0.0, 0.0])
    plain, pulled = plot_pair(scatter), plot_pair(far)
    assert pulled.layout.xaxis.range[1] < 10 * plain.layout.xaxis.range[1]
    counted = [re.search(r"(\d+) outliers", words_of(figure).subtitle) for figure in (plain, pulled)]
    before, after = (int(found[1]) if found else 0 for found in counted)
    assert after >= before + 2


def test_axes_name_columns_drawn_as_changes():
    figure = plot_pair(scatter_pair(examples.pair()))
    assert figure.layout.xaxis.title.text == "change of open"
    assert figure.layout.yaxis.title.text == "close"
    assert plot_pair(scatter_pair(examples.pair(), as_changes=False)).layout.xaxis.title.text == "open"


def test_sampling_of_points_is_stated():
    whole = scatter_pair(examples.pair())
    long = words_of(plot_pair(replace(whole, rows=210_000))).subtitle
    assert "of 210,000 train rows" in long and "stretches" in long
    few = replace(whole, x=whole.x[:500], y=whole.y[:500])
    # If every train row is a candidate, those that are not drawn lack a value.
    assert "valid in both columns" in words_of(plot_pair(replace(few, rows=501))).subtitle
    assert len(plot_pair(whole).data[0].x) == 1000 < len(whole.x)
    assert "1,000 of 1,050 train rows drawn, evenly spaced" in words_of(plot_pair(whole)).subtitle
    assert len(plot_pair(whole).to_json()) < 150_000


def test_bars_outside_the_band_are_filled_and_the_others_hollow():
    found = cross_correlate(examples.pair())
    figure = plot_cross_correlation(found)
    bars = figure.data[0].marker
    looks = dict(zip(found.lags, zip(bars.color, bars.line.color, strict=True), strict=True))
    assert looks[2][0] != looks[9][0] == "rgba(0,0,0,0)"
    assert looks[2][1] != looks[9][1]
    assert words_of(figure).subtitle == found.sentence
    assert found.strongest and found.strongest[0] == 2
    assert max(figure.data[1].y[:2]) == pytest.approx(found.band)


def test_the_rolling_correlation_is_drawn_over_the_eras():
    rolling = roll_correlation(examples.pair(), 120)
    figure = plot_rolling(rolling, ERAS)
    assert [shape.name for shape in figure.layout.shapes if shape.type == "rect"] == ["train", "validation", "test"]
    assert figure.layout.yaxis.range == (-1.05, 1.05)
    assert rolling.sentence in words_of(figure).alt
