"""Sentences and tables of step 3: which columns are kept, why the others are dropped, and manual choices."""

from typing import Literal, get_args

import pandas as pd

from core.cleaning.plan import CleaningPlan, ColumnDecision
from core.quality.profile import QualityProfile
from core.recipe.model import Recipe
from core.text.format import format_list

Filter = Literal["all", "dropped", "kept", "manual"]
FILTERS: tuple[Filter, ...] = get_args(Filter)
_MEASURED = "Rarely repeats, but is no identifier"
_COLUMNS = ["keep", "column", "reason", "bad", "variance", "unique", "top value", "stale", "manual"]


def plan_sentence(plan: CleaningPlan) -> str:
    """Return how many columns are kept and dropped."""
    if not plan.columns:
        return "The target is the only column; there is nothing to drop."
    manual = sum(column.overridden for column in plan.columns)
    note = f" ({manual} by manual choice)" if manual else ""
    columns = "column" if len(plan.columns) == 1 else "columns"
    kept = f"{len(plan.kept)} of {len(plan.columns)} {columns} kept"
    return f"{kept}, {len(plan.dropped)} dropped{note}. The target is always kept."


def decision_table(quality: QualityProfile, plan: CleaningPlan, max_unique_ratio: float = 1.0) -> pd.DataFrame:
    """Return one row per column: the decision, its reason, and the train-era measures that the thresholds apply to.

    A column with more distinct values than `max_unique_ratio` that is kept because it does not look like an identifier says so.
    """
    train = {column.name: column.train for column in quality.columns}
    measured = {
        column.name
        for column in quality.columns
        if not column.identifier_like and (column.train.unique_ratio or 0.0) > max_unique_ratio
    }
    rows = [
        (
            column.decision == "keep",
            column.name,
            reason_text(column) or (_MEASURED if column.name in measured else ""),
            train[column.name].bad_ratio,
            train[column.name].relative_variance,
            train[column.name].unique_ratio,
            train[column.name].top_share,
            train[column.name].stale_ratio,
            column.overridden,
        )
        for column in plan.columns
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def reason_text(column: ColumnDecision) -> str:
    """Return why a column is kept or dropped; empty if it is kept and within all thresholds."""
    if column.overridden and column.decision == "keep":
        first, *others = column.reasons
        text = f"{first} although {' and '.join(others)}"
    else:
        text = "; ".join(column.reasons)
    return text[:1].upper() + text[1:]


def filter_decisions(table: pd.DataFrame, chosen: Filter, search: str) -> pd.DataFrame:
    """Return the rows of `decision_table` that match a filter and a search, without the column `manual`."""
    matches = {
        "all": table["keep"] | True,
        "dropped": ~table["keep"],
        "kept": table["keep"],
        "manual": table["manual"],
    }[chosen]
    part = search.strip().casefold()
    if part:
        texts = table["column"].str.casefold() + "\n" + table["reason"].str.casefold()
        matches &= texts.str.contains(part, regex=False)
    return table[matches].drop(columns="manual").reset_index(drop=True)


def manual_choices_note(before: Recipe, after: Recipe) -> str:
    """Return which manual choices a change made or removed, for the history."""
    parts = []
    for verb, old, new in (
        ("keep", before.cleaning.keep, after.cleaning.keep),
        ("drop", before.cleaning.drop, after.cleaning.drop),
    ):
        if added := sorted({*new} - {*old}):
            parts.append(f"{verb} {format_list(added, len(added))}")
    remaining = {*after.cleaning.keep, *after.cleaning.drop}
    if reset := sorted({*before.cleaning.keep, *before.cleaning.drop} - remaining):
        parts.append(f"reset {format_list(reset, len(reset))}")
    return f"Manual choice: {'; '.join(parts)}"
