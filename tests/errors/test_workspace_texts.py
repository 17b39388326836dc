"""The sentences of the errors of the workspace and of the command line."""

import pytest

import core.errors.command_line
import core.errors.workspace
from core.errors.command_line import (
    DataFileForbidden,
    DataFileMissing,
    FolderNotWritable,
    LogNotWritable,
    OutputIsFolder,
)
from core.errors.model import PlumblineError
from core.errors.workspace import (
    BackupDamaged,
    ChunkTooLarge,
    DatabaseFailed,
    DiskFull,
    FileNotReadable,
    HomeNotEmpty,
    HostLost,
    InvalidDatabaseAddress,
    InvalidJobs,
    InvalidKeepDays,
    InvalidUploadLimit,
    MoreThanAnnounced,
    NoRoom,
    OtherRunActive,
    OutOfMemory,
    RecordedFailure,
    StorageFailed,
    TooManyUploads,
    UnknownJob,
    UploadTooLarge,
    WorkerCrashed,
    WorkerKilled,
    WrongOffset,
)

TEXTS = [
    (
        UploadTooLarge(size=3_000_000_000, most=2_000_000_000),
        "The file has 3,000,000,000 bytes; at most 2,000,000,000 are accepted. Compress it, or start the server with a "
        "larger PLUMBLINE_MAX_UPLOAD_GB.",
    ),
    (ChunkTooLarge(most=16_000_000), "A chunk has at most 16,000,000 bytes. Send smaller chunks."),
    (MoreThanAnnounced(size=5), "More bytes arrived than the 5 that were announced. Send the file again."),
    (
        TooManyUploads(unfinished=20),
        "20 uploads of this project are unfinished. Finish or cancel one; unfinished uploads are removed after a day.",
    ),
    (WrongOffset(offset=4096), "The upload has 4,096 bytes so far. Continue there."),
    (
        InvalidUploadLimit(value="many"),
        "PLUMBLINE_MAX_UPLOAD_GB is 'many', which is not a size. Set it to a number of gigabytes.",
    ),
    (
        FileNotReadable(path="prices.csv", reason="Permission denied"),
        "The file prices.csv cannot be read: Permission denied. Check the path.",
    ),
    (
        NoRoom(needed=1001, free=1000),
        "The disk has too little room: 1,001 bytes are needed, 1,000 are free. Free some space in the folder of "
        "PLUMBLINE_HOME, then try again.",
    ),
    (
        DiskFull(needed=1_200_000_000, free=300_000),
        "The disk is full: about 1.2 GB are needed, 0.3 MB are free. Free some space in the folder of PLUMBLINE_HOME, then try "
        "again.",
    ),
    (
        OutOfMemory(needed=9_100_000_000, limit=4_000_000_000),
        "The job ran out of memory: it needed about 9.1 GB, the limit is 4.0 GB. Use fewer columns, a shorter window or a "
        "smaller batch, or give the server more memory.",
    ),
    (
        WorkerKilled(held=3_900_000_000, limit=4_000_000_000, is_memory=True),
        "Its process was killed while it held 3.9 GB of 4.0 GB memory: memory ran out. Resume it: training continues from its "
        "last checkpoint.",
    ),
    (
        WorkerCrashed(what="the signal SIGSEGV"),
        "Its process ended with the signal SIGSEGV before its work was done. Resume it: training continues from its last "
        "checkpoint. The run's worker.log may name the cause.",
    ),
    (
        HomeNotEmpty(folder=".plumbline"),
        "The workspace in .plumbline has projects. Set PLUMBLINE_HOME to a new folder, and PLUMBLINE_DATABASE_URL to an empty "
        "database if you use one.",
    ),
    (
        BackupDamaged(path="b.tar", reason="it is cut off"),
        "b.tar cannot be restored: it is cut off. Choose another backup.",
    ),
    (
        InvalidJobs(value="many"),
        "PLUMBLINE_JOBS is 'many', which is not a number of jobs. Set it to 1 or more, or to nothing for as many as the machine "
        "has processors.",
    ),
    (
        InvalidKeepDays(value="soon"),
        "PLUMBLINE_KEEP_DAYS is 'soon', which is not a number of days. Set it to 1 or more, such as 365, or to nothing to keep "
        "projects for ever.",
    ),
    (
        HostLost(seconds=120),
        "The machine that it ran on has not reported for 120 seconds. Resume it: training continues from its last checkpoint.",
    ),
    (DiskFull(), "The disk is full. Free some space in the folder of PLUMBLINE_HOME, then try again."),
    (
        StorageFailed(reason="Read-only file system"),
        "The workspace's files cannot be used: Read-only file system. Check the disk and its permissions.",
    ),
    (
        InvalidDatabaseAddress(reason="no driver"),
        "The database address cannot be used: no driver. Set PLUMBLINE_DATABASE_URL to an address such as "
        "postgresql+psycopg://user@host/name, and install its driver.",
    ),
    (
        DatabaseFailed(address="sqlite:///a.db", reason="locked"),
        "The database sqlite:///a.db cannot be used: locked. Check that it is running, that its disk has room, and that no "
        "other program locks it.",
    ),
    (
        UnknownJob(kind="x", kinds=("profile", "training")),
        "There is no job called 'x'. Choose one of profile, training.",
    ),
    (
        OtherRunActive(kind="training"),
        "Another training job of this project is active. Stop it first, or wait until it has ended.",
    ),
    (RecordedFailure(reason="It failed.", remedy="Try again."), "It failed. Try again."),
    (DataFileMissing(path="a.csv", is_folder=False), "The data file a.csv does not exist. Check the path."),
    (DataFileMissing(path="a", is_folder=True), "The data file a is a folder. Check the path."),
    (
        DataFileForbidden(path="a.csv"),
        "The data file a.csv cannot be read: permission denied. Check its permissions.",
    ),
    (OutputIsFolder(path="out"), "out is a folder. Name a file to write."),
    (
        FolderNotWritable(path="out", reason="permission denied"),
        "The folder out cannot be used: permission denied. Choose another folder.",
    ),
    (
        LogNotWritable(path="a.jsonl", reason="Is a directory"),
        "a.jsonl cannot be written: Is a directory. Choose another folder.",
    ),
]


@pytest.mark.parametrize(("error", "text"), TEXTS, ids=lambda value: getattr(value, "code", ""))
def test_text(error: PlumblineError, text: str) -> None:
    assert str(error) == text


def test_kinds_without_facts_are_sentences() -> None:
    pinned = {type(error) for error, _ in TEXTS}
    for module in (core.errors.workspace, core.errors.command_line):
        kinds = [
            kind for kind in vars(module).values() if isinstance(kind, type) and kind.__module__ == module.__name__
        ]
        for kind in set(kinds) - pinned:
            error = kind()
            assert error.message.endswith(".") and error.hint.endswith("."), kind
            assert error.message[0].isupper() and error.hint[0].isupper(), kind
