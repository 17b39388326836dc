"""A sealed test era leaves no trace in a figure: it is the same whatever the values are that it hides."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from core.charts import before_after, ingest
from core.charts.quality import over_time, relations
from core.data.eras import Era
from core.quality.views.calendar import find_calendar
from core.quality.views.rolling_correlation import roll_correlation
from tests.charts import examples
from tests.charts.examples import ERAS, TIMES

TEST = ERAS.label(TIMES) == Era.TEST
Figure = Callable[[np.ndarray, bool], go.Figure]


def series(values: np.ndarray, sealed: bool) -> go.Figure:
    return ingest.plot_series(TIMES, values, "close", ERAS, sealed=sealed)


def line(values: np.ndarray, sealed: bool, as_changes: bool = False) -> go.Figure:
    found = replace(examples.over_time(), times=TIMES, levels=values)
    calendar = find_calendar(replace(found, levels=examples.walk()))
    return over_time.plot_over_time(found, as_changes, calendar, (TIMES[0], TIMES[-1]), ERAS, sealed=sealed)


def changes(values: np.ndarray, sealed: bool) -> go.Figure:
    return line(values, sealed, as_changes=True)


def zoomed(values: np.ndarray, sealed: bool) -> go.Figure:
    found = replace(examples.over_time(), times=TIMES, levels=values)
    calendar = find_calendar(replace(found, levels=examples.walk()))
    return over_time.plot_over_time(found, False, calendar, (TIMES[1300], TIMES[-1]), ERAS, sealed=sealed)


def cleaned(values: np.ndarray, sealed: bool) -> go.Figure:
    column = examples.before_and_after()
    cells = replace(column.cells, before=values, after=2 * values)
    return before_after.plot_before_after(replace(column, cells=cells), ERAS, sealed=sealed)


def rolling(values: np.ndarray, sealed: bool) -> go.Figure:
    pair = examples.pair()
    stationary = np.array([pair.stationary[0], values])
    return relations.plot_rolling(roll_correlation(replace(pair, stationary=stationary), 60), ERAS, sealed=sealed)


FIGURES = [series, line, changes, zoomed, cleaned, rolling]


@pytest.mark.parametrize("draw", FIGURES, ids=lambda draw: draw.__name__)
def test_a_sealed_figure_does_not_depend_on_what_it_hides(draw: Figure) -> None:
    values, others = examples.walk(5), examples.walk(5)
    others[TEST] = np.random.default_rng(9).normal(40_000, 9_000, TEST.sum())
    assert draw(values, True).to_json() == draw(others, True).to_json()
    assert draw(values, False).to_json() != draw(others, False).to_json()


@pytest.mark.parametrize("draw", FIGURES, ids=lambda draw: draw.__name__)
def test_a_sealed_era_is_covered_and_named(draw: Figure) -> None:
    def bands(sealed: bool) -> list[str]:
        return [shape.name for shape in draw(examples.walk(5), sealed).layout.shapes if shape.type == "rect"]

    assert "sealed" in bands(True)
    assert "test" not in bands(True)
    assert "sealed" not in bands(False)
    assert "test" in bands(False)


@pytest.mark.parametrize("draw", [series, line, cleaned], ids=lambda draw: draw.__name__)
def test_values_before_the_test_era_are_drawn(draw: Figure) -> None:
    values = examples.walk(5)
    drawn = np.concatenate([np.asarray(trace.y, dtype=float) for trace in draw(values, True).data])
    assert np.isin(values[~TEST], drawn).all()
