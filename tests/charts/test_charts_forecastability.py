"""The heatmap of the map of predictability: order, marks, holes and its cut."""

from dataclasses import replace

import numpy as np

from core.charts.quality.forecastability import MOST_DRAWN, plot_forecastability, rank_rows
from core.charts.style import words_of
from core.quality.forecastability.question import Forecastability
from tests.charts.examples import forecastability, question


def test_rows_with_an_answer_come_first_and_cells_hold_the_larger_r2() -> None:
    figure = plot_forecastability(forecastability())
    heat = figure.data[0]
    assert list(figure.layout.yaxis.ticktext) == [
        "level of open",
        "volatility of close",
        "log return of close",
        "spread log vix - 0.8 log us_10y_yield",
    ]
    assert list(heat.x) == ["1 row", "5 rows", "21 rows"]
    np.testing.assert_allclose(heat.z[0], [0.12, np.nan, np.nan])
    np.testing.assert_allclose(heat.z[1], [np.nan, 0.06, 0.3 / 21])
    np.testing.assert_allclose(heat.z[2], [0.01, 0.01, 0.01])


def test_a_dot_marks_an_answer_and_nothing_else() -> None:
    texts = [cell for line in plot_forecastability(forecastability()).data[0].text for cell in line]
    assert sum("●" in text for text in texts) == 3
    assert "below -1" in texts
    assert texts.count("") == 12 - 7


def test_the_pointer_shows_every_number() -> None:
    shown = plot_forecastability(forecastability()).data[0].customdata[1][1]
    assert all(part in shown for part in ("volatility of close over 5 rows", "0.060", "0.010", "700", "q = 0.001"))


def test_a_long_map_is_cut_and_says_so() -> None:
    one = question("x", "level", 1, 0.1, 0.01)
    found = Forecastability(
        questions=tuple(replace(one, column=f"c{place}") for place in range(100)), rows=9, columns=9
    )
    figure = plot_forecastability(found)
    assert len(figure.data[0].z) == MOST_DRAWN
    assert "The first 30 of 100 rows" in words_of(figure).subtitle
    assert len(rank_rows(found)) == 100
    assert "first" not in words_of(plot_forecastability(forecastability())).subtitle
