"""Which of two columns moves first: their correlation at lags before and after."""

from dataclasses import dataclass

import numpy as np
from scipy import fft, stats

from core.quality.views.pair import Pair

MOST_LAG = 20
_FALSE_ALARM = 0.05
_FEWEST_ROWS = 60
# As in shifts.py: the spread of shifted series with a memory is known only roughly.
_TAIL_FREEDOM = 30


@dataclass(frozen=True, kw_only=True)
class Leads:
    """The correlation of a feature with another column `lags` rows later; below 0, with the other that many rows earlier.

    Unrelated columns with these memories pass `band`, on either side, at any of the lags in one case of twenty. `band` is
    None where fewer than 60 pairs are good or one column does not vary. `rows` counts the train rows with a good pair.
    """

    feature: str
    other: str
    lags: tuple[int, ...]
    correlations: tuple[float, ...]
    band: float | None
    rows: int

    @property
    def sentence(self) -> str:
        """Which of the two leads, and what that means for a forecast."""
        if self.band is None:
            return f"Fewer than {_FEWEST_ROWS} rows are good in both, or one does not vary: which leads cannot be told."
        beyond = [pair for pair in zip(self.lags, self.correlations, strict=True) if abs(pair[1]) > self.band]
        if not beyond:
            return "No lag stands out: neither column tells the other's moves in a straight line."
        lag, found = max(beyond, key=lambda pair: abs(pair[1]))
        ahead, strength = max((pair for pair in beyond if pair[0] > 0), key=lambda pair: abs(pair[1]), default=(0, 0.0))
        # A relation of one row shows again at the next ones where the other column remembers: that is no lead of its own.
        memory = f"{self.other}'s own memory left in"
        if lag > 0:
            return f"{self.feature} leads {self.other}: strongest {_rows(lag)} ahead ({found:.2f}), {memory}."
        also = (
            f"More weakly it goes with the {self.other} of {_rows(ahead)} later ({strength:.2f}), {memory}."
            if ahead
            else "It does not lead."
        )
        if lag == 0:
            return (
                f"{self.feature} moves with {self.other} in the same row ({found:.2f}): that row's {self.feature} is not "
                f"known in time to forecast it. {also}"
            )
        return f"{self.feature} follows {self.other} by {_rows(-lag)} ({found:.2f}): it tells what has happened. {also}"


def find_leads(pair: Pair, most: int = MOST_LAG) -> Leads:
    """Return the correlations at lags of at most `most` rows in the train era, each column as it is judged.

    A lag never reaches from one series into another. The band comes from shifting the feature in a circle against the other
    column, further than any lag, so that it is as wide as the memory of both makes it.
    """
    x, y = _spread_apart(pair, most)
    good = [np.isfinite(line).astype(np.float64) for line in (x, y)]
    count = np.round(_sum_at_every_shift(*good))
    total = _sum_at_every_shift(_standardise(x), _standardise(y))
    rows, lags = int(count[0]), np.arange(-most, most + 1)
    found = np.clip(total[lags] / np.maximum(count[lags], 1), -1, 1)
    beyond = slice(most + 1, len(total) - most)
    band = None
    if rows >= _FEWEST_ROWS and total.any():
        # A sum over more pairs is larger by chance: its square goes with their number.
        spread = np.sqrt(np.mean(total[beyond] ** 2 / np.maximum(count[beyond], 1)) / rows)
        # The largest of all lags is compared: each has its share of the false alarms.
        band = min(1.0, float(stats.t.isf(_FALSE_ALARM / 2 / len(lags), _TAIL_FREEDOM) * spread))
    return Leads(
        feature=pair.feature,
        other=pair.other,
        lags=tuple(lags.tolist()),
        correlations=tuple(np.round(found, 12).tolist()),
        band=band,
        rows=rows,
    )


def _spread_apart(pair: Pair, gap: int) -> np.ndarray:
    """Return the train values of both columns, with a gap of NaN after each series that no lag can cross."""
    train = np.flatnonzero(pair.train)
    series = np.cumsum(pair.first)[train]
    number = np.cumsum(np.r_[False, series[1:] != series[:-1]]) if len(series) else series
    place = np.arange(len(train)) + gap * number
    length = fft.next_fast_len((int(place[-1]) if len(place) else 0) + 1 + gap, real=True)
    apart = np.full((2, length), np.nan)
    apart[:, place] = pair.judged[:, train]
    return apart


def _standardise(values: np.ndarray) -> np.ndarray:
    """Return the values around a mean of 0 with a spread of 1; 0 for what is missing, or where none varies."""
    good = np.isfinite(values)
    if not good.any() or not (largest := float(np.abs(values[good]).max())):
        return np.zeros(len(values))
    values = values / largest
    away = np.where(good, values - values[good].mean(), 0.0)
    size = float(np.sqrt((away * away).sum() / np.count_nonzero(good)))
    return away / size if size > 1e-14 else np.zeros(len(values))


def _sum_at_every_shift(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the sum of x[t] * y[t + s], in a circle, for every shift s."""
    return fft.irfft(np.conj(fft.rfft(x)) * fft.rfft(y), len(x))


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"
