"""Mean, variance, skewness, excess kurtosis and lag-one autocorrelation of columns, with NaN for every bad value."""

from dataclasses import dataclass

import numpy as np


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
    holes = np.isnan(values)
    centred = values * scale[:, None]
    centred -= centre[:, None]
    centred[holes] = 0.0
    mean = centred.sum(axis=1) / good
    centred -= mean[:, None]
    centred[holes] = 0.0
    power = centred * centred
    second = power.sum(axis=1)
    power *= centred
    third = power.sum(axis=1)
    power *= centred
    fourth = power.sum(axis=1)

    n = np.where(good > 0, good, np.nan)
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
        "autocorrelation": np.where(constant, np.nan, _autocorrelation(centred, holes, first)),
    }


def _autocorrelation(values: np.ndarray, holes: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return Pearson's correlation of neighbours, each side centred within its series; NaN where fewer than three pairs."""
    if values.shape[1] < 2:
        return np.full(len(values), np.nan)
    before, after = values[:, :-1], values[:, 1:]
    pairs = ~(holes[:, :-1] | holes[:, 1:] | first[1:])
    starts = np.flatnonzero(np.r_[True, first[1:-1]])
    before, after = _centre_in_parts(before, pairs, starts), _centre_in_parts(after, pairs, starts)
    product = (before * after).sum(axis=1)
    spread = np.sqrt((before * before).sum(axis=1)) * np.sqrt((after * after).sum(axis=1))
    return np.where(np.count_nonzero(pairs, axis=1) >= 3, np.clip(product / spread, -1, 1), np.nan)


def _centre_in_parts(values: np.ndarray, valid: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return the values less the mean of their part of the row, and 0 where not valid."""
    values = np.where(valid, values, 0.0)
    mean = np.add.reduceat(values, starts, axis=1) / np.maximum(
        np.add.reduceat(valid, starts, axis=1, dtype=np.int64), 1
    )
    if len(starts) > 1:
        mean = np.repeat(mean, np.diff(starts, append=values.shape[1]), axis=1)
    return np.where(valid, values - mean, 0.0)
