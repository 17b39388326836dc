"""Frozen results to JSON and back, and files that are written whole or not at all."""

import hashlib
import os
import threading
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

Result = TypeVar("Result")


@cache
def _adapter(kind: type[Result]) -> TypeAdapter[Result]:
    return TypeAdapter(kind)


def to_json(result: object, indent: int | None = None) -> bytes:
    """Return a frozen dataclass (or plain JSON types) as JSON; a number that does not exist becomes null.

    Examples
    --------
    >>> to_json({"mean": float("nan")})
    b'{"mean":null}'
    """
    return _adapter(type(result)).dump_json(result, indent=indent)


def from_json(kind: type[Result], text: bytes | str) -> Result:
    """Return the result of type `kind` that `to_json` wrote; raises `pydantic.ValidationError` on anything else."""
    return _adapter(kind).validate_json(text)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader, or a crash, sees the old content or the new, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.draft")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_json(path: Path, result: object) -> None:
    """Write a result as indented JSON, whole or not at all."""
    write_whole(path, to_json(result, indent=2))


def fingerprint_of(*parts: object) -> str:
    """Return a key of 16 hexadecimal digits for settings and fingerprints: equal parts, equal key.

    Examples
    --------
    >>> fingerprint_of("abc", 1) == fingerprint_of("abc", 1) != fingerprint_of("abc", 2)
    True
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(to_json(part))
        digest.update(b"\x00")
    return digest.hexdigest()[:16]
