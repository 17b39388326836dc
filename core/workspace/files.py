"""A user's file, copied into the workspace byte for byte."""

import errno
import hashlib
import os
import shutil
from pathlib import Path
from typing import BinaryIO

from core.errors import WorkspaceError

_CHUNK = 1 << 20


def copy_whole(content: BinaryIO | Path, target: Path) -> tuple[int, str]:
    """Return the size and the SHA-256 of a file copied to `target`, which is there whole or not at all.

    Raises `WorkspaceError` when the file cannot be read, or the disk has no room for it.
    """
    if isinstance(content, Path):
        try:
            with content.open("rb") as file:
                return copy_whole(file, target)
        except OSError as error:
            raise WorkspaceError(f"The file {content} cannot be read: {error.strerror}.", "Check the path.") from error
    try:
        target.parent.mkdir(parents=True)
        draft = target.with_name(f"{target.name}.draft")
        size, digest = 0, hashlib.sha256()
        with draft.open("xb") as file:
            while chunk := content.read(_CHUNK):
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
        _sync_folder(target.parent)
    except BaseException as error:
        shutil.rmtree(target.parent, ignore_errors=True)
        if isinstance(error, OSError):
            raise explain_storage(error) from error
        raise
    return size, digest.hexdigest()


def explain_storage(error: OSError) -> WorkspaceError:
    """Return what to tell the user when a file of the workspace cannot be written or read.

    Examples
    --------
    >>> explain_storage(OSError(errno.ENOSPC, "No space left on device")).message
    'The disk is full.'
    """
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return WorkspaceError("The disk is full.", "Make room where PLUMBLINE_HOME lies, then try again.")
    return WorkspaceError(
        f"The workspace's files cannot be used: {error.strerror or error}.", "Check the disk and its permissions."
    )


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
