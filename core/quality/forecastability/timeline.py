"""The rows of the map in table order: lags, windows and means that never cross from one series into another."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.data.blocks import rows_before

_BLOCKS = 12
_FEWEST_EARLY, _FEWEST_SO_FAR = 20, 10
_SEASON_DOUBLINGS = 4

Places = slice | np.ndarray


@dataclass(frozen=True, eq=False)
class Cut:
    """Rows to add to what is learned from, and the rows to forecast then: each in order of time."""

    learn: Places
    forecast: Places


@dataclass(frozen=True, eq=False, kw_only=True)
class Timeline:
    """Rows of one or several series, each in order of time.

    `series` (n,) int numbers the series of each row, ascending; `stamps` (n,) int is the rank of its time. Values have shape
    (..., n), float64, NaN where unknown.
    """

    series: np.ndarray
    stamps: np.ndarray

    @cached_property
    def is_panel(self) -> bool:
        """Whether there are several series."""
        return bool(len(self.series)) and bool(self.series[0] != self.series[-1])

    @cached_property
    def _place(self) -> np.ndarray:
        """The number of rows of its series before each row."""
        return rows_before(self.series)

    @cached_property
    def _begins(self) -> np.ndarray:
        """The first row of each series."""
        return np.flatnonzero(self._place == 0)

    def lag(self, values: np.ndarray, rows: int, fill: float = np.nan) -> np.ndarray:
        """Return the values `rows` rows earlier, later ones if negative, and `fill` beyond the series."""
        if rows == 0:
            return values
        shifted = np.empty_like(values)
        rows_of_values = values.shape[-1]
        if rows > 0:
            to, source, outside = slice(rows, None), slice(None, -rows), slice(None, rows)
        else:
            to, source, outside = slice(None, rows), slice(-rows, None), slice(max(0, rows_of_values + rows), None)
        shifted[..., to] = values[..., source]
        shifted[..., outside] = fill
        if self.is_panel:
            crosses = np.zeros(rows_of_values, dtype=bool)
            crosses[to] = self.series[to] != self.series[source]
            shifted[..., crosses] = fill
        return shifted

    def means(self, values: np.ndarray, *windows: int) -> list[np.ndarray]:
        """Return the mean of the valid ones among the last values, one array a window of so many rows.

        NaN if fewer than half of the window's values are valid.
        """
        sums = _Sums(values)
        return [_divide(sums, self._window_begin(rows), rows / 2) for rows in windows]

    def mean_so_far(self, values: np.ndarray) -> np.ndarray:
        """Return the mean of the valid values so far; NaN if fewer than ten are."""
        begin = np.arange(values.shape[-1]) - self._place if self.is_panel else None
        return _divide(_Sums(values), begin, _FEWEST_SO_FAR)

    def _window_begin(self, rows: int) -> np.ndarray | int:
        """Return the first row of the window that ends at each row; its length if windows need not stop at a series."""
        if not self.is_panel:
            return rows
        here = np.arange(len(self.series))
        return np.maximum(here - rows + 1, here - self._place)

    def seasonal_mean(self, values: np.ndarray, season: int, horizon: int) -> np.ndarray:
        """Return the mean of the sixteen latest known values a whole number of seasons before the row `horizon` rows ahead.

        NaN if none of them is valid.
        """
        latest = self.lag(values, season * -(-horizon // season) - horizon)
        valid = np.isfinite(latest)
        total, count = np.where(valid, latest, 0.0), valid.astype(np.float32)
        for doubled in range(_SEASON_DOUBLINGS):
            rows = season << doubled
            if rows >= values.shape[-1]:
                break
            total = total + self.lag(total, rows, 0.0)
            count = count + self.lag(count, rows, 0.0)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    @cached_property
    def stamp_count(self) -> int:
        """The number of distinct times."""
        return int(self.stamps.max(initial=-1)) + 1

    @cached_property
    def cutoffs(self) -> list[int]:
        """The ranks of time at which the models are fitted again, in equal ratios from the first third on, and the end."""
        count = self.stamp_count
        edges = np.geomspace(max(count / 3, 1), max(count, 1), _BLOCKS + 1).round().astype(int)
        return list(dict.fromkeys(edges.tolist()))

    @cached_property
    def early(self) -> np.ndarray:
        """Which rows are before the first cutoff, bool (n,): scales are learned from them."""
        return self.stamps < self.cutoffs[0]

    @cached_property
    def late(self) -> Places:
        """The rows from the first cutoff on: forecasts are judged on them."""
        return np.flatnonzero(~self.early) if self.is_panel else slice(self.cutoffs[0], None)

    def standardise(self, values: np.ndarray) -> np.ndarray:
        """Return values minus their early mean, over their early standard deviation, within each series."""
        mean, std = self._early_moments(values)
        return (values - mean) / std

    def deviation(self, values: np.ndarray) -> np.ndarray:
        """Return the early standard deviation of each row's series.

        NaN in a series with fewer than twenty early values, or without variation.
        """
        return self._early_moments(values)[1]

    def _early_moments(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        valid = np.isfinite(values) & self.early
        count = np.add.reduceat(valid, self._begins, axis=-1, dtype=np.float64)
        some = np.maximum(count, 1)
        mean = np.add.reduceat(np.where(valid, values, 0.0), self._begins, axis=-1) / some
        lengths = np.diff(np.r_[self._begins, len(self.series)])
        number = np.repeat(np.arange(len(self._begins)), lengths)
        deviation = np.where(valid, values - mean[..., number], 0.0)
        std = np.sqrt(np.add.reduceat(deviation**2, self._begins, axis=-1) / some)
        usable = (count >= _FEWEST_EARLY) & (std > 1e-12 * np.abs(mean))
        return mean[..., number], np.where(usable, std, np.nan)[..., number]

    def cuts(self, horizon: int) -> Iterator[Cut]:
        """Yield, cutoff by cutoff, the rows whose outcome has become known, and those to forecast until the next."""
        edges = self.cutoffs
        if not self.is_panel:
            # A single series may repeat no time: ranks are rows.
            learned = [0, *(max(0, edge - horizon + 1) for edge in edges[:-1])]
            for place, (edge, end) in enumerate(zip(edges, edges[1:], strict=False)):
                yield Cut(learn=slice(learned[place], learned[place + 1]), forecast=slice(edge, end))
            return
        known_at = self.lag(self.stamps.astype(np.float64), -horizon)
        by_known, by_origin = np.argsort(known_at, kind="stable"), np.argsort(self.stamps, kind="stable")
        known, origin = known_at[by_known], self.stamps[by_origin]
        begin = 0
        for edge, end in zip(edges, edges[1:], strict=False):
            until = int(known.searchsorted(edge, "right"))
            first, last = origin.searchsorted([edge, end])
            yield Cut(learn=by_known[begin:until], forecast=by_origin[first:last])
            begin = until


class _Sums:
    """Cumulative sums of values (..., n) and of the number of valid ones: (..., n + 1), from 0 on."""

    def __init__(self, values: np.ndarray) -> None:
        valid = np.isfinite(values)
        self.total = _cumulate(np.where(valid, values, 0.0))
        self.count = _cumulate(valid)


def _cumulate(values: np.ndarray) -> np.ndarray:
    sums = np.zeros((*values.shape[:-1], values.shape[-1] + 1))
    np.cumsum(values, axis=-1, out=sums[..., 1:])
    return sums


def _divide(sums: _Sums, begin: np.ndarray | int | None, fewest: float) -> np.ndarray:
    """Return the means of the rows from `begin` on; a number is the length of every window, None means from the start."""
    total, count = _between(sums.total, begin), _between(sums.count, begin)
    return np.where(count >= max(1, fewest), total / np.maximum(count, 1), np.nan)


def _between(sums: np.ndarray, begin: np.ndarray | int | None) -> np.ndarray:
    until = sums[..., 1:]
    if begin is None:
        return until
    if isinstance(begin, int):
        between = until.copy()
        between[..., begin:] -= sums[..., 1:-begin]
        return between
    return until - sums[..., begin]
