import io
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from core.errors.model import RecipeError, WorkspaceError
from core.recipe.model import Recipe
from core.workspace.database import recipes
from core.workspace.history import Steps
from core.workspace.projects import Workspace

HOSTILE_NAMES = [
    "../../../etc/passwd",
    "/etc/passwd",
    "C:\\windows\\win.ini",
    "a\x00b.csv",
    "..",
    "",
    "   ",
    "CON",
    "-rf",
    "x" * 5000,
    "line\r\nContent-Disposition: inline",
    "\u202ecsv.exe",
    "\ud800lone.csv",
    "%2e%2e%2fetc",
    "~/x",
    "$(touch /tmp/x)",
    "<script>",
    "source",
    "a/b/c.csv",
]


def test_projects_are_listed_newest_first_and_can_be_renamed(workspace):
    gold, oil = workspace.create_project("Gold"), workspace.create_project("Oil")
    assert workspace.projects() == (oil, gold)
    assert workspace.rename_project(gold.id, "Gold 2").name == workspace.project(gold.id).name == "Gold 2"


def test_ids_are_unguessable_and_safe_as_folder_names(workspace):
    ids = {workspace.create_project("same name").id for _ in range(20)}
    assert len(ids) == 20
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in ids)


@pytest.mark.parametrize("text", ["", ".", "..", "../x", "a" * 32 + "/..", "a\x00" * 16, "\ud800" * 32, "A" * 32])
def test_a_text_that_is_no_id_is_no_project_and_names_no_folder(workspace, text):
    for ask in (workspace.project, workspace.folder_of, workspace.source, workspace.tables, workspace.cache):
        with pytest.raises(WorkspaceError, match="project does not exist"):
            ask(text)


def test_an_owner_sees_nothing_of_another(workspace, project, tmp_path):
    run = workspace.start_run(project.id, "profile")
    other = Workspace(workspace.home, owner="somebody else")
    assert other.projects() == other.runs() == other.runs(project.id) == other.events(run.id) == ()
    assert other.latest_run(project.id, "profile") is other.last_step(run.id) is None
    asks = (other.project, other.source, other.recipe, other.history, other.undo, other.ledger, other.delete_project)
    for ask in asks:
        with pytest.raises(WorkspaceError):
            ask(project.id)
    for act in (other.run, other.request_stop, other.resume_run):
        with pytest.raises(WorkspaceError):
            act(run.id)
    with pytest.raises(WorkspaceError):
        other.start_run(project.id, "training")
    with pytest.raises(WorkspaceError):
        other.add_file(project.id, "x", io.BytesIO(b""))
    assert workspace.run(run.id).state == "queued"
    other.close()


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_file_name_is_only_a_text(workspace, files_below, name, tmp_path):
    project = workspace.create_project("Gold")
    source = workspace.add_file(project.id, name, io.BytesIO(b"a,b\n"))
    folder = workspace.folder_of(project.id) / "files"
    assert files_below(folder) == {Path(source.id) / "source"}
    assert source.path == folder / source.id / "source"
    assert source.path.read_bytes() == b"a,b\n"
    assert source.name.isprintable()
    assert 0 < len(source.name) <= 200
    assert {path.parts[0] for path in files_below(tmp_path)} == {"home"}


def test_a_file_is_copied_byte_for_byte_and_the_newest_one_counts(workspace, tmp_path):
    project = workspace.create_project("Gold")
    assert workspace.source(project.id) is None
    content = os.urandom(3_000_000)
    (tmp_path / "big.csv").write_bytes(content)
    first = workspace.add_file(project.id, "big.csv", tmp_path / "big.csv")
    assert (first.size, first.fingerprint) == (len(content), sha256(content).hexdigest())
    assert first.path.read_bytes() == content
    assert workspace.source(project.id) == first
    second = workspace.add_file(project.id, "empty.csv", io.BytesIO())
    assert second.fingerprint == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert workspace.source(project.id) == second
    assert first.path.exists()


def test_the_file_before_the_present_one_is_known_though_the_clock_was_set_back(workspace, monkeypatch):
    project = workspace.create_project("Gold")
    assert workspace.previous_source(project.id) is None
    first = workspace.add_file(project.id, "a.csv", io.BytesIO(b"a"))
    assert workspace.previous_source(project.id) is None
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0)
    second = workspace.add_file(project.id, "b.csv", io.BytesIO(b"b"))
    assert workspace.previous_source(project.id) == first
    third = workspace.add_file(project.id, "b.csv", io.BytesIO(b"b"))
    assert workspace.previous_source(project.id) == second
    assert workspace.source(project.id) == third
    assert third.id != second.id and third.fingerprint == second.fingerprint
    other = workspace.create_project("Oil")
    workspace.add_file(other.id, "c.csv", io.BytesIO(b"c"))
    assert workspace.previous_source(other.id) is None
    assert workspace.previous_source(project.id) == second
    stranger = Workspace(workspace.home, owner="somebody else")
    with pytest.raises(WorkspaceError):
        stranger.previous_source(project.id)
    stranger.close()


class BreaksOff(io.RawIOBase):
    """A stream that gives one piece, then an error."""

    def __init__(self, error: Exception) -> None:
        self.pieces = iter([b"date,close\n"])
        self.error = error

    def read(self, _size: int = -1) -> bytes:
        for piece in self.pieces:
            return piece
        raise self.error


@pytest.mark.parametrize(
    ("error", "seen", "words"),
    [
        (OSError(28, "No space left on device"), WorkspaceError, "disk is full"),
        (OSError(5, "Input/output error"), WorkspaceError, "Input/output error"),
        (ConnectionResetError("gone"), WorkspaceError, "gone"),
        (KeyboardInterrupt(), KeyboardInterrupt, "^$"),
    ],
)
def test_a_copy_that_breaks_off_leaves_no_file_and_no_record(workspace, project, files_below, error, seen, words):
    before, source = files_below(workspace.folder_of(project.id)), workspace.source(project.id)
    with pytest.raises(seen, match=words):
        workspace.add_file(project.id, "half.csv", BreaksOff(error))
    assert files_below(workspace.folder_of(project.id)) == before
    assert workspace.source(project.id) == source


def test_a_path_that_is_not_there_is_explained(workspace, project, tmp_path):
    with pytest.raises(WorkspaceError, match="cannot be read: No such file"):
        workspace.add_file(project.id, "x", tmp_path / "absent.csv")


def test_deleting_a_project_removes_its_records_and_files_and_no_others(workspace, project, files_below):
    other = workspace.create_project("Oil")
    kept = workspace.add_file(other.id, "oil.csv", io.BytesIO(b"1"))
    run = workspace.start_run(project.id, "profile")
    workspace.delete_project(project.id)
    assert workspace.projects() == (other,)
    assert workspace.runs() == ()
    assert not workspace.folder_of(project.id).exists()
    assert workspace.source(other.id) == kept
    for ask in (lambda: workspace.project(project.id), lambda: workspace.run(run.id)):
        with pytest.raises(WorkspaceError):
            ask()


def test_a_change_is_undone_and_redone(workspace, project):
    start = workspace.recipe(project.id)
    changed = start.change("training", horizon=5)
    workspace.save_recipe(project.id, changed, "Horizon 5")
    assert workspace.recipe(project.id) == changed
    assert workspace.undo(project.id)
    assert workspace.recipe(project.id) == start == Recipe()
    assert not workspace.undo(project.id)
    assert workspace.redo(project.id)
    assert not workspace.redo(project.id)
    assert workspace.recipe(project.id) == changed


def test_an_equal_recipe_adds_nothing_to_the_history(workspace, project):
    lags = {"a": 1, "b": 2}
    recipe = Recipe().change("ingest", availability_lag=lags)
    workspace.save_recipe(project.id, recipe, "Lags")
    workspace.save_recipe(project.id, Recipe().change("ingest", availability_lag=dict(reversed(lags.items()))), "Same")
    assert [(entry.note, entry.current) for entry in workspace.history(project.id)] == [
        ("Lags", True),
        ("Default settings", False),
    ]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.integers(1, 4), st.sampled_from(["undo", "redo"])), max_size=12))
def test_undo_and_redo_walk_a_history_that_only_grows(workspace, acts):
    project = workspace.create_project("Gold")
    entries, parents, here = [1], [None], 0
    for act in acts:
        if act == "undo":
            moved = parents[here] is not None
            assert workspace.undo(project.id) == moved
            here = parents[here] if moved else here
        elif act == "redo":
            children = [child for child, parent in enumerate(parents) if parent == here]
            assert workspace.redo(project.id) == bool(children)
            here = max(children, default=here)
        else:
            workspace.save_recipe(project.id, Recipe().change("training", horizon=act), "")
            if act != entries[here]:
                entries, parents, here = [*entries, act], [*parents, here], len(entries)
        assert workspace.recipe(project.id).training.horizon == entries[here]
    history = workspace.history(project.id)[::-1]
    assert [entry.current for entry in history] == [place == here for place in range(len(entries))]


def test_two_tabs_that_save_at_once_lose_no_entry(workspace, project):
    def save(epochs: int) -> None:
        workspace.save_recipe(project.id, Recipe().change("training", epochs=epochs), f"{epochs}")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(save, range(1, 31)))
    history = workspace.history(project.id)
    assert {entry.note for entry in history} == {"Default settings", *map(str, range(1, 31))}
    assert sum(entry.current for entry in history) == 1
    steps = 0
    while workspace.undo(project.id):
        steps += 1
    assert steps == 30


def test_two_tabs_that_change_at_once_both_find_their_change_in_the_recipe(workspace, project):
    def drop(name: str) -> None:
        def more(recipe: Recipe) -> Recipe:
            held = recipe.cleaning.drop
            time.sleep(0.002)
            return recipe.change("cleaning", drop=(*held, name))

        workspace.change_recipe(project.id, more, lambda before, after: f"{len(after.cleaning.drop)}")

    names = [f"f{number}" for number in range(20)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(drop, names))
    assert sorted(workspace.recipe(project.id).cleaning.drop) == sorted(names)
    assert [entry.note for entry in workspace.history(project.id)] == [*map(str, range(20, 0, -1)), "Default settings"]


def test_a_change_that_changes_nothing_or_is_refused_leaves_history_and_redo(workspace, project):
    workspace.save_recipe(project.id, Recipe().change("training", horizon=5), "Horizon 5")
    workspace.undo(project.id)
    workspace.change_recipe(project.id, lambda recipe: recipe.change("training", horizon=1), "Nothing")
    with pytest.raises(RecipeError):
        workspace.change_recipe(project.id, lambda recipe: recipe.change("training", horizon=-1), "Refused")
    assert workspace.recipe(project.id) == Recipe()
    assert workspace.steps(project.id) == Steps(back=None, onward="Horizon 5")


@pytest.mark.parametrize("document", ["", "{", "[]", '{"training": {"horizon": -1}}', '{"of_next_year": 1}'])
def test_a_recipe_that_this_version_cannot_read_is_said_and_can_be_undone(workspace, project, document):
    workspace.save_recipe(project.id, Recipe().change("training", horizon=5), "Horizon 5")
    newest = workspace.history(project.id)[0].id
    with workspace.database.writing() as connection:
        connection.execute(update(recipes).where(recipes.c.id == newest).values(document=document))
    with pytest.raises(RecipeError):
        workspace.recipe(project.id)
    assert workspace.undo(project.id)
    assert workspace.recipe(project.id) == Recipe()


def test_redo_follows_the_newest_of_two_ways_on(workspace, project):
    for horizon in (2, 3):
        workspace.save_recipe(project.id, Recipe().change("training", horizon=horizon), f"Horizon {horizon}")
        workspace.undo(project.id)
    assert workspace.redo(project.id)
    assert workspace.recipe(project.id).training.horizon == 3


def test_any_state_of_the_history_can_be_gone_back_to_and_left_again(workspace, project):
    for horizon in (2, 3, 4):
        workspace.save_recipe(project.id, Recipe().change("training", horizon=horizon), f"Horizon {horizon}")
    entries = workspace.history(project.id)
    workspace.go_to(project.id, entries[2].id)
    assert workspace.recipe(project.id).training.horizon == 2
    assert workspace.steps(project.id) == Steps("Horizon 2", "Horizon 3")
    workspace.go_to(project.id, entries[0].id)
    assert workspace.steps(project.id) == Steps("Horizon 4", None)
    assert workspace.history(project.id) == entries
    assert [workspace.recipe_at(project.id, entry.id).training.horizon for entry in entries] == [4, 3, 2, 1]
    workspace.go_to(project.id, entries[3].id)
    assert workspace.steps(project.id) == Steps(None, "Horizon 2")


def test_a_state_of_another_project_is_none_of_this_one(workspace, project):
    other = workspace.history(workspace.create_project("Oil").id)[0].id
    for ask in (workspace.go_to, workspace.recipe_at):
        with pytest.raises(WorkspaceError, match="not in the history"):
            ask(project.id, other)
    assert workspace.recipe(project.id) == Recipe()


def test_what_undo_and_redo_would_do_is_told_without_reading_recipes(workspace, project):
    workspace.save_recipe(project.id, Recipe().change("training", horizon=5), "Horizon 5")
    with workspace.database.writing() as connection:
        connection.execute(update(recipes).values(document="{"))
    assert workspace.steps(project.id) == Steps("Horizon 5", None)
    assert [entry.note for entry in workspace.history(project.id)] == ["Horizon 5", "Default settings"]


def test_a_duplicate_has_the_file_the_settings_and_the_results_but_no_runs(workspace, tmp_path) -> None:
    project = workspace.create_project("Rates")
    file = tmp_path / "rates.csv"
    file.write_text("date,x\n2024-01-01,1\n")
    workspace.add_file(project.id, "rates.csv", file)
    workspace.save_recipe(project.id, Recipe().change("ingest", target="x"), "Target")
    workspace.cache(project.id).fetch("profile", "key", int, lambda: 7)
    workspace.ledger(project.id).record_training(workspace.source(project.id).fingerprint, "setting")
    workspace.start_run(project.id, "profile")
    copy = workspace.duplicate_project(project.id)
    source = workspace.source(copy.id)
    assert copy.name == "Rates (copy)" and workspace.recipe(copy.id) == workspace.recipe(project.id)
    assert source.path.read_bytes() == file.read_bytes() and source.path != workspace.source(project.id).path
    assert workspace.cache(copy.id).find("profile", "key", int) == 7
    assert workspace.runs(copy.id) == ()
    assert workspace.ledger(copy.id).count(source.fingerprint).trained == 1


def test_a_duplicate_that_cannot_be_written_leaves_nothing(workspace, monkeypatch) -> None:
    project = workspace.create_project("Rates")
    workspace.cache(project.id).fetch("profile", "key", int, lambda: 7)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.workspace.projects.shutil.copytree", fail)
    with pytest.raises(WorkspaceError):
        workspace.duplicate_project(project.id)
    assert [other.id for other in workspace.projects()] == [project.id]
