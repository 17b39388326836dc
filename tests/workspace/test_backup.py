"""A backup taken while jobs run restores every project, run and file; a damaged one restores nothing."""

import io
import tarfile
import threading
import time

import pytest
from sqlalchemy import update

from core.__main__ import main
from core.errors.workspace import BackupDamaged, HomeNotEmpty
from core.recipe.model import Recipe
from core.workspace.backup import restore_backup, write_backup
from core.workspace.database import datasets, projects, recipes, runs
from core.workspace.processes import ProcessMark
from core.workspace.projects import Workspace
from core.workspace.retention import delete_untouched, find_untouched
from core.workspace.runs import RunState, say


@pytest.fixture
def lively(workspace, project):
    """A workspace with two owners, a finished and a running training, and a job that writes meanwhile."""
    done = workspace.start_run(project.id, "training")
    workspace.claim_run(done.id, ProcessMark(1, "elsewhere:1"))
    workspace.record_heartbeat(done.id, 3.0, False, [say("metric", name="loss", step=1, value=0.5)])
    workspace.end_run(done.id, ProcessMark(1, "elsewhere:1"), RunState.FINISHED)
    (done.folder / "verdict.json").parent.mkdir(parents=True, exist_ok=True)
    (done.folder / "verdict.json").write_text("{}")
    going = workspace.start_run(project.id, "training")
    workspace.claim_run(going.id, ProcessMark(2, "elsewhere:2"))
    workspace.save_recipe(project.id, Recipe().change("training", horizon=5), "Horizon 5")
    workspace.ledger(project.id).record_training("f" * 64, "s")
    other = Workspace(workspace.home, owner="otto")
    other.add_file(other.create_project("Oil").id, "oil.csv", io.BytesIO(b"date,close\n2020-01-01,1\n"))
    other.close()
    ended = threading.Event()

    def work():
        step = 0
        while not ended.is_set():
            step += 1
            workspace.record_heartbeat(going.id, 1.0, False, [say("metric", name="loss", step=step, value=1.0)])
            with (going.folder / "worker.log").open("a") as log:
                log.write("line\n" * 100)
            (going.folder / f"part{step % 3}.json").write_text("{}")
            (going.folder / f"part{(step + 1) % 3}.json").unlink(missing_ok=True)

    going.folder.mkdir(parents=True, exist_ok=True)
    thread = threading.Thread(target=work)
    thread.start()
    yield done, going
    ended.set()
    thread.join()


def test_a_backup_while_jobs_run_restores_every_project_and_run(workspace, project, lively, tmp_path, monkeypatch):
    done, going = lively
    (workspace.home / "projects" / project.id / ".x.draft").write_text("half")
    monkeypatch.setenv("PLUMBLINE_HOME", str(workspace.home))
    for number in range(3):
        out = tmp_path / "backups" / f"{number}.tar"
        assert main(["backup", str(out)]) == 0
        new = tmp_path / f"new{number}"
        monkeypatch.setenv("PLUMBLINE_HOME", str(new))
        assert main(["restore", str(out)]) == 0
        assert main(["restore", str(out)]) == 2
        restored = Workspace(new)
        (again,) = restored.projects()
        assert (again.name, restored.recipe(again.id).training.horizon) == ("Gold", 5)
        assert restored.source(again.id).path.read_bytes() == workspace.source(project.id).path.read_bytes()
        assert {run.id for run in restored.runs()} == {done.id, going.id}
        assert restored.run(done.id).state is RunState.FINISHED
        assert restored.run(going.id).state is RunState.INTERRUPTED
        assert (restored.run(done.id).folder / "verdict.json").exists()
        assert restored.metrics(done.id) == {"loss": {1: 0.5}}
        assert restored.ledger(again.id).count("f" * 64).trained == 1
        assert [one.name for one in Workspace(new, owner="otto").projects()] == ["Oil"]
        assert not list(new.rglob("*.draft"))
        fresh = restored.create_project("New")
        assert restored.resume_run(going.id).state is RunState.QUEUED
        assert {one.id for one in restored.projects()} == {again.id, fresh.id}
        restored.close()
        monkeypatch.setenv("PLUMBLINE_HOME", str(workspace.home))
    assert [path.name for path in sorted((tmp_path / "backups").iterdir())] == ["0.tar", "1.tar", "2.tar"]


def test_a_damaged_or_forged_backup_restores_no_project(workspace, project, tmp_path):
    out = tmp_path / "backup.tar"
    write_backup(workspace.home, workspace.database, out)
    whole = out.read_bytes()
    place = whole.index(b"2020-01-01,1")
    damages = {
        "flip": whole[:place] + b"3" + whole[place + 1 :],
        "cut": whole[: whole.index(b"checksums.json")],
        "empty": b"",
        "no archive": b"x" * 10_000,
    }
    for name in ("../evil", "/etc/evil", "projects/../evil", f"projects/{'0' * 32}/../../evil", "plumbline.db"):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            info = tarfile.TarInfo(name)
            info.size = 1
            archive.addfile(info, io.BytesIO(b"x"))
        damages[name] = packed.getvalue()
    link = io.BytesIO()
    with tarfile.open(fileobj=link, mode="w") as archive:
        info = tarfile.TarInfo(f"projects/{'0' * 32}/source")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    damages["link"] = link.getvalue()
    for number, (name, content) in enumerate(damages.items()):
        out.write_bytes(content)
        new = Workspace(tmp_path / "homes" / str(number))
        with pytest.raises(BackupDamaged):
            restore_backup(out, new.home, new.database)
        assert new.projects() == (), name
        new.close()
    assert not list(tmp_path.rglob("evil"))


def test_a_backup_goes_into_an_empty_workspace_only(workspace, project, tmp_path):
    write_backup(workspace.home, workspace.database, tmp_path / "backup.tar")
    with pytest.raises(HomeNotEmpty):
        restore_backup(tmp_path / "backup.tar", workspace.home, workspace.database)


def age(workspace, project_id, days):
    then = time.time() - days * 86_400
    with workspace.database.writing() as connection:
        connection.execute(update(projects).where(projects.c.id == project_id).values(created=then))
        for table, values in ((datasets, {"added": then}), (recipes, {"created": then})):
            connection.execute(update(table).where(table.c.project_id == project_id).values(values))
        old = {"created": then, "ended": then, "heartbeat": then}
        connection.execute(update(runs).where(runs.c.project_id == project_id).values(old))


def test_only_what_nobody_has_touched_is_deleted_and_a_dry_run_says_what(workspace, project, monkeypatch, capsys):
    everyone = Workspace(workspace.home, owner=None)
    young, running, edited = (workspace.create_project(name) for name in ("Young", "Running", "Edited"))
    for one in (project, running, edited):
        age(workspace, one.id, 40)
    workspace.add_file(running.id, "a.csv", io.BytesIO(b"date,close\n"))
    workspace.start_run(running.id, "profile")
    with workspace.database.writing() as connection:
        connection.execute(update(datasets).where(datasets.c.project_id == running.id).values(added=0.0))
        connection.execute(update(runs).values(created=0.0))
    workspace.save_recipe(edited.id, Recipe().change("training", horizon=7), "Horizon 7")
    assert [one.id for one in find_untouched(everyone, 30)] == [project.id]
    assert find_untouched(everyone, 50) == ()
    monkeypatch.setenv("PLUMBLINE_HOME", str(workspace.home))
    monkeypatch.setenv("PLUMBLINE_KEEP_DAYS", "30")
    assert main(["prune", "--dry-run"]) == 0
    assert "Gold" in capsys.readouterr().out
    assert len(workspace.projects()) == 4
    assert [one.id for one in delete_untouched(everyone, 30)] == [project.id]
    assert {one.id for one in workspace.projects()} == {young.id, running.id, edited.id}
    assert not (workspace.home / "projects" / project.id).exists()
    for value in ("0", "-1", "soon", "nan", "inf"):
        monkeypatch.setenv("PLUMBLINE_KEEP_DAYS", value)
        assert main(["prune"]) == 2
    everyone.close()
