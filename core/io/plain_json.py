"""Frozen dataclasses from JSON by their type hints alone, where pydantic is not installed."""

from dataclasses import fields, is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

Result = TypeVar("Result")


def from_plain(kind: type[Result], document: Any) -> Result:
    """Return the `kind` that a JSON document describes; fields that the kind does not have are left out.

    Raises `ValueError` if a value does not fit its hint, and `KeyError` if a field without a default is missing.

    Examples
    --------
    >>> from core.data.columns import Roles
    >>> from_plain(Roles, {"time": "date", "series": None, "target": "close", "new": 1})
    Roles(time='date', series=None, target='close')
    """
    built: Result = _build(kind, document)
    return built


def _build(hint: Any, value: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _build(arguments[0], value)
    if origin in (Union, UnionType):
        if value is None and NoneType in arguments:
            return None
        return _build(next(each for each in arguments if each is not NoneType), value)
    if origin is Literal:
        return _require(value, value in arguments, hint)
    if origin is tuple:
        _require(value, isinstance(value, list), hint)
        if arguments[-1] is Ellipsis:
            return tuple(_build(arguments[0], each) for each in value)
        return tuple(_build(each, part) for each, part in zip(arguments, value, strict=True))
    if origin is dict:
        _require(value, isinstance(value, dict), hint)
        return {key: _build(arguments[1], each) for key, each in value.items()}
    if is_dataclass(hint):
        _require(value, isinstance(value, dict), hint)
        hints = get_type_hints(hint)
        given = [field.name for field in fields(hint) if field.init and field.name in value]
        return hint(**{name: _build(hints[name], value[name]) for name in given})  # type: ignore[operator]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    if hint is float:
        return float(_require(value, isinstance(value, int | float) and not isinstance(value, bool), hint))
    return _require(value, isinstance(value, hint), hint)


def _require(value: Any, fits: bool, hint: Any) -> Any:
    if not fits:
        raise ValueError(f"{value!r} is no {getattr(hint, '__name__', hint)}")
    return value
