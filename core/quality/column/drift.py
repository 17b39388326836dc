"""Whether a column drifts: its autocorrelation is so high that its last value nearly determines the next."""

import numpy as np

from core.quality.numerics.statistics import ColumnStatistics

DRIFT = 0.95
# A column with a larger share of rows in runs of equal values holds period figures, or changes rarely.
MOSTLY_STALE = 0.5
_FEWEST_FIGURES = 12
_HELD, _EVENLY = 3, 1.5


def is_drifting(train: ColumnStatistics, values: np.ndarray, first: np.ndarray) -> bool:
    """Return whether a column drifts in the train era, as a random walk does.

    Figures held over a calendar period, such as monthly ones in daily rows, are judged from one figure to the next, because
    repetition alone makes them autocorrelated. A column of two values does not drift.

    Parameters
    ----------
    train
        The column's train statistics.
    values
        Its train values, float64, shape (rows,); NaN marks bad cells.
    first
        The first row of each series, bool, shape (rows,).
    """
    if not _is_persistent(train.autocorrelation, train.valid / max(1, int(np.count_nonzero(first)))):
        return False
    if train.distinct <= 2:
        return False
    if train.stale_ratio <= MOSTLY_STALE:
        return True
    valid = ~np.isnan(values)
    return _are_figures_drifting(values[valid], np.cumsum(first)[valid])


def _is_persistent(autocorrelation: float | None, rows_a_series: float) -> bool:
    if autocorrelation is None:
        return False
    # Kendall (1954): over T rows the estimate is biased down by about (1 + 3 r) / T.
    bias = min(0.1, (1 + 3 * autocorrelation) / max(rows_a_series, 1))
    return autocorrelation > DRIFT - bias


def _are_figures_drifting(values: np.ndarray, series: np.ndarray) -> bool:
    """Return whether figures, runs of equal values, are persistent, or are no period figures at all.

    Runs of very different lengths are no period figures: a price with few ticks stays equal for a while too, and its bounce
    between ticks is no evidence against drift.
    """
    begins = np.flatnonzero(np.r_[True, (values[1:] != values[:-1]) | (series[1:] != series[:-1])])
    short, long = np.quantile(np.diff(np.r_[begins, len(values)]), (0.25, 0.75))
    figures, series = values[begins], series[begins]
    length = len(figures) / len(np.unique(series))
    if length < _FEWEST_FIGURES or short < _HELD or long > _EVENLY * short:
        return True
    same = series[1:] == series[:-1]
    before, after = figures[:-1][same], figures[1:][same]
    if np.ptp(before) == 0 or np.ptp(after) == 0:
        return False
    return _is_persistent(float(np.corrcoef(before, after)[0, 1]), length)
