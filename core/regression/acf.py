"""How long a series remembers: the correlation with its own past, whole and with the steps between taken out."""

from dataclasses import dataclass

import numpy as np
from scipy import fft

MOST_LAGS = 40
SHORTEST = 30
_SHARE = 4


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Autocorrelation and partial autocorrelation of a series at the lags 1, 2, …, and the band of chance.

    `band` is what the correlations of a series without memory stay within, 95 of 100 lags. `rows` is how many were used; where
    they are too few, or never vary, there is no lag.
    """

    acf: tuple[float, ...]
    pacf: tuple[float, ...]
    band: float
    rows: int

    @property
    def beyond(self) -> tuple[int, ...]:
        """The lags whose autocorrelation lies outside the band."""
        return tuple(lag for lag, value in enumerate(self.acf, start=1) if abs(value) > self.band)


def measure_memory(values: np.ndarray) -> Memory:
    """Return the memory of one series, in order of time, at up to 40 lags and no more than a quarter of its rows.

    Missing values are passed over. The band is 1.96 over the root of the number of rows (Bartlett 1946).

    Examples
    --------
    >>> swing = measure_memory(np.sin(np.arange(400) * np.pi / 6))
    >>> round(swing.acf[11], 1), round(swing.acf[5], 1)
    (1.0, -1.0)
    """
    known = values[np.isfinite(values)].astype(np.float64)
    rows = len(known)
    if rows < SHORTEST or np.ptp(known) <= 1e-12 * np.abs(known).max():
        return Memory(acf=(), pacf=(), band=0.0, rows=rows)
    acf = _autocorrelate(known, min(MOST_LAGS, rows // _SHARE))
    return Memory(
        acf=tuple(acf[1:].tolist()), pacf=tuple(_leave_between_out(acf).tolist()), band=1.96 / rows**0.5, rows=rows
    )


def _autocorrelate(values: np.ndarray, lags: int) -> np.ndarray:
    """Return the autocorrelations at the lags 0 to `lags`, by a Fourier transform that is long enough not to wrap."""
    centred = values - values.mean()
    length = fft.next_fast_len(len(centred) + lags, real=True)
    spectrum = np.abs(fft.rfft(centred / np.abs(centred).max(), length)) ** 2
    covariances = fft.irfft(spectrum, length)[: lags + 1]
    return covariances / covariances[0]


def _leave_between_out(acf: np.ndarray) -> np.ndarray:
    """Return the partial autocorrelations, by the recursion of Durbin (1960) and Levinson (1947)."""
    partial = np.empty(len(acf) - 1)
    weights = np.empty(0)
    left = 1.0
    for lag in range(1, len(acf)):
        partial[lag - 1] = (acf[lag] - weights @ acf[lag - 1 : 0 : -1]) / left if left > 0 else 0.0
        weights = np.r_[weights - partial[lag - 1] * weights[::-1], partial[lag - 1]]
        left *= 1 - partial[lag - 1] ** 2
    return partial
