"""Mean, variance, skewness, excess kurtosis and lag-one autocorrelation of columns, with NaN for every bad value."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

# About as many rows of the columns that are described together as fit the cache nearest to the processor.
_PARTS, _FEWEST_ROWS, _MOST_ROWS = 12, 64, 32_768
# Values of one side of pairs, 0 where not good, their squares, and 1 where they are good, else 0.
Side = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False, kw_only=True)
class Landmarks:
    """Quantiles of each column that its moments are scaled and checked by."""

    min: np.ndarray
    q01: np.ndarray
    median: np.ndarray
    q99: np.ndarray
    max: np.ndarray


def read_moments(values: np.ndarray, good: np.ndarray, first: np.ndarray, at: Landmarks) -> dict[str, np.ndarray]:
    """Return the moments of each column by name, NaN where one does not exist; `first` marks where a series begins.

    Variance, skewness and kurtosis are the unbiased ones that pandas computes; the autocorrelation is that of neighbours in
    one series, each series centred by itself.
    """
    # A power of two brings every column to the size of one without rounding, so that no square overflows.
    largest = np.maximum(np.abs(at.min), np.abs(at.max))
    exponent = np.clip(np.frexp(np.where(np.isfinite(largest), largest, 1.0))[1], -1000, 1000)
    scale = np.ldexp(1.0, -exponent)
    centre = at.median * scale
    n = np.where(good > 0, good, np.nan)
    sums = _sum_up(values, scale, centre, first)
    mean, second, third, fourth = _around_mean(sums, n)

    constant = at.min == at.max
    variance = np.where(constant, 0.0, second / (n - 1))
    variance[good < 2] = np.nan
    span = (at.q99 - at.q01) * scale
    span = np.where(span > 0, span, (at.max - at.min) * scale)
    second[constant] = np.nan
    spread = second / n
    skewness = np.sqrt(n * (n - 1)) / (n - 2) * (third / n) / spread**1.5
    kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * ((fourth / n) / spread**2 - 3) + 6)
    return {
        "mean": np.where(constant, at.min, (centre + mean) / scale),
        "variance": variance / scale**2,
        "std": np.sqrt(variance) / scale,
        "relative_variance": np.where(constant, 0.0, variance / span**2),
        "skewness": np.where(good > 2, skewness, np.nan),
        "kurtosis": np.where(good > 3, kurtosis, np.nan),
        "autocorrelation": np.where(constant, np.nan, sums.autocorrelation()),
    }


class _Sums:
    """Sums over the rows of each column: of the powers 1 to 4 of its values, and over pairs of neighbours."""

    def __init__(self, columns: int) -> None:
        self.powers = np.zeros((4, columns))
        self.pairs = np.zeros(columns)
        self.sides, self.squares = np.zeros((2, 2, columns))
        self.product = np.zeros(columns)

    def add(self, values: np.ndarray, square: np.ndarray) -> None:
        """Add values, 0 where not good, and their squares."""
        dots = np.vecdot(values, values), np.vecdot(square, values), np.vecdot(square, square)
        self.powers += values.sum(axis=1), *dots

    def add_pairs(self, before: Side, after: Side) -> None:
        """Add pairs of neighbours."""
        (one, one_square, of_one), (other, other_square, of_other) = before, after
        self.pairs += np.vecdot(of_one, of_other)
        self.sides += np.vecdot(one, of_other), np.vecdot(other, of_one)
        self.squares += np.vecdot(one_square, of_other), np.vecdot(other_square, of_one)
        self.product += np.vecdot(one, other)

    def autocorrelation(self) -> np.ndarray:
        """Return Pearson's correlation of the pairs; NaN where fewer than three."""
        product = self.product - self.sides[0] * self.sides[1] / self.pairs
        spread = np.sqrt(self.squares - self.sides**2 / self.pairs)
        return np.where(self.pairs >= 3, np.clip(product / (spread[0] * spread[1]), -1, 1), np.nan)


def _sum_up(values: np.ndarray, scale: np.ndarray, centre: np.ndarray, first: np.ndarray) -> _Sums:
    """Return the sums of values brought to the size of one around their median, some rows at a time, as a processor likes it."""
    columns, rows = values.shape
    found = _Sums(columns)
    begins = np.flatnonzero(first[1:]) + 1
    for begin, end in _cut(rows, begins):
        # Of one series the row after the last is looked at too, as its neighbour.
        part = values[:, begin : end if len(begins) else end + 1] * scale[:, None]
        part -= centre[:, None]
        holes = np.isnan(part)
        np.copyto(part, 0.0, where=holes)
        square = part * part
        found.add(part[:, : end - begin], square[:, : end - begin])
        good = (~holes).astype(np.float64)
        sides = tuple((part[side], square[side], good[side]) for side in (np.s_[:, :-1], np.s_[:, 1:]))
        if len(begins):
            valid = good[:, :-1] * good[:, 1:] * ~first[begin + 1 : end]
            starts = np.flatnonzero(np.r_[True, first[begin + 1 : end - 1]])[: end - begin - 1]
            centred = (_centre_in_parts(values, valid, starts) for values, _, _ in sides)
            sides = tuple((values, values * values, valid) for values in centred)
        found.add_pairs(*sides)
    return found


def _cut(rows: int, begins: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield where parts of the rows begin and end, whatever the number of columns: where series begin, if there are several."""
    size = int(np.clip(rows // _PARTS, _FEWEST_ROWS, _MOST_ROWS))
    starts = np.r_[0, begins] if len(begins) else np.arange(0, rows, size)
    starts = starts[np.diff(starts // size, prepend=-1) > 0]
    yield from pairwise([*starts.tolist(), rows])


def _around_mean(sums: _Sums, n: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the mean, around the median, and the sums of the powers 2 to 4 around it.

    The mean lies within one standard deviation of the median, so that moving the sums from one to the other costs no digits.
    """
    first, square, cube, fourth = sums.powers
    mean = first / n
    return (
        mean,
        square - n * mean**2,
        cube - 3 * mean * square + 2 * n * mean**3,
        fourth - 4 * mean * cube + 6 * mean**2 * square - 3 * n * mean**4,
    )


def _centre_in_parts(values: np.ndarray, valid: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return the values less the mean of their part of the row, and 0 where `valid` is not 1 but 0."""
    if not len(starts):
        return values
    values = values * valid
    mean = np.add.reduceat(values, starts, axis=1) / np.maximum(np.add.reduceat(valid, starts, axis=1), 1)
    values -= np.repeat(mean, np.diff(starts, append=values.shape[1]), axis=1)
    values *= valid
    return values
