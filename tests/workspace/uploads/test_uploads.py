import hashlib
import json
import os
import shutil
import time
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors.model import WorkspaceError
from core.errors.workspace import (
    DiskFull,
    MoreThanAnnounced,
    NoRoom,
    TooManyUploads,
    UnknownUpload,
    UploadTooLarge,
    WrongOffset,
)
from core.workspace.files import SPARE
from core.workspace.uploads import upload_hash
from core.workspace.uploads import uploads as module
from core.workspace.uploads.uploads import (
    KEPT,
    MOST_UNFINISHED,
    Uploads,
    largest_upload,
)

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def uploads(tmp_path, monkeypatch):
    monkeypatch.delenv("PLUMBLINE_MAX_UPLOAD_GB", raising=False)
    return Uploads(tmp_path / "home")


@pytest.fixture
def free(monkeypatch):
    """Say how many bytes the disk has left for uploads."""
    return lambda size: monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, size + SPARE))


def names_in(uploads: Uploads) -> set[str]:
    return {path.name for path in uploads.folder.glob("*")}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(min_size=1, max_size=3000), cuts=st.lists(st.integers(1, 700), max_size=8))
def test_slices_of_any_size_give_the_file_byte_for_byte_and_a_new_server_goes_on(uploads, content, cuts):
    token = uploads.begin("prices.csv", len(content)).token
    offset = 0
    for cut in [*cuts, len(content)]:
        slice_ = content[offset : offset + cut]
        offset = Uploads(uploads.folder.parent).append(token, offset, slice_)
        assert Uploads(uploads.folder.parent).find(token).offset == offset
    whole = uploads.take(token)
    assert whole.path.read_bytes() == content
    assert (whole.name, whole.size) == ("prices.csv", len(content))
    uploads.cancel(token)
    assert names_in(uploads) == set()


def test_a_slice_that_begins_elsewhere_changes_nothing_and_is_told_where_to_go_on(uploads):
    token = uploads.begin("a.csv", 10).token
    uploads.append(token, 0, b"abcd")
    for offset in (0, 3, 5, 10):
        with pytest.raises(WrongOffset) as refused:
            uploads.append(token, offset, b"xx")
        assert refused.value.offset == 4
    assert uploads.find(token).path.read_bytes() == b"abcd"


def test_of_two_senders_of_one_slice_one_is_written_and_the_other_told(uploads):
    token = uploads.begin("a.csv", 8_000_000).token

    def send(letter: bytes) -> str:
        try:
            uploads.append(token, 0, letter * 4_000_000)
        except WrongOffset as error:
            return f"told {error.offset}"
        return "written"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, (b"a", b"b"))) == ["told 4000000", "written"]
    assert len(set(uploads.find(token).path.read_bytes())) == 1


def test_more_bytes_than_announced_are_refused(uploads):
    token = uploads.begin("a.csv", 5).token
    with pytest.raises(MoreThanAnnounced):
        uploads.append(token, 0, b"123456")
    assert uploads.append(token, 0, b"12345") == 5


def test_a_file_that_is_not_whole_cannot_be_taken(uploads):
    token = uploads.begin("a.csv", 5).token
    uploads.append(token, 0, b"123")
    with pytest.raises(WrongOffset):
        uploads.take(token)


def test_the_largest_size_is_20_gb_unless_the_server_is_told_otherwise(uploads, monkeypatch, free):
    free(100_000_000_000)
    assert uploads.begin("a.csv", 20_000_000_000).size == 20_000_000_000
    with pytest.raises(UploadTooLarge):
        uploads.begin("a.csv", 20_000_000_001)
    monkeypatch.setenv("PLUMBLINE_MAX_UPLOAD_GB", "0.5")
    assert largest_upload() == 500_000_000
    with pytest.raises(UploadTooLarge):
        uploads.begin("a.csv", 500_000_001)


@pytest.mark.parametrize("told", ["many", "0", "-3", "nan", "inf"])
def test_a_limit_that_is_no_size_is_told_in_a_sentence(monkeypatch, told):
    monkeypatch.setenv("PLUMBLINE_MAX_UPLOAD_GB", told)
    with pytest.raises(WorkspaceError, match="PLUMBLINE_MAX_UPLOAD_GB is '"):
        largest_upload()


@pytest.mark.parametrize("size", [0, -1])
def test_an_empty_file_is_refused(uploads, size):
    with pytest.raises(WorkspaceError, match="empty"):
        uploads.begin("a.csv", size)


def test_a_disk_without_room_is_told_at_the_beginning_with_the_bytes_needed(uploads, free):
    free(1000)
    uploads.begin("a.csv", 400)
    with pytest.raises(NoRoom, match="1,001 bytes are needed, 1,000 are free"):
        uploads.begin("b.csv", 601)
    uploads.begin("b.csv", 600)
    assert len(names_in(uploads)) == 4


def test_room_promised_to_an_upload_that_has_gone_silent_is_free_again(uploads, free):
    free(1000)
    uploads.begin("a.csv", 900)
    for path in uploads.folder.glob("*"):
        os.utime(path, (0, path.stat().st_mtime - module.ALIVE - 1))
    uploads.begin("b.csv", 1000)


def test_a_disk_that_fills_up_meanwhile_keeps_what_is_there_and_goes_on_once_there_is_room(uploads, free):
    token = uploads.begin("a.csv", 10).token
    uploads.append(token, 0, b"12345")
    free(4)
    with pytest.raises(NoRoom, match="5 bytes are needed, 4 are free"):
        uploads.append(token, 5, b"67890")
    free(5)
    assert uploads.append(token, 5, b"67890") == 10
    assert uploads.take(token).path.read_bytes() == b"1234567890"


def test_a_write_that_fails_leaves_the_file_as_long_as_it_was(uploads, monkeypatch):
    token = uploads.begin("a.csv", 10).token
    uploads.append(token, 0, b"12345")

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(DiskFull):
            uploads.append(token, 5, b"678")
    assert uploads.find(token).offset == 5
    assert uploads.append(token, 5, b"67890") == 10


def test_only_so_many_uploads_are_unfinished_at_once(uploads):
    tokens = [uploads.begin("a.csv", 1).token for _ in range(MOST_UNFINISHED)]
    with pytest.raises(TooManyUploads):
        uploads.begin("a.csv", 1)
    uploads.cancel(tokens[0])
    uploads.begin("a.csv", 1)


def test_one_project_does_not_take_the_places_of_another(uploads):
    for _ in range(MOST_UNFINISHED):
        uploads.begin("a.csv", 1, "gold")
    with pytest.raises(TooManyUploads):
        uploads.begin("a.csv", 1, "gold")
    token = uploads.begin("a.csv", 2, "oil").token
    uploads.append(token, 0, b"12")
    assert uploads.take(token).scope == "oil"


def test_what_has_not_grown_for_a_day_is_swept_and_nothing_else(uploads):
    old, grown, young = (uploads.begin("a.csv", 10).token for _ in range(3))
    for token in (old, grown):
        for path in uploads.folder.glob(f"{token}.*"):
            os.utime(path, (0, path.stat().st_mtime - KEPT - 60))
    uploads.append(grown, 0, b"1")
    orphan = uploads.folder / f"{'0' * 32}.json"
    orphan.write_text("{}")
    os.utime(orphan, (0, 0))
    uploads.sweep()
    assert {name.partition(".")[0] for name in names_in(uploads)} == {grown, young}


def test_sweeping_a_home_without_uploads_does_nothing(uploads):
    uploads.sweep()
    assert not uploads.folder.exists()


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "a\x00b", "", "x" * 5000, "\u202ecsv.exe", "a\r\nb"]
)
def test_a_hostile_name_is_only_a_label(uploads, name):
    upload = uploads.begin(name, 1)
    assert names_in(uploads) == {f"{upload.token}.part", f"{upload.token}.json"}
    assert upload.name.isprintable()
    assert 0 < len(upload.name) <= 200


@pytest.mark.parametrize("token", ["", "..", "../x", "0" * 31, "0" * 33, "0" * 32, "A" * 32, "\ud800", "a\x00"])
def test_a_token_of_nothing_opens_and_removes_nothing(uploads, token):
    kept = uploads.begin("a.csv", 1).token
    for ask in (uploads.find, uploads.take, lambda token: uploads.append(token, 0, b"1")):
        with pytest.raises(UnknownUpload):
            ask(token)
    uploads.cancel(token)
    assert uploads.find(kept).offset == 0


def test_a_label_that_a_crash_has_damaged_is_no_upload(uploads):
    token = uploads.begin("a.csv", 1).token
    (uploads.folder / f"{token}.json").write_text("")
    with pytest.raises(UnknownUpload):
        uploads.find(token)
    uploads.begin("b.csv", 1)


def test_an_upload_is_moved_into_a_project_not_copied(workspace):
    uploads = Uploads(workspace.home)
    content = os.urandom(3_000_000)
    upload = uploads.begin("prices.csv", len(content))
    uploads.append(upload.token, 0, content)
    inode = upload.path.stat().st_ino
    project = workspace.create_project("Gold")
    source = workspace.adopt_file(project.id, uploads.take(upload.token))
    assert (source.name, source.size, source.fingerprint) == (
        "prices.csv",
        len(content),
        sha256(content).hexdigest(),
    )
    assert source.path.stat().st_ino == inode
    assert not upload.path.exists()


def test_a_file_that_is_adopted_twice_enters_once(workspace, files_below):
    project = workspace.create_project("Gold")
    uploads = Uploads(workspace.home)
    token = uploads.begin("a.csv", 4).token
    uploads.append(token, 0, b"a,b\n")
    upload = uploads.take(token)
    first = workspace.adopt_file(project.id, upload)
    with pytest.raises(WorkspaceError):
        workspace.adopt_file(project.id, upload)
    assert workspace.source(project.id) == first
    assert files_below(workspace.folder_of(project.id) / "files") == {Path(first.id) / "source"}


def test_a_file_is_hashed_while_it_arrives_and_not_once_more(workspace, monkeypatch):
    uploads = Uploads(workspace.home)
    content = os.urandom(2_500_000)
    token = uploads.begin("a.csv", len(content)).token
    read = []
    hash_arrived = upload_hash.hash_arrived
    monkeypatch.setattr(module, "hash_arrived", lambda path, file, end: hash_arrived(path, Counted(file, read), end))
    monkeypatch.delattr(hashlib, "file_digest")
    for start in range(0, len(content), 900_000):
        assert uploads.find(token).fingerprint is None
        uploads.append(token, start, content[start : start + 900_000])
    project = workspace.create_project("Gold")
    assert workspace.adopt_file(project.id, uploads.take(token)).fingerprint == sha256(content).hexdigest()
    assert sum(read) == len(content)
    assert uploads.folder / f"{token}.part" not in upload_hash._running


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(min_size=2, max_size=900), data=st.data())
def test_the_fingerprint_is_that_of_the_disk_through_cuts_new_servers_and_other_servers(uploads, content, data):
    token = uploads.begin("a.csv", len(content)).token
    offset = 0
    while offset < len(content):
        what = data.draw(st.sampled_from(("slice", "again", "new server", "another server", "failing disk")))
        slice_ = content[offset : offset + data.draw(st.integers(1, 300))]
        if what == "again" and offset:
            with pytest.raises(WrongOffset):
                uploads.append(token, 0, slice_)
        elif what == "new server":
            upload_hash._running.clear()
        elif what == "another server":
            kept = dict(upload_hash._running)
            offset = uploads.append(token, offset, slice_)
            upload_hash._running.clear()
            upload_hash._running.update(kept)
        elif what == "failing disk":
            with pytest.MonkeyPatch.context() as patch, pytest.raises(WorkspaceError):
                patch.setattr(os, "fsync", refuse)
                uploads.append(token, offset, slice_)
        else:
            offset = uploads.append(token, offset, slice_)
    assert uploads.take(token).fingerprint == sha256(content).hexdigest()
    uploads.cancel(token)
    assert uploads.folder / f"{token}.part" not in upload_hash._running


@pytest.mark.parametrize("how", ["written to", "replaced", "made shorter"])
def test_a_file_that_was_changed_after_it_came_never_keeps_its_old_fingerprint(workspace, how):
    uploads = Uploads(workspace.home)
    token = uploads.begin("a.csv", 4).token
    uploads.append(token, 0, b"a,b\n")
    upload = uploads.find(token)
    assert upload.fingerprint == sha256(b"a,b\n").hexdigest()
    then = upload.path.stat()
    if how == "replaced":
        other = workspace.home / "other"
        other.write_bytes(b"x,y\n")
        other.replace(upload.path)
    else:
        time.sleep(0.02)  # longer than the tick of the file system's clock
        upload.path.write_bytes(b"x,y\n" if how == "written to" else b"a,b")
    os.utime(upload.path, ns=(then.st_atime_ns, then.st_mtime_ns))
    changed = uploads.find(token)
    assert changed.fingerprint is None
    project = workspace.create_project("Gold")
    expected = sha256(upload.path.read_bytes()).hexdigest()
    assert workspace.adopt_file(project.id, changed).fingerprint == expected


@pytest.mark.parametrize("told", [{"fingerprint": "0"}, "x", None, 3])
def test_a_damaged_seal_is_no_fingerprint(uploads, told):
    token = uploads.begin("a.csv", 1).token
    label = uploads.folder / f"{token}.json"
    label.write_text(json.dumps({"name": "a.csv", "size": 1, "sealed": told}))
    with pytest.raises(UnknownUpload):
        uploads.find(token)


class Counted:
    """A file that tells how many bytes were read from it."""

    def __init__(self, file, read: list[int]) -> None:
        self._file, self._read = file, read
        self.seek = file.seek

    def read(self, size: int) -> bytes:
        piece = self._file.read(size)
        self._read.append(len(piece))
        return piece


def refuse(_: int) -> None:
    raise OSError(28, "No space left on device")
