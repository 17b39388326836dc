import os
from pathlib import Path

import pytest

from core.errors.model import WorkspaceError
from core.workspace.data_folder import data_folder, find_file, list_files


@pytest.fixture
def folder(tmp_path):
    offered = tmp_path / "offered"
    (offered / "deep" / "er").mkdir(parents=True)
    (offered / ".hidden").mkdir()
    for name in ("b.csv", "A.CSV", "deep/er/c.parquet", "notes.md", ".hidden/x.csv", ".x.csv"):
        (offered / name).write_text("date,close\n")
    return offered


def test_the_tables_of_the_folder_are_listed_by_their_paths(folder):
    assert list_files(folder) == ("A.CSV", "b.csv", "deep/er/c.parquet")
    assert list_files(folder, "C.PAR") == ("deep/er/c.parquet",)
    assert find_file(folder, "deep/er/c.parquet") == folder / "deep" / "er" / "c.parquet"


def test_a_link_that_leads_outside_is_neither_listed_nor_opened(folder, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("secret")
    (folder / "out.csv").symlink_to(secret)
    (folder / "outside").symlink_to(tmp_path)
    (folder / "in.csv").symlink_to(folder / "b.csv")
    (folder / "loop.csv").symlink_to(folder / "loop.csv")
    assert list_files(folder) == ("A.CSV", "b.csv", "in.csv", "deep/er/c.parquet")
    for name in ("out.csv", "outside/secret.csv", "loop.csv"):
        with pytest.raises(WorkspaceError, match="no such file"):
            find_file(folder, name)


@pytest.mark.parametrize(
    "name",
    ["", "..", "../offered/b.csv", "/etc/passwd", "a\x00.csv", "deep", "notes.md", ".x.csv", "~/x.csv", "no.csv"],
)
def test_what_is_not_listed_is_not_opened(folder, name):
    with pytest.raises(WorkspaceError, match="no such file"):
        find_file(folder, name)


def test_at_most_200_are_listed_and_a_search_finds_the_others(folder):
    for number in range(300):
        (folder / f"many{number:03}.csv").touch()
    assert len(list_files(folder)) == 200
    assert list_files(folder, "many299") == ("many299.csv",)


def test_a_name_that_is_no_text_and_a_pipe_are_left_out(folder):
    (Path(os.fsdecode(bytes(folder) + b"/\xff.csv"))).touch()
    os.mkfifo(folder / "pipe.csv")
    assert list_files(folder) == ("A.CSV", "b.csv", "deep/er/c.parquet")


def test_a_folder_that_is_not_there_is_told(folder, monkeypatch):
    with pytest.raises(WorkspaceError):
        list_files(folder / "absent")
    monkeypatch.delenv("PLUMBLINE_DATA_FOLDER", raising=False)
    assert data_folder() is None
    monkeypatch.setenv("PLUMBLINE_DATA_FOLDER", str(folder))
    assert data_folder() == folder
