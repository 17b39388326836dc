"""Applying remedies to a recipe."""

from core.findings.model import Remedy
from core.recipe.model import Recipe

# Keeps the bulk of a normal distribution, and most of a heavy-tailed one.
CLIP_ROBUST_Z = 5.0
_EXCLUDES = {"returns": ("log", "difference"), "log": ("returns",), "difference": ("returns",)}


def apply_remedy(recipe: Recipe, remedy: Remedy) -> Recipe:
    """Return the recipe with a remedy applied.

    Names and lags are added to those set; other values replace. Columns to clip are clipped at a robust z-score of 5 if
    no bound is set; if all columns are clipped, nothing changes. A column that gets a return loses its log and
    difference, and vice versa. Raises `RecipeError` if the value is invalid.

    Examples
    --------
    >>> clip = Remedy(label="Clip oil", section="cleaning", field="clip_columns", value=("oil",))
    >>> apply_remedy(Recipe(), clip).cleaning.clip_robust_z
    5.0
    """
    if holds_remedy(recipe, remedy):
        return recipe
    current = getattr(getattr(recipe, remedy.section), remedy.field)
    fields: dict[str, object] = {remedy.field: remedy.value}
    if isinstance(current, dict):
        fields[remedy.field] = current | {name: max(rows, current.get(name, 0)) for name, rows in _lags(remedy)}
    elif isinstance(current, tuple):
        fields[remedy.field] = (*current, *(item for item in _items(remedy) if item not in current))
    if remedy.field == "clip_columns" and not _has_bound(recipe):
        fields["clip_robust_z"] = CLIP_ROBUST_Z
    for other in _EXCLUDES.get(remedy.field, ()):
        transformed = set(_items(remedy))
        fields[other] = tuple(name for name in getattr(recipe.cleaning, other) if name not in transformed)
    return recipe.change(remedy.section, **fields)


def holds_remedy(recipe: Recipe, remedy: Remedy) -> bool:
    """Return whether a remedy would not change the recipe.

    Examples
    --------
    >>> drop = Remedy(label="Drop oil", section="cleaning", field="drop", value=("oil",))
    >>> holds_remedy(Recipe(), drop), holds_remedy(apply_remedy(Recipe(), drop), drop)
    (False, True)
    """
    current = getattr(getattr(recipe, remedy.section), remedy.field)
    if remedy.field == "clip_columns":
        return _has_bound(recipe) and (not current or set(_items(remedy)) <= set(current))
    if isinstance(current, dict):
        return all(current.get(name, 0) >= rows for name, rows in _lags(remedy))
    if isinstance(current, tuple):
        return set(_items(remedy)) <= set(current)
    return bool(current == remedy.value)


def _items(remedy: Remedy) -> tuple[object, ...]:
    """Return the values that a remedy adds to a list."""
    return remedy.value if isinstance(remedy.value, tuple) else (remedy.value,)


def _lags(remedy: Remedy) -> tuple[tuple[str, int], ...]:
    """Return the pairs of name and rows that a remedy adds to a dictionary."""
    pairs = [item for item in _items(remedy) if isinstance(item, tuple)]
    return tuple((str(name), int(rows)) for name, rows in pairs)


def _has_bound(recipe: Recipe) -> bool:
    return bool(recipe.cleaning.clip_quantile or recipe.cleaning.clip_robust_z)
