"""Tables of the profile: the statistics of one column, and the bad values of all columns by era."""

from collections.abc import Sequence

import pandas as pd

from core.data.eras import Era
from core.quality.column.changes import ChangeStatistics
from core.quality.column.empty_series import EmptySeries
from core.quality.numerics.quantiles import QUANTILE_SHARES
from core.quality.numerics.statistics import NAMED_QUANTILES
from core.quality.profile import ColumnProfile, QualityProfile
from core.text.escape import markdown_text
from core.text.format import format_count, format_number, format_value

_STATISTICS = {
    "rows": "rows",
    "bad_ratio": "bad ratio",
    "stale_ratio": "stale ratio",
    "unique_ratio": "unique ratio",
    "mean": "mean",
    "std": "standard deviation",
    "min": "minimum",
    "q01": "1% quantile",
    "q25": "25% quantile",
    "median": "median",
    "q75": "75% quantile",
    "q99": "99% quantile",
    "max": "maximum",
    "skewness": "skewness",
    "kurtosis": "excess kurtosis",
    "outlier_ratio": "outlier share (robust z)",
    "relative_variance": "relative variance",
    "autocorrelation": "lag-1 autocorrelation",
}
# Values that are in the file, with all their digits; the other statistics have three.
_VALUES = ("min", "median", "max")
_MOST_LISTED = 5


def statistics_table(column: ColumnProfile) -> pd.DataFrame:
    """Return the statistics of one column over all rows and over the train era, and those of its changes."""
    changes = _change_statistics(column.changes)
    return pd.DataFrame(
        [
            {
                "statistic": label,
                "all rows": written(getattr(column.all, name)),
                "train": written(getattr(column.train, name)),
                "changes, all rows": written(changes[name]) if name in changes else "",
            }
            for name, label in _STATISTICS.items()
            for written in (format_value if name in _VALUES else format_number,)
        ]
    )


def _change_statistics(changes: ChangeStatistics | None) -> dict[str, float | None]:
    """Return the statistics of changes by the names of those of a column; changes have fewer."""
    if changes is None or not changes.quantiles:
        return {}
    levels = {name: changes.quantiles[QUANTILE_SHARES.index(share)] for name, share in NAMED_QUANTILES.items()}
    return vars(changes) | levels | {"rows": changes.count}


def empty_series_text(found: tuple[EmptySeries, ...]) -> str:
    """Return which columns have no values in which series; columns that are empty in the same series share a line; markdown."""
    by_series: dict[tuple[str, ...], list[str]] = {}
    for one in found:
        by_series.setdefault(one.series, []).append(one.column)
    lines = [
        f"{_join(names)} {'has' if len(names) == 1 else 'have'} no values in {len(series):,} of {found[0].every:,} series: "
        f"{_join(series)}."
        for series, names in list(by_series.items())[:_MOST_LISTED]
    ]
    if rest := len(by_series) - len(lines):
        lines.append(f"Further columns have no values in {format_count(rest, 'other combination')} of series.")
    return "  \n".join(lines)


def _join(names: Sequence[str]) -> str:
    """Return names with a final "and", at most five of them; markdown."""
    listed = [markdown_text(name) for name in names[:_MOST_LISTED]]
    last = f"{len(names) - _MOST_LISTED:,} more" if len(names) > _MOST_LISTED else listed.pop()
    return f"{', '.join(listed)} and {last}" if listed else last


def bad_by_era_table(quality: QualityProfile) -> pd.DataFrame:
    """Return one row per column with bad or stale values, worst first: shares by era, and the train era's cells by kind."""
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
                "train": train.bad_ratio,
                "validation": validation.bad_ratio,
                "test": test.bad_ratio,
                "stale": column.train.stale_ratio if column.kind.is_numeric else None,
                "missing": train.missing,
                "infinite": train.infinite,
                "sentinel": train.sentinel,
            }
        )
    return pd.DataFrame(rows)
