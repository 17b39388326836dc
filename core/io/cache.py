"""Results cached as JSON files, one per key, so no step is computed twice for the same inputs."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from core.io.atomic import write_atomically
from core.io.json import from_json, to_json

Result = TypeVar("Result")


class Cache:
    """The results of one project, as files `<step>-<key>.json` in `folder`; None caches nothing.

    A file that cannot be read as the requested type, because it is damaged or outdated, counts as missing. Its first line is
    the SHA-256 of the rest.

    Examples
    --------
    >>> Cache(None).fetch("sum", "12ab", int, lambda: 1 + 1)
    2
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    def fetch(self, step: str, key: str, kind: type[Result], make: Callable[[], Result]) -> Result:
        """Return the cached result of a step, or call `make` and cache its result."""
        found = self.find(step, key, kind)
        if found is not None:
            return found
        result = make()
        self.keep(step, key, result)
        return result

    def keep(self, step: str, key: str, result: object) -> None:
        """Keep a step's result under `key`."""
        if self.folder is not None:
            content = to_json(result)
            write_atomically(self._file(self.folder, step, key), _checksum(content) + b"\n" + content)

    def find(self, step: str, key: str, kind: type[Result]) -> Result | None:
        """Return the cached result of a step, or None."""
        if self.folder is None:
            return None
        try:
            checksum, _, content = self._file(self.folder, step, key).read_bytes().partition(b"\n")
            return from_json(kind, content) if checksum == _checksum(content) else None
        except (FileNotFoundError, ValidationError):
            return None

    def has(self, step: str, key: str) -> bool:
        """Return whether the step has a result under this key, without reading it."""
        return self.folder is not None and self._file(self.folder, step, key).exists()

    def has_other(self, step: str, key: str) -> bool:
        """Return whether the step has a result under another key, so an input of it has changed since."""
        if self.folder is None:
            return False
        files = self.folder.glob(f"{step}-*.json")
        return any(file.stem.rpartition("-")[0] == step and file.stem != f"{step}-{key}" for file in files)

    def _file(self, folder: Path, step: str, key: str) -> Path:
        return folder / f"{step}-{key}.json"


def _checksum(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
