"""Widgets made from the recipe's fields: range, default and help stand there once; a change is saved at once."""

from dataclasses import dataclass
from functools import partial
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

import annotated_types
import streamlit as st
from pydantic.fields import FieldInfo

from core.data.dataset import Dataset
from core.errors.model import PlumblineError, RecipeError
from core.ingest.series.no_time import ROW_NUMBER
from core.recipe.diff import say_changes, say_value
from core.recipe.model import Recipe, is_share, stops_of
from core.samples.prepare import tells_time
from core.text.escape import plain_text
from core.workspace.projects import Project
from pages.parts.frame import state

# Names to choose from, or the words for each of them.
Options = tuple[str, ...] | dict[str, str]

_OPEN = "Automatic"
_CHOICES = {
    "delimiter": (",", ";", "\t", "|", " "),
    "encoding": (
        *("utf-8", "utf-16", "utf-32", "cp1252", "latin-1", "cp1250", "cp1251", "cp1253", "cp1254"),
        *("gb18030", "big5", "shift_jis", "euc_kr"),
    ),
}
_NAMED = {
    True: "Yes",
    False: "No",
    "\t": "tab",
    ",": "comma ,",
    ";": "semicolon ;",
    "|": "bar |",
    " ": "blanks",
    ".": "point .",
}


@dataclass(frozen=True)
class _Box:
    """What a widget offers: the names to choose from, or the words for each, and what stands in it while it is empty."""

    options: Options = ()
    empty: str = _OPEN


def edit(
    project: Project,
    recipe: Recipe,
    section: str,
    *fields: str,
    options: Options = (),
    shown: dict[str, str | None] | None = None,
    found: dict[str, str] | None = None,
) -> None:
    """Draw one widget a field of a recipe section.

    `options` are the names that a field is chosen from, or the words for each. Where the recipe leaves a field open, `shown` is
    the value that was found for it, and `found` tells such a value in words, which stand in the empty box.
    """
    settings = getattr(recipe, section)
    for name in fields:
        value = getattr(settings, name)
        words = (found or {}).get(name)
        box = _Box(options, f"{_OPEN}: {words}" if words else _OPEN)
        _widget(project, section, name, (shown or {}).get(name) if value is None else value, box)


def edit_reading(project: Project, recipe: Recipe, data: Dataset | None) -> None:
    """Draw every setting of how the file is read; each changes the preview at once."""
    names = tuple(column.name for column in data.columns) if data else ()
    found = {} if data is None else _say_reading(data)
    first, second, third = st.columns(3)
    with first:
        edit(project, recipe, "ingest", "delimiter", "encoding", "decimal", found=found)
    with second:
        edit(project, recipe, "ingest", "header_line", "header_rows", "day_first", found=found)
    with third:
        edit(project, recipe, "ingest", "as_numbers", "sentinels", "zero_is_missing", "find_sentinels", options=names)
    if data is not None and (data.series_column or data.pivoted_by):
        edit(project, recipe, "ingest", "pivot")


def _say_reading(data: Dataset) -> dict[str, str]:
    """Return in words how a file was read, by the setting that would change it."""
    said = {name: _say_choice({}, getattr(data, name)) for name in ("delimiter", "encoding", "decimal")}
    said["header_line"] = "none" if data.header_line is None else f"line {data.header_line:,}"
    said["header_rows"] = f"{data.header_rows}"
    return said | ({"day_first": data.day_order} if data.day_order else {})


def edit_time(project: Project, recipe: Recipe, data: Dataset | None, found: str | None = None) -> None:
    """Draw which column tells the time; where none does, the rows can be counted, on the user's word."""
    names = tuple(column.name for column in data.columns) if data else ()
    edit(project, recipe, "ingest", "time_column", options=(*names, ROW_NUMBER), shown={"time_column": found})


def edit_roles(project: Project, recipe: Recipe, data: Dataset) -> None:
    """Draw which columns tell the time and the series, and which are ignored."""
    names = tuple(column.name for column in data.columns)
    # A count that nobody has asked for is not shown as if it were chosen: it could then not be chosen any more.
    edit_time(project, recipe, data, data.time_column if tells_time(data) else None)
    found = {"series_column": data.series_column}
    edit(project, recipe, "ingest", "series_column", "ignore", options=names, shown=found)


def edit_split(project: Project, recipe: Recipe) -> None:
    """Draw the two cuts between train, validation and test as one slider with two handles, in percent of the time stamps."""
    train, validation = recipe.split.train, recipe.split.validation
    cuts = (round(100 * train), round(100 * (train + validation)))
    st.slider(
        "Train, validation and test are cut at",
        min_value=5,
        max_value=95,
        step=1,
        format="%d %%",
        key="split",
        help="Shares of the time stamps. Left of the first handle is train, right of the second is the sealed test era.",
        on_change=_save_split,
        args=(project,),
        value=state.mirror("split", cuts),
    )


def _save_split(project: Project) -> None:
    first, second = state.value_of("split")
    shares = {"train": first / 100, "validation": (second - first) / 100, "test": (100 - second) / 100}
    dates = {"validation_from": None, "test_from": None}
    state.change(project, lambda recipe: recipe.change("split", **shares, **dates), say_changes)


def _widget(project: Project, section: str, name: str, value: object, box: _Box) -> None:
    field, options = _field(section, name), box.options
    kind, optional = _kind(field.annotation)
    key = f"{section}.{name}"
    common = {
        "label": field.title,
        "help": field.description,
        "key": key,
        "on_change": _save,
        "args": (project, section, name),
    }
    if stops_of(field):
        scale = sorted({*stops_of(field), float(value)})
        st.select_slider(
            options=scale,
            format_func=lambda number: say_value(field, number),
            value=state.mirror(key, float(value)),
            **common,
        )
    elif get_origin(kind) is Literal and not optional:
        st.segmented_control(
            options=list(get_args(kind)), required=True, format_func=_words, default=state.mirror(key, value), **common
        )
    elif kind is bool and not optional:
        st.toggle(value=state.mirror(key, value), **common)
    elif kind is str and not options and name not in _CHOICES:
        st.text_input(value=state.mirror(key, value or ""), **common)
    elif get_origin(kind) is Literal or kind in (bool, str):
        choices = list(get_args(kind)) or ([True, False] if kind is bool else list(_CHOICES.get(name, options)))
        if value is not None and value not in choices:
            choices.append(value)
        index = None if state.mirror(key, value) is None else choices.index(value)
        words = partial(_say_choice, options if isinstance(options, dict) else {})
        st.selectbox(options=choices, index=index, placeholder=box.empty, format_func=words, **common)
    elif kind is float:
        low, high = range_of(field)
        if is_share(field):
            step = 0.01 if high > 0.2 else 0.001
            st.slider(
                min_value=low,
                max_value=high,
                step=step,
                format="percent",
                value=state.mirror(key, float(value)),
                **common,
            )
        else:
            st.number_input(min_value=low, max_value=high, value=state.mirror(key, float(value)), **common)
    elif kind is int:
        low, high = range_of(field)
        st.number_input(
            min_value=int(low),
            max_value=int(high),
            step=1,
            placeholder=box.empty,
            value=state.mirror(key, value),
            **common,
        )
    elif _items(kind) is str:
        held = [item for item in value if item in options]
        st.multiselect(options=list(options), placeholder=_empty(field), default=state.mirror(key, held), **common)
    else:
        text = ", ".join(f"{item:g}" for item in value)
        st.text_input(placeholder="Numbers, separated by commas", value=state.mirror(key, text), **common)


def _save(project: Project, section: str, name: str) -> None:
    """Keep what the widget holds; a value that the recipe refuses is told on the next drawing."""
    try:
        save_field(project, section, name, _read(_field(section, name), state.value_of(f"{section}.{name}")))
    except PlumblineError as error:
        state.report_fault(error)


def save_field(project: Project, section: str, name: str, value: object) -> None:
    """Keep the value of one field; one that the recipe refuses is told on the next drawing."""
    state.change(project, lambda recipe: recipe.change(section, **{name: value}), say_changes)


def _field(section: str, name: str) -> FieldInfo:
    return type(getattr(Recipe(), section)).model_fields[name]


def _read(field: FieldInfo, held: object) -> object:
    kind, optional = _kind(field.annotation)
    if optional and held == "":
        return None
    if isinstance(held, list):
        return tuple(held)
    if isinstance(held, str) and get_origin(kind) is tuple and _items(kind) is not str:
        try:
            number = _items(kind)
            return tuple(number(part) for part in held.replace(";", ",").split(",") if part.strip())
        except ValueError as error:
            raise RecipeError(
                f"{field.title}: '{held}' is not a list of numbers.",
                "Write numbers separated by commas, such as 1, 5, 20.",
            ) from error
    return held


def _kind(annotation: object) -> tuple[object, bool]:
    """Return the type inside `X | None`, and whether None is allowed."""
    if get_origin(annotation) in (Union, UnionType):
        inner = [part for part in get_args(annotation) if part is not NoneType]
        return inner[0], True
    return annotation, False


def _empty(field: FieldInfo) -> str:
    """Return what an empty box of names means, as the field's help tells it."""
    meaning = (field.description or "").partition("Empty: ")[2]
    return meaning.rstrip(".").capitalize() or "None"


def _items(kind: object) -> object:
    item = get_args(kind)[0]
    return get_args(item)[0] if get_origin(item) is Annotated else item


def range_of(field: FieldInfo) -> tuple[float, float]:
    """Return the least and the largest value that a field may have."""
    low, high = 0.0, 1.0
    for mark in field.metadata:
        if isinstance(mark, annotated_types.Ge):
            low = float(mark.ge)
        elif isinstance(mark, annotated_types.Gt):
            low = float(mark.gt)
        elif isinstance(mark, annotated_types.Le):
            high = float(mark.le)
        elif isinstance(mark, annotated_types.Lt):
            high = float(mark.lt)
    return low, high


def _words(choice: str) -> str:
    return choice.replace("_", " ")


def _say_choice(words: dict[str, str], choice: str | bool) -> str:
    return words.get(choice) or _NAMED.get(choice) or plain_text(choice)
