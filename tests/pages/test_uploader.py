"""How a file comes into a project: sent in pieces, found on the server, and what is told when it cannot enter."""

import os
import shutil
from collections import namedtuple

import pytest

from core.workspace.uploads import Uploads
from pages.parts import sending

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
        monkeypatch.setattr(sending, "send_file", lambda _: told.pop() if told else None)
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


def test_a_file_of_the_server_is_copied_into_a_new_project(visit, open_home, folder):
    workspace = open_home()
    tab = visit()
    tab.set("server-new", "deep/prices.csv").press("Use the server's file")
    (project,) = workspace.projects()
    assert project.name == workspace.source(project.id).name == "prices.csv"
    assert workspace.source(project.id).path.read_bytes() == TABLE
    assert (folder / "deep" / "prices.csv").exists()


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
    for limit in ("20,000 columns", "1 MiB", "up to 2.5 GB", "unpacks to"):
        assert limit in told


def test_a_limit_that_is_no_size_is_told_and_the_samples_stay(visit, open_home, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_MAX_UPLOAD_GB", "much")
    open_home()
    tab = visit()
    assert "PLUMBLINE_MAX_UPLOAD_GB is 'much'" in tab.said
    assert tab.has("sample-sp500-drivers")
