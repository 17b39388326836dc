"""Mean, variance, skewness, excess kurtosis and lag-one autocorrelation of columns, with NaN for every bad value."""

from dataclasses import dataclass

import numpy as np

_CELLS_AT_ONCE = 32_768


@dataclass(frozen=True, eq=False)
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

    def add(self, values: np.ndarray) -> None:
        """Add values, 0 where not good."""
        square = values * values
        self.powers += values.sum(axis=1), square.sum(axis=1), _dot(square, values), _dot(square, square)

    def add_pairs(self, before: np.ndarray, after: np.ndarray, valid: np.ndarray) -> None:
        """Add pairs of neighbours, both 0 where not valid."""
        self.pairs += np.count_nonzero(valid, axis=1)
        self.sides += before.sum(axis=1), after.sum(axis=1)
        self.squares += _dot(before, before), _dot(after, after)
        self.product += _dot(before, after)

    def autocorrelation(self) -> np.ndarray:
        """Return Pearson's correlation of the pairs; NaN where fewer than three."""
        product = self.product - self.sides[0] * self.sides[1] / self.pairs
        spread = np.sqrt(self.squares - self.sides**2 / self.pairs)
        return np.where(self.pairs >= 3, np.clip(product / (spread[0] * spread[1]), -1, 1), np.nan)


def _sum_up(values: np.ndarray, scale: np.ndarray, centre: np.ndarray, first: np.ndarray) -> _Sums:
    """Return the sums of values brought to the size of one around their median, some rows at a time, as a processor likes it."""
    columns, rows = values.shape
    found = _Sums(columns)
    one_series = not first[1:].any()
    step = max(1, _CELLS_AT_ONCE // max(columns, 1)) if one_series else max(rows, 1)
    for begin in range(0, rows, step):
        # The row after the last is looked at too, as its neighbour.
        part = values[:, begin : begin + step + 1] * scale[:, None]
        part -= centre[:, None]
        holes = np.isnan(part)
        np.copyto(part, 0.0, where=holes)
        found.add(part[:, :step])
        valid = ~(holes[:, 1:] | holes[:, :-1])
        if one_series:
            found.add_pairs(part[:, :-1] * valid, part[:, 1:] * valid, valid)
        elif rows > 1:
            valid &= ~first[1:]
            starts = np.flatnonzero(np.r_[True, first[1:-1]])
            found.add_pairs(*(_centre_in_parts(side, valid, starts) for side in (part[:, :-1], part[:, 1:])), valid)
    return found


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


def _dot(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the sum of the products of each row."""
    return np.einsum("ij,ij->i", one, other)


def _centre_in_parts(values: np.ndarray, valid: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return the values less the mean of their part of the row, and 0 where not valid."""
    values = np.where(valid, values, 0.0)
    mean = np.add.reduceat(values, starts, axis=1) / np.maximum(
        np.add.reduceat(valid, starts, axis=1, dtype=np.int64), 1
    )
    if len(starts) > 1:
        mean = np.repeat(mean, np.diff(starts, append=values.shape[1]), axis=1)
    return np.where(valid, values - mean, 0.0)
