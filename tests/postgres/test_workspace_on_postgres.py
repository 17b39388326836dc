"""What the workspace promises on SQLite holds on a real PostgreSQL: queueing, claiming, ends, backup, and the walk."""

import io
import sys
import threading
import time
from pathlib import Path

import pytest

from core.errors.workspace import DatabaseFailed
from core.recipe.model import Recipe
from core.workspace.backup import restore_backup, write_backup
from core.workspace.database import Database
from core.workspace.jobs import check_runs, launch_queued
from core.workspace.processes import ProcessMark
from core.workspace.projects import Workspace
from core.workspace.retention import find_untouched
from core.workspace.runs import RunState, say


@pytest.fixture
def project(workspace):
    made = workspace.create_project("Gold")
    workspace.add_file(made.id, "gold.csv", io.BytesIO(b"date,close\n2020-01-01,1\n"))
    return made


def test_a_run_goes_from_its_queue_to_its_end(workspace, project):
    run = workspace.start_run(project.id, "training")
    assert workspace.start_run(project.id, "training").id == run.id
    process = ProcessMark(1, "elsewhere:1")
    assert workspace.claim_run(run.id, process)
    assert not workspace.claim_run(run.id, process)
    workspace.record_heartbeat(run.id, 2.0, False, [say("metric", name="loss", step=1, value=0.25)])
    assert workspace.metrics(run.id) == {"loss": {1: 0.25}}
    workspace.request_stop(run.id)
    assert workspace.run(run.id).state is RunState.STOPPING
    assert workspace.end_run(run.id, process, RunState.STOPPED, "Stopped on request.")
    assert workspace.resume_run(run.id).state is RunState.QUEUED
    workspace.label_run(run.id, "Best", "")
    assert workspace.run(run.id).name == "Best"
    workspace.ledger(project.id).record_training("f" * 64, "s")
    assert workspace.ledger(project.id).count("f" * 64).trained == 1
    workspace.delete_project(project.id)
    assert workspace.runs() == ()


def test_two_servers_start_a_run_once(workspace, project, tmp_path):
    runs = [workspace.start_run(project.id, kind) for kind in ("training", "profile", "importance", "regression")]
    other = Workspace(workspace.home)
    idle = (sys.executable, "-c", "pass")
    started, together = [], threading.Barrier(2)

    def launch(opened):
        together.wait()
        started.extend(run.id for run in launch_queued(opened, idle))

    threads = [threading.Thread(target=launch, args=(opened,)) for opened in (workspace, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(started) == len(set(started))
    deadline = time.monotonic() + 20
    while workspace.runs(active=True) and time.monotonic() < deadline:
        check_runs(workspace)
        launch_queued(workspace, idle)
        time.sleep(0.05)
    assert {run.state for run in workspace.runs()} == {RunState.INTERRUPTED}
    assert len(workspace.runs()) == len(runs)
    other.close()


def test_concurrent_changes_of_a_recipe_are_all_kept(workspace, project):
    def add(number):
        workspace.change_recipe(
            project.id,
            lambda recipe: recipe.change("cleaning", keep=(*recipe.cleaning.keep, f"c{number}")),
            f"Keep c{number}",
        )

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(workspace.recipe(project.id).cleaning.keep) == {f"c{number}" for number in range(8)}


@pytest.mark.parametrize("back", [False, True])
def test_a_backup_moves_between_sqlite_and_postgres(workspace, project, tmp_path: Path, monkeypatch, back):
    run = workspace.start_run(project.id, "training")
    workspace.save_recipe(project.id, Recipe().change("training", horizon=5), "Horizon 5")
    source, home = workspace, tmp_path / "new"
    home.mkdir()
    lite = Database(f"sqlite:///{home / 'plumbline.db'}")
    write_backup(source.home, source.database, tmp_path / "backup.tar")
    restore_backup(tmp_path / "backup.tar", home, lite)
    if not back:
        with monkeypatch.context() as patch:
            patch.delenv("PLUMBLINE_DATABASE_URL")
            restored = Workspace(home)
    else:
        write_backup(home, lite, tmp_path / "again.tar")
        workspace.delete_project(project.id)
        restore_backup(tmp_path / "again.tar", workspace.home, workspace.database)
        restored = workspace
    (again,) = restored.projects()
    assert restored.recipe(again.id).training.horizon == 5
    assert restored.run(run.id).state is RunState.QUEUED
    # New rows get numbers after those restored.
    restored.create_project("New")
    restored.start_run(again.id, "profile")
    assert len(restored.runs()) == 2
    assert find_untouched(restored, 1) == ()
    restored.close()
    lite.close()


def test_a_database_that_goes_away_is_named_without_its_password(database):
    with pytest.raises(DatabaseFailed) as caught:
        Database("postgresql+psycopg://plumbline:secret@127.0.0.1:9/none")
    assert "secret" not in str(caught.value)
