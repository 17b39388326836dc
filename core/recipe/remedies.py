"""How a remedy changes a recipe."""

from core.findings.model import Remedy
from core.recipe.model import Recipe

# Wide enough that the bulk of a bell, and most of a fat one, stays as it is.
CLIP_ROBUST_Z = 5.0
_EXCLUDES = {"returns": ("log", "difference"), "log": ("returns",), "difference": ("returns",)}


def apply_remedy(recipe: Recipe, remedy: Remedy) -> Recipe:
    """Return the recipe with a remedy carried out: names are added to a list of names, lags to lags, other values replace.

    Columns that are to be clipped are clipped at a robust z of 5 where no bound is set yet; where all are clipped, nothing
    changes. A column that is to enter by its return enters by no other change any more, and the other way round. Raises
    `RecipeError` where the value does not fit.

    Examples
    --------
    >>> clip = Remedy(label="Clip oil", section="cleaning", field="clip_columns", value=("oil",))
    >>> apply_remedy(Recipe(), clip).cleaning.clip_robust_z
    5.0
    """
    if holds_remedy(recipe, remedy):
        return recipe
    held = getattr(getattr(recipe, remedy.section), remedy.field)
    value = remedy.value
    if isinstance(held, tuple):
        added = value if isinstance(value, tuple) else (value,)
        value = (*held, *(item for item in added if item not in held))
    if isinstance(held, dict):
        value = held | {name: max(rows, held.get(name, 0)) for name, rows in value}
    fields: dict[str, object] = {remedy.field: value}
    if remedy.field == "clip_columns" and not _is_bounded(recipe):
        fields["clip_robust_z"] = CLIP_ROBUST_Z
    for other in _EXCLUDES.get(remedy.field, ()):
        fields[other] = tuple(name for name in getattr(recipe.cleaning, other) if name not in set(value))
    return recipe.change(remedy.section, **fields)


def holds_remedy(recipe: Recipe, remedy: Remedy) -> bool:
    """Return whether the recipe is as the remedy would make it.

    Examples
    --------
    >>> drop = Remedy(label="Drop oil", section="cleaning", field="drop", value=("oil",))
    >>> holds_remedy(Recipe(), drop), holds_remedy(apply_remedy(Recipe(), drop), drop)
    (False, True)
    """
    held, value = getattr(getattr(recipe, remedy.section), remedy.field), remedy.value
    if remedy.field == "clip_columns":
        return _is_bounded(recipe) and (not held or set(value) <= set(held))
    if isinstance(held, dict):
        return all(held.get(name, 0) >= rows for name, rows in value)
    if isinstance(held, tuple):
        return set(value if isinstance(value, tuple) else (value,)) <= set(held)
    return held == value


def _is_bounded(recipe: Recipe) -> bool:
    return bool(recipe.cleaning.clip_quantile or recipe.cleaning.clip_robust_z)
