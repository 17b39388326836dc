"""Spreads of pairs of columns that look cointegrated over the first third of the train era."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MOST_SPREADS = 50
# Engle and Granger's 1% point for two columns with a constant.
_CRITICAL = -3.90
_FEWEST = 50
_RELATED, _ALIKE = 0.7, 0.99
# Changes of a moving average are autocorrelated: the test would take its smoothness for reversion.
_SMOOTH = 0.5


@dataclass(frozen=True, eq=False, kw_only=True)
class Spread:
    """The spread `levels[one]` - `slope` * `levels[other]`, with the slope fixed in advance."""

    one: int
    other: int
    slope: float


def find_spreads(levels: np.ndarray, instruments: Sequence[str]) -> list[Spread]:
    """Return at most fifty pairs whose spread looks stationary, the most so first, each column pair in one direction.

    Pairs are regressed on each other, and the residuals tested for a unit root (Engle and Granger 1987). Columns of one
    instrument, columns whose levels are weakly correlated or whose changes are nearly equal, and smoothed columns are no pair.

    Parameters
    ----------
    levels
        float64 (columns, n): drifting columns over the rows that the slopes are fixed on; NaN takes the value before.
    instruments
        The instrument of each column.
    """
    filled = _fill(levels)
    columns, rows = filled.shape
    if rows < _FEWEST or columns < 2:
        return []
    filled = filled - filled.mean(axis=1, keepdims=True)
    std = filled.std(axis=1, keepdims=True)
    filled /= np.where(std > 0, std, np.inf)
    statistic, slope = _test_pairs(filled)
    changes = np.diff(filled)
    length = np.sqrt((changes**2).sum(axis=1, keepdims=True))
    changes /= np.where(length > 0, length, np.inf)
    names = np.array(instruments)
    smooth = (changes[:, 1:] * changes[:, :-1]).sum(axis=1) > _SMOOTH
    excluded = (names[:, None] == names) | smooth[:, None] | smooth
    excluded |= (np.abs(changes @ changes.T) > _ALIKE) | (np.abs(filled @ filled.T) / rows < _RELATED)
    # Of the two directions of a pair, the one with the stronger evidence.
    excluded |= (statistic > statistic.T) | ((statistic == statistic.T) & np.tri(columns, dtype=bool))
    statistic = np.where(excluded, np.inf, statistic)
    order = np.argsort(statistic, axis=None, kind="stable")[:MOST_SPREADS]
    one, other = np.unravel_index(order[statistic.ravel()[order] < _CRITICAL], statistic.shape)
    scale = std[:, 0]
    return [
        Spread(one=int(a), other=int(b), slope=_round(float(slope[a, b] * scale[a] / scale[b])))
        for a, b in zip(one, other, strict=True)
    ]


def _test_pairs(standard: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the Dickey-Fuller t of the residual of each column on each other, and the slopes, (columns, columns) each."""
    rows = standard.shape[1]
    before, change = standard[:, :-1], np.diff(standard)
    slope = standard @ standard.T / rows
    # Sums of e'e and e'de of e = a - slope * b, as quadratic forms in the sums of the columns.
    squares, crossed, moved = before @ before.T, before @ change.T, change @ change.T

    def combine(sums: np.ndarray) -> np.ndarray:
        own = np.diag(sums)
        combined: np.ndarray = own[:, None] - slope * (sums + sums.T) + slope**2 * own
        return combined

    with np.errstate(divide="ignore", invalid="ignore"):
        level, cross, total = combine(squares), combine(crossed), combine(moved)
        reversion = cross / level
        error = np.sqrt((total - reversion * cross) / (rows - 3) / level)
        statistic = reversion / error
    return np.where(np.isfinite(statistic) & (level > 1e-9 * rows), statistic, np.inf), slope


def _fill(levels: np.ndarray) -> np.ndarray:
    """Return the levels with each NaN replaced by the value before; columns with a NaN at the start become 0."""
    place = np.where(np.isfinite(levels), np.arange(levels.shape[1]), 0)
    filled = np.take_along_axis(levels, np.maximum.accumulate(place, axis=1), axis=1)
    whole = np.isfinite(filled).all(axis=1, keepdims=True)
    return np.where(whole, filled, 0.0)


def _round(slope: float) -> float:
    """Return the slope to three digits: it is part of a name."""
    return float(f"{slope:.3g}")
