"""Jumps of a price that look like splits, and bad ticks: prices that leave and come back in the next row."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

_SPLITS = ((3, 2), *((shares, 1) for shares in (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 50, 100)))
_LOG_SPLITS = np.log([new / old for new, old in _SPLITS])
_NEAR = 0.02
# How many times the usual step a jump must be.
_SPLIT_STEPS, _TICK_STEPS = 8, 12
_AROUND, _STAYS = 10, 3
# A price that fell by half has wild days behind it; one that was split has not.
_CALM = 3
_COMES_BACK = 0.2
_FEWEST = 30
_TO_DEVIATION = 1 / 0.6745


@dataclass(frozen=True, eq=False, kw_only=True)
class Steps:
    """Changes of the logarithm of a price from one good row to the next; NaN where the next row is another series.

    Step n leads from row `rows[n]` to row `rows[n + 1]`; `series` numbers the series it leads into. `usual` is the usual size
    of the steps that are not zero, robust against the jumps that are looked for; infinite where there are too few.
    """

    rows: np.ndarray
    sizes: np.ndarray
    series: np.ndarray
    usual: float

    def near(self, at: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        """Return the steps at these distances from some steps, one row each; NaN beyond the ends of their series."""
        wanted = at[:, None] + offsets
        held = np.clip(wanted, 0, len(self.sizes) - 1)
        inside = (held == wanted) & (self.series[held] == self.series[at][:, None])
        return np.where(inside, self.sizes[held], np.nan)

    def usual_near(self, at: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        """Return the usual size of the steps at these distances, never less than that of all steps."""
        some = np.sort(np.abs(self.near(at, offsets)), axis=1)
        middle = np.maximum(np.count_nonzero(np.isfinite(some), axis=1) - 1, 0) // 2
        return np.fmax(_TO_DEVIATION * np.take_along_axis(some, middle[:, None], axis=1)[:, 0], self.usual)


@dataclass(frozen=True, kw_only=True)
class Split:
    """A jump that looks like a split: the row and the step that lead to it, and how many `new` shares stand for `old` ones."""

    row: int
    step: int
    new: int
    old: int


def take_steps(price: np.ndarray, first: np.ndarray) -> Steps:
    """Return the steps of a price; rows without one, and prices that are not positive, are passed over."""
    good = np.flatnonzero(price > 0).astype(np.int32)
    sizes = price[good]
    sizes = np.diff(np.log(sizes, out=sizes))
    series = np.cumsum(first, dtype=np.int32)[good]
    sizes[series[1:] != series[:-1]] = np.nan
    moves = sizes[np.isfinite(sizes) & (sizes != 0)]
    np.abs(moves, out=moves)
    usual = _TO_DEVIATION * float(np.median(moves, overwrite_input=True)) if len(moves) >= _FEWEST else np.inf
    return Steps(rows=good, sizes=sizes, series=series[1:], usual=usual)


def find_splits(close: Steps, alike: Iterable[np.ndarray]) -> tuple[Split, ...]:
    """Return the jumps of a close by the ratio of a split that the other prices of the row make too.

    The level stays on either side for three rows, and the days behind are about as calm as those before: after a crash they
    are wild. The other prices are asked for one by one, and only where there are such jumps.

    Examples
    --------
    >>> price = 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, 200)))
    >>> price[120:] /= 2
    >>> find_splits(take_steps(price, np.arange(200) == 0), ())
    (Split(row=120, step=119, new=2, old=1),)
    """
    at = np.flatnonzero(np.abs(close.sizes) > max(_SPLIT_STEPS * close.usual, _LOG_SPLITS[0] - _NEAR))
    if not len(at):
        return ()
    distance = np.abs(np.abs(close.sizes[at, None]) - _LOG_SPLITS)
    fits = (distance.min(axis=1) < _NEAR) & _stays(close, at) & _is_calm(close, at)
    found = []
    for place, ratio in zip(at[fits].tolist(), distance.argmin(axis=1)[fits].tolist(), strict=True):
        shares = _SPLITS[ratio]
        new, old = shares if close.sizes[place] < 0 else shares[::-1]
        found.append(Split(row=int(close.rows[place + 1]), step=place, new=new, old=old))
    for price in alike if found else ():
        found = [split for split in found if _moves_too(split, close, price)]
    return tuple(found)


def leave_out_moves(splits: tuple[Split, ...], close: Steps, adjusted: np.ndarray) -> tuple[Split, ...]:
    """Return the jumps that an adjusted close does not make as well: those are no splits, for splits are taken out of it."""
    return tuple(split for split in splits if not _moves_too(split, close, adjusted))


def _moves_too(split: Split, close: Steps, price: np.ndarray) -> bool:
    step = float(close.sizes[split.step])
    before, after = price[close.rows[split.step : split.step + 2]].tolist()
    return before > 0 and after > 0 and abs(math.log(after / before) - step) < abs(step) / 4


def _stays(steps: Steps, at: np.ndarray) -> np.ndarray:
    after = np.cumsum(steps.near(at, np.arange(1, _STAYS + 1)), axis=1)
    before = np.cumsum(steps.near(at, -np.arange(1, _STAYS + 1)), axis=1)
    drift = np.abs(np.concatenate([before, after], axis=1))
    return np.all(drift < np.abs(steps.sizes[at, None]) / 4, axis=1)


def _is_calm(steps: Steps, at: np.ndarray) -> np.ndarray:
    before, after = (steps.usual_near(at, way * np.arange(1, _AROUND + 1)) for way in (-1, 1))
    return after <= _CALM * before


def find_ticks(steps: Steps) -> np.ndarray:
    """Return the rows whose price is many usual steps away from the rows before and after, which agree with each other.

    Examples
    --------
    >>> price = 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, 200)))
    >>> price[50] *= 1.5
    >>> find_ticks(take_steps(price, np.arange(200) == 0)).tolist()
    [50]
    """
    far = np.flatnonzero(np.abs(steps.sizes) > _TICK_STEPS * steps.usual)
    at = far[:-1][np.diff(far) == 1]
    there, back = steps.sizes[at], steps.sizes[at + 1]
    smaller = np.minimum(np.abs(there), np.abs(back))
    comes_back = np.abs(there + back) < _COMES_BACK * smaller
    at, smaller = at[comes_back], smaller[comes_back]
    if not len(at):
        return at
    around = np.r_[np.arange(-_AROUND, 0), np.arange(2, _AROUND + 2)]
    return steps.rows[1:][at[smaller > _TICK_STEPS * steps.usual_near(at, around)]]
