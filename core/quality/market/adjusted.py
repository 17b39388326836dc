"""An adjusted close that equals the close, or contains later dividends and splits."""

import numpy as np

from core.findings.market import AdjustedClose, AdjustedEqualsClose
from core.quality.numerics.blocks import Rows
from core.quality.numerics.stretches import list_lines

_TOLERANCE = 1e-6
_FEWEST = 10


def differs_from_close(close: np.ndarray, adjusted: np.ndarray) -> np.ndarray:
    """Return whether two prices, shape (n,), differ by more than rounding.

    The result has shape (n,) bool, False for NaN.
    """
    with np.errstate(invalid="ignore"):
        return np.abs(adjusted - close) > _TOLERANCE * np.abs(close)


def check_adjusted(
    names: tuple[str, str], close: np.ndarray, adjusted: np.ndarray, rows: Rows
) -> AdjustedClose | AdjustedEqualsClose | None:
    """Check whether an adjusted close differs from the close; None below 10 rows with both.

    Parameters
    ----------
    names
        The columns of the close and of the adjusted close.
    close, adjusted
        Prices, shape (n,) float64; NaN is a bad value.
    rows
        The layout of these n rows.
    """
    known = np.isfinite(close) & np.isfinite(adjusted)
    differs = known & differs_from_close(close, adjusted)
    total, count = int(np.count_nonzero(known)), int(np.count_nonzero(differs))
    if total < _FEWEST:
        return None
    if not count:
        return AdjustedEqualsClose(column=names[1], close=names[0], count=total)
    equal_after = None
    if np.count_nonzero(rows.first) == 1 and not differs[np.flatnonzero(known)[-1]]:
        equal_after = rows.times[np.flatnonzero(differs)[-1]]
    return AdjustedClose(
        column=names[1],
        close=names[0],
        known=total,
        equal_after=equal_after,
        ends_equal=_ends_equal(known, differs, rows),
        rows=list_lines(differs, rows),
        count=count,
    )


def _ends_equal(known: np.ndarray, differs: np.ndarray, rows: Rows) -> bool:
    """Return whether the two agree in the last known row of at least half of the series."""
    series = np.cumsum(rows.first)[known]
    last = np.r_[series[1:] != series[:-1], True]
    return bool(differs[known][last].mean() <= 0.5)
