"""How many rows a year has, by the frequency of the data and the market's own calendar."""

import numpy as np

from core.data.blocks import block_slices
from core.data.calendar import learn_calendar

_YEAR = np.timedelta64(365, "D") + np.timedelta64(6, "h")
# A market that is closed at weekends trades on about 252 days a year, not 261: holidays.
_TRADED_WEEKS, _WEEKS = 252 / 5, 365 / 7
_DAY = 24 * 3_600_000_000
_WORKING_DAYS = 5


def count_rows_a_year(times: np.ndarray, series: np.ndarray | None = None) -> float | None:
    """Return how many rows a usual year has: about 252 for daily stocks, 365 for daily bitcoin, 12 for months.

    With a year of data or more it is counted: the median over whole years from the first row on, so one year with missing rows
    does not matter. With less, it is that of the usual week of the market. In a panel it is the median over the series. None if
    no series has two rows.

    Parameters
    ----------
    times
        datetime64[us] (rows,), sorted within each series, without NaT.
    series
        The series of each row, (rows,), rows of a series together; None for a single series.

    Examples
    --------
    >>> count_rows_a_year(np.arange("2015-01", "2025-01", dtype="datetime64[M]").astype("datetime64[us]"))
    12.0
    """
    counts = [count for rows in block_slices(series, len(times)) if (count := _count(times[rows])) is not None]
    return float(np.median(counts)) if counts else None


def _count(times: np.ndarray) -> float | None:
    span = times[-1] - times[0]
    if not span > np.timedelta64(0, "us"):
        return None
    years = int(span / _YEAR)
    if years:
        edges = np.searchsorted(times, times[0] + np.arange(years + 1) * _YEAR)
        return float(np.median(np.diff(edges)))
    return _from_calendar(times) or float((len(times) - 1) * (_YEAR / span))


def _from_calendar(times: np.ndarray) -> float | None:
    """Return the rows of a year of usual weeks, None if no usual week shows."""
    market = learn_calendar(times)
    if market is None:
        return None
    bars = sum(run.count for run in market.runs)
    days = {(run.first + place * run.step) // _DAY for run in market.runs for place in range(run.count)}
    return bars * (_TRADED_WEEKS if len(days) <= _WORKING_DAYS else _WEEKS)
