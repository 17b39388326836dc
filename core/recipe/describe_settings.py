"""Every setting of the recipe as text: what the pages of `docs` print."""

import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, Union, get_args, get_origin

import annotated_types
from pydantic.fields import FieldInfo

from core.recipe.diff import format_setting
from core.recipe.model import Recipe, is_share


@dataclass(frozen=True, kw_only=True)
class SettingDescription:
    """A setting as text: its keys in a recipe file, title, default, accepted values, help."""

    section: str
    field: str
    title: str
    default: str
    allowed: str
    description: str


def describe_settings() -> Iterator[SettingDescription]:
    """Yield every setting, in the order of the steps.

    Examples
    --------
    >>> found = {f"{setting.section}.{setting.field}": setting for setting in describe_settings()}
    >>> found["cleaning.max_bad_ratio"].default, found["cleaning.max_bad_ratio"].allowed
    ('30%', '0% to 100%')
    >>> found["training.units"].allowed, found["split.train"].allowed
    ('1 to 4 integers, each 1 to 1,024', 'above 0%, below 100%')
    """
    for section in Recipe.model_fields:
        for name, field in type(getattr(Recipe(), section)).model_fields.items():
            yield SettingDescription(
                section=section,
                field=name,
                title=field.title or name,
                default=format_setting(field, field.get_default(call_default_factory=True)),
                allowed=_describe_type(field.annotation, field.metadata, field),
                description=field.description or "",
            )


def _describe_type(annotation: object, bounds: list[object], field: FieldInfo) -> str:
    """Return the values of a type as text, `bounds` being its limits."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _describe_type(arguments[0], [bound for extra in arguments[1:] for bound in _bounds_of(extra)], field)
    if origin in (Union, types.UnionType):
        return " or ".join(_describe_type(part, bounds, field) for part in arguments)
    if origin is Literal:
        return ", ".join(f'"{value}"' for value in arguments)
    if origin is tuple:
        return _describe_list(arguments[0], bounds, field)
    if origin is dict:
        return f"an entry per column: {_describe_type(arguments[1], bounds, field)}"
    if annotation is types.NoneType:
        return "automatic"
    if annotation is bool:
        return "yes, no"
    if annotation in (int, float):
        return _describe_range(bounds, field) or ("an integer" if annotation is int else "a number")
    return "text"


def _describe_list(item: object, bounds: list[object], field: FieldInfo) -> str:
    least = next((bound.min_length for bound in bounds if isinstance(bound, annotated_types.MinLen)), None)
    most = next((bound.max_length for bound in bounds if isinstance(bound, annotated_types.MaxLen)), None)
    count = "" if most is None else f"{least or 0} to {most} "
    if item is str:
        return f"{count}names"
    if get_origin(item) is Literal:
        return f"any of {_describe_type(item, [], field)}"
    numbers = "numbers" if item is float else "integers"
    return f"{count}{numbers}" + ("" if item in (int, float) else f", each {_describe_type(item, [], field)}")


def _describe_range(bounds: list[object], field: FieldInfo) -> str:
    limits = {
        sign: value
        for bound in bounds
        for sign in ("ge", "gt", "le", "lt")
        if isinstance(value := getattr(bound, sign, None), int | float)
    }
    texts = {sign: f"{100 * value:g}%" if is_share(field) else f"{value:,}" for sign, value in sorted(limits.items())}
    if {*texts} == {"ge", "le"}:
        return f"{texts['ge']} to {texts['le']}"
    words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    return ", ".join(f"{words[sign]} {text}" for sign, text in texts.items())


def _bounds_of(extra: object) -> list[object]:
    """Return the limits that an annotation declares: a pydantic field's, or itself."""
    return list(extra.metadata) if isinstance(extra, FieldInfo) else [extra]
