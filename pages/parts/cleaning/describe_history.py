"""What two states of a project differ in, in words and tables."""

import pandas as pd

from core.cleaning.compare_plans import PlanDifference
from core.recipe.diff import compare_recipes
from core.recipe.model import Recipe
from core.text.escape import markdown_text

_SHOWN = 60


def changes(before: Recipe, after: Recipe) -> pd.DataFrame:
    """Return one row a setting that differs: what it was and what it is."""
    rows = [(change.title, change.section, change.before, change.after) for change in compare_recipes(before, after)]
    return pd.DataFrame(rows, columns=["setting", "of", "before", "after"])


def difference(of: PlanDifference) -> str:
    """Return which columns stay before or after alone; markdown."""
    if not of.only_first and not of.only_second:
        return "The same columns stay."
    told = (("stay before and not after", of.only_first), ("stay after and not before", of.only_second))
    return "\n\n".join(f"**{len(names):,}** {words}: {_names(names)}" for words, names in told if names)


def _names(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return markdown_text(", ".join(names[:_SHOWN])) + more
