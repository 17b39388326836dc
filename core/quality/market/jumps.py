"""Jumps of a price that look like stock splits, and bad ticks that revert in the next row."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

TICK_MULTIPLE = 12
_SPLIT_MULTIPLE = 8
_SPLITS = ((3, 2), *((shares, 1) for shares in (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 50, 100)))
_LOG_SPLITS = np.log([new / old for new, old in _SPLITS])
_NEAR = 0.02
_AROUND, _LEVEL_ROWS = 10, 3
# After a crash returns are far more volatile than before; after a split they are not.
_CALM = 3
_REVERTS = 0.2
_FEWEST = 30
_TO_DEVIATION = 1 / 0.6745


@dataclass(frozen=True, eq=False, kw_only=True)
class LogReturns:
    """Log returns of a price between valid rows; NaN between two series.

    `values`, shape (m,): return k leads from row `rows[k]` to row `rows[k + 1]`; `rows` has shape (m + 1,). `series`, shape (m,),
    numbers the series that each return leads into. `scale` is the robust standard deviation of the returns that are not 0,
    infinite if there are fewer than 30.
    """

    rows: np.ndarray
    values: np.ndarray
    series: np.ndarray
    scale: float

    def at_offsets(self, places: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        """Return the returns at these offsets from each place, shape (places, offsets).

        Outside of the series they are NaN.
        """
        wanted = places[:, None] + offsets
        held = np.clip(wanted, 0, len(self.values) - 1)
        inside = (held == wanted) & (self.series[held] == self.series[places][:, None])
        return np.where(inside, self.values[held], np.nan)

    def local_scale(self, places: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        """Return the robust standard deviation around each place, shape (places,).

        It uses the returns at these offsets, and is at least `scale`.
        """
        sizes = np.sort(np.abs(self.at_offsets(places, offsets)), axis=1)
        middle = np.maximum(np.count_nonzero(np.isfinite(sizes), axis=1) - 1, 0) // 2
        return np.fmax(_TO_DEVIATION * np.take_along_axis(sizes, middle[:, None], axis=1)[:, 0], self.scale)


@dataclass(frozen=True, kw_only=True)
class Split:
    """A jump that looks like a stock split: `new` shares replace `old` ones.

    `row` is the row after the jump, `place` its return.
    """

    row: int
    place: int
    new: int
    old: int


def measure_returns(price: np.ndarray, first: np.ndarray) -> LogReturns:
    """Return the log returns of a price, shape (n,) float64.

    NaN and prices that are not positive are skipped.

    `first`, shape (n,) bool, marks the first row of each series.
    """
    valid = np.flatnonzero(price > 0).astype(np.int32)
    values = price[valid]
    values = np.diff(np.log(values, out=values))
    series = np.cumsum(first, dtype=np.int32)[valid]
    values[series[1:] != series[:-1]] = np.nan
    moves = values[np.isfinite(values) & (values != 0)]
    np.abs(moves, out=moves)
    scale = _TO_DEVIATION * float(np.median(moves, overwrite_input=True)) if len(moves) >= _FEWEST else np.inf
    return LogReturns(rows=valid, values=values, series=series[1:], scale=scale)


def find_splits(close: LogReturns, others: Iterable[np.ndarray]) -> tuple[Split, ...]:
    """Return the jumps of a close that look like stock splits.

    A split jumps by a usual ratio, the level is stable for three rows on either side, volatility does not rise (after a crash
    it does), and the `others`, the other prices of the bar with shape (n,), make the same jump. They are read one by one, and
    only if there are candidates.

    Examples
    --------
    >>> price = 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, 200)))
    >>> price[120:] /= 2
    >>> find_splits(measure_returns(price, np.arange(200) == 0), ())
    (Split(row=120, place=119, new=2, old=1),)
    """
    places = np.flatnonzero(np.abs(close.values) > max(_SPLIT_MULTIPLE * close.scale, _LOG_SPLITS[0] - _NEAR))
    if not len(places):
        return ()
    distance = np.abs(np.abs(close.values[places, None]) - _LOG_SPLITS)
    fits = (distance.min(axis=1) < _NEAR) & _level_is_stable(close, places) & _is_calm(close, places)
    found = []
    for place, ratio in zip(places[fits].tolist(), distance.argmin(axis=1)[fits].tolist(), strict=True):
        shares = _SPLITS[ratio]
        new, old = shares if close.values[place] < 0 else shares[::-1]
        found.append(Split(row=int(close.rows[place + 1]), place=place, new=new, old=old))
    for price in others if found else ():
        found = [split for split in found if _jumps_too(split, close, price)]
    return tuple(found)


def exclude_moves(splits: tuple[Split, ...], close: LogReturns, adjusted: np.ndarray) -> tuple[Split, ...]:
    """Return the splits that an adjusted close does not show: the others are real moves.

    Parameters
    ----------
    splits
        The candidates.
    close
        The returns they were found in.
    adjusted
        The adjusted close, shape (n,).
    """
    return tuple(split for split in splits if not _jumps_too(split, close, adjusted))


def _jumps_too(split: Split, close: LogReturns, price: np.ndarray) -> bool:
    jump = float(close.values[split.place])
    before, after = price[close.rows[split.place : split.place + 2]].tolist()
    return before > 0 and after > 0 and abs(math.log(after / before) - jump) < abs(jump) / 4


def _level_is_stable(returns: LogReturns, places: np.ndarray) -> np.ndarray:
    after = np.cumsum(returns.at_offsets(places, np.arange(1, _LEVEL_ROWS + 1)), axis=1)
    before = np.cumsum(returns.at_offsets(places, -np.arange(1, _LEVEL_ROWS + 1)), axis=1)
    drift = np.abs(np.concatenate([before, after], axis=1))
    return np.all(drift < np.abs(returns.values[places, None]) / 4, axis=1)


def _is_calm(returns: LogReturns, places: np.ndarray) -> np.ndarray:
    before, after = (returns.local_scale(places, sign * np.arange(1, _AROUND + 1)) for sign in (-1, 1))
    return after <= _CALM * before


def find_ticks(returns: LogReturns) -> np.ndarray:
    """Return the rows, shape (k,), with an extreme return that the next row reverses.

    Examples
    --------
    >>> price = 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, 200)))
    >>> price[50] *= 1.5
    >>> find_ticks(measure_returns(price, np.arange(200) == 0)).tolist()
    [50]
    """
    extreme = np.flatnonzero(np.abs(returns.values) > TICK_MULTIPLE * returns.scale)
    places = extreme[:-1][np.diff(extreme) == 1]
    out, back = returns.values[places], returns.values[places + 1]
    smaller = np.minimum(np.abs(out), np.abs(back))
    reverts = np.abs(out + back) < _REVERTS * smaller
    places, smaller = places[reverts], smaller[reverts]
    if not len(places):
        return places
    around = np.r_[np.arange(-_AROUND, 0), np.arange(2, _AROUND + 2)]
    return returns.rows[1:][places[smaller > TICK_MULTIPLE * returns.local_scale(places, around)]]
