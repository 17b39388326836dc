"""Cleaning: every slider answers at once, is saved, and can be taken back."""

import re

import pandas as pd
import pytest

from core.recipe import Recipe

SLIDERS = [
    ("cleaning.max_bad_ratio", 1.0),
    ("cleaning.min_relative_variance", 0.0),
    ("cleaning.max_unique_ratio", 1.0),
]


def sentence(tab) -> str:
    return re.search(r"\d+ of \d+ columns stay.*", tab.said)[0]


@pytest.mark.parametrize(("key", "value"), SLIDERS, ids=[key for key, _ in SLIDERS])
def test_moving_a_slider_changes_the_sentence_and_undo_takes_both_back(visit, workspace, project, key, value):
    tab = visit("cleaning", project.id)
    before, shown = sentence(tab), tab.widget(key).value
    tab.set(key, value)
    assert sentence(tab) != before
    assert getattr(workspace.recipe(project.id).cleaning, key.partition(".")[2]) == value
    tab.press("Undo")
    assert sentence(tab) == before
    assert tab.widget(key).value == shown
    assert getattr(workspace.recipe(project.id).cleaning, key.partition(".")[2]) == shown


def test_a_chart_below_each_slider_shows_what_its_other_places_would_do(visit, project):
    assert len(visit("cleaning", project.id).app.get("plotly_chart")) == 3


def test_columns_decided_by_hand_are_counted_and_can_be_forgotten(visit, workspace, project):
    recipe = workspace.recipe(project.id)
    before = sentence(visit("cleaning", project.id))
    workspace.save_recipe(project.id, recipe.change("cleaning", drop=("vix",)), "Drop vix")
    tab = visit("cleaning", project.id)
    assert "1 of them decided by hand" in sentence(tab)
    tab.press("forget")
    assert sentence(tab) == before
    assert workspace.recipe(project.id) == recipe


def test_the_table_of_columns_can_show_only_those_that_go(visit, project):
    tab = visit("cleaning", project.id)
    gone = int(re.search(r"stay, (\d+) go", sentence(tab))[1])
    assert gone > 0
    for choice, rows in (("going", gone), ("by hand", 0)):
        tab.set("show", choice)
        tables = tab.app.get("arrow_data_frame") or tab.app.dataframe
        assert len(tables[0].value) == rows


def test_changed_thresholds_leave_the_steps_before_done_and_make_those_behind_stale(visit, project):
    tab = visit("cleaning", project.id).set("cleaning.max_bad_ratio", 1.0)
    assert {tab.state_of(title) for title in ("Upload", "Quality", "Cleaning")} == {"done"}
    assert {tab.state_of(title) for title in ("Regression", "Importance")} == {"stale"}
    tab.press("Undo")
    assert {tab.state_of(title) for title in ("Regression", "Importance")} == {"done"}


def test_data_without_a_bad_value_or_a_second_column_get_a_sentence_and_no_empty_picture(visit, add_project, workspace):
    days = pd.bdate_range("2024-01-01", periods=60)
    content = pd.DataFrame({"date": days, "close": range(100, 160)}).to_csv(index=False).encode()
    project = add_project(content, Recipe(), "profile")
    tab = visit("cleaning", project.id)
    assert "There is no column besides the target" in tab.said
    assert not tab.app.get("plotly_chart")
    assert tab.set("part", "Rows and values").has("features.lags")
    tab.go("quality")
    assert "No column holds a bad value." in tab.said
    assert not tab.app.get("plotly_chart")


def test_the_history_tells_each_change_and_leads_back_to_any_of_them(visit, workspace, project):
    start = workspace.recipe(project.id)
    tab = visit("cleaning", project.id)
    tab.set("cleaning.max_bad_ratio", 0.05).set("cleaning.max_bad_ratio", 0.5).set("part", "History")
    for words in ("Bad values, at most: from 30 % to 5 %", "Bad values, at most: from 5 % to 50 %"):
        assert words in tab.said
    entries = workspace.history(project.id)
    tab.press(f"go-{entries[2].id}")
    assert workspace.recipe(project.id) == start
    assert tab.widget(f"go-{entries[2].id}").disabled
    tab.press(f"go-{entries[0].id}")
    assert workspace.recipe(project.id).cleaning.max_bad_ratio == 0.5
    assert workspace.history(project.id)[0] == entries[0]


def test_two_states_are_compared_by_settings_and_by_the_columns_that_stay(visit, workspace, project):
    recipe = workspace.recipe(project.id)
    workspace.save_recipe(project.id, recipe.change("cleaning", drop=("vix",)), "Drop vix")
    tab = visit("cleaning", project.id).set("part", "History")
    assert "1 stay before and not after: vix" in tab.said.replace("*", "")
    table = tab.app.table[0].value
    assert table.loc["Dropped by hand"].tolist() == ["cleaning", "none", "vix"]
    tab.set("state-before", "now")
    assert "the same settings" in tab.said


def test_cleaning_goes_back_to_its_defaults_and_undo_takes_that_back(visit, workspace, project):
    recipe = workspace.recipe(project.id)
    chosen = recipe.change("cleaning", drop=("vix",), max_bad_ratio=0.1, fill="median").change("features", lags=(1,))
    workspace.save_recipe(project.id, chosen, "Chosen")
    tab = visit("cleaning", project.id).set("part", "History").press("to-defaults")
    assert workspace.recipe(project.id) == recipe
    assert tab.widget("to-defaults").disabled
    tab.press("Undo")
    assert workspace.recipe(project.id) == chosen
