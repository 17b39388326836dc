"""Frozen dataclasses to JSON and back."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter

from core.io.atomic import write_atomically

Result = TypeVar("Result")


_ADAPTERS: dict[type, TypeAdapter[Any]] = {}


def _adapter(kind: type[Result]) -> TypeAdapter[Result]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def to_json(result: object, indent: int | None = None) -> bytes:
    """Return a dataclass or plain JSON types as JSON; NaN becomes null.

    Examples
    --------
    >>> to_json({"mean": float("nan")})
    b'{"mean":null}'
    """
    return _adapter(type(result)).dump_json(result, indent=indent)


def from_json(kind: type[Result], text: bytes | str) -> Result:
    """Return the `kind` that `to_json` wrote; raises `pydantic.ValidationError` for other text."""
    return _adapter(kind).validate_json(text)


def write_json(path: Path, result: object) -> None:
    """Write a result as indented JSON, atomically."""
    write_atomically(path, to_json(result, indent=2))
