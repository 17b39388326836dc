"""Columns of the profile in tables, for pages to place: the statistics of one, and the bad values of all by era."""

from collections.abc import Sequence

import pandas as pd

from core.data.eras import Era
from core.quality.column.changes import ChangeStatistics
from core.quality.column.empty_series import Silent
from core.quality.numerics.quantiles import QUANTILE_SHARES
from core.quality.numerics.statistics import NAMED_QUANTILES
from core.quality.profile import ColumnProfile, QualityProfile
from core.text.escape import markdown_text
from core.text.format import format_number

_STATISTICS = {
    "rows": "rows",
    "bad_ratio": "bad ratio",
    "stale_ratio": "stale ratio",
    "unique_ratio": "unique ratio",
    "mean": "mean",
    "std": "standard deviation",
    "min": "minimum",
    "q01": "1 % quantile",
    "q25": "25 % quantile",
    "median": "median",
    "q75": "75 % quantile",
    "q99": "99 % quantile",
    "max": "maximum",
    "skewness": "skewness",
    "kurtosis": "excess kurtosis",
    "outlier_ratio": "outliers by robust z (share)",
    "relative_variance": "relative variance",
    "autocorrelation": "lag-1 autocorrelation",
}
JUDGED, STILL = "train, judged", "still"
_MOST_TOLD = 5


def statistics(column: ColumnProfile) -> pd.DataFrame:
    """Return the statistics of one column over all rows and over the train era, beside those of its changes."""
    changes = _numbers_of(column.changes)
    return pd.DataFrame(
        [
            {
                "statistic": words,
                "all rows": format_number(getattr(column.all, name)),
                "train": format_number(getattr(column.train, name)),
                "changes, all rows": format_number(changes[name]) if name in changes else "",
            }
            for name, words in _STATISTICS.items()
        ]
    )


def _numbers_of(changes: ChangeStatistics | None) -> dict[str, float | None]:
    """Return the numbers that changes have too, by the names of those of a column."""
    if changes is None or not changes.quantiles:
        return {}
    levels = {name: changes.quantiles[QUANTILE_SHARES.index(share)] for name, share in NAMED_QUANTILES.items()}
    return vars(changes) | levels | {"rows": changes.count}


def silent(found: tuple[Silent, ...]) -> str:
    """Return which columns have no value at all in which series, columns of the same series together; markdown."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for one in found:
        alike.setdefault(one.series, []).append(one.column)
    told = [
        f"{_listed(names)} {'has' if len(names) == 1 else 'have'} no value at all in {len(series):,} of {found[0].every:,} series: "
        f"{_listed(series)}."
        for series, names in list(alike.items())[:_MOST_TOLD]
    ]
    rest = len(alike) - len(told)
    return "  \n".join(told) + (f"  \nOther columns are silent in {rest:,} other ways." if rest else "")


def _listed(names: Sequence[str]) -> str:
    few = [markdown_text(name) for name in names[:_MOST_TOLD]]
    last = f"{len(names) - _MOST_TOLD:,} more" if len(names) > _MOST_TOLD else few.pop()
    return f"{', '.join(few)} and {last}" if few else last


def bad_by_era(quality: QualityProfile) -> pd.DataFrame:
    """Return one row a column that holds a bad value or stands still: shares by era and kind, worst train era first."""
    shown = [
        column
        for column in quality.columns
        if column.all.bad_ratio > 0 or (column.kind.is_numeric and column.train.stale_ratio > 0)
    ]
    shown.sort(key=lambda column: (-column.train.bad_ratio, -column.all.bad_ratio, column.name))
    rows = []
    for column in shown:
        train, validation, test = (column.bad_by_era[era] for era in Era)
        rows.append(
            {
                "column": column.name,
                JUDGED: train.bad_ratio,
                "validation": validation.bad_ratio,
                "test": test.bad_ratio,
                STILL: column.train.stale_ratio if column.kind.is_numeric else None,
                "missing": train.missing,
                "infinite": train.infinite,
                "sentinel": train.sentinel,
            }
        )
    return pd.DataFrame(rows)
