"""The ledger: what counts as a trial, in which project, for which file, whoever writes it."""

import io
import json
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from core.forecast.evaluation.trials import Trials
from core.recipe.model import Recipe
from core.recipe.setting_key import setting_key
from core.workspace.ledger import Ledger, find_ledger
from core.workspace.processes import ProcessMark
from core.workspace.projects import Workspace
from core.workspace.runs import RunState

ROOT = Path(__file__).parents[2]
FILE, OTHER = "5f" * 32, "a0" * 32
WORKER = ProcessMark(1, "now")


def counts(ledger: Ledger, fingerprint: str = FILE) -> tuple[int, int, int]:
    found = ledger.count(fingerprint)
    return found.trained, found.opened, found.judged_on_test


@pytest.fixture
def ledger(workspace, project) -> Ledger:
    return workspace.ledger(project.id)


def test_nothing_was_tried_at_first(ledger):
    assert ledger.count(FILE) == Trials(trained=0, opened=0, judged_on_test=0)
    assert not ledger.count(FILE).is_open


def test_the_same_setting_counts_once(ledger):
    for setting in ("a", "a", "b", "a"):
        ledger.record_training(FILE, setting)
        ledger.record_opening(FILE, "a")
    assert counts(ledger) == (2, 1, 2)


def test_choosing_by_validation_is_no_trial_on_test(ledger):
    for setting in "abcdefg":
        ledger.record_training(FILE, setting)
    assert counts(ledger) == (7, 0, 0)
    ledger.record_opening(FILE, "g")
    assert counts(ledger) == (7, 1, 1)


def test_every_setting_trained_after_the_first_opening_is_a_trial_on_test(ledger):
    ledger.record_training(FILE, "a")
    ledger.record_training(FILE, "b")
    ledger.record_opening(FILE, "b")
    ledger.record_training(FILE, "c")
    assert counts(ledger) == (3, 1, 2)
    # Trained before the opening, and the same again after it.
    ledger.record_training(FILE, "a")
    assert counts(ledger) == (3, 1, 2)
    ledger.record_opening(FILE, "a")
    assert counts(ledger) == (3, 2, 3)


def test_a_look_opens_the_era_and_judges_nothing(ledger):
    ledger.record_training(FILE, "a")
    ledger.record_look(FILE)
    ledger.record_look(FILE)
    assert counts(ledger) == (1, 1, 0)
    assert ledger.count(FILE).is_open
    ledger.record_training(FILE, "b")
    assert counts(ledger) == (2, 1, 1)


def test_a_file_counts_in_every_project_of_its_owner_and_on_the_command_line(workspace, ledger):
    other = workspace.ledger(workspace.create_project("Again").id)
    command_line = Ledger(workspace.database, "local")
    ledger.record_training(FILE, "a")
    other.record_training(FILE, "a")
    other.record_training(FILE, "b")
    other.record_opening(FILE, "b")
    command_line.record_training(FILE, "c")
    assert counts(ledger) == counts(other) == counts(command_line) == (3, 1, 2)
    assert counts(ledger, OTHER)[0] == 1
    assert counts(command_line, OTHER) == (0, 0, 0)


def test_a_newer_file_of_a_project_does_not_clear_its_trials(ledger):
    ledger.record_training(FILE, "a")
    ledger.record_opening(FILE, "a")
    ledger.record_training(OTHER, "b")
    assert counts(ledger, OTHER) == (2, 1, 2)


def test_owners_do_not_see_each_others_trials(workspace, ledger):
    ledger.record_training(FILE, "a")
    assert counts(Ledger(workspace.database, "somebody")) == (0, 0, 0)


def test_a_deleted_project_leaves_its_trials(workspace, project, ledger):
    ledger.record_training(FILE, "a")
    ledger.record_opening(FILE, "a")
    workspace.delete_project(project.id)
    assert counts(workspace.ledger(workspace.create_project("Anew").id)) == (1, 1, 1)


def test_a_worker_writes_under_the_owner_of_the_project(workspace, project, ledger):
    worker = Workspace(workspace.home, owner=None)
    worker.ledger(project.id).record_training(FILE, "a")
    worker.close()
    assert counts(ledger)[0] == 1


def test_threads_and_processes_write_at_once(workspace, project, ledger):
    script = f"""
import sys
from core.workspace.projects import Workspace
ledger = Workspace(owner=None).ledger({project.id!r})
for setting in range(10):
    ledger.record_training({FILE!r}, f"{{setting}}")
    ledger.record_opening({FILE!r}, f"{{setting % 3}}")
"""
    command = [sys.executable, "-c", script]
    environment = {"PLUMBLINE_HOME": str(workspace.home), "PATH": "/usr/bin:/bin"}
    processes = [subprocess.Popen(command, cwd=ROOT, env=environment) for _ in range(3)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda setting: ledger.record_training(FILE, f"{setting % 20}"), range(80)))
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert counts(ledger)[:2] == (20, 3)


def test_an_older_database_has_its_trainings_and_openings_counted(workspace, project):
    recipes = [Recipe(), Recipe().change("training", epochs=5), Recipe()]
    trainings = []
    for recipe in recipes:
        workspace.save_recipe(project.id, recipe, "For the test")
        trainings.append(workspace.start_run(project.id, "training"))
        workspace.claim_run(trainings[-1].id, WORKER)
        workspace.end_run(trainings[-1].id, WORKER, RunState.FINISHED)
    failed = workspace.start_run(project.id, "training")
    workspace.claim_run(failed.id, WORKER)
    workspace.end_run(failed.id, WORKER, RunState.FAILED)
    opening = workspace.start_run(project.id, "opening", parent=trainings[1].id)
    workspace.claim_run(opening.id, WORKER)
    workspace.end_run(opening.id, WORKER, RunState.INTERRUPTED)
    with workspace.database.writing() as connection:
        connection.execute(text("DROP TABLE trials"))
    fingerprint = workspace.source(project.id).fingerprint
    again = Workspace(workspace.home)
    assert counts(again.ledger(project.id), fingerprint) == (2, 1, 1)
    again.ledger(project.id).record_training(fingerprint, setting_key(fingerprint, recipes[1]))
    assert counts(again.ledger(project.id), fingerprint) == (2, 1, 1)
    once_more = Workspace(workspace.home)
    assert counts(once_more.ledger(project.id), fingerprint) == (2, 1, 1)
    again.close()
    once_more.close()


def test_a_recipe_of_another_version_is_still_one_setting(workspace, project):
    training = workspace.start_run(project.id, "training")
    workspace.claim_run(training.id, WORKER)
    workspace.end_run(training.id, WORKER, RunState.FINISHED)
    with sqlite3.connect(workspace.home / "plumbline.db") as connection:
        connection.execute("UPDATE recipes SET document = ?", [json.dumps({"of_next_year": 1})])
        connection.execute("DROP TABLE trials")
    again = Workspace(workspace.home)
    assert counts(again.ledger(project.id))[0] == 1
    again.close()


# The command line


def test_without_a_home_there_is_no_ledger_and_none_is_created(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("PLUMBLINE_HOME", "PLUMBLINE_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    assert find_ledger() is None
    assert list(tmp_path.iterdir()) == []


def test_an_existing_home_or_a_named_one_has_the_ledger_of_the_pages(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("PLUMBLINE_HOME", "PLUMBLINE_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    pages = Workspace()
    project = pages.create_project("Gold")
    pages.add_file(project.id, "gold.csv", io.BytesIO(b"date,close\n"))
    fingerprint = pages.source(project.id).fingerprint
    find_ledger().record_opening(fingerprint, "a")
    assert counts(pages.ledger(project.id), fingerprint) == (0, 1, 1)
    pages.close()
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path / "named"))
    assert find_ledger().count(fingerprint) == Trials(trained=0, opened=0, judged_on_test=0)
