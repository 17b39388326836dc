"""Widgets generated from recipe fields: the field holds range, default and help; a change is saved at once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypedDict, Union, get_args, get_origin

import annotated_types
import streamlit as st
from pydantic.fields import FieldInfo

from core.data.dataset import Dataset
from core.data.eras import Eras, cut_eras
from core.errors.model import PlumblineError
from core.errors.pages import NotNumbers
from core.findings.ingest.rows import ROW_NUMBER
from core.recipe.diff import describe_changes, format_setting
from core.recipe.model import Recipe, is_share, stops_of
from core.samples.prepare import has_time_column
from core.text.escape import plain_text
from core.workspace.projects import Project
from pages.parts.frame import state

# Values to choose from, or their labels by value.
Options = tuple[str, ...] | dict[str, str]

_AUTOMATIC = "Automatic"
_CUTS = ("validation_from", "test_from")
_CHOICES = {
    "delimiter": (",", ";", "\t", "|", " "),
    "encoding": (
        *("utf-8", "utf-16", "utf-32", "cp1252", "latin-1", "cp1250", "cp1251", "cp1253", "cp1254"),
        *("gb18030", "big5", "shift_jis", "euc_kr"),
    ),
}
_LABELS: dict[str | bool, str] = {
    True: "Yes",
    False: "No",
    "\t": "tab",
    ",": "comma ,",
    ";": "semicolon ;",
    "|": "pipe |",
    " ": "space",
    ".": "point .",
}


@dataclass(frozen=True)
class _Selection:
    """What a widget offers: its options, and the text of the empty box."""

    options: Options = ()
    placeholder: str = _AUTOMATIC


class _Common(TypedDict):
    """The arguments that every widget of a field takes."""

    label: str
    help: str | None
    key: str
    on_change: Callable[[Project, str, str], None]
    args: tuple[Project, str, str]


def edit(
    project: Project,
    recipe: Recipe,
    section: str,
    *fields: str,
    options: Options = (),
    inferred: Mapping[str, str | None] | None = None,
    placeholders: Mapping[str, str] | None = None,
) -> None:
    """Draw one widget for each of the fields of a recipe section.

    Parameters
    ----------
    project, recipe, section, fields
        What to edit; a change is saved to the project at once.
    options
        The names that a field is chosen from, or their labels by name.
    inferred
        By field, the value to show if the recipe leaves the field automatic.
    placeholders
        By field, the text of what was inferred, to show in the empty box.
    """
    settings = getattr(recipe, section)
    for name in fields:
        value = getattr(settings, name)
        text = (placeholders or {}).get(name)
        selection = _Selection(options, f"{_AUTOMATIC}: {text}" if text else _AUTOMATIC)
        _draw_widget(project, section, name, (inferred or {}).get(name) if value is None else value, selection)


def edit_reading(project: Project, recipe: Recipe, data: Dataset | None) -> None:
    """Draw every setting of how the file is read; each changes the preview at once."""
    names = tuple(column.name for column in data.columns) if data else ()
    found = {} if data is None else _reading_labels(data)
    first, second, third = st.columns(3)
    with first:
        edit(project, recipe, "ingest", "delimiter", "encoding", "decimal", placeholders=found)
    with second:
        edit(project, recipe, "ingest", "header_line", "header_rows", "transpose", "day_first", placeholders=found)
    with third:
        edit(
            project,
            recipe,
            "ingest",
            "as_numbers",
            "thirty_seconds",
            "sentinels",
            "zero_is_missing",
            "find_sentinels",
            options=names,
        )
    if data is not None and (data.series_column or data.pivoted_by):
        edit(project, recipe, "ingest", "pivot")


def _reading_labels(data: Dataset) -> dict[str, str]:
    """Return how a file was read, as text by the field that would change it."""
    labels = {name: _choice_label({}, getattr(data, name)) for name in ("delimiter", "encoding", "decimal")}
    labels["header_line"] = "none" if data.header_line is None else f"line {data.header_line:,}"
    labels["header_rows"] = f"{data.header_rows}"
    return labels | ({"day_first": data.day_order} if data.day_order else {})


def edit_time(project: Project, recipe: Recipe, data: Dataset | None, inferred: str | None = None) -> None:
    """Draw the choice of the time column, or of a row number that replaces it."""
    names = tuple(column.name for column in data.columns) if data else ()
    edit(project, recipe, "ingest", "time_column", options=(*names, ROW_NUMBER), inferred={"time_column": inferred})


def edit_roles(project: Project, recipe: Recipe, data: Dataset) -> None:
    """Draw the choice of the time column, the series column and the ignored columns."""
    names = tuple(column.name for column in data.columns)
    # Don't preselect the implicit row counter, or the user could not choose it explicitly.
    edit_time(project, recipe, data, data.time_column if has_time_column(data) else None)
    inferred = {"series_column": data.series_column}
    edit(project, recipe, "ingest", "series_column", "ignore", options=names, inferred=inferred)


def edit_split(project: Project, recipe: Recipe, data: Dataset, eras: Eras) -> None:
    """Draw the split as one slider with two handles, in percent of the time stamps, and as two dates unless rows are counted."""
    split = recipe.split
    cuts = (round(100 * split.train), round(100 * (split.train + split.validation)))
    if split.validation_from is not None:
        train, validation, test = eras.rows
        shares = (train / (train + validation + test), (train + validation) / (train + validation + test))
        first, second = (min(95, max(5, round(100 * share))) for share in shares)
        cuts = (first, second)
    st.slider(
        "Train / validation / test split",
        min_value=5,
        max_value=95,
        step=1,
        format="%d%%",
        key="split",
        help="Shares of the time stamps. The train era ends at the first handle; the test era starts at the second.",
        on_change=_save_split,
        args=(project,),
        value=state.sync_widget("split", cuts),
    )
    if data.is_counted:
        return
    begin, end = (date.fromisoformat(stamp[:10]) for stamp in (eras.start, eras.end))
    for place, name in zip(st.columns(2), _CUTS, strict=True):
        field = _field("split", name)
        shown = min(max(date.fromisoformat(getattr(eras, name)[:10]), begin), end)
        place.date_input(
            field.title or name,
            min_value=begin,
            max_value=end,
            format="YYYY-MM-DD",
            key=f"split.{name}",
            help=field.description,
            on_change=_save_cuts,
            args=(project, data, eras, name),
            value=state.sync_widget(f"split.{name}", shown),
        )


def _save_split(project: Project) -> None:
    first, second = state.widget_value("split")
    shares = {"train": first / 100, "validation": (second - first) / 100, "test": (100 - second) / 100}
    dates = {"validation_from": None, "test_from": None}
    state.change_recipe(project, lambda recipe: recipe.change("split", **shares, **dates), describe_changes)


def _save_cuts(project: Project, data: Dataset, eras: Eras, name: str) -> None:
    """Save the date of one cut, and the other as it is shown; refuse dates that leave an era without rows."""
    cuts: dict[str, object] = {cut: getattr(eras, cut)[:10] for cut in _CUTS} | {
        name: str(state.widget_value(f"split.{name}"))
    }
    try:
        settings = state.workspace().recipe(project.id).change("split", **cuts).split
        cut_eras(data.read([data.time_column])[data.time_column], settings)
    except PlumblineError as error:
        state.set_pending_error(error)
        return
    state.change_recipe(project, lambda recipe: recipe.change("split", **cuts), describe_changes)


def _draw_widget(project: Project, section: str, name: str, value: object, selection: _Selection) -> None:
    """Draw the widget that suits the type of a field."""
    field = _field(section, name)
    kind, optional = _unwrap_optional(field.annotation)
    choices = _choices(name, kind, selection.options)
    common = _Common(
        label=field.title or name,
        help=field.description,
        key=f"{section}.{name}",
        on_change=_save,
        args=(project, section, name),
    )
    if stops_of(field):
        _draw_stops(field, _number(value), common)
    elif kind is bool and not optional:
        st.toggle(value=state.sync_widget(common["key"], bool(value)), **common)
    elif get_origin(kind) is Literal and not optional:
        _draw_segments(choices, str(value), common)
    elif kind is str and not choices:
        st.text_input(value=state.sync_widget(common["key"], str(value or "")), **common)
    elif get_origin(kind) is Literal or kind in (bool, str):
        _draw_selectbox(choices, value, selection, common)
    elif kind is float:
        _draw_float(field, _number(value), common)
    elif kind is int:
        _draw_integer(field, None if value is None else int(_number(value)), selection, common)
    elif _item_type(kind) is str:
        _draw_multiselect(field, [str(item) for item in _items(value)], selection, common)
    else:
        text = ", ".join(f"{item:g}" for item in _items(value))
        default = state.sync_widget(common["key"], text)
        st.text_input(placeholder="Numbers, separated by commas", value=default, **common)


def _choices(name: str, kind: object, options: Options) -> list[str | bool]:
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    return [True, False] if kind is bool else list(_CHOICES.get(name, options))


def _draw_stops(field: FieldInfo, value: float, common: _Common) -> None:
    st.select_slider(
        options=sorted({*stops_of(field), value}),
        format_func=lambda number: format_setting(field, number),
        value=state.sync_widget(common["key"], value),
        **common,
    )


def _draw_segments(choices: list[str | bool], value: str, common: _Common) -> None:
    st.segmented_control(
        options=choices,
        required=True,
        format_func=lambda choice: str(choice).replace("_", " "),
        default=state.sync_widget(common["key"], value),
        **common,
    )


def _draw_selectbox(choices: list[str | bool], value: object, selection: _Selection, common: _Common) -> None:
    chosen = value if isinstance(value, str | bool) else None
    if chosen is not None and chosen not in choices:
        choices = [*choices, chosen]
    state.sync_widget(common["key"], chosen)
    labels = selection.options if isinstance(selection.options, dict) else {}
    st.selectbox(
        options=choices,
        index=None if chosen is None else choices.index(chosen),
        placeholder=selection.placeholder,
        format_func=partial(_choice_label, labels),
        **common,
    )


def _draw_float(field: FieldInfo, value: float, common: _Common) -> None:
    low, high = range_of(field)
    shown = state.sync_widget(common["key"], value)
    if is_share(field):
        step = 0.01 if high > 0.2 else 0.001
        st.slider(min_value=low, max_value=high, step=step, format="percent", value=shown, **common)
    else:
        st.number_input(min_value=low, max_value=high, value=shown, **common)


def _draw_integer(field: FieldInfo, value: int | None, selection: _Selection, common: _Common) -> None:
    low, high = range_of(field)
    st.number_input(
        min_value=int(low),
        max_value=int(high),
        step=1,
        placeholder=selection.placeholder,
        value=state.sync_widget(common["key"], value),
        **common,
    )


def _draw_multiselect(field: FieldInfo, names: list[str], selection: _Selection, common: _Common) -> None:
    known = [name for name in names if name in selection.options]
    default = state.sync_widget(common["key"], known)
    labels = selection.options if isinstance(selection.options, dict) else {}
    st.multiselect(
        options=list(selection.options),
        format_func=lambda name: labels.get(name, name),
        placeholder=_meaning_of_empty(field),
        default=default,
        **common,
    )


def _number(value: object) -> float:
    if isinstance(value, int | float):
        return float(value)
    raise TypeError(f"not a number: {value!r}")


def _items(value: object) -> Iterable[Any]:
    return value if isinstance(value, Iterable) else ()


def _save(project: Project, section: str, name: str) -> None:
    """Save what the widget holds; the next run of the page shows why a value was refused."""
    try:
        save_field(project, section, name, _parse(_field(section, name), state.widget_value(f"{section}.{name}")))
    except PlumblineError as error:
        state.set_pending_error(error)


def save_field(project: Project, section: str, name: str, value: object) -> None:
    """Save the value of one field; the next run of the page shows why it was refused."""
    state.change_recipe(project, lambda recipe: recipe.change(section, **{name: value}), describe_changes)


def _field(section: str, name: str) -> FieldInfo:
    return type(getattr(Recipe(), section)).model_fields[name]


def _parse(field: FieldInfo, value: object) -> object:
    kind, optional = _unwrap_optional(field.annotation)
    if optional and value == "":
        return None
    if isinstance(value, list):
        return tuple(value)
    item = _item_type(kind) if get_origin(kind) is tuple else None
    if isinstance(value, str) and item in (int, float):
        number = int if item is int else float
        try:
            return tuple(number(part) for part in value.replace(";", ",").split(",") if part.strip())
        except ValueError as error:
            raise NotNumbers(setting=field.title or "", text=value) from error
    return value


def _unwrap_optional(annotation: object) -> tuple[object, bool]:
    """Return the type inside `X | None`, and whether None is allowed."""
    if get_origin(annotation) in (Union, UnionType):
        inner = [part for part in get_args(annotation) if part is not NoneType]
        return inner[0], True
    return annotation, False


def _meaning_of_empty(field: FieldInfo) -> str:
    """Return what an empty list of names means, as the field's help describes it."""
    meaning = (field.description or "").partition("Empty: ")[2]
    return meaning.rstrip(".").capitalize() or "None"


def _item_type(kind: object) -> object:
    item = get_args(kind)[0]
    return get_args(item)[0] if get_origin(item) is Annotated else item


def range_of(field: FieldInfo) -> tuple[float, float]:
    """Return the lowest and the highest value that a field may have."""
    low, high = 0.0, 1.0
    for bound in field.metadata:
        if isinstance(bound, annotated_types.Ge):
            low = _number(bound.ge)
        elif isinstance(bound, annotated_types.Gt):
            low = _number(bound.gt)
        elif isinstance(bound, annotated_types.Le):
            high = _number(bound.le)
        elif isinstance(bound, annotated_types.Lt):
            high = _number(bound.lt)
    return low, high


def _choice_label(labels: Mapping[str, str], choice: str | bool) -> str:
    return labels.get(str(choice)) or _LABELS.get(choice) or plain_text(str(choice))
