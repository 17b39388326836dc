"""Every widget generated from a recipe field: it shows the field, writes it, and refuses invalid values."""

from datetime import timedelta

import pytest

from core.errors.pages import NotNumbers
from core.recipe.model import Recipe


def title(section: str, field: str) -> str:
    return type(getattr(Recipe(), section)).model_fields[field].title


def meaning_of_empty(section: str, field: str) -> str:
    """What the help of a field says after "Empty: "."""
    meaning = type(getattr(Recipe(), section)).model_fields[field].description.partition("Empty: ")[2]
    assert meaning
    return meaning.rstrip(".").capitalize()


CHANGES = [
    ("upload", "ingest.target", "nasdaq"),
    ("upload", "ingest.time_column", "row_id"),
    ("upload", "ingest.series_column", "lot_size"),
    ("upload", "ingest.ignore", ["nasdaq"]),
    ("upload", "ingest.delimiter", ";"),
    ("upload", "ingest.encoding", "cp1252"),
    ("upload", "ingest.decimal", ","),
    ("upload", "ingest.day_first", False),
    ("upload", "ingest.sentinels", "-1, 999"),
    ("cleaning", "cleaning.max_bad_ratio", 0.05),
    ("cleaning", "cleaning.min_relative_variance", 0.01),
    ("cleaning", "cleaning.max_unique_ratio", 0.5),
    ("cleaning", "cleaning.max_correlation", 0.9),
    ("cleaning", "cleaning.max_top_share", 0.9),
    ("cleaning", "cleaning.max_stale_ratio", 0.5),
    ("cleaning", "cleaning.duplicates", "mean"),
    ("cleaning", "cleaning.max_gap", 10),
    ("cleaning", "cleaning.clip_robust_z", 5.0),
    ("cleaning", "cleaning.clip_columns", ["vix"]),
    ("cleaning", "cleaning.clip_target", True),
    ("cleaning", "cleaning.log", ["vix", "wti"]),
    ("cleaning", "cleaning.difference", ["vix"]),
    ("cleaning", "cleaning.returns", ["wti"]),
    ("cleaning", "cleaning.fill", "median"),
    ("cleaning", "cleaning.max_fill", 21),
    ("cleaning", "cleaning.clip_quantile", 0.01),
    ("cleaning", "cleaning.scale", "robust"),
    ("cleaning", "features.returns", "add"),
    ("cleaning", "features.lags", "1, 5; 20"),
    ("cleaning", "features.rolling", "20"),
    ("regression", "regression.features", ["vix"]),
    ("regression", "regression.hac_lags", 7),
    ("regression", "regression.question", "predict"),
    ("regression", "regression.values", "levels"),
    ("regression", "regression.choose", "forward"),
    ("regression", "regression.granger_lags", 3),
    ("importance", "importance.iterations", 30),
    ("importance", "importance.folds", 2),
    ("importance", "importance.seeds", 3),
    ("importance", "importance.noise_probes", 4),
    ("importance", "importance.top_k", 3),
    ("importance", "training.predict", "return"),
    ("importance", "training.horizon", 2),
    ("importance", "training.features", ["vix"]),
    ("training", "training.predict", "level"),
    ("training", "training.horizon", 21),
    ("training", "training.window", 16),
    ("training", "training.epochs", 3),
    ("training", "training.patience", 2),
    ("training", "training.cell", "gru"),
    ("training", "training.units", "16, 8"),
    ("training", "training.dropout", 0.25),
    ("training", "training.loss", "huber"),
    ("training", "training.batch_size", 128),
    ("training", "training.learning_rate", 0.003),
    ("training", "training.gradient_clip", 2.5),
    ("training", "training.seeds", 2),
    ("training", "training.seed", 11),
]
TEXTS = {"-1, 999": (-1.0, 999.0), "1, 5; 20": (1, 5, 20), "20": (20,), "16, 8": (16, 8)}


def show(tab, key):
    """Show the view of the page that has this widget."""
    return tab if tab.has(key) else tab.set("part", "Rows and values")


@pytest.mark.parametrize(("step", "key", "value"), CHANGES, ids=[f"{step}-{key}" for step, key, _ in CHANGES])
def test_a_widget_writes_only_its_field_and_undo_restores_it(visit, workspace, project, step, key, value):
    before = workspace.recipe(project.id)
    tab = show(visit(step, project.id), key)
    shown = tab.widget(key).value
    assert shown != value
    tab.set(key, value)
    assert not tab.app.error
    wanted = tuple(value) if isinstance(value, list) else TEXTS.get(value, value)
    section, field = key.split(".")
    assert workspace.recipe(project.id) == before.change(section, **{field: wanted})
    tab.press("Undo")
    assert workspace.recipe(project.id) == before
    assert tab.widget(key).value == shown


def test_every_widget_has_a_label_and_help(visit, project):
    tab = visit(project_id=project.id)
    for step in ("upload", "cleaning", "regression", "importance", "training"):
        tab.go(step)
        for widget in (show(tab, key).widget(key) for of, key, _ in CHANGES if of == step):
            assert widget.proto.label
            assert widget.proto.help


@pytest.mark.parametrize(
    ("step", "key", "text", "message"),
    [
        ("cleaning", "features.lags", "1, x", str(NotNumbers(setting=title("features", "lags"), text="1, x"))),
        ("cleaning", "features.lags", "0", f"“{title('features', 'lags')}”"),
        ("cleaning", "features.rolling", "1", f"“{title('features', 'rolling')}”"),
        ("training", "training.units", "", f"“{title('training', 'units')}”"),
        ("training", "training.units", "8, 8, 8, 8, 8", f"“{title('training', 'units')}”"),
        (
            "upload",
            "ingest.sentinels",
            "<b>x</b>",
            str(NotNumbers(setting=title("ingest", "sentinels"), text="<b>x</b>")),
        ),
    ],
)
def test_a_refused_value_shows_its_error_once_and_the_recipe_is_unchanged(
    visit, workspace, project, step, key, text, message
):
    before = workspace.recipe(project.id)
    tab = show(visit(step, project.id), key)
    shown = tab.widget(key).value
    tab.set(key, text)
    (error,) = tab.app.error
    assert message in error.value.replace("\\", "")
    assert "<b>" not in error.value.replace("\\<b", "")
    assert "Traceback" not in tab.text
    assert workspace.recipe(project.id) == before
    assert tab.widget(key).value == shown
    assert not tab.draw().app.error


def test_the_split_is_one_slider_with_two_handles_and_its_shares_are_saved(visit, workspace, project):
    tab = visit("upload", project.id)
    assert tab.widget("split").value == (70, 85)
    tab.set("split", (60, 80))
    split = workspace.recipe(project.id).split
    assert (split.train, split.validation, split.test) == pytest.approx((0.6, 0.2, 0.2))
    tab.press("Undo")
    assert tab.widget("split").value == (70, 85)


def test_a_split_without_a_validation_era_is_refused(visit, workspace, project):
    before = workspace.recipe(project.id)
    tab = visit("upload", project.id).set("split", (70, 70))
    assert len(tab.app.error) == 1
    assert workspace.recipe(project.id) == before
    assert tab.widget("split").value == (70, 85)


def test_the_cuts_of_the_split_are_picked_as_dates_that_move_the_slider(visit, workspace, project):
    tab = visit("upload", project.id)
    test_from = tab.widget("split.test_from").value
    tab.set("split.validation_from", test_from - timedelta(days=400))
    split = workspace.recipe(project.id).split
    assert (split.validation_from, split.test_from) == (str(test_from - timedelta(days=400)), str(test_from))
    assert tab.widget("split").value[0] < 70 and tab.widget("split").value[1] == 85
    before = workspace.recipe(project.id)
    tab.set("split.validation_from", test_from + timedelta(days=1))
    assert len(tab.app.error) == 1
    assert workspace.recipe(project.id) == before
    tab.set("split", (70, 85))
    assert workspace.recipe(project.id).split.test_from is None
    assert tab.widget("split.test_from").value == test_from


def test_a_second_tab_shows_the_changes_of_the_first_at_its_next_run(visit, project):
    first, second = visit("training", project.id), visit("training", project.id)
    first.set("training.window", 99).set("training.units", "64, 32").set("training.cell", "gru")
    first.set("training.learning_rate", 0.0003)
    second.draw()
    third = visit("training", project.id)
    for tab in (second, third):
        assert tab.widget("training.window").value == 99
        assert tab.widget("training.units").value == "64, 32"
        assert tab.widget("training.cell").value == "gru"
        assert tab.widget("training.learning_rate").value == 0.0003


def test_two_tabs_that_change_different_fields_lose_neither(visit, workspace, project):
    first, second = visit("training", project.id), visit("training", project.id)
    first.set("training.window", 99)
    second.set("training.epochs", 7)
    recipe = workspace.recipe(project.id)
    assert (recipe.training.window, recipe.training.epochs) == (99, 7)


def test_settings_survive_a_change_of_page(visit, project):
    tab = visit("training", project.id).set("training.horizon", 21)
    assert tab.go("importance").widget("training.horizon").value == 21
    tab.set("training.horizon", 5)
    assert tab.go("training").widget("training.horizon").value == 5


def test_the_horizon_belongs_to_the_question_to_predict(visit, project):
    tab = visit("regression", project.id)
    assert not tab.has("training.horizon")
    tab.set("regression.question", "predict").set("training.horizon", 5)
    assert not tab.has("regression.values")


def test_visiting_a_page_changes_no_setting(visit, workspace, project):
    before = workspace.history(project.id)
    tab = visit(project_id=project.id)
    for step in ("upload", "quality", "cleaning", "regression", "importance", "training", "results", "export"):
        tab.go(step).draw()
    assert workspace.history(project.id) == before


def test_redo_restores_what_was_undone(visit, workspace, project):
    tab = visit("training", project.id).set("training.window", 99).press("Undo")
    assert tab.widget("training.window").value == 8
    tab.press("Redo")
    assert tab.widget("training.window").value == 99
    assert workspace.recipe(project.id).training.window == 99


def test_an_empty_box_says_what_empty_means(visit, project):
    boxes = {
        ("upload", "ingest.ignore"): "None",
        ("upload", "ingest.series_column"): "Automatic",
        ("regression", "regression.features"): meaning_of_empty("regression", "features"),
        ("importance", "training.features"): meaning_of_empty("training", "features"),
    }
    for (step, key), placeholder in boxes.items():
        assert visit(step, project.id).widget(key).proto.placeholder == placeholder
