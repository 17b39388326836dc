"""The SHA-256 of files that are still arriving, computed along the way."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import BinaryIO

_MOST = 64
_PIECE = 1 << 20


@dataclass
class _Running:
    """The hash of the first `size` bytes of a file."""

    size: int = 0
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)


_running: dict[Path, _Running] = {}
_guard = Lock()


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """The fingerprint of a file, with its size and times then, which any later write changes."""

    fingerprint: str
    size: int
    inode: int
    changed: int

    def holds(self, now: os.stat_result) -> bool:
        """Return whether the file has not changed since."""
        return (self.size, self.inode, self.changed) == (now.st_size, now.st_ino, now.st_ctime_ns)


def hash_arrived(path: Path, file: BinaryIO, end: int) -> str:
    """Return the SHA-256 of the first `end` bytes of a growing file, open and locked as `file`.

    The hash so far is kept in memory; newer bytes are read from disk, whichever server wrote them. Raises `OSError` if the file
    cannot be read.
    """
    with _guard:
        running = _running.pop(path, None)
    if running is None or running.size > end:
        running = _Running()
    file.seek(running.size)
    while running.size < end:
        piece = file.read(min(_PIECE, end - running.size))
        if not piece:
            raise OSError(None, "the file is shorter than it was")
        running.digest.update(piece)
        running.size += len(piece)
    with _guard:
        _running[path] = running
        while len(_running) > _MOST:
            del _running[next(iter(_running))]
    return running.digest.hexdigest()


def seal(path: Path, file: BinaryIO, fingerprint: str) -> Sealed:
    """Return the fingerprint of a complete file with its size and times; drop its running hash."""
    forget(path)
    now = os.fstat(file.fileno())
    return Sealed(fingerprint=fingerprint, size=now.st_size, inode=now.st_ino, changed=now.st_ctime_ns)


def forget(path: Path) -> None:
    """Drop the running hash of a file."""
    with _guard:
        _running.pop(path, None)
