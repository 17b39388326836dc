"""Import of another project's recipe: what does not fit this file is reported."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from core.errors.recipe import NotARecipe
from core.findings.model import Finding
from core.findings.recipe import SettingPassedOver
from core.recipe.model import CleaningSettings, Recipe, Settings
from core.recipe.unknown_names import check_unknown_names

Section = TypeVar("Section", bound=Settings)

_COLUMN_FIELDS = ("keep", "drop", "clip_columns", "swap_back", "log", "difference", "returns")
# The settings of reading belong to the file at hand.
SECTIONS = tuple(name for name in Recipe.model_fields if name != "ingest")


@dataclass(frozen=True)
class ImportedRecipe:
    """A recipe with the settings of another, and findings on those that were ignored."""

    recipe: Recipe
    findings: tuple[Finding, ...]


def import_recipe(
    content: bytes, recipe: Recipe, columns: Sequence[str], sections: Sequence[str] = SECTIONS
) -> ImportedRecipe:
    """Return `recipe` with some sections replaced by those of another recipe.

    Settings that the other recipe leaves out get their default. Unknown settings, invalid values and unknown columns are
    ignored and reported.

    Parameters
    ----------
    content : the other recipe, as JSON
    recipe : the recipe to change
    columns : the names of the columns of the file at hand
    sections : the names of the sections to replace

    Raises
    ------
    RecipeError
        If the content is not a recipe.

    Examples
    --------
    >>> other = b'{"cleaning": {"max_bad_ratio": 0.1, "drop": ["vix"], "max_age": 3}}'
    >>> imported = import_recipe(other, Recipe(), ["close"])
    >>> imported.recipe.cleaning.max_bad_ratio, imported.recipe.cleaning.drop
    (0.1, ())
    >>> [finding.code for finding in imported.findings]
    ['setting-passed-over', 'absent-columns']
    """
    document = _read_document(content)
    settings: dict[str, Settings] = {}
    findings: list[Finding] = []
    for section in sections:
        if section in document:
            settings[section], refused = _read_section(section, document[section], type(getattr(recipe, section)))
            findings += refused
    cleaning = settings.get("cleaning")
    if isinstance(cleaning, CleaningSettings):
        present = set(columns)
        named: dict[str, tuple[str, ...]] = {field: getattr(cleaning, field) for field in _COLUMN_FIELDS}
        titles = {field: CleaningSettings.model_fields[field].title or field for field in named}
        findings += check_unknown_names({titles[field]: names for field, names in named.items()}, columns)
        known = {field: tuple(name for name in names if name in present) for field, names in named.items()}
        settings["cleaning"] = cleaning.model_copy(update=known)
    return ImportedRecipe(recipe.model_copy(update=settings), tuple(findings))


def _read_document(content: bytes) -> dict[str, object]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NotARecipe(is_json=False) from error
    if not isinstance(document, dict) or not {*document} & {*Recipe.model_fields}:
        raise NotARecipe(is_json=True)
    return document


def _read_section(section: str, document: object, kind: type[Section]) -> tuple[Section, list[Finding]]:
    """Return a section with all valid values, and a finding on each value that was ignored."""
    if not isinstance(document, dict):
        return kind(), [SettingPassedOver(setting=section, problem="Not a group of settings")]
    values = dict(document)
    findings: list[Finding] = []
    while True:
        try:
            return kind.model_validate_json(json.dumps(values)), findings
        except ValidationError as error:
            first = error.errors()[0]
        problem = first["msg"].removeprefix("Value error, ")
        if not first["loc"]:
            # The values contradict each other, so the whole section gets its defaults.
            return kind(), [*findings, SettingPassedOver(setting=section, problem=problem)]
        name = str(first["loc"][0])
        del values[name]
        setting = f"{section}.{name}"
        if first["type"] == "extra_forbidden":
            findings.append(SettingPassedOver(setting=setting, problem=None))
        else:
            findings.append(SettingPassedOver(setting=setting, problem=problem, found=repr(first["input"])))
