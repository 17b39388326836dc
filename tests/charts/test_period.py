"""A period that zooms figures over time."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from core.charts.period import has_time_axis, period_text, zoom_period
from core.charts.timeline import set_time_axis

DAYS = pd.date_range("2020-01-01", periods=100).to_numpy()
PERIOD = (np.datetime64("2020-01-11", "us"), np.datetime64("2020-01-20", "us"))


def line(values: np.ndarray, times: np.ndarray = DAYS) -> go.Figure:
    figure = go.Figure(go.Scatter(x=times, y=values))
    set_time_axis(figure, times)
    return figure


def test_a_zoomed_figure_shows_the_period_and_fits_its_values() -> None:
    figure = line(np.arange(100.0))
    zoomed = zoom_period(figure, PERIOD)
    assert [np.datetime64(end) for end in zoomed.layout.xaxis.range] == list(PERIOD)
    low, high = zoomed.layout.yaxis.range
    assert low < 10 < 19 < high
    assert high - low < 12
    assert figure.layout.xaxis.range is None


def test_a_log_axis_is_fitted_in_powers_of_ten() -> None:
    figure = line(10.0 ** np.arange(100))
    figure.update_yaxes(type="log")
    low, high = zoom_period(figure, PERIOD).layout.yaxis.range
    assert low < 10 < 19 < high
    assert high - low < 12


def test_a_fixed_axis_stays_and_missing_values_do_not_count() -> None:
    values = np.where(np.arange(100) % 2, np.nan, 1.0)
    figure = line(values)
    low, high = zoom_period(figure, PERIOD).layout.yaxis.range
    assert low < 1 < high
    figure.update_yaxes(range=[-1, 1])
    assert zoom_period(figure, PERIOD).layout.yaxis.range == (-1, 1)


@pytest.mark.parametrize("shift", [-200, 200])
def test_a_figure_without_a_point_in_the_period_is_left_alone(shift: int) -> None:
    assert zoom_period(line(np.arange(100.0), DAYS + np.timedelta64(shift, "D")), PERIOD) is None


def test_a_heatmap_keeps_its_rows() -> None:
    figure = go.Figure(go.Heatmap(x=DAYS, y=[0, 1], z=np.zeros((2, 99))))
    set_time_axis(figure, DAYS)
    zoomed = zoom_period(figure, PERIOD)
    assert zoomed.layout.xaxis.range is not None
    assert zoomed.layout.yaxis.range is None


def test_only_a_time_axis_is_one() -> None:
    assert has_time_axis(line(np.arange(100.0)))
    assert not has_time_axis(go.Figure(go.Scatter(x=[1, 2], y=[1, 2])))


def test_a_long_period_is_dates_and_a_short_one_has_the_time_of_day() -> None:
    figure = line(np.arange(100.0))
    assert period_text(figure, PERIOD) == "2020-01-11 to 2020-01-20"
    hours = (PERIOD[0], PERIOD[0] + np.timedelta64(90, "m"))
    assert period_text(figure, hours) == "2020-01-11 00:00 to 2020-01-11 01:30"
