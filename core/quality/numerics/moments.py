"""Mean, variance, skewness, excess kurtosis and lag-1 autocorrelation of columns; NaN marks bad cells."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

# Rows per part: the columns of one block then fit the first-level cache.
_PARTS, _FEWEST_ROWS, _MOST_ROWS = 12, 64, 32_768
# One side of pairs of neighbours: values (0 if missing), their squares, and 1.0 for valid ones, else 0.0.
Side = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False, kw_only=True)
class KeyQuantiles:
    """Quantiles of each column, float64, shape (columns,), that scale and check its moments."""

    min: np.ndarray
    q01: np.ndarray
    median: np.ndarray
    q99: np.ndarray
    max: np.ndarray


def compute_moments(
    values: np.ndarray, valid: np.ndarray, first: np.ndarray, at: KeyQuantiles
) -> dict[str, np.ndarray]:
    """Return the moments of each column by name, float64, shape (columns,); NaN if one does not exist.

    Variance, skewness and kurtosis are unbiased, as in pandas. The autocorrelation is that of neighbours within a series,
    each series centred by itself.

    Parameters
    ----------
    values
        Shape (columns, rows); NaN marks bad cells.
    valid
        The number of valid cells of each column, int64, shape (columns,).
    first
        Whether a row is the first of its series, bool, shape (rows,).
    at
        Quantiles of each column.
    """
    # Scaling by a power of two is exact, and no square overflows.
    largest = np.maximum(np.abs(at.min), np.abs(at.max))
    exponent = np.clip(np.frexp(np.where(np.isfinite(largest), largest, 1.0))[1], -1000, 1000)
    scale = np.ldexp(1.0, -exponent)
    centre = at.median * scale
    n = np.where(valid > 0, valid, np.nan)
    sums = _sum_up(values, scale, centre, first)
    mean, second, third, fourth = _central_sums(sums, n)

    is_constant = at.min == at.max
    variance = np.where(is_constant, 0.0, second / (n - 1))
    variance[valid < 2] = np.nan
    span = (at.q99 - at.q01) * scale
    span = np.where(span > 0, span, (at.max - at.min) * scale)
    second[is_constant] = np.nan
    spread = second / n
    skewness = np.sqrt(n * (n - 1)) / (n - 2) * (third / n) / spread**1.5
    kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * ((fourth / n) / spread**2 - 3) + 6)
    return {
        "mean": np.where(is_constant, at.min, (centre + mean) / scale),
        "variance": variance / scale**2,
        "std": np.sqrt(variance) / scale,
        "relative_variance": np.where(is_constant, 0.0, variance / span**2),
        "skewness": np.where(valid > 2, skewness, np.nan),
        "kurtosis": np.where(valid > 3, kurtosis, np.nan),
        "autocorrelation": np.where(is_constant, np.nan, sums.autocorrelation()),
    }


class _Sums:
    """Sums over the rows of each column: of powers 1 to 4 of its values, and over pairs of neighbours."""

    def __init__(self, columns: int) -> None:
        self.powers = np.zeros((4, columns))
        self.pairs = np.zeros(columns)
        self.sides, self.squares = np.zeros((2, 2, columns))
        self.product = np.zeros(columns)

    def add(self, values: np.ndarray, square: np.ndarray) -> None:
        """Add values, 0 if missing, and their squares; both have shape (columns, rows)."""
        dots = np.vecdot(values, values), np.vecdot(square, values), np.vecdot(square, square)
        self.powers += values.sum(axis=1), *dots

    def add_pairs(self, before: Side, after: Side) -> None:
        """Add pairs of neighbours."""
        (one, one_square, one_valid), (other, other_square, other_valid) = before, after
        self.pairs += np.vecdot(one_valid, other_valid)
        self.sides += np.vecdot(one, other_valid), np.vecdot(other, one_valid)
        self.squares += np.vecdot(one_square, other_valid), np.vecdot(other_square, one_valid)
        self.product += np.vecdot(one, other)

    def autocorrelation(self) -> np.ndarray:
        """Return the Pearson correlation of the pairs, shape (columns,); NaN with fewer than three."""
        product = self.product - self.sides[0] * self.sides[1] / self.pairs
        spread = np.sqrt(self.squares - self.sides**2 / self.pairs)
        return np.where(self.pairs >= 3, np.clip(product / (spread[0] * spread[1]), -1, 1), np.nan)


def _sum_up(values: np.ndarray, scale: np.ndarray, centre: np.ndarray, first: np.ndarray) -> _Sums:
    """Sum values scaled to size one around their median, in cache-sized parts of the rows."""
    columns, rows = values.shape
    sums = _Sums(columns)
    begins = np.flatnonzero(first[1:]) + 1
    for begin, end in _cut(rows, begins):
        # With one series, the row after the last is read too, as the last one's neighbour.
        part = values[:, begin : end if len(begins) else end + 1] * scale[:, None]
        part -= centre[:, None]
        is_missing = np.isnan(part)
        np.copyto(part, 0.0, where=is_missing)
        square = part * part
        sums.add(part[:, : end - begin], square[:, : end - begin])
        valid = (~is_missing).astype(np.float64)
        before, after = ((part[side], square[side], valid[side]) for side in (np.s_[:, :-1], np.s_[:, 1:]))
        if len(begins):
            is_pair = valid[:, :-1] * valid[:, 1:] * ~first[begin + 1 : end]
            starts = np.flatnonzero(np.r_[True, first[begin + 1 : end - 1]])[: end - begin - 1]
            centred = (_centre_by_series(side, is_pair, starts) for side, _, _ in (before, after))
            before, after = ((side, side * side, is_pair) for side in centred)
        sums.add_pairs(before, after)
    return sums


def _cut(rows: int, begins: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield the begin and end of parts of the rows; with several series, parts begin where a series does."""
    size = int(np.clip(rows // _PARTS, _FEWEST_ROWS, _MOST_ROWS))
    starts = np.r_[0, begins] if len(begins) else np.arange(0, rows, size)
    starts = starts[np.diff(starts // size, prepend=-1) > 0]
    yield from pairwise([*starts.tolist(), rows])


def _central_sums(sums: _Sums, n: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the mean relative to the median, and the sums of powers 2 to 4 around the mean.

    The mean is within one standard deviation of the median, so shifting the sums costs no digits.
    """
    first, square, cube, fourth = sums.powers
    mean = first / n
    return (
        mean,
        square - n * mean**2,
        cube - 3 * mean * square + 2 * n * mean**3,
        fourth - 4 * mean * cube + 6 * mean**2 * square - 3 * n * mean**4,
    )


def _centre_by_series(values: np.ndarray, is_pair: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return the values less the mean of their series, which begin at `starts`; 0 if `is_pair` is 0."""
    if not len(starts):
        return values
    values = values * is_pair
    mean = np.add.reduceat(values, starts, axis=1) / np.maximum(np.add.reduceat(is_pair, starts, axis=1), 1)
    values -= np.repeat(mean, np.diff(starts, append=values.shape[1]), axis=1)
    values *= is_pair
    return values
