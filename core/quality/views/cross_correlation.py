"""Cross-correlation of two columns: which one leads, and by how many rows."""

from dataclasses import dataclass

import numpy as np
from scipy import fft, stats

from core.quality.views.pair import Pair
from core.text.format import format_count

MOST_LAG = 20
_FALSE_ALARM = 0.05
_FEWEST_ROWS = 60
# As in circular_shifts.py: the standard deviation over shifts of autocorrelated series is only an estimate.
_TAIL_FREEDOM = 30


@dataclass(frozen=True, kw_only=True)
class CrossCorrelation:
    """The correlation of a feature with another column at each of `lags`.

    At a positive lag the other column is that many rows later, at a negative one earlier.

    With probability 0.05, unrelated columns with these autocorrelations exceed `band`, in absolute value, at any of the lags.
    `band` is None if fewer than 60 pairs are valid or one column is constant. `rows` counts the train rows with a valid pair.
    """

    feature: str
    other: str
    lags: tuple[int, ...]
    correlations: tuple[float, ...]
    band: float | None
    rows: int

    @property
    def strongest(self) -> tuple[int, float] | None:
        """The lag and value of the largest |correlation| beyond the band, if any."""
        return _largest(self._beyond)

    @property
    def lead(self) -> tuple[int, float] | None:
        """The same among positive lags, at which the feature leads."""
        return _largest([pair for pair in self._beyond if pair[0] > 0])

    @property
    def _beyond(self) -> list[tuple[int, float]]:
        band = np.inf if self.band is None else self.band
        return [pair for pair in zip(self.lags, self.correlations, strict=True) if abs(pair[1]) > band]

    @property
    def sentence(self) -> str:
        """Which column leads, and what that means for a forecast."""
        if self.band is None:
            return f"Fewer than {_FEWEST_ROWS} rows are valid in both columns, or one is constant: no lead can be estimated."
        if self.strongest is None:
            return "No lag is significant: neither column linearly predicts the other."
        lag, found = self.strongest
        # If the other column is autocorrelated, a same-row relation also shows at the next rows: that is no lead of its own.
        unadjusted = f"not adjusted for the autocorrelation of {self.other}"
        if lag > 0:
            rows = format_count(lag, "row")
            return f"{self.feature} leads {self.other}: strongest at {rows} ahead ({found:.2f}), {unadjusted}."
        also = "It does not lead."
        if self.lead is not None:
            ahead, weaker = self.lead
            rows = format_count(ahead, "row")
            also = f"The weaker correlation with {self.other} {rows} later ({weaker:.2f}) is {unadjusted}."
        if lag == 0:
            return (
                f"{self.feature} moves with {self.other} in the same row ({found:.2f}), so it is not known in time to forecast "
                f"that row. {also}"
            )
        return f"{self.feature} follows {self.other} by {format_count(-lag, 'row')} ({found:.2f}): it reflects past moves. {also}"


def _largest(pairs: list[tuple[int, float]]) -> tuple[int, float] | None:
    return max(pairs, key=lambda pair: abs(pair[1]), default=None)


def cross_correlate(pair: Pair, most: int = MOST_LAG) -> CrossCorrelation:
    """Return the correlations at lags of at most `most` rows in the train era.

    Differenced columns enter as changes.

    Lags never cross from one series into another. The band is estimated from circular shifts of the feature beyond these
    lags, so it reflects the autocorrelation of both columns.
    """
    x, y = _pad_series(pair, most)
    valid = [np.isfinite(line).astype(np.float64) for line in (x, y)]
    count = np.round(_sum_at_every_shift(*valid))
    total = _sum_at_every_shift(_standardise(x), _standardise(y))
    rows, lags = int(count[0]), np.arange(-most, most + 1)
    found = np.clip(total[lags] / np.maximum(count[lags], 1), -1, 1)
    beyond = slice(most + 1, len(total) - most)
    band = None
    if rows >= _FEWEST_ROWS and total.any():
        # The variance of a sum grows with its number of pairs.
        deviation = np.sqrt(np.mean(total[beyond] ** 2 / np.maximum(count[beyond], 1)) / rows)
        # The maximum over all lags is compared with the band: Bonferroni.
        band = min(1.0, float(stats.t.isf(_FALSE_ALARM / 2 / len(lags), _TAIL_FREEDOM) * deviation))
    return CrossCorrelation(
        feature=pair.feature,
        other=pair.other,
        lags=tuple(lags.tolist()),
        correlations=tuple(np.round(found, 12).tolist()),
        band=band,
        rows=rows,
    )


def _pad_series(pair: Pair, gap: int) -> np.ndarray:
    """Return the train values of both columns, shape (2, m).

    After each series come `gap` NaNs that no lag can cross.
    """
    train = np.flatnonzero(pair.train)
    series = np.cumsum(pair.first)[train]
    number = np.cumsum(np.r_[False, series[1:] != series[:-1]]) if len(series) else series
    place = np.arange(len(train)) + gap * number
    length = fft.next_fast_len((int(place[-1]) if len(place) else 0) + 1 + gap, real=True)
    padded = np.full((2, length), np.nan)
    padded[:, place] = pair.stationary[:, train]
    return padded


def _standardise(values: np.ndarray) -> np.ndarray:
    """Return z-scores, shape (n,); 0 for NaN, and everywhere if the values are constant."""
    good = np.isfinite(values)
    if not good.any() or not (largest := float(np.abs(values[good]).max())):
        return np.zeros(len(values))
    values = values / largest
    away = np.where(good, values - values[good].mean(), 0.0)
    size = float(np.sqrt((away * away).sum() / np.count_nonzero(good)))
    return away / size if size > 1e-14 else np.zeros(len(values))


def _sum_at_every_shift(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the circular sums of x[t] * y[t + s] for every shift s, shape (n,)."""
    return fft.irfft(np.conj(fft.rfft(x)) * fft.rfft(y), len(x))
