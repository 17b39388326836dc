"""What differs between two recipes, in words: for the history, and for whoever compares two states of a project."""

from dataclasses import dataclass

from pydantic.fields import FieldInfo

from core.recipe.model import Recipe, is_share

_SHOWN = 5
_WORDS = {None: "automatic", True: "yes", False: "no", "": "none"}


@dataclass(frozen=True, kw_only=True)
class Change:
    """A setting that differs: its step, its title, and what it was and is, in words."""

    section: str
    title: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.title}: from {self.before} to {self.after}"


def compare_recipes(before: Recipe, after: Recipe) -> tuple[Change, ...]:
    """Return the settings that differ between two recipes, in the order of the steps.

    Examples
    --------
    >>> later = Recipe().change("cleaning", max_bad_ratio=0.05, drop=("vix",))
    >>> for change in compare_recipes(Recipe(), later): print(change)
    Bad values, at most: from 30 % to 5 %
    Dropped by hand: from none to vix
    """
    changes = []
    for section in Recipe.model_fields:
        old, new = getattr(before, section), getattr(after, section)
        for name, field in type(new).model_fields.items():
            was, now = getattr(old, name), getattr(new, name)
            if was != now:
                changes.append(
                    Change(
                        section=section,
                        title=field.title or name,
                        before=say_value(field, was),
                        after=say_value(field, now),
                    )
                )
    return tuple(changes)


def say_changes(before: Recipe, after: Recipe) -> str:
    """Return what differs between two recipes on one line.

    Examples
    --------
    >>> say_changes(Recipe(), Recipe().change("training", epochs=5))
    'Epochs: from 40 to 5'
    """
    return "; ".join(map(str, compare_recipes(before, after))) or "nothing"


def say_value(field: FieldInfo, value: object) -> str:
    """Return a setting's value as it is read: shares in percent, a long list by its first names.

    Examples
    --------
    >>> say_value(type(Recipe().cleaning).model_fields["keep"], ("a", "b", "c", "d", "e", "f"))
    'a, b, c, d, e and 1 more'
    """
    if isinstance(value, dict):
        value = tuple(f"{name} {held}" for name, held in value.items())
    if isinstance(value, tuple):
        names = [say_value(field, item) for item in value[:_SHOWN]]
        more = f" and {len(value) - _SHOWN:,} more" if len(value) > _SHOWN else ""
        return f"{', '.join(names)}{more}" or "none"
    if isinstance(value, bool | None) or value == "":
        return _WORDS[value]
    if isinstance(value, float):
        return f"{100 * value:g} %" if is_share(field) else f"{value:g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
