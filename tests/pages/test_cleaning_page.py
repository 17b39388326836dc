"""The Cleaning page: thresholds, manual choices, repairs, the recipe, and its history."""

import io
import json
import re

import numpy as np
import pandas as pd
import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState

from core.cleaning.plan import THRESHOLDS, plan_cleaning
from core.recipe.model import CleaningSettings, Recipe, is_share
from core.steps import step_of_section
from pages.parts.cleaning.before_after import changed_cells_csv
from pages.parts.frame.context import LoadedContext, load_context
from pages.parts.frame.step_states import DONE, STALE
from pages.parts.widgets.forms import range_of

SLIDERS = [
    ("cleaning.max_bad_ratio", 1.0),
    ("cleaning.min_relative_variance", 0.0),
    ("cleaning.max_unique_ratio", 1.0),
]


def sentence(tab) -> str:
    return re.search(r"\d+ of \d+ columns kept.*", tab.text)[0]


def counts(tab) -> tuple[int, int]:
    """The numbers of columns kept and dropped."""
    kept, dropped = re.search(r"(\d+) of \d+ columns kept, (\d+) dropped", tab.text).groups()
    return int(kept), int(dropped)


def manual_choices(tab) -> int:
    found = re.search(r"\((\d+) by manual choice\)", sentence(tab))
    return int(found[1]) if found else 0


def loaded(project) -> LoadedContext:
    context = load_context(project)
    assert isinstance(context, LoadedContext)
    return context


@pytest.mark.parametrize(("key", "value"), SLIDERS, ids=[key for key, _ in SLIDERS])
def test_moving_a_slider_changes_the_sentence_and_undo_restores_both(visit, workspace, project, key, value):
    tab = visit("cleaning", project.id)
    before, shown = sentence(tab), tab.widget(key).value
    tab.set(key, value)
    assert sentence(tab) != before
    assert getattr(workspace.recipe(project.id).cleaning, key.partition(".")[2]) == value
    tab.press("Undo")
    assert sentence(tab) == before
    assert tab.widget(key).value == shown
    assert getattr(workspace.recipe(project.id).cleaning, key.partition(".")[2]) == shown


def test_the_curve_below_each_slider_shows_how_many_columns_every_threshold_keeps(visit, project):
    tab = visit("cleaning", project.id)
    curves = [json.loads(json.loads(node.proto.json)["figure"]) for node in tab.app.main.get("bidi_component")]
    context = loaded(project)
    for name, curve in zip(THRESHOLDS, curves, strict=True):
        remaining = curve["data"][0]["y"]
        for threshold, count in zip(
            range_of(CleaningSettings.model_fields[name]), (remaining[0], remaining[-1]), strict=True
        ):
            settings = context.recipe.change("cleaning", **{name: threshold}).cleaning
            assert count == len(plan_cleaning(context.quality, settings).kept), (name, threshold)
        assert curve["data"][1]["y"] == [counts(tab)[0]]
        assert curve["layout"]["meta"]["subtitle"] in tab.text
    assert sum(len(set(curve["data"][0]["y"])) > 1 for curve in curves) > 1


def test_manual_choices_are_counted_and_can_be_reset(visit, workspace, project):
    recipe = workspace.recipe(project.id)
    before = sentence(visit("cleaning", project.id))
    workspace.save_recipe(project.id, recipe.change("cleaning", drop=("vix",)), "Drop vix")
    tab = visit("cleaning", project.id)
    assert manual_choices(tab) == 1
    tab.press("reset-manual")
    assert sentence(tab) == before
    assert workspace.recipe(project.id) == recipe


def rows(tab) -> pd.DataFrame:
    return tab.app.data_editor[0].value if tab.app.data_editor else pd.DataFrame()


def test_the_table_of_columns_can_be_filtered_and_searched(visit, project):
    tab = visit("cleaning", project.id)
    kept, dropped = counts(tab)
    assert dropped > 0
    for choice, count in (("dropped", dropped), ("kept", kept), ("manual", 0), ("all", kept + dropped)):
        assert len(rows(tab.set("show-columns", choice))) == count
    reason = rows(tab).set_index("column").loc["lot_size", "reason"]
    assert rows(tab.set("search-columns", "VIX"))["column"].tolist() == ["vix"]
    assert rows(tab.set("search-columns", reason.upper()))["column"].tolist() == ["lot_size"]
    assert rows(tab.set("search-columns", "no such thing")).empty


def test_a_number_box_and_its_slider_always_agree(visit, workspace, project):
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


def test_a_ticked_box_overrides_the_thresholds_and_keeps_the_table(visit, workspace, project):
    tab = visit("cleaning", project.id)
    table = rows(tab)
    assert not table.set_index("column").loc["dead_feed", "keep"]
    tick(tab, "dead_feed", True)
    assert workspace.recipe(project.id).cleaning.keep == ("dead_feed",)
    assert workspace.history(project.id)[0].note == "Manual choice: keep dead_feed"
    row = rows(tab).set_index("column").loc["dead_feed"]
    assert row["keep"]
    assert " although " in row["reason"]
    assert manual_choices(tab) == 1
    key = tab.app.data_editor[0].key
    tick(tab, "vix", False)
    assert tab.app.data_editor[0].key == key
    assert rows(tab.set("show-columns", "manual"))["column"].tolist() == ["vix", "dead_feed"]
    tab.set("show-columns", "all").press("Undo").press("Undo")
    assert rows(tab).equals(table)
    assert tab.app.data_editor[0].key != key


def test_a_box_that_agrees_with_the_thresholds_is_not_a_manual_choice(visit, workspace, project):
    tab = visit("cleaning", project.id)
    tick(tab, "vix", False)
    tick(tab, "vix", True)
    assert workspace.recipe(project.id).cleaning == CleaningSettings()
    assert workspace.history(project.id)[0].note == "Manual choice: reset vix"


def test_an_undone_tick_does_not_return_with_the_next_one(visit, workspace, project):
    tab = visit("cleaning", project.id)
    tick(tab, "vix", False)
    workspace.undo(project.id)
    tick(tab, "nasdaq", False)
    assert workspace.recipe(project.id).cleaning.drop == ("nasdaq",)
    assert workspace.history(project.id)[0].note == "Manual choice: drop nasdaq"
    assert not rows(tab).set_index("column").loc["nasdaq", "keep"]
    assert rows(tab).set_index("column").loc["vix", "keep"]


def tick(tab, column: str, keep: bool) -> None:
    """Tick a box as the browser does, which reports every edit since the table's key was new."""
    table = tab.app.data_editor[0]
    ticks = {row: dict(change) for row, change in tab.app.session_state[table.key]["edited_rows"].items()}
    ticks[rows(tab)["column"].tolist().index(column)] = {"keep": keep}
    states = tab.app._tree.get_widget_states()
    edits = {"edited_rows": ticks, "added_rows": [], "deleted_rows": []}
    states.widgets.append(WidgetState(id=table.proto.id, string_value=json.dumps(edits)))
    tab.app._run(states)
    tab.check()


def test_a_changed_threshold_makes_only_the_later_steps_stale(visit, project):
    tab = visit("cleaning", project.id).set("cleaning.max_bad_ratio", 1.0)
    assert {tab.state_of(title) for title in ("Upload", "Quality", "Cleaning")} == {DONE}
    assert {tab.state_of(title) for title in ("Regression", "Importance")} == {STALE}
    tab.press("Undo")
    assert {tab.state_of(title) for title in ("Regression", "Importance")} == {DONE}


def test_clean_data_of_one_column_get_a_sentence_and_no_empty_chart(visit, add_project, workspace):
    days = pd.bdate_range("2024-01-01", periods=60)
    content = pd.DataFrame({"date": days, "close": range(100, 160)}).to_csv(index=False).encode()
    project = add_project(content, Recipe(), "profile")
    tab = visit("cleaning", project.id)
    assert "The target is the only column" in tab.text
    assert not tab.app.get("plotly_chart")
    assert tab.set("part", "Rows and values").has("features.lags")
    tab.go("quality")
    assert "No column has bad values." in tab.text
    assert not tab.app.get("plotly_chart")


def test_the_history_lists_each_change_and_restores_any_of_them(visit, workspace, project):
    start = workspace.recipe(project.id)
    tab = visit("cleaning", project.id)
    tab.set("cleaning.max_bad_ratio", 0.05).set("cleaning.max_bad_ratio", 0.5).set("part", "History")
    entries = workspace.history(project.id)
    assert len(entries) == 4
    assert all(entry.note in tab.text for entry in entries)
    tab.press(f"restore-{entries[2].id}")
    assert workspace.recipe(project.id) == start
    assert tab.widget(f"restore-{entries[2].id}").disabled
    tab.press(f"restore-{entries[0].id}")
    assert workspace.recipe(project.id).cleaning.max_bad_ratio == 0.5
    assert workspace.history(project.id)[0] == entries[0]


def test_two_states_are_compared_by_settings_and_by_kept_columns(visit, workspace, project):
    recipe = workspace.recipe(project.id)
    workspace.save_recipe(project.id, recipe.change("cleaning", drop=("vix",)), "Drop vix")
    tab = visit("cleaning", project.id).set("part", "History")
    assert "1 kept before only: vix" in tab.text.replace("*", "")
    table = tab.app.table[0].value
    assert table.index.tolist() == [CleaningSettings.model_fields["drop"].title]
    assert table[["step", "after"]].iloc[0].tolist() == [step_of_section("cleaning").title, "vix"]
    tab.set("state-before", "current")
    assert "the same settings" in tab.text


def test_cleaning_is_reset_to_its_defaults_and_undo_restores_it(visit, workspace, project):
    recipe = workspace.recipe(project.id)
    chosen = recipe.change("cleaning", drop=("vix",), max_bad_ratio=0.1, fill="median").change("features", lags=(1,))
    workspace.save_recipe(project.id, chosen, "Chosen")
    tab = visit("cleaning", project.id).set("part", "History").press("reset-cleaning")
    assert workspace.recipe(project.id) == recipe
    assert tab.widget("reset-cleaning").disabled
    tab.press("Undo")
    assert workspace.recipe(project.id) == chosen


def test_a_column_is_shown_before_and_after_with_its_changed_cells_counted(visit, workspace, project):
    tab = visit("cleaning", project.id).set("part", "Rows and values").set("compared-column", "vix")
    assert changed_cells(tab) == 0
    before = row_counts(tab)
    assert before[1] == 0
    tab.set("cleaning.clip_quantile", 0.05)
    assert changed_cells(tab) > 50
    series, spread = tab.app.get("plotly_chart")
    assert len(json.loads(series.proto.spec)["data"]) == 3
    tab.set("cleaning.clip_columns", ["nasdaq"])
    assert changed_cells(tab) == 0
    tab.set("cleaning.difference", ["vix"])
    # The first row has no difference, and is kept.
    assert changed_cells(tab) == before[0] - 1
    assert row_counts(tab) == before
    tab.set("cleaning.difference", [])
    assert workspace.recipe(project.id).cleaning.difference == ()


def changed_cells(tab) -> int:
    labels = [expander.label for expander in tab.app.expander]
    return int(next(label for label in labels if label.startswith("Changed cells")).rpartition(" ")[2].replace(",", ""))


def row_counts(tab) -> tuple[int, int]:
    """The numbers of rows kept and dropped."""
    found = re.search(r"([\d,]+) rows kept, ([\d,]+) dropped", tab.text)
    return int(found[1].replace(",", "")), int(found[2].replace(",", ""))


def test_changed_cells_are_downloaded_without_spreadsheet_formulas(visit, add_project, workspace):
    days = pd.bdate_range("2020-01-01", periods=120)
    chance = np.random.default_rng(0)
    frame = pd.DataFrame({"date": days, "close": chance.normal(size=120).cumsum(), "=1+1": chance.normal(size=120)})
    frame.loc[[50, 60], "=1+1"] = np.nan
    project = add_project(frame.to_csv(index=False).encode(), Recipe().change("ingest", target="close"), "profile")
    context = loaded(project)
    plan = plan_cleaning(context.quality, context.recipe.cleaning)
    table = pd.read_csv(io.StringIO(changed_cells_csv(context, plan)))
    assert table["line"].tolist() == [52, 62]
    assert table["column"].tolist() == ["'=1+1"] * 2
    assert table["change"].tolist() == ["filled"] * 2
    np.testing.assert_allclose(table["after"], frame["=1+1"].ffill()[[50, 60]])
    assert visit("cleaning", project.id).set("part", "Rows and values").has("download-changes")


def test_a_recipe_of_another_project_is_previewed_applied_and_undone(visit, workspace, project):
    before = workspace.recipe(project.id)
    other = before.change("cleaning", drop=("vix", "gone"), fill="median").change("training", epochs=99)
    tab = visit("cleaning", project.id).set("part", "Recipe")
    tab.app.file_uploader[0].upload("other.json", other.model_dump_json().encode(), "application/json").run()
    tab.check()
    assert "gone" in tab.text
    titles = sorted(str(CleaningSettings.model_fields[name].title) for name in ("drop", "fill"))
    assert sorted(tab.app.table[0].value.index) == titles
    tab.press("apply-recipe")
    assert workspace.recipe(project.id) == before.change("cleaning", drop=("vix",), fill="median")
    assert not tab.has("apply-recipe")
    tab.set("recipe-part", "All steps").press("apply-recipe")
    assert workspace.recipe(project.id).training.epochs == 99
    tab.press("Undo").press("Undo")
    assert workspace.recipe(project.id) == before
    tab.app.file_uploader[0].upload("bad.json", b"[1]", "application/json").run()
    tab.check()
    assert len(tab.app.error) == 1
    assert not tab.has("apply-recipe")


def test_the_recipe_is_downloaded_as_a_file_and_as_a_script(visit, workspace, project):
    tab = visit("cleaning", project.id).set("part", "Recipe")
    assert {"download-recipe", "download-script"} <= {button.key for button in tab.app.main.get("download_button")}
