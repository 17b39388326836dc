"""A file of the server's folder that a job brings into a project."""

import hashlib
import io

import pytest

from core import worker
from core.errors.model import Stopped, WorkspaceError
from core.progress import NoProgress, never_stop
from core.workspace.runs import RunState
from core.workspace.server_files import copy_server_file

CONTENT = bytes(range(256)) * 20_000


class Heard:
    def __init__(self) -> None:
        self.steps: list[tuple[int, int]] = []

    def step(self, done: int, total: int, text: str) -> None:
        assert text == f"Copying {done / 1e6:,.0f} of 5 MB"
        self.steps.append((done, total))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    offered = tmp_path / "offered"
    offered.mkdir()
    (offered / "prices.csv").write_bytes(CONTENT)
    monkeypatch.setenv("PLUMBLINE_DATA_FOLDER", str(offered))
    return offered


@pytest.fixture
def run(workspace, folder):
    return workspace.start_arrival(workspace.create_project("New").id, folder, "prices.csv")


def test_the_copy_is_the_file_and_its_progress_is_told(workspace, run):
    heard = Heard()
    size, fingerprint = copy_server_file(run, heard, never_stop)
    assert heard.steps[-1] == (len(CONTENT), len(CONTENT)) and len(heard.steps) == 5
    workspace.settle_arrival(run, size, fingerprint)
    source = workspace.source(run.project_id)
    assert (source.path, source.size) == (run.source_path, len(CONTENT))
    assert source.fingerprint == hashlib.sha256(CONTENT).hexdigest()


def test_a_stop_ends_the_copy_and_leaves_nothing(run):
    with pytest.raises(Stopped):
        copy_server_file(run, NoProgress(), lambda: True)
    assert not run.source_path.parent.exists()


def test_a_piece_that_a_killed_attempt_left_is_no_hindrance(run):
    run.source_path.parent.mkdir(parents=True)
    run.source_path.with_name("source.draft").write_bytes(b"half")
    assert copy_server_file(run, NoProgress(), never_stop)[0] == len(CONTENT)


def test_a_file_that_has_become_a_link_to_the_outside_meanwhile_is_refused(run, folder, tmp_path):
    (tmp_path / "secret.csv").write_text("secret")
    (folder / "prices.csv").unlink()
    (folder / "prices.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(WorkspaceError, match="no such file"):
        copy_server_file(run, NoProgress(), never_stop)


def test_a_file_on_its_way_is_no_file_of_the_project_yet(workspace, folder):
    project = workspace.create_project("Gold")
    first = workspace.add_file(project.id, "first.csv", io.BytesIO(b"date,close\n"))
    run = workspace.start_arrival(project.id, folder, "prices.csv")
    assert workspace.source(project.id) == first
    assert workspace.previous_source(project.id) is None
    with pytest.raises(WorkspaceError, match="being copied"):
        workspace.start_arrival(project.id, folder, "prices.csv")
    workspace.settle_arrival(run, *copy_server_file(run, NoProgress(), never_stop))
    assert workspace.previous_source(project.id) == first
    assert workspace.source(project.id).added > first.added


def test_the_worker_brings_the_file_and_the_run_is_finished(run, workspace, monkeypatch):
    monkeypatch.setattr(worker.os, "nice", lambda _by: None)
    monkeypatch.setattr(worker.signal, "signal", lambda *_: None)
    monkeypatch.setenv("PLUMBLINE_HOME", str(workspace.home))
    assert worker.main(run.id) == 0
    assert workspace.run(run.id).state is RunState.FINISHED
    assert workspace.source(run.project_id).size == len(CONTENT)
