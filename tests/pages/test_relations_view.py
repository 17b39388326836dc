"""The views of pairs on the Quality page: what relates to the target, and any two columns side by side."""

import json

from core.data.builtin import write_sample
from core.recipe.model import Recipe


def titles(tab) -> list[str]:
    return [json.loads(chart.proto.spec)["layout"]["meta"]["title"] for chart in tab.app.get("plotly_chart")]


def test_relations_tell_which_model_sees_them_and_any_pair_is_drawn(visit, project):
    tab = visit("quality", project.id).set("view", "Relations")
    assert "5 of 11** features relate to sp500 linearly: regression will see most of it" in tab.said
    assert {"See what is linear in Regression", "See what trees find in Importance"} <= set(tab.links)
    listed = tab.app.dataframe[0].value
    assert len(listed) == 11
    assert listed["q"].dropna().is_monotonic_increasing
    surest = listed["feature"].iloc[0]
    assert titles(tab)[0] == f"Change of sp500 against change of {surest}"
    assert tab.widget(f"pair-feature-{surest}").value == surest

    assert "for this pair alone" not in tab.said

    tab.set("relations-class", "nonlinear")
    assert set(tab.app.dataframe[0].value["class"]) == {"non-linear"}
    tab.set("relations-find", "no such name")
    assert "No feature is of this name and class" in tab.said
    assert "Two columns side by side" in tab.said
    tab.set("relations-find", "")
    tab.set("relations-class", "all")

    tab.set(f"pair-feature-{surest}", "wti")
    tab.set("pair-against-", "vix")
    assert titles(tab)[:2] == ["vix against change of wti", "Cross-correlation of wti and vix"]
    assert "for this pair alone" in tab.said
    tab.set("pair-values", "levels")
    assert titles(tab)[0] == "vix against wti"
    tab.set("pair-window", 250)
    assert titles(tab)[2] == "Rolling correlation of wti and vix, 250 rows"
    assert "lot_size and vix: fewer than 30" in tab.set(f"pair-feature-{surest}", "lot_size").said


def test_pairs_of_a_panel_are_seen_for_one_series_or_for_all(visit, add_project, tmp_path):
    file = tmp_path / "panel.csv"
    write_sample("three-markets-panel", file)
    tab = visit("quality", add_project(file.read_bytes(), Recipe(), "profile").id).set("view", "Relations")
    together = tab.said
    tab.set("pair-series", tab.widget("pair-series").options[1])
    assert len(titles(tab)) == 3
    assert tab.said != together


def test_one_column_of_numbers_has_nothing_to_relate_to(visit, add_project):
    content = "\n".join(["date,a", *(f"2024-01-{day:02},{day * day % 11}" for day in range(1, 31))]).encode()
    tab = visit("quality", add_project(content, Recipe(), "profile").id).set("view", "Relations")
    assert "this file has fewer" in tab.said


def test_a_file_of_a_target_alone_is_not_asked_for_a_target(visit, open_home, add_project):
    open_home()
    rows = "".join(f"2020-01-{day:02d},{100 + day % 5}\n" for day in range(1, 32))
    project = add_project(f"date,price\n{rows}".encode(), Recipe().change("ingest", target="price"), "profile")
    said = visit("quality", project.id).set("view", "Relations").said
    assert "No other column of numbers is there to be judged against the target." in said
    assert "Choose a target" not in said
