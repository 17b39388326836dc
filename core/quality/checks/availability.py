"""Columns published with a delay: values still missing, or dated before publication."""

from collections.abc import Sequence

from core.findings.look_ahead import PeriodFigures, RaggedEdge
from core.quality.checks.column import is_long
from core.quality.column.profile import ColumnProfile, FaultLocations

# A column with gaps throughout may lack its last value by chance.
_MOST_GAPS = 0.005


def check_ragged_edge(
    columns: Sequence[ColumnProfile], evidence: Sequence[FaultLocations], stamps: int
) -> RaggedEdge | None:
    """Check for columns that are complete except for their last rows.

    A column that lacks as many as a dead feed is not reported here.

    Parameters
    ----------
    columns, evidence
        The columns, and where their values are bad, in the same order.
    stamps
        The number of distinct times in the data.
    """
    missing = [
        (column.name, found.stamps_after)
        for column, found in zip(columns, evidence, strict=True)
        if found.stamps_after
        and found.last_valid is not None
        and found.gap_ratio <= _MOST_GAPS
        and not is_long(found.stamps_after, stamps)
    ]
    return RaggedEdge(missing=tuple(sorted(missing, key=lambda each: (-each[1], each[0])))) if missing else None


def check_period_figures(columns: Sequence[ColumnProfile], evidence: Sequence[FaultLocations]) -> PeriodFigures | None:
    """Check for columns that hold one figure per period from its first row on.

    Periods are days, weeks, months, quarters and years; only train rows are checked.
    """
    figures = [
        (column.name, found.period_figure.period, found.period_figure.rows)
        for column, found in zip(columns, evidence, strict=True)
        if found.period_figure is not None
    ]
    return PeriodFigures(figures=tuple(sorted(figures, key=lambda each: (-each[2], each[0])))) if figures else None
