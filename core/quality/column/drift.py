"""Whether a column is a level that drifts: what it is now tells nearly all of what it will be next."""

import numpy as np

from core.quality.numerics.statistics import ColumnStatistics

DRIFT = 0.95
# From this share of the rows in runs of equal values on, a column is one of figures that are held.
STANDS_STILL = 0.5
_FEWEST_FIGURES = 12
_HELD, _EVENLY = 3, 1.5


def is_level(train: ColumnStatistics, values: np.ndarray, first: np.ndarray) -> bool:
    """Return whether the train values of a column, NaN for bad ones, correlate with their neighbours as a level does.

    `first` marks where a series begins. A figure that is held by a calendar, such as a monthly one in daily rows, is judged from
    one figure to the next: that it was held says nothing of where it goes. A switch between two values is no level.
    """
    if not _remembers(train.autocorrelation, train.good / max(1, np.count_nonzero(first))):
        return False
    if train.distinct <= 2:
        return False
    if train.stale_ratio <= STANDS_STILL:
        return True
    good = ~np.isnan(values)
    return _figures_remember(values[good], np.cumsum(first)[good])


def _remembers(autocorrelation: float | None, rows_a_series: float) -> bool:
    # Kendall (1954): over T rows the autocorrelation comes out too small by about (1 + 3 r) / T.
    found = autocorrelation
    return found is not None and found > DRIFT - min(0.1, (1 + 3 * found) / max(rows_a_series, 1))


def _figures_remember(values: np.ndarray, series: np.ndarray) -> bool:
    """Return whether neighbouring figures, runs of equal values, correlate as a level does; also where they follow no calendar.

    A price of few ticks stands still too, but for stretches of any length, and its ticks bounce: that is no sign against a level.
    """
    begins = np.flatnonzero(np.r_[True, (values[1:] != values[:-1]) | (series[1:] != series[:-1])])
    short, long = np.quantile(np.diff(np.r_[begins, len(values)]), (0.25, 0.75))
    figures, series = values[begins], series[begins]
    length = len(figures) / len(np.unique(series))
    if length < _FEWEST_FIGURES or short < _HELD or long > _EVENLY * short:
        return True
    same = series[1:] == series[:-1]
    before, after = figures[:-1][same], figures[1:][same]
    return np.ptp(before) > 0 and np.ptp(after) > 0 and _remembers(float(np.corrcoef(before, after)[0, 1]), length)
