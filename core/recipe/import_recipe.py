"""A recipe that comes from elsewhere, taken on for this file: what does not fit is named, the rest is applied."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from core.errors.model import RecipeError
from core.findings.model import Finding, Severity, legacy_finding
from core.recipe.model import Recipe, Settings
from core.recipe.unknown_names import say_absent

NAMES_OF_COLUMNS = ("keep", "drop", "clip_columns", "log", "difference", "returns")
# How the file is read stays as it is, since that is what the file at hand needs.
SECTIONS = tuple(name for name in Recipe.model_fields if name != "ingest")


@dataclass(frozen=True)
class Adopted:
    """A recipe with the settings of another, and findings on what did not fit."""

    recipe: Recipe
    findings: tuple[Finding, ...]


def adopt_recipe(content: bytes, recipe: Recipe, columns: Sequence[str], sections: Sequence[str] = SECTIONS) -> Adopted:
    """Return `recipe` with these sections as the JSON in `content` has them; what that leaves open gets its default.

    Settings that this version does not know, values out of range and names that are not among the `columns` are named and
    passed over. Raises `RecipeError` where the content is no recipe at all.

    Examples
    --------
    >>> other = b'{"cleaning": {"max_bad_ratio": 0.1, "drop": ["vix"], "max_age": 3}}'
    >>> adopted = adopt_recipe(other, Recipe(), ["close"])
    >>> adopted.recipe.cleaning.max_bad_ratio, adopted.recipe.cleaning.drop
    (0.1, ())
    >>> [finding.code for finding in adopted.findings]
    ['setting-passed-over', 'absent-columns']
    """
    document = _read(content)
    settings, findings = {}, []
    for section in sections:
        if section in document:
            settings[section], refused = _take(section, document[section], type(getattr(recipe, section)))
            findings += refused
    absent: tuple[Finding, ...] = ()
    if "cleaning" in settings:
        cleaning, present = settings["cleaning"], set(columns)
        named = {field: getattr(cleaning, field) for field in NAMES_OF_COLUMNS}
        titles = {field: type(cleaning).model_fields[field].title or field for field in named}
        absent = say_absent({titles[field]: names for field, names in named.items()}, columns)
        fitting = {field: tuple(name for name in names if name in present) for field, names in named.items()}
        settings["cleaning"] = cleaning.model_copy(update=fitting)
    return Adopted(recipe.model_copy(update=settings), (*findings, *absent))


def _read(content: bytes) -> dict[str, object]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RecipeError("This file is no recipe: it is not JSON.", "Choose a recipe.json of a project.") from error
    if not isinstance(document, dict) or not {*document} & {*Recipe.model_fields}:
        raise RecipeError("This file is no recipe: it has none of its sections.", "Choose a recipe.json of a project.")
    return document


def _take(section: str, given: object, kind: type[Settings]) -> tuple[Settings, list[Finding]]:
    """Return a section with all the values that can be taken, and a finding on each that cannot."""
    if not isinstance(given, dict):
        return kind(), [_pass_over(section, "it is no group of settings")]
    values, findings = dict(given), []
    while True:
        try:
            return kind.model_validate_json(json.dumps(values)), findings
        except ValidationError as error:
            fault = error.errors()[0]
        if not fault["loc"]:
            # Its values contradict each other: none of them can be told to be the wrong one.
            return kind(), [*findings, _pass_over(section, fault["msg"].removeprefix("Value error, "))]
        name = str(fault["loc"][0])
        del values[name]
        unknown = fault["type"] == "extra_forbidden"
        why = "this version has no such setting" if unknown else f"{fault['msg']}; found {fault['input']!r:.60}"
        findings.append(_pass_over(f"{section}.{name}", why))


def _pass_over(what: str, why: str) -> Finding:
    return legacy_finding("setting-passed-over", Severity.WARNING, f"'{what}' of the recipe is passed over", f"{why}.")
