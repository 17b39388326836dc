"""How a file enters a project: uploaded in chunks or copied from the server, and the errors if it cannot."""

import os
import shutil
from collections import namedtuple

import pytest

from core.workspace.runs import RunState
from core.workspace.uploads.uploads import Uploads, scope_of
from pages.parts.models import job_panel
from pages.parts.server.login import LOCAL
from pages.parts.upload import chunked_uploader
from tests.pages.conftest import work

Usage = namedtuple("Usage", "total used free")
QUEUED = f"{job_panel.title_of_job('arrival')} is next in the queue"
TABLE = b"date,close\n2020-01-01,1\n2020-01-02,2\n"


@pytest.fixture
def complete_upload(open_home, monkeypatch):
    """Report to the page that the upload of this file has just been completed."""

    def complete(workspace, content: bytes = TABLE, name: str = "**big**.csv") -> str:
        uploads = Uploads(workspace.home)
        token = uploads.begin(name, len(content), scope_of(LOCAL, None)).token
        uploads.append(token, 0, content)
        reported = [token]
        monkeypatch.setattr(chunked_uploader, "upload_file", lambda _: reported.pop() if reported else None)
        return token

    return complete


@pytest.fixture
def folder(tmp_path, monkeypatch):
    tables = tmp_path / "tables"
    (tables / "deep").mkdir(parents=True)
    (tables / "deep" / "prices.csv").write_bytes(TABLE)
    monkeypatch.setenv("PLUMBLINE_DATA_FOLDER", str(tables))
    return tables


def partial_uploads(workspace) -> list[str]:
    return os.listdir(workspace.home / "uploads")


def test_a_completed_upload_becomes_a_project_and_its_parts_are_deleted(visit, open_home, complete_upload):
    workspace = open_home()
    complete_upload(workspace)
    tab = visit()
    (project,) = workspace.projects()
    source = workspace.source(project.id)
    assert (project.name, source.name, source.path.read_bytes()) == ("**big**.csv", "**big**.csv", TABLE)
    assert partial_uploads(workspace) == []
    assert [title.value for title in tab.app.title] == ["Upload"]


def test_a_completed_upload_replaces_the_file_of_its_project(visit, workspace, project, complete_upload):
    recipe = workspace.recipe(project.id)
    tab = visit("upload", project.id)
    complete_upload(workspace)
    tab.draw()
    assert workspace.source(project.id).path.read_bytes() == TABLE
    assert workspace.recipe(project.id) == recipe
    assert [run.kind for run in workspace.runs(project.id, active=True)] == ["profile"]


def test_a_missing_or_incomplete_upload_creates_no_project(visit, open_home, complete_upload):
    workspace = open_home()
    Uploads(workspace.home).cancel(complete_upload(workspace))
    tab = visit()
    assert len(tab.app.error) == 1
    token = complete_upload(workspace)
    with (workspace.home / "uploads" / f"{token}.part").open("r+b") as file:
        file.truncate(3)
    assert "3 bytes" in tab.draw().app.error[0].value
    assert workspace.projects() == ()


def test_a_file_of_the_server_is_copied_into_a_new_project_by_a_job(visit, open_home, folder):
    workspace = open_home()
    tab = visit()
    tab.set("server-new", "deep/prices.csv").press("use-new")
    (project,) = workspace.projects()
    (run,) = workspace.runs(project.id)
    assert (project.name, run.kind, workspace.source(project.id)) == ("prices.csv", "arrival", None)
    assert QUEUED in tab.text and tab.has(f"stop-{run.id}")
    work(workspace.home, run)
    assert workspace.source(project.id).name == "prices.csv"
    assert workspace.source(project.id).path.read_bytes() == TABLE
    assert (folder / "deep" / "prices.csv").exists()
    tab.draw()
    assert [run.kind for run in workspace.runs(project.id, active=True)] == ["profile"]


def test_copying_can_be_stopped_and_started_again(visit, open_home, folder):
    workspace = open_home()
    tab = visit().set("server-new", "deep/prices.csv").press("use-new")
    (run,) = workspace.runs()
    tab.press(f"stop-{run.id}")
    assert "Copying was stopped" in tab.text and "This project has no file yet." in tab.text
    tab.press(f"resume-{run.id}")
    assert workspace.run(run.id).state is RunState.QUEUED
    work(workspace.home, workspace.run(run.id))
    assert workspace.source(run.project_id).path.read_bytes() == TABLE
    assert "Copying was stopped" not in tab.draw().text


def test_a_file_is_kept_until_a_copy_has_replaced_it(visit, workspace, project, folder):
    before = workspace.source(project.id)
    tab = visit("upload", project.id).set(f"server-{project.id}", "deep/prices.csv").press(f"use-{project.id}")
    (run,) = workspace.runs(project.id, kind="arrival")
    assert workspace.source(project.id) == before and QUEUED in tab.text
    tab.press(f"stop-{run.id}")
    assert "1,2" in tab.text and "rows and" in tab.text
    workspace.resume_run(run.id)
    work(workspace.home, workspace.run(run.id))
    assert workspace.source(project.id).path.read_bytes() == TABLE
    assert workspace.previous_source(project.id) == before


def test_without_a_folder_there_is_no_choice_of_server_files(visit, open_home, monkeypatch):
    monkeypatch.delenv("PLUMBLINE_DATA_FOLDER", raising=False)
    open_home()
    assert not visit().has("use-new")


def test_a_link_out_of_the_folder_is_refused(visit, open_home, folder, tmp_path):
    workspace = open_home()
    (tmp_path / "secret.csv").write_text("secret")
    tab = visit().set("server-new", "deep/prices.csv")
    (folder / "deep" / "prices.csv").unlink()
    (folder / "deep" / "prices.csv").symlink_to(tmp_path / "secret.csv")
    tab.press("use-new")
    assert workspace.projects() == ()


def test_a_server_file_without_disk_space_is_refused_and_leaves_no_project(visit, open_home, folder, monkeypatch):
    workspace = open_home()
    tab = visit().set("server-new", "deep/prices.csv")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 0))
    tab.press("use-new")
    assert f"{len(TABLE)} bytes" in tab.app.error[0].value
    assert workspace.projects() == ()


def test_many_files_are_searched(visit, open_home, folder):
    open_home()
    for number in range(250):
        (folder / f"many{number:03}.csv").touch()
    tab = visit().set("search-new", "249")
    assert tab.widget("server-new").options == ["many249.csv"]
    assert "No matching table" in tab.set("search-new", "nothing").text


def test_the_limits_are_shown_before_an_upload(visit, open_home, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_MAX_UPLOAD_GB", "2.5")
    open_home()
    text = visit().text
    for limit in ("20,000 columns", "256 MB", "up to 2.5 GB", "20 GB and 500 times"):
        assert limit in text


def test_an_invalid_size_limit_is_an_error_and_the_samples_remain(visit, open_home, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_MAX_UPLOAD_GB", "much")
    open_home()
    tab = visit()
    assert "PLUMBLINE_MAX_UPLOAD_GB" in tab.text.replace("\\", "")
    assert tab.has("sample-sp500-drivers")
