"""Step 3 in words and tables: what stays, why the rest goes, and what was decided by hand."""

import pandas as pd

from core.cleaning.plan import CleaningPlan, ColumnDecision
from core.quality.profile import QualityProfile
from core.recipe.model import Recipe

FILTERS = ("all", "going", "staying", "overridden")
_COLUMNS = ["keep", "column", "why", "bad", "variance", "unique", "one value", "still", "by hand"]


def plan(of: CleaningPlan) -> str:
    """Return one sentence on how many columns stay."""
    if not of.columns:
        return "There is no column besides the target: nothing is to be cleaned away."
    by_hand = sum(column.overridden for column in of.columns)
    hand = f", {by_hand} of them decided by hand" if by_hand else ""
    stay = "column stays" if len(of.columns) == 1 else "columns stay"
    return f"{len(of.kept)} of {len(of.columns)} {stay}, {len(of.dropped)} go{hand}. The target always stays."


def decisions(quality: QualityProfile, of: CleaningPlan) -> pd.DataFrame:
    """Return one row a column: whether it stays, why, and the numbers of the train era that the thresholds judge."""
    train = {column.name: column.train for column in quality.columns}
    rows = [
        (
            column.decision == "keep",
            column.name,
            reason(column),
            train[column.name].bad_ratio,
            train[column.name].relative_variance,
            train[column.name].unique_ratio,
            train[column.name].top_share,
            train[column.name].stale_ratio,
            column.overridden,
        )
        for column in of.columns
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def reason(column: ColumnDecision) -> str:
    """Return why a column stays or goes as one sentence; what stays within all thresholds needs none."""
    if column.overridden and column.decision == "keep":
        first, *others = column.reasons
        told = f"{first} although {' and '.join(others)}"
    else:
        told = "; ".join(column.reasons)
    return told[:1].upper() + told[1:]


def matching(table: pd.DataFrame, wanted: str, search: str) -> pd.DataFrame:
    """Return the rows of `decisions` that a filter and a search leave, without the mark by which they were filtered."""
    fits = {
        "all": table["keep"] | True,
        "going": ~table["keep"],
        "staying": table["keep"],
        "overridden": table["by hand"],
    }[wanted]
    words = search.strip().casefold()
    if words:
        texts = table["column"].str.casefold() + "\n" + table["why"].str.casefold()
        fits &= texts.str.contains(words, regex=False)
    return table[fits].drop(columns="by hand").reset_index(drop=True)


def by_hand(before: Recipe, after: Recipe) -> str:
    """Return in words which columns were decided by hand, or left to the thresholds again."""
    told = []
    for words, old, new in (
        ("keep", before.cleaning.keep, after.cleaning.keep),
        ("drop", before.cleaning.drop, after.cleaning.drop),
    ):
        if added := sorted({*new} - {*old}):
            told.append(f"{words} {', '.join(added)}")
    now = {*after.cleaning.keep, *after.cleaning.drop}
    if freed := sorted({*before.cleaning.keep, *before.cleaning.drop} - now):
        told.append(f"leave {', '.join(freed)} to the thresholds")
    return f"By hand: {'; '.join(told)}"
