"""Columns that are known late: their last values are missing yet, or their figures stand before they can be known."""

from collections.abc import Sequence

from core.findings.model import Finding, Remedy, Severity, legacy_finding
from core.quality.checks.column import is_long
from core.quality.column.profile import ColumnProfile, FaultLocations

_LISTED = 8
# A column with holes all over lacks its last value by chance too.
_FEWEST_HOLES = 0.005


def check_ragged_edge(
    columns: Sequence[ColumnProfile], evidence: Sequence[FaultLocations], stamps: int
) -> Finding | None:
    """Return the columns that are whole but for their last rows, fewer of them than a dead feed lacks; None where none is.

    Such figures are published late. `stamps` is the number of distinct times in the data.
    """
    late = {
        column.name: found.stamps_after
        for column, found in zip(columns, evidence, strict=True)
        if found.stamps_after
        and found.last_valid is not None
        and found.gap_ratio <= _FEWEST_HOLES
        and not is_long(found.stamps_after, stamps)
    }
    if not late:
        return None
    worst_first = sorted(late, key=lambda name: (-late[name], name))
    named = _list([f"{name} ({late[name]:,})" for name in worst_first])
    many = len(late) > 1
    return legacy_finding(
        "ragged-edge",
        Severity.WARNING if many else Severity.INFO,
        f"{len(late):,} column{'s end' if many else ' ends'} before the last time stamp",
        f"They lack so many stamps at the end: {named} Figures that are published late were "
        "late in the past too: set their availability lag, or a forecast is made with values that nobody had.",
        worst_first[0],
        count=len(late),
        remedy=_lag_remedy(late),
    )


def check_period_figures(columns: Sequence[ColumnProfile], evidence: Sequence[FaultLocations]) -> Finding | None:
    """Return the columns whose train rows hold one figure a day, week, month, quarter or year from its first row on."""
    found = {
        column.name: evidence.period_figure
        for column, evidence in zip(columns, evidence, strict=True)
        if evidence.period_figure is not None
    }
    if not found:
        return None
    names = sorted(found, key=lambda name: (-found[name].rows, name))
    periods = dict.fromkeys(found[name].period for name in names)
    named = _list([f"{name} (a {found[name].period})" for name in names])
    many = len(found) > 1
    return legacy_finding(
        "period-figures",
        Severity.WARNING,
        f"{len(found):,} column{'s hold' if many else ' holds'} one figure a {' or '.join(periods)}, from its first row on",
        f"{named} A figure is known after the period that it is about, often weeks after. "
        "Where these rows carry the period itself, a forecast is made with values that nobody had: set an availability lag of at "
        "least the rows of one period.",
        names[0],
        count=len(found),
        remedy=_lag_remedy({name: figure.rows for name, figure in found.items()}),
    )


def _list(names: Sequence[str]) -> str:
    return ", ".join(names[:_LISTED]) + (", …" if len(names) > _LISTED else ".")


def _lag_remedy(lags: dict[str, int]) -> Remedy:
    names = f"these {len(lags):,} columns" if len(lags) > 1 else next(iter(lags))
    return Remedy(
        label=f"Take {names} as known late",
        section="ingest",
        field="availability_lag",
        value=tuple(sorted(lags.items())),
    )
