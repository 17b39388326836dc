"""Cleaning: every slider answers at once, is saved, and can be taken back."""

import io
import json
import re

import numpy as np
import pandas as pd
import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState

from core.cleaning.plan import THRESHOLDS, plan_cleaning
from core.recipe.model import CleaningSettings, Recipe, is_share
from pages.parts.cleaning.before_after import changed_cells
from pages.parts.frame.context import page_context

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


def test_a_curve_below_each_slider_shows_what_its_other_places_would_do(visit, project):
    tab = visit("cleaning", project.id)
    curves = [json.loads(json.loads(node.proto.json)["figure"]) for node in tab.app.main.get("bidi_component")]
    assert len(curves) == len(THRESHOLDS)
    assert all(len(set(curve["data"][0]["y"])) >= 1 for curve in curves)
    assert "Next to drop: " in tab.said


def test_columns_decided_by_hand_are_counted_and_can_be_forgotten(visit, workspace, project):
    recipe = workspace.recipe(project.id)
    before = sentence(visit("cleaning", project.id))
    workspace.save_recipe(project.id, recipe.change("cleaning", drop=("vix",)), "Drop vix")
    tab = visit("cleaning", project.id)
    assert "1 of them decided by hand" in sentence(tab)
    tab.press("forget")
    assert sentence(tab) == before
    assert workspace.recipe(project.id) == recipe


def rows(tab) -> pd.DataFrame:
    return tab.app.data_editor[0].value if tab.app.data_editor else pd.DataFrame()


def test_the_table_of_columns_can_be_filtered_and_searched(visit, project):
    tab = visit("cleaning", project.id)
    stay, gone = (int(count) for count in re.search(r"(\d+) of .* stay, (\d+) go", sentence(tab)).groups())
    assert gone > 0
    for choice, count in (("going", gone), ("staying", stay), ("overridden", 0), ("all", stay + gone)):
        assert len(rows(tab.set("show-columns", choice))) == count
    assert rows(tab.set("search-columns", "VIX"))["column"].tolist() == ["vix"]
    assert rows(tab.set("search-columns", "never changes"))["column"].tolist() == ["lot_size"]
    assert rows(tab.set("search-columns", "no such thing")).empty


def test_a_number_box_and_its_slider_show_and_set_one_value(visit, workspace, project):
    tab = visit("cleaning", project.id)
    for name in THRESHOLDS:
        field = CleaningSettings.model_fields[name]
        unit = 100 if is_share(field) else 1
        box, slider = f"cleaning.{name}.box", f"cleaning.{name}"
        assert tab.widget(box).value == pytest.approx(unit * tab.widget(slider).value)
        tab.set(box, unit * 0.0625 if name.startswith("min") else unit * 0.625)
        assert not tab.app.error
        assert tab.widget(slider).value == getattr(workspace.recipe(project.id).cleaning, name)
        assert tab.widget(slider).value == (0.0625 if name.startswith("min") else 0.625)
        tab.set(slider, 0.1 if name.startswith("min") else 0.5)
        assert tab.widget(box).value == (0.1 if name.startswith("min") else unit / 2)
        tab.press(f"default-{name}")
        assert getattr(workspace.recipe(project.id).cleaning, name) == field.default
        assert tab.widget(f"default-{name}").disabled
        assert tab.widget(box).value == pytest.approx(unit * field.default)


def test_a_box_that_is_ticked_by_hand_wins_is_remembered_as_such_and_keeps_the_table(visit, workspace, project):
    tab = visit("cleaning", project.id)
    table = rows(tab)
    assert not table.set_index("column").loc["dead_feed", "keep"]
    tick(tab, "dead_feed", True)
    assert workspace.recipe(project.id).cleaning.keep == ("dead_feed",)
    assert workspace.history(project.id)[0].note == "By hand: keep dead_feed"
    row = rows(tab).set_index("column").loc["dead_feed"]
    assert row["keep"]
    assert re.match(r"Kept by hand although 43 % of its values are bad in the train era, more than 30 %", row["why"])
    assert "1 of them decided by hand" in sentence(tab)
    key = tab.app.data_editor[0].key
    tick(tab, "vix", False)
    assert tab.app.data_editor[0].key == key
    assert rows(tab.set("show-columns", "overridden"))["column"].tolist() == ["vix", "dead_feed"]
    tab.set("show-columns", "all").press("Undo").press("Undo")
    assert rows(tab).equals(table)
    assert tab.app.data_editor[0].key != key


def test_a_box_that_says_what_the_thresholds_say_is_no_decision_by_hand(visit, workspace, project):
    tab = visit("cleaning", project.id)
    tick(tab, "vix", False)
    tick(tab, "vix", True)
    assert workspace.recipe(project.id).cleaning == CleaningSettings()
    assert workspace.history(project.id)[0].note == "By hand: leave vix to the thresholds"


def test_a_tick_that_was_taken_back_does_not_come_again_with_the_next_one(visit, workspace, project):
    tab = visit("cleaning", project.id)
    tick(tab, "vix", False)
    workspace.undo(project.id)
    tick(tab, "nasdaq", False)
    assert workspace.recipe(project.id).cleaning.drop == ("nasdaq",)
    assert workspace.history(project.id)[0].note == "By hand: drop nasdaq"
    assert not rows(tab).set_index("column").loc["nasdaq", "keep"]
    assert rows(tab).set_index("column").loc["vix", "keep"]


def tick(tab, column: str, keep: bool) -> None:
    """Tick a box of the table as the browser does, which tells every tick since the table's key was new."""
    table = tab.app.data_editor[0]
    ticks = {row: dict(change) for row, change in tab.app.session_state[table.key]["edited_rows"].items()}
    ticks[rows(tab)["column"].tolist().index(column)] = {"keep": keep}
    states = tab.app._tree.get_widget_states()
    told = {"edited_rows": ticks, "added_rows": [], "deleted_rows": []}
    states.widgets.append(WidgetState(id=table.proto.id, string_value=json.dumps(told)))
    tab.app._run(states)
    tab.check()


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


def test_a_column_stands_before_and_after_with_its_changed_cells_counted(visit, workspace, project):
    tab = visit("cleaning", project.id).set("part", "Rows and values").set("compared-column", "vix")
    assert "No value was changed." in tab.said
    before = int(re.search(r"([\d,]+) rows stay, 0 go", tab.said)[1].replace(",", ""))
    tab.set("cleaning.clip_quantile", 0.05)
    clipped = int(re.search(r"values: ([\d,]+) clipped\.", tab.said)[1])
    assert clipped > 50
    assert f"Changed cells of this column: {clipped:,}" in [fold.label for fold in tab.app.expander]
    series, spread = tab.app.get("plotly_chart")
    assert len(json.loads(series.proto.spec)["data"]) == 3
    tab.set("cleaning.clip_columns", ["nasdaq"])
    assert "No value was changed." in tab.said
    tab.set("cleaning.difference", ["vix"])
    assert "turned into a difference" in tab.said
    assert f"{before - 1:,} rows stay, 1 go" in tab.said
    tab.set("cleaning.difference", [])
    assert workspace.recipe(project.id).cleaning.difference == ()


def test_changed_cells_go_out_as_a_table_that_no_spreadsheet_takes_for_formulas(visit, add_project, workspace):
    days = pd.bdate_range("2020-01-01", periods=120)
    chance = np.random.default_rng(0)
    frame = pd.DataFrame({"date": days, "close": chance.normal(size=120).cumsum(), "=1+1": chance.normal(size=120)})
    frame.loc[[50, 60], "=1+1"] = np.nan
    project = add_project(frame.to_csv(index=False).encode(), Recipe().change("ingest", target="close"), "profile")
    plan = plan_cleaning(page_context(project).quality, workspace.recipe(project.id).cleaning)
    table = pd.read_csv(io.StringIO(changed_cells(page_context(project), plan)))
    assert table["line"].tolist() == [52, 62]
    assert table["column"].tolist() == ["'=1+1"] * 2
    assert table["what"].tolist() == ["filled"] * 2
    np.testing.assert_allclose(table["after"], frame["=1+1"].ffill()[[50, 60]])
    assert visit("cleaning", project.id).set("part", "Rows and values").has("download-changes")


def test_a_recipe_of_another_project_is_shown_then_applied_then_taken_back(visit, workspace, project):
    before = workspace.recipe(project.id)
    other = before.change("cleaning", drop=("vix", "gone"), fill="median").change("training", epochs=99)
    tab = visit("cleaning", project.id).set("part", "Recipe")
    tab.app.file_uploader[0].upload("other.json", other.model_dump_json().encode(), "application/json").run()
    tab.check()
    assert "The recipe names columns that are not in this file: gone" in tab.said
    assert sorted(tab.app.table[0].value.index) == ["Dropped by hand", "Fill"]
    tab.press("apply-recipe")
    assert workspace.recipe(project.id) == before.change("cleaning", drop=("vix",), fill="median")
    assert "Nothing would change" in tab.said
    tab.set("recipe-part", "All steps").press("apply-recipe")
    assert workspace.recipe(project.id).training.epochs == 99
    tab.press("Undo").press("Undo")
    assert workspace.recipe(project.id) == before
    tab.app.file_uploader[0].upload("bad.json", b"[1]", "application/json").run()
    tab.check()
    assert "This file is no recipe" in tab.said


def test_the_recipe_goes_out_as_a_file_and_as_a_script(visit, workspace, project):
    tab = visit("cleaning", project.id).set("part", "Recipe")
    assert {"download-recipe", "download-script"} <= {button.key for button in tab.app.main.get("download_button")}
