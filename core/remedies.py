"""How a remedy changes a recipe."""

from core.findings import Remedy
from core.recipe import Recipe

# Wide enough that the bulk of a bell, and most of a fat one, stays as it is.
CLIP_ROBUST_Z = 5.0


def apply_remedy(recipe: Recipe, remedy: Remedy) -> Recipe:
    """Return the recipe with a remedy carried out: names are added to a list of names, other values replace.

    Columns that are to be clipped are clipped at a robust z of 5 where no bound is set yet. Raises `RecipeError` where the
    value does not fit.

    Examples
    --------
    >>> apply_remedy(Recipe(), Remedy("Clip oil", "cleaning", "clip_columns", ("oil",))).cleaning.clip_robust_z
    5.0
    """
    held = getattr(getattr(recipe, remedy.section), remedy.field)
    value = remedy.value
    if isinstance(held, tuple):
        added = value if isinstance(value, tuple) else (value,)
        value = (*held, *(item for item in added if item not in held))
    fields: dict[str, object] = {remedy.field: value}
    unbounded = not (recipe.cleaning.clip_quantile or recipe.cleaning.clip_robust_z)
    if remedy.field == "clip_columns" and unbounded:
        fields["clip_robust_z"] = CLIP_ROBUST_Z
    return recipe.change(remedy.section, **fields)


def holds_remedy(recipe: Recipe, remedy: Remedy) -> bool:
    """Return whether the recipe is as the remedy would make it.

    Examples
    --------
    >>> drop = Remedy("Drop oil", "cleaning", "drop", ("oil",))
    >>> holds_remedy(Recipe(), drop), holds_remedy(apply_remedy(Recipe(), drop), drop)
    (False, True)
    """
    held, value = getattr(getattr(recipe, remedy.section), remedy.field), remedy.value
    return set(value) <= set(held) if isinstance(held, tuple) and isinstance(value, tuple) else held == value
