"""The view over time on the Quality page: a column, a range of it, its calendar, stationarity and autocorrelation."""

import json
from datetime import timedelta

import numpy as np

from core.data.builtin import write_sample
from core.recipe.model import Recipe
from core.regression.stationarity import SENTENCES
from tests.data.markets import NEW_YORK_HOURLY


def figures(tab) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in tab.app.get("plotly_chart")]


def verdicts(tab) -> list[str]:
    """The verdicts on the stationarity of levels and of changes."""
    (text,) = (node.value for node in tab.app.main.get("markdown") if node.value.startswith("**Levels**"))
    lines = [line.partition("**: ")[2] for line in text.split("  \n")]
    return [next(verdict for verdict, sentence in SENTENCES.items() if line.startswith(sentence)) for line in lines]


def title(figure: dict) -> str:
    return figure["layout"]["meta"]["title"]


def test_a_column_is_shown_over_time_and_a_range_of_it_in_detail(visit, project):
    tab = visit("quality", project.id).set("view", "Over time")
    line, acf = figures(tab)
    assert "sp500" in title(line) and "sp500" in title(acf)
    assert "One row per business day: no gaps" in tab.text
    assert verdicts(tab) == ["unit root", "stationary"]

    tab.set("over-time-values", "changes")
    assert title(figures(tab)[0]) != title(line)
    assert figures(tab)[0]["layout"]["meta"]["y"].endswith("(%)")

    first, last = tab.widget("over-time-range-None").value
    tab.set("over-time-range-None", (first + timedelta(days=400), last - timedelta(days=400)))
    narrow = figures(tab)[0]
    assert narrow["layout"]["xaxis"]["range"][0] > line["layout"]["xaxis"]["range"][0]
    assert figures(tab)[1] == acf

    tab.set("over-time-column", "dead_feed")
    assert "755 rows without a valid value" in tab.text
    assert "no value" in {row for table in tab.app.dataframe for row in table.value.get("kind", [])}
    tab.set("over-time-column", "lot_size")
    assert verdicts(tab) == ["not tested", "not tested"]


def test_a_panel_is_shown_one_series_at_a_time(visit, add_project, tmp_path):
    file = tmp_path / "panel.csv"
    write_sample("three-markets-panel", file)
    tab = visit("quality", add_project(file.read_bytes(), Recipe(), "profile").id)
    assert "volume and range have no values in 1 of 3 series: WTI oil." in tab.text
    tab.set("view", "Over time")
    first = figures(tab)[0]
    assert "close of Nasdaq" in title(first)
    assert "1 gap (4 missing bars)" in tab.text
    tab.set("over-time-series", tab.widget("over-time-series").options[-1])
    assert figures(tab)[0] != first


def test_missing_bars_and_short_sessions_are_listed(visit, add_project):
    times = NEW_YORK_HOURLY.stamped(None, start="2022-06-01", end="2022-11-18")
    missing = ("2022-07-07T11:30", "2022-08-17T09:30", "2022-09-07T15:30", "2022-09-15T12:30")
    times = times[~np.isin(times, np.array(missing, "datetime64[us]"))].astype("datetime64[s]")
    rows = [f"{time},{100 + place % 17 + place / 1000}" for place, time in enumerate(times)]
    tab = visit("quality", add_project("\n".join(["time,close", *rows]).encode(), Recipe(), "profile").id)
    assert "2 bars missing within trading sessions" in tab.text
    tab.set("view", "Over time")
    assert "no gaps, 2 holes, 1 late start, 1 early end (4 missing bars)" in tab.text
    kinds = {row for table in tab.app.dataframe for row in table.value.get("kind", [])}
    assert {"hole", "late start", "early end"} <= kinds


def test_a_file_without_numbers_has_nothing_to_draw(visit, add_project):
    content = "\n".join(["date,a", *(f"2024-01-{day:02},word {day % 7}" for day in range(1, 31))]).encode()
    tab = visit("quality", add_project(content, Recipe(), "profile").id).set("view", "Over time")
    assert "no numeric columns" in tab.text
