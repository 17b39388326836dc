import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from core.errors.model import WorkspaceError
from core.workspace.database import Database, datasets, projects
from core.workspace.projects import Workspace


def test_sqlite_writes_ahead_waits_for_locks_and_holds_foreign_keys(workspace):
    with workspace.database.reading() as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in (
            "journal_mode", "busy_timeout", "foreign_keys", "synchronous"
        )}  # fmt: skip
    assert found == {"journal_mode": "wal", "busy_timeout": 10_000, "foreign_keys": 1, "synchronous": 2}


def test_a_row_of_an_absent_project_is_refused(workspace):
    row = {"id": "x", "project_id": "absent", "name": "a", "size": 1, "fingerprint": "f", "added": 0.0}
    with pytest.raises(IntegrityError), workspace.database.writing() as connection:
        connection.execute(insert(datasets).values(row))


def test_a_write_that_breaks_off_leaves_nothing(workspace):
    row = {"id": "x", "owner": "local", "name": "a", "created": 0.0}
    with pytest.raises(ZeroDivisionError), workspace.database.writing() as connection:
        connection.execute(insert(projects).values(row))
        raise ZeroDivisionError
    assert workspace.projects() == ()


def test_a_reader_does_not_wait_for_a_writer_and_sees_no_half_of_it(workspace):
    with workspace.database.writing() as writer:
        writer.execute(insert(projects).values(id="x", owner="local", name="a", created=0.0))
        with workspace.database.reading() as reader:
            assert reader.execute(select(projects)).all() == []
    assert len(workspace.projects()) == 1


def test_many_can_open_a_new_workspace_at_once(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: Workspace(tmp_path / "home"), range(16)))
    opened[0].create_project("Gold")
    assert {len(workspace.projects()) for workspace in opened} == {1}
    for workspace in opened:
        workspace.close()


def test_a_new_database_that_another_writer_holds_is_waited_for(tmp_path):
    holder = sqlite3.connect(tmp_path / "plumbline.db", isolation_level=None, check_same_thread=False)
    holder.execute("CREATE TABLE other (x)")
    holder.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, lambda: holder.execute("COMMIT"))
    release.start()
    workspace = Workspace(tmp_path)
    release.join()
    assert workspace.create_project("Gold").name == "Gold"
    workspace.close()
    holder.close()


def test_a_file_that_is_no_database_is_explained(tmp_path):
    (tmp_path / "plumbline.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(WorkspaceError, match="plumbline.db cannot be used: file is not a database"):
        Workspace(tmp_path)


def test_a_lock_that_is_never_given_back_is_explained(tmp_path, monkeypatch):
    monkeypatch.setattr("core.workspace.database.WAIT_FOR_LOCK", 0.1)
    workspace = Workspace(tmp_path)
    holder = sqlite3.connect(tmp_path / "plumbline.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(WorkspaceError, match="database is locked"):
        workspace.create_project("Gold")
    holder.close()
    assert workspace.create_project("Gold").name == "Gold"
    workspace.close()


@pytest.mark.parametrize("address", ["nonsense", "nodb://host/name"])
def test_an_address_that_names_no_database_is_explained(address):
    with pytest.raises(WorkspaceError, match="The database address cannot be used"):
        Database(address)


def test_a_relative_address_means_the_same_file_in_every_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    database = Database("sqlite:///here.db")
    assert database.url.database == str(tmp_path / "here.db")
    database.close()


def test_another_database_can_be_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    workspace = Workspace(tmp_path / "home")
    workspace.create_project("Gold")
    workspace.close()
    assert (tmp_path / "other.db").exists()
    assert not (tmp_path / "home" / "plumbline.db").exists()
