"""Settings that differ between two recipes, as text."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic.fields import FieldInfo

from core.recipe.model import Recipe, is_share
from core.text.format import format_list

_MOST_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class SettingChange:
    """A setting that differs: its section, its title, and both values in words."""

    section: str
    title: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.title}: from {self.before} to {self.after}"


def compare_recipes(before: Recipe, after: Recipe) -> tuple[SettingChange, ...]:
    """Return the settings that differ between two recipes, in the order of the steps.

    Examples
    --------
    >>> later = Recipe().change("cleaning", max_bad_ratio=0.05, drop=("vix",))
    >>> for change in compare_recipes(Recipe(), later): print(change)
    Max. bad values: from 30% to 5%
    Columns to drop: from none to vix
    """
    changes = []
    for section in Recipe.model_fields:
        old, new = getattr(before, section), getattr(after, section)
        for name, field in type(new).model_fields.items():
            value, changed = getattr(old, name), getattr(new, name)
            if value != changed:
                changes.append(
                    SettingChange(
                        section=section,
                        title=field.title or name,
                        before=format_setting(field, value),
                        after=format_setting(field, changed),
                    )
                )
    return tuple(changes)


def differing_settings(recipes: Sequence[Recipe]) -> dict[str, tuple[str, ...]]:
    """Return the settings that are not equal in all recipes: by title, the value in each recipe in words.

    Examples
    --------
    >>> differing_settings([Recipe(), Recipe().change("training", epochs=5)])
    {'Epochs': ('40', '5')}
    """
    found: dict[str, tuple[str, ...]] = {}
    for section in Recipe.model_fields:
        settings = [getattr(recipe, section) for recipe in recipes]
        for name, field in type(settings[0]).model_fields.items() if settings else ():
            values = [getattr(each, name) for each in settings]
            if any(value != values[0] for value in values):
                title = field.title or name
                key = f"{title} ({section})" if title in found else title
                found[key] = tuple(format_setting(field, value) for value in values)
    return found


def describe_changes(before: Recipe, after: Recipe) -> str:
    """Return the settings that differ between two recipes as one line.

    Examples
    --------
    >>> describe_changes(Recipe(), Recipe().change("training", epochs=5))
    'Epochs: from 40 to 5'
    """
    return "; ".join(map(str, compare_recipes(before, after))) or "nothing"


def format_setting(field: FieldInfo, value: object) -> str:
    """Return the value of a setting as text: shares in percent, long lists shortened.

    Examples
    --------
    >>> format_setting(type(Recipe().cleaning).model_fields["keep"], ("a", "b", "c", "d", "e", "f"))
    'a, b, c, d, e and 1 more'
    """
    if value is None:
        return "automatic"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return format_list([f"{name} {held}" for name, held in value.items()], _MOST_SHOWN) or "none"
    if isinstance(value, tuple):
        return format_list([format_setting(field, item) for item in value], _MOST_SHOWN) or "none"
    if isinstance(value, float):
        return f"{100 * value:g}%" if is_share(field) else f"{value:g}"
    return f"{value:,}" if isinstance(value, int) else str(value) or "none"
