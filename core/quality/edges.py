"""The ragged edge: columns whose last values are not published yet when the file is made."""

from collections.abc import Sequence

from core.findings import Finding, Severity
from core.quality.columns import ColumnProfile, Evidence
from core.quality.faults import is_long

_LISTED = 8
# A column with holes all over lacks its last value by chance too.
_FEWEST_HOLES = 0.005


def check_ragged_edge(columns: Sequence[ColumnProfile], evidence: Sequence[Evidence], stamps: int) -> Finding | None:
    """Return the columns that are whole but for their last rows, fewer of them than a dead feed lacks; None where none is.

    Such figures are published late. `stamps` is the number of distinct times in the data.
    """
    late = {
        column.name: found.stamps_after
        for column, found in zip(columns, evidence, strict=True)
        if found.stamps_after
        and found.last_good is not None
        and found.gap_ratio <= _FEWEST_HOLES
        and not is_long(found.stamps_after, stamps)
    }
    if not late:
        return None
    worst_first = sorted(late, key=lambda name: (-late[name], name))
    named = ", ".join(f"{name} ({late[name]:,})" for name in worst_first[:_LISTED])
    many = len(late) > 1
    return Finding(
        "ragged-edge",
        Severity.WARNING if many else Severity.INFO,
        f"{len(late):,} column{'s end' if many else ' ends'} before the last time stamp",
        f"They lack so many stamps at the end: {named}{', …' if len(late) > _LISTED else '.'} Figures that are published late were "
        "late in the past too: set their availability lag, or a forecast is made with values that nobody had.",
        worst_first[0],
        count=len(late),
    )
