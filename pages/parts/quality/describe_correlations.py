"""Words and tables about columns that move together."""

import pandas as pd
from pandas.io.formats.style import Styler

from core.quality.pairwise.associations import STRONG, Associations
from core.text.format import format_correlation

_MOST_NAMED = 200


def how_compared(found: Associations) -> str:
    """Return which pairs are listed, and what they were computed on."""
    of = (
        f"the {found.compared:,} of {found.columns:,} columns nearest to the target"
        if found.compared < found.columns
        else ""
    )
    columns = of or f"all {found.columns:,} columns"
    return (
        f"The {len(found.pairs):,} strongest pairs of {columns}, on levels or on changes. Pearson's correlation over "
        f"{found.rows_told}; columns that drift are taken as changes from row to row."
    )


def how_grouped(found: Associations) -> str:
    """Return what a group is, and how many columns stand alone."""
    together = sum(len(cluster.members) for cluster in found.clusters)
    return (
        f"{together:,} of {found.compared:,} columns form {len(found.clusters):,} groups whose changes correlate above {STRONG} "
        f"on average: one of each says most of what the group says. {found.compared - together:,} stand alone."
    )


def no_group(found: Associations) -> str:
    """Return that no columns move together."""
    return f"No two of {found.compared:,} columns move together so closely that their changes correlate above {STRONG}."


def pairs(found: Associations, sought: str) -> pd.DataFrame:
    """Return one row a pair in which a name holds `sought`, the strongest first."""
    return pd.DataFrame(
        [
            {"one": p.one, "other": p.other, "on levels": p.levels, "on changes": p.changes}
            for p in found.pairs
            if sought in p.one.casefold() or sought in p.other.casefold()
        ]
    )


def style(frame: pd.DataFrame) -> Styler:
    """Return the table of pairs with its numbers as they are read."""
    return frame.style.format(dict.fromkeys(("on levels", "on changes"), format_correlation))


def groups(found: Associations) -> pd.DataFrame:
    """Return one row a group: the column that stands for it, its size, and the others."""
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
