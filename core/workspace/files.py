"""Users' files, copied or moved into the workspace byte for byte."""

import errno
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from core.errors.model import WorkspaceError
from core.errors.workspace import DiskFull, FileNotReadable, NoRoom, StorageFailed

# The endings of files that are offered for choice; what is inside decides how they are read.
FILE_TYPES = ("csv", "tsv", "txt", "dat", "gz", "zip", "xz", "bz2", "zst", "parquet", "xlsx")
# Bytes that stay free whatever comes in, for the database and for results.
SPARE = 512_000_000

_CHUNK = 1 << 20


def home_folder() -> Path:
    """Return the workspace folder: `PLUMBLINE_HOME`, or `.plumbline` in the current folder."""
    return Path(os.environ.get("PLUMBLINE_HOME") or ".plumbline").absolute()


def _nobody(_copied: int) -> None:
    """Ignore how much was copied."""


def copy_whole(content: BinaryIO | Path, target: Path, watch: Callable[[int], None] = _nobody) -> tuple[int, str]:
    """Copy a file to `target` atomically; return its size and SHA-256.

    `watch` receives the number of bytes copied so far, and may raise to end the copy.

    Raises `WorkspaceError` if the file cannot be read or the disk is full.
    """
    if isinstance(content, Path):
        try:
            with content.open("rb") as file:
                return copy_whole(file, target, watch)
        except OSError as error:
            raise FileNotReadable(path=str(content), reason=error.strerror or "unknown") from error
    try:
        target.parent.mkdir(parents=True)
        draft = target.with_name(f"{target.name}.draft")
        size, digest = 0, hashlib.sha256()
        with draft.open("xb") as file:
            while chunk := content.read(_CHUNK):
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
                watch(size)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
        _sync_folder(target.parent)
    except BaseException as error:
        shutil.rmtree(target.parent, ignore_errors=True)
        if isinstance(error, OSError):
            raise storage_error(error) from error
        raise
    return size, digest.hexdigest()


def move_whole(path: Path, target: Path, fingerprint: str | None = None) -> tuple[int, str]:
    """Rename a file of the workspace to `target`, without a copy; return its size and SHA-256.

    A known SHA-256 as `fingerprint` saves reading the file. Raises `WorkspaceError` if the file does not exist or cannot be
    renamed; then nothing has changed.
    """
    try:
        with path.open("rb") as file:
            digest = fingerprint or hashlib.file_digest(file, "sha256").hexdigest()
            size = file.seek(0, os.SEEK_END)
        target.parent.mkdir(parents=True)
        path.replace(target)
        _sync_folder(target.parent)
    except OSError as error:
        shutil.rmtree(target.parent, ignore_errors=True)
        raise storage_error(error) from error
    return size, digest


def require_room(folder: Path, size: int) -> None:
    """Raise `NoRoom` unless the disk of `folder` has room for `size` bytes more."""
    try:
        free = shutil.disk_usage(folder).free - SPARE
    except OSError as error:
        raise storage_error(error) from error
    if size > free:
        raise NoRoom(needed=size, free=max(0, free))


def storage_error(error: OSError, folder: Path | None = None, needed: int = 0) -> WorkspaceError:
    """Return the error to show if a file of the workspace cannot be read or written.

    Parameters
    ----------
    error
        What the operating system said.
    folder, needed
        A folder on the disk, and about how many bytes it should have room for, if they are known.

    Examples
    --------
    >>> storage_error(OSError(errno.ENOSPC, "No space left on device")).message
    'The disk is full.'
    """
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull(needed=needed, free=_free(folder)) if folder and needed else DiskFull()
    return StorageFailed(reason=str(error.strerror or error))


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
