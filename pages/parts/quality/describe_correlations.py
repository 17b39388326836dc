"""Sentences and tables on correlated columns."""

import pandas as pd
from pandas.io.formats.style import Styler

from core.quality.pairwise.associations import STRONG, Associations
from core.text.format import format_correlation

_MOST_NAMED = 200


def pairs_text(found: Associations) -> str:
    """Return which pairs are listed, and what their correlations were computed on."""
    columns = f"all {found.columns:,} columns"
    if found.compared < found.columns:
        columns = f"the {found.compared:,} of {found.columns:,} columns that are most related to the target"
    return (
        f"The {len(found.pairs):,} strongest pairs of {columns}, on levels or on changes. Pearson correlation over "
        f"{found.rows_text}; changes are from row to row, except for columns that mean-revert within a row, as returns do."
    )


def groups_text(found: Associations) -> str:
    """Return what a group is, and how many columns are in none."""
    grouped = sum(len(cluster.members) for cluster in found.clusters)
    return (
        f"{grouped:,} of {found.compared:,} columns form {len(found.clusters):,} groups whose changes correlate above {STRONG} "
        f"on average, so one column of each carries most of its information. {found.compared - grouped:,} are in no group."
    )


def no_groups_text(found: Associations) -> str:
    """Return that no columns form a group."""
    return f"No two of {found.compared:,} columns have changes that correlate above {STRONG}."


def pairs_table(found: Associations, search: str) -> pd.DataFrame:
    """Return one row per pair with `search`, casefolded, in a name; the strongest first."""
    return pd.DataFrame(
        [
            {"one": p.one, "other": p.other, "on levels": p.levels, "on changes": p.changes}
            for p in found.pairs
            if search in p.one.casefold() or search in p.other.casefold()
        ]
    )


def style_pairs(frame: pd.DataFrame) -> Styler:
    """Return the table of pairs with its correlations formatted."""
    return frame.style.format(dict.fromkeys(("on levels", "on changes"), format_correlation))


def groups_table(found: Associations) -> pd.DataFrame:
    """Return one row per group: its best column, its size, and the other columns."""
    return pd.DataFrame(
        [
            {
                "best column": cluster.best,
                "columns": len(cluster.members),
                "others": ", ".join(cluster.members[1:_MOST_NAMED]),
            }
            for cluster in found.clusters
        ]
    )
