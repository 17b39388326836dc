"""Scores of the prediction interval on the test era: coverage overall, by volatility and over time."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.forecast.evaluation.intervals import Interval

_MOST_SPANS = 12
_ROWS_A_SPAN = 25


@dataclass(frozen=True, kw_only=True)
class CoverageSpan:
    """The coverage of `n` outcomes from `start` to `end`, ISO time stamps."""

    start: str
    end: str
    n: int
    coverage: float


@dataclass(frozen=True, kw_only=True)
class IntervalScores:
    """Coverage of an interval on the test era, and its mean width in the target's unit.

    `coverage_by_volatility` is that of low, middle and high volatility known at the origin: terciles of each series over the
    `n` scored outcomes. Outcomes of a panel at one time stamp move together: they are worth `effective_n` independent ones.
    `over_time` are up to twelve consecutive spans of equal numbers of outcomes.
    """

    nominal: float
    coverage: float
    mean_width: float
    calibration_rows: int
    n: int
    effective_n: int
    coverage_by_volatility: tuple[float, float, float] | None = None
    over_time: tuple[CoverageSpan, ...] = ()


def score_interval(
    interval: Interval, part: pd.DataFrame, volatility: np.ndarray, blocks: np.ndarray
) -> IntervalScores | None:
    """Score an interval: the share of actual levels inside, ends included, and the mean width; None without any interval.

    Parameters
    ----------
    interval
        The interval.
    part
        The n rows of an era in the table that `build_predictions` made.
    volatility, blocks
        float64 (n,) and int (n,), the volatility known at the origins, and the block of each.
    """
    actual, lower, upper, times = (part[name].to_numpy() for name in ("actual", "lower", "upper", "time"))
    has = np.isfinite(lower)
    if not has.any():
        return None
    inside = ((lower <= actual) & (actual <= upper))[has]
    terciles = _terciles_within(volatility[has], blocks[has])
    by_volatility = None
    if all((terciles == tercile).any() for tercile in range(3)):
        low, middle, high = (float(inside[terciles == tercile].mean()) for tercile in range(3))
        by_volatility = (low, middle, high)
    return IntervalScores(
        nominal=interval.nominal,
        coverage=float(inside.mean()),
        mean_width=float((upper - lower)[has].mean()),
        calibration_rows=interval.calibration_rows,
        n=int(has.sum()),
        effective_n=_effective_count(inside, times[has]),
        coverage_by_volatility=by_volatility,
        over_time=_spans(inside, times[has]),
    )


def _terciles_within(volatility: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Return the tercile of each row among the rows of its block, int (n,)."""
    order = np.lexsort((volatility, blocks))
    found = np.empty(len(volatility), dtype=np.int64)
    sizes = np.bincount(blocks)
    starts = np.cumsum(sizes) - sizes
    rank = np.arange(len(order)) - starts[blocks[order]]
    found[order] = np.minimum(3 * rank // np.maximum(sizes[blocks[order]], 1), 2)
    return found


def _effective_count(inside: np.ndarray, times: np.ndarray) -> int:
    """Return how many independent outcomes have the variance of the mean of these, bool (n,), which share time stamps."""
    _, place = np.unique(times, return_inverse=True)
    means = np.bincount(place, inside) / np.bincount(place)
    variance = float(means.var(ddof=1)) / len(means) if len(means) > 1 else 0.0
    share = float(inside.mean())
    if len(means) == len(inside) or variance == 0 or share in (0, 1):
        return len(inside)
    return int(np.clip(share * (1 - share) / variance, min(len(means), len(inside)), len(inside)))


def _spans(inside: np.ndarray, times: np.ndarray) -> tuple[CoverageSpan, ...]:
    order = np.argsort(times, kind="stable")
    parts = np.array_split(order, max(1, min(_MOST_SPANS, len(order) // _ROWS_A_SPAN)))
    return tuple(
        CoverageSpan(
            start=str(times[part[0]]), end=str(times[part[-1]]), n=len(part), coverage=float(inside[part].mean())
        )
        for part in parts
    )


def coverage_band(nominal: float, n: int) -> tuple[float, float]:
    """Return the shares between which the coverage of n outcomes is with a probability of 99% if it is nominal.

    Examples
    --------
    >>> coverage_band(0.9, 300)
    (0.8533333333333334, 0.9433333333333334)
    """
    from scipy.stats import binom

    low, high = binom.interval(0.99, n, nominal)
    return float(low / n), float(high / n)
