"""Time axes: downsampling loses no spike, and each era is shaded between its dates."""

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.charts.style import LOOKS
from core.charts.timeline import (
    as_times,
    as_values,
    downsample,
    format_times,
    level_format,
    sample_evenly,
    set_time_axis,
    shade_eras,
)
from core.ingest.values.timecodes import count_rows
from tests.charts.examples import ERAS, TIMES


@settings(max_examples=25)
@given(st.lists(st.integers(0, 199_998), min_size=1, max_size=8, unique=True), st.integers(0, 9))
def test_adjacent_opposite_spikes_are_kept(places, seed):
    line = np.random.default_rng(seed).normal(size=200_000)
    apart = [place for rank, place in enumerate(sorted(places)) if rank == 0 or place - sorted(places)[rank - 1] > 1000]
    for place in apart:
        line[[place, place + 1]] = 1e6, -1e6
    drawn = downsample(line)
    assert len(drawn) <= 4000
    assert {position for place in apart for position in (place, place + 1)} <= set(drawn.tolist())
    assert np.all(np.diff(drawn) > 0)


def test_a_spike_next_to_a_gap_and_the_gap_are_kept():
    line = np.zeros(1_000_000)
    line[500_000:500_100] = np.nan
    line[500_100] = 7.0
    drawn = downsample(line)
    assert 500_100 in drawn
    assert np.isnan(line[drawn]).any()


def test_many_gaps_do_not_displace_the_line():
    line = np.arange(100_000.0)
    line[::2] = np.nan
    drawn = downsample(line)
    assert len(drawn) <= 4000
    assert np.isfinite(line[drawn]).sum() > 2000


def test_every_line_of_a_figure_keeps_its_spike():
    one, other = np.zeros((2, 100_000))
    one[777], other[888] = 5, -5
    drawn = downsample(one, other)
    assert len(drawn) <= 4000
    assert {0, 777, 888, 99_999} <= set(drawn.tolist())


def test_a_short_line_is_drawn_in_full_and_an_empty_one_is_no_error():
    assert downsample(np.zeros(4000)).tolist() == list(range(4000))
    assert len(downsample(np.full(10_000, np.nan))) <= 4000
    assert len(downsample(np.array([]))) == 0


def test_evenly_spaced_positions_include_both_ends():
    assert sample_evenly(10_001, 5).tolist() == [0, 2500, 5000, 7500, 10_000]
    assert sample_evenly(3).tolist() == [0, 1, 2]
    assert sample_evenly(0).tolist() == []


def test_values_that_are_not_finite_become_gaps():
    assert np.isnan(as_values(np.array([np.inf, -np.inf, np.nan]))).all()


@pytest.mark.parametrize("theme", LOOKS)
def test_each_era_has_its_tint_name_and_dates(theme):
    figure = go.Figure()
    shade_eras(figure, ERAS, theme)
    tints = {
        shape.name: (shape.x0, shape.x1, shape.fillcolor) for shape in figure.layout.shapes if shape.type == "rect"
    }
    colors = LOOKS[theme].eras
    assert tints == {
        "train": ("2018-01-01T00:00:00.000", "2020-11-16T00:00:00.000", colors[0]),
        "validation": ("2020-11-16T00:00:00.000", "2021-06-29T00:00:00.000", colors[1]),
        "test": ("2021-06-29T00:00:00.000", "2022-02-08T00:00:00.000", colors[2]),
    }
    assert {shape.layer for shape in figure.layout.shapes} == {"below"}
    assert [each.text for each in figure.layout.annotations] == ["train", "validation", "test"]


def test_the_names_of_narrow_eras_are_on_two_sides_of_their_boundary():
    figure = go.Figure()
    shade_eras(figure, ERAS, "light")
    train, validation, test = figure.layout.annotations
    assert validation.x == test.x == "2021-06-29T00:00:00.000"
    assert (train.xanchor, validation.xanchor, test.xanchor) == ("left", "right", "left")
    # A test era without width has its name in the margin: four letters of 11 pixels, at most 7 wide.
    assert figure.layout.margin.r >= 28


def test_the_hover_shows_the_time_of_day_only_if_there_is_one():
    daily, hourly = go.Figure(), go.Figure()
    set_time_axis(daily, as_times(TIMES))
    set_time_axis(hourly, as_times(TIMES + np.timedelta64(90, "m")))
    assert daily.layout.xaxis.hoverformat == "%Y-%m-%d"
    assert hourly.layout.xaxis.hoverformat == "%Y-%m-%d %H:%M"


@pytest.mark.parametrize(
    ("values", "found"),
    [([1.0832, 1.0871, 1.0829], ",.5f"), ([1e9, 1.1e9, 1e9], ",.0f"), ([5.0, 5.0], ",.3~r"), ([], ",.3~r")],
)
def test_the_hover_distinguishes_neighbouring_levels(values, found):
    assert level_format(np.array(values)) == found


def test_counted_rows_show_their_number_instead_of_a_date():
    counted, hourly = count_rows(np.arange(4000.0)), as_times(np.arange(4000).astype("datetime64[h]"))
    for stamps, is_count in ((as_times(counted), True), (as_times(counted[630:765]), True), (hourly, False)):
        figure = go.Figure()
        set_time_axis(figure, stamps)
        assert (figure.layout.xaxis.tickformat == "%s") is is_count
        assert (figure.layout.xaxis.hoverformat == "%s") is is_count
    assert format_times(as_times(counted[630:632])).tolist() == ["630", "631"]
    assert format_times(hourly[:2]).tolist() == ["1970-01-01T00:00", "1970-01-01T01:00"]
