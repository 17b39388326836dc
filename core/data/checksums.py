"""Checksums of the stored files of a data set, so a bit that flips on the disk is detected."""

import hashlib
from pathlib import Path

from pydantic import ValidationError

from core.io.json import from_json, write_json

CHECKSUMS_FILE = "checksums.json"


def write_checksums(folder: Path) -> None:
    """Record the SHA-256 of every file of a data set; the last thing that is written."""
    files = sorted(path for path in folder.iterdir() if path.name != CHECKSUMS_FILE and not path.name.startswith("."))
    write_json(folder / CHECKSUMS_FILE, {path.name: _digest(path) for path in files})


def is_sound(folder: Path) -> bool:
    """Return whether every file of a data set is as it was written; False without a record of it."""
    try:
        recorded = from_json(dict[str, str], (folder / CHECKSUMS_FILE).read_bytes())
        return bool(recorded) and all(_digest(folder / name) == digest for name, digest in recorded.items())
    except (OSError, ValueError, ValidationError):
        return False


def stored_bytes(folder: Path) -> int:
    """Return the size of a data set on the disk."""
    return sum(path.stat().st_size for path in folder.iterdir())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
