"""The views of pairs on the Quality page: relations with the target, and any two columns."""

import json

from core.data.builtin import write_sample
from core.recipe.model import Recipe


def titles(tab) -> list[str]:
    return [json.loads(chart.proto.spec)["layout"]["meta"]["title"] for chart in tab.app.get("plotly_chart")]


def test_relations_are_classed_listed_and_any_pair_is_drawn(visit, project):
    tab = visit("quality", project.id).set("view", "Relations")
    assert "7 of 11** features are linearly related to sp500" in tab.text
    pages = {link.proto.page for link in tab.app.main.get("page_link")}
    assert {"regression", "importance"} <= pages
    listed = tab.app.dataframe[0].value
    assert len(listed) == 11
    assert listed["q"].dropna().is_monotonic_increasing
    best = listed["feature"].iloc[0]
    assert "sp500" in titles(tab)[0] and best in titles(tab)[0]
    assert tab.widget(f"pair-feature-{best}").value == best
    uncorrected = "not corrected for how this pair was chosen"
    assert uncorrected not in tab.text

    tab.set("relations-class", "none")
    assert set(tab.app.dataframe[0].value["class"]) == {"none"}
    tab.set("relations-find", "no such name")
    assert "No matching features." in tab.text
    assert tab.headings("Two columns")
    tab.set("relations-find", "")
    tab.set("relations-class", "all")

    tab.set(f"pair-feature-{best}", "wti")
    tab.set("pair-against-", "vix")
    assert all("wti" in title and "vix" in title for title in titles(tab))
    assert uncorrected in tab.text
    on_changes = titles(tab)[0]
    tab.set("pair-values", "levels")
    assert titles(tab)[0] != on_changes
    tab.set("pair-window", 250)
    assert "250" in titles(tab)[2]
    assert "not tested] lot_size and vix" in tab.set(f"pair-feature-{best}", "lot_size").text


def test_pairs_of_a_panel_are_shown_for_one_series_or_pooled(visit, add_project, tmp_path):
    file = tmp_path / "panel.csv"
    write_sample("three-markets-panel", file)
    tab = visit("quality", add_project(file.read_bytes(), Recipe(), "profile").id).set("view", "Relations")
    together = tab.text
    tab.set("pair-series", tab.widget("pair-series").options[1])
    assert len(titles(tab)) == 3
    assert tab.text != together


def test_one_numeric_column_has_no_relations(visit, add_project):
    content = "\n".join(["date,a", *(f"2024-01-{day:02},{day * day % 11}" for day in range(1, 31))]).encode()
    tab = visit("quality", add_project(content, Recipe(), "profile").id).set("view", "Relations")
    assert "this file has fewer" in tab.text


def test_a_file_with_only_a_target_does_not_ask_for_one(visit, open_home, add_project):
    open_home()
    rows = "".join(f"2020-01-{day:02d},{100 + day % 5}\n" for day in range(1, 32))
    project = add_project(f"date,price\n{rows}".encode(), Recipe().change("ingest", target="price"), "profile")
    text = visit("quality", project.id).set("view", "Relations").text
    assert "no other numeric column" in text
    assert "Choose a numeric target" not in text
