"""A close adjusted for dividends and splits: the same as the close, or a look ahead."""

import numpy as np

from core.findings.model import Finding, Severity, legacy_finding
from core.quality.market.prices import PriceGroup
from core.quality.numerics.blocks import Rows
from core.quality.numerics.stretches import count_rows, list_lines, say_time

_SAME = 1e-6
_FEWEST = 10


def differs_from_close(close: np.ndarray, adjusted: np.ndarray) -> np.ndarray:
    """Return the rows in which the two are not the same but for rounding."""
    with np.errstate(invalid="ignore"):
        return np.abs(adjusted - close) > _SAME * np.abs(close)


def check_adjusted(group: PriceGroup, close: np.ndarray, adjusted: np.ndarray, rows: Rows) -> Finding | None:
    """Return that an adjusted close says nothing new, or that its past tells of later dividends and splits."""
    known = np.isfinite(close) & np.isfinite(adjusted)
    differs = known & differs_from_close(close, adjusted)
    total, count = int(np.count_nonzero(known)), int(np.count_nonzero(differs))
    if total < _FEWEST:
        return None
    if not count:
        title = f"{group.adjusted} equals {group.close} in all {count_rows(total)}"
        detail = "Nothing was adjusted, as for an index: one of the two is enough."
        return legacy_finding("adjusted-equals-close", Severity.INFO, title, detail, group.adjusted, (), total)
    return legacy_finding(
        "adjusted-close",
        Severity.WARNING,
        f"{group.adjusted} differs from {group.close} in {count_rows(count)} of {total:,}",
        "Its past is written anew with every dividend and split, so that a level of it tells of what came later. Its changes in "
        f"percent do not: predict those. {_say_end(known, differs, rows)}",
        group.adjusted,
        list_lines(differs, rows),
        count,
    )


def _say_end(known: np.ndarray, differs: np.ndarray, rows: Rows) -> str:
    """Return how the two stand at the end: they meet there, unless the file was cut from a longer one."""
    if np.count_nonzero(rows.first) == 1 and not differs[np.flatnonzero(known)[-1]]:
        return f"The two are equal after {say_time(rows.times[np.flatnonzero(differs)[-1]])}."
    series = np.cumsum(rows.first)[known]
    latest = np.r_[series[1:] != series[:-1], True]
    if differs[known][latest].mean() > 0.5:
        return "They differ in the last row too: what was adjusted for came after the end of this file, or there is another cause."
    return "They meet in the last rows of most series."
