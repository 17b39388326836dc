"""Autocorrelation and partial autocorrelation of a series."""

from dataclasses import dataclass

import numpy as np
from scipy import fft

MOST_LAGS = 40
MIN_ROWS = 30
_ROWS_PER_LAG = 4


@dataclass(frozen=True, kw_only=True)
class Autocorrelation:
    """Autocorrelation and partial autocorrelation at the lags 1, 2, …, and their 95% band.

    The autocorrelations of white noise are within plus or minus `band` at 95% of the lags. `rows` counts the valid values;
    if they are too few or constant, there are no lags.
    """

    acf: tuple[float, ...]
    pacf: tuple[float, ...]
    band: float
    rows: int

    @property
    def significant(self) -> tuple[int, ...]:
        """The lags whose autocorrelation is outside the band."""
        return tuple(lag for lag, value in enumerate(self.acf, start=1) if abs(value) > self.band)


def autocorrelate(values: np.ndarray) -> Autocorrelation:
    """Return the autocorrelation of a series at up to 40 lags, at most a quarter of its rows.

    `values` float64 (n,), in time order; NaNs are skipped. The band is 1.96 / sqrt(n) (Bartlett, 1946).

    Examples
    --------
    >>> sine = autocorrelate(np.sin(np.arange(400) * np.pi / 6))
    >>> round(sine.acf[11], 1), round(sine.acf[5], 1)
    (1.0, -1.0)
    """
    known = values[np.isfinite(values)].astype(np.float64)
    rows = len(known)
    if rows < MIN_ROWS or np.ptp(known) <= 1e-12 * np.abs(known).max():
        return Autocorrelation(acf=(), pacf=(), band=0.0, rows=rows)
    acf = _autocorrelations(known, min(MOST_LAGS, rows // _ROWS_PER_LAG))
    return Autocorrelation(
        acf=tuple(acf[1:].tolist()), pacf=tuple(_partial(acf).tolist()), band=1.96 / rows**0.5, rows=rows
    )


def _autocorrelations(values: np.ndarray, lags: int) -> np.ndarray:
    """Return the autocorrelations at the lags 0 to `lags`, by a zero-padded Fourier transform."""
    centred = values - values.mean()
    length = fft.next_fast_len(len(centred) + lags, real=True)
    spectrum = np.abs(fft.rfft(centred / np.abs(centred).max(), length)) ** 2
    covariances = fft.irfft(spectrum, length)[: lags + 1]
    return covariances / covariances[0]


def _partial(acf: np.ndarray) -> np.ndarray:
    """Return the partial autocorrelations from lag 1, by the Durbin-Levinson recursion."""
    partial = np.empty(len(acf) - 1)
    weights = np.empty(0)
    unexplained = 1.0
    for lag in range(1, len(acf)):
        partial[lag - 1] = (acf[lag] - weights @ acf[lag - 1 : 0 : -1]) / unexplained if unexplained > 0 else 0.0
        weights = np.r_[weights - partial[lag - 1] * weights[::-1], partial[lag - 1]]
        unexplained *= 1 - partial[lag - 1] ** 2
    return partial
