"""How a file comes into a project: sent in pieces, found on the server, and what is told when it cannot enter."""

import os
import shutil
from collections import namedtuple

import pytest

from core.workspace.runs import RunState
from core.workspace.uploads.uploads import Uploads
from pages.parts.upload import slice_sender
from tests.pages.conftest import work

Usage = namedtuple("Usage", "total used free")
TABLE = b"date,close\n2020-01-01,1\n2020-01-02,2\n"


@pytest.fixture
def sent(open_home, monkeypatch):
    """Let the page hear that this file has just been sent whole."""

    def send(workspace, content: bytes = TABLE, name: str = "**big**.csv") -> str:
        uploads = Uploads(workspace.home)
        token = uploads.begin(name, len(content)).token
        uploads.append(token, 0, content)
        told = [token]
        monkeypatch.setattr(slice_sender, "send_file", lambda _: told.pop() if told else None)
        return token

    return send


@pytest.fixture
def folder(tmp_path, monkeypatch):
    offered = tmp_path / "offered"
    (offered / "deep").mkdir(parents=True)
    (offered / "deep" / "prices.csv").write_bytes(TABLE)
    monkeypatch.setenv("PLUMBLINE_DATA_FOLDER", str(offered))
    return offered


def left_in(workspace) -> list[str]:
    return os.listdir(workspace.home / "uploads")


def test_a_sent_file_becomes_a_project_and_nothing_of_it_is_left_behind(visit, open_home, sent):
    workspace = open_home()
    sent(workspace)
    tab = visit()
    (project,) = workspace.projects()
    source = workspace.source(project.id)
    assert (project.name, source.name, source.path.read_bytes()) == ("**big**.csv", "**big**.csv", TABLE)
    assert left_in(workspace) == []
    assert [title.value for title in tab.app.title] == ["Upload"]


def test_a_sent_file_replaces_the_one_of_its_project(visit, workspace, project, sent):
    recipe = workspace.recipe(project.id)
    tab = visit("upload", project.id)
    sent(workspace)
    tab.draw()
    assert workspace.source(project.id).path.read_bytes() == TABLE
    assert workspace.recipe(project.id) == recipe
    assert [run.kind for run in workspace.runs(project.id, active=True)] == ["profile"]


def test_an_upload_that_is_gone_or_not_whole_makes_no_project(visit, open_home, sent):
    workspace = open_home()
    Uploads(workspace.home).cancel(sent(workspace))
    tab = visit()
    assert "There is no such upload." in tab.said
    token = sent(workspace)
    with (workspace.home / "uploads" / f"{token}.part").open("r+b") as file:
        file.truncate(3)
    assert "The upload stands at byte 3." in tab.draw().said
    assert workspace.projects() == ()


def test_a_file_of_the_server_is_copied_into_a_new_project_by_a_job(visit, open_home, folder):
    workspace = open_home()
    tab = visit()
    tab.set("server-new", "deep/prices.csv").press("Use the server's file")
    (project,) = workspace.projects()
    (run,) = workspace.runs(project.id)
    assert (project.name, run.kind, workspace.source(project.id)) == ("prices.csv", "arrival", None)
    assert "Copying the file waits for a free place" in tab.said and "Stop" in tab.buttons
    work(workspace.home, run)
    assert workspace.source(project.id).name == "prices.csv"
    assert workspace.source(project.id).path.read_bytes() == TABLE
    assert (folder / "deep" / "prices.csv").exists()
    tab.draw()
    assert [run.kind for run in workspace.runs(project.id, active=True)] == ["profile"]


def test_copying_can_be_stopped_and_begun_anew(visit, open_home, folder):
    workspace = open_home()
    tab = visit().set("server-new", "deep/prices.csv").press("Use the server's file")
    (run,) = workspace.runs()
    tab.press(f"stop-{run.id}")
    assert "Copying the file was stopped" in tab.said and "This project has no file yet." in tab.said
    tab.press("Copy it again")
    assert workspace.run(run.id).state is RunState.QUEUED
    work(workspace.home, workspace.run(run.id))
    assert workspace.source(run.project_id).path.read_bytes() == TABLE
    assert "Copying the file was stopped" not in tab.draw().said


def test_while_a_file_of_the_server_replaces_another_that_one_stays(visit, workspace, project, folder):
    before = workspace.source(project.id)
    tab = visit("upload", project.id).set(f"server-{project.id}", "deep/prices.csv").press(f"use-{project.id}")
    (run,) = workspace.runs(project.id, kind="arrival")
    assert workspace.source(project.id) == before and "Copying the file waits" in tab.said
    tab.press(f"stop-{run.id}")
    assert "1,2" in tab.said and "rows and" in tab.said
    workspace.resume_run(run.id)
    work(workspace.home, workspace.run(run.id))
    assert workspace.source(project.id).path.read_bytes() == TABLE
    assert workspace.previous_source(project.id) == before


def test_without_a_folder_the_server_offers_no_file(visit, open_home, monkeypatch):
    monkeypatch.delenv("PLUMBLINE_DATA_FOLDER", raising=False)
    open_home()
    assert "Use the server's file" not in visit().buttons


def test_a_file_that_has_become_a_link_to_the_outside_is_refused(visit, open_home, folder, tmp_path):
    workspace = open_home()
    (tmp_path / "secret.csv").write_text("secret")
    tab = visit().set("server-new", "deep/prices.csv")
    (folder / "deep" / "prices.csv").unlink()
    (folder / "deep" / "prices.csv").symlink_to(tmp_path / "secret.csv")
    tab.press("use-new")
    assert workspace.projects() == ()


def test_a_server_file_without_room_is_told_and_leaves_no_project(visit, open_home, folder, monkeypatch):
    workspace = open_home()
    tab = visit().set("server-new", "deep/prices.csv")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 0))
    tab.press("use-new")
    assert f"{len(TABLE)} bytes are needed" in tab.said
    assert workspace.projects() == ()


def test_many_files_are_searched(visit, open_home, folder):
    open_home()
    for number in range(250):
        (folder / f"many{number:03}.csv").touch()
    tab = visit().set("search-new", "249")
    assert tab.widget("server-new").options == ["many249.csv"]
    assert "There is no table of this name" in tab.set("search-new", "nothing").said


def test_the_limits_are_told_before_anything_is_sent(visit, open_home, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_MAX_UPLOAD_GB", "2.5")
    open_home()
    told = visit().said
    for limit in ("20,000 columns", "256 MB", "up to 2.5 GB", "unpacks to"):
        assert limit in told


def test_a_limit_that_is_no_size_is_told_and_the_samples_stay(visit, open_home, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_MAX_UPLOAD_GB", "much")
    open_home()
    tab = visit()
    assert "PLUMBLINE_MAX_UPLOAD_GB is 'much'" in tab.said
    assert tab.has("sample-sp500-drivers")
