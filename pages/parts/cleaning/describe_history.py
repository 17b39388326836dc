"""The differences between two states of a project, as tables and text."""

import pandas as pd

from core.cleaning.compare_plans import PlanDifference
from core.recipe.diff import compare_recipes
from core.recipe.model import Recipe
from core.steps import step_of_section
from core.text.escape import markdown_text
from core.text.format import format_list

_MOST_NAMED = 60


def changes_table(before: Recipe, after: Recipe) -> pd.DataFrame:
    """Return one row per setting that differs: its value before and after."""
    rows = [
        (change.title, step_of_section(change.section).title, change.before, change.after)
        for change in compare_recipes(before, after)
    ]
    return pd.DataFrame(rows, columns=["setting", "step", "before", "after"])


def difference_text(difference: PlanDifference) -> str:
    """Return which columns are kept in one of two states only; markdown."""
    if not difference.only_first and not difference.only_second:
        return "Both states keep the same columns."
    groups = (("kept before only", difference.only_first), ("kept after only", difference.only_second))
    return "\n\n".join(
        f"**{len(names):,}** {label}: {markdown_text(format_list(names, _MOST_NAMED))}"
        for label, names in groups
        if names
    )
