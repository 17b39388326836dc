"""The SHA-256 of files that are still growing: worked out while they arrive, so that nobody waits for it at their end."""

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
    """The fingerprint of a file, and what the file looked like then: whoever writes to it changes that too."""

    fingerprint: str
    size: int
    inode: int
    changed: int

    def holds(self, now: os.stat_result) -> bool:
        """Return whether the file is still the one whose fingerprint this is."""
        return (self.size, self.inode, self.changed) == (now.st_size, now.st_ino, now.st_ctime_ns)


def hash_arrived(path: Path, file: BinaryIO, end: int) -> str:
    """Return the SHA-256 of the first `end` bytes of a file that only grows, open as `file` and held against other writers.

    What was hashed before is remembered, and what came since is read back from the disk: a piece that another server wrote,
    or that came before this one was started, counts like any other. Raises `OSError` where it cannot be read.
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
    """Return the fingerprint of a file that is whole together with what the file looks like; its running hash is let go of."""
    forget(path)
    now = os.fstat(file.fileno())
    return Sealed(fingerprint=fingerprint, size=now.st_size, inode=now.st_ino, changed=now.st_ctime_ns)


def forget(path: Path) -> None:
    """Let go of the running hash of a file."""
    with _guard:
        _running.pop(path, None)
