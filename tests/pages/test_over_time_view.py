"""The view over time on the Quality page: a column, a range of it, its calendar, its memory and its level."""

import json
from datetime import timedelta

from core.data.builtin import write_sample
from core.recipe.model import Recipe


def figures(tab) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in tab.app.get("plotly_chart")]


def verdicts(tab) -> list[str]:
    (told,) = (node.value for node in tab.app.main.get("markdown") if node.value.startswith("**Levels**"))
    return [line.partition("**: ")[2] for line in told.split("  \n")]


def test_a_column_is_seen_over_time_and_a_range_of_it_in_detail(visit, project):
    tab = visit("quality", project.id).set("view", "Over time")
    line, memory = figures(tab)
    assert line["layout"]["meta"]["title"] == "sp500 over time"
    assert memory["layout"]["meta"]["title"] == "Autocorrelation of sp500"
    assert "One row every business day: no gap" in tab.said
    assert verdicts(tab)[0].startswith("drifts like a price: ADF does not reject")
    assert verdicts(tab)[1].startswith("keeps its level")

    tab.set("over-time-values", "changes")
    assert figures(tab)[0]["layout"]["meta"]["y"] == "change of sp500 (%)"

    first, last = tab.widget("over-time-range-None").value
    tab.set("over-time-range-None", (first + timedelta(days=400), last - timedelta(days=400)))
    narrow = figures(tab)[0]
    assert narrow["layout"]["xaxis"]["range"][0] > line["layout"]["xaxis"]["range"][0]
    assert figures(tab)[1] == memory

    tab.set("over-time-column", "dead_feed")
    assert "755 rows without a good value" in tab.said
    assert "no value" in {row for table in tab.app.dataframe for row in table.value.get("what", [])}
    tab.set("over-time-column", "lot_size")
    assert [words.startswith("could not be judged") for words in verdicts(tab)] == [True, True]


def test_a_panel_is_seen_one_series_at_a_time(visit, add_project, tmp_path):
    file = tmp_path / "panel.csv"
    write_sample("three-markets-panel", file)
    tab = visit("quality", add_project(file.read_bytes(), Recipe(), "profile").id)
    assert "volume and range have no value at all in 1 of 3 series: WTI oil." in tab.said
    tab.set("view", "Over time")
    first = figures(tab)[0]
    assert first["layout"]["meta"]["title"] == "close of Nasdaq over time"
    assert "1 gap, 4 bars missing" in tab.said
    tab.set("over-time-series", tab.widget("over-time-series").options[-1])
    assert figures(tab)[0] != first


def test_a_file_without_numbers_has_nothing_to_draw(visit, add_project):
    content = "\n".join(["date,a", *(f"2024-01-{day:02},word {day % 7}" for day in range(1, 31))]).encode()
    tab = visit("quality", add_project(content, Recipe(), "profile").id).set("view", "Over time")
    assert "no column of numbers" in tab.said
