"""Means and deviations of the last rows, and shifted values."""

import numpy as np


def shift(values: np.ndarray, rows: int) -> np.ndarray:
    """Return the values `rows` rows earlier, float64 (n,), NaN before the first."""
    shifted = np.full(len(values), np.nan)
    shifted[rows:] = values[: max(0, len(values) - rows)]
    return shifted


def rolling_moments(values: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and the sum of squared deviations of the last `window` values.

    Both are float64 (n,), one per row. Windows of 1, 2, 4, … rows are merged pairwise (Chan, Golub and LeVeque, 1983). Each
    result depends on its own window alone, bit for bit; a running sum would carry rounding errors of earlier values.
    """
    mean, squares, size = values, np.zeros(len(values)), 0
    part_mean, part_squares, part = values, np.zeros(len(values)), 1
    while True:
        if window & part:
            earlier = (shift(part_mean, size), shift(part_squares, size))
            mean, squares = (part_mean, part_squares) if not size else _merge(mean, squares, size, *earlier, part)
            size += part
        if size == window:
            return mean, squares
        earlier = (shift(part_mean, part), shift(part_squares, part))
        part_mean, part_squares = _merge(part_mean, part_squares, part, *earlier, part)
        part *= 2


def _merge(
    mean: np.ndarray, squares: np.ndarray, size: int, more_mean: np.ndarray, more_squares: np.ndarray, more: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the moments of two adjacent windows together, of `size` and `more` rows."""
    whole = size + more
    step = more_mean - mean
    mean = mean + step * (more / whole)
    step *= step
    step *= size * more / whole
    step += squares
    step += more_squares
    return mean, step
