"""The rolling correlation of two columns."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.quality.numerics.sampling import scale_within
from core.quality.views.pair import Pair

WINDOWS = (20, 60, 120, 250, 500, 1000, 2500)
_FEWEST = 10
_CLEAR = 0.1
_FEWEST_WINDOWS = 10


@dataclass(frozen=True, eq=False, kw_only=True)
class RollingCorrelation:
    """Pearson correlation over the `window` time stamps up to each of `times`.

    `times` and `values` have shape (n,); a value is NaN if fewer than half of its rows are valid. Several series are
    standardised and pooled. `labels` name the two columns.
    """

    times: np.ndarray
    values: np.ndarray
    window: int
    labels: tuple[str, str]

    @property
    def sign_changes(self) -> int:
        """How often the sign changes, ignoring values within 0.1 of zero."""
        signs = np.sign(self.values[np.abs(self.values) > _CLEAR])
        return int(np.count_nonzero(np.diff(signs)))

    @property
    def sentence(self) -> str:
        """How stable the correlation is."""
        known = self.values[~np.isnan(self.values)]
        if len(known) == 0:
            return f"No window of {self.window:,} rows has enough valid pairs."
        least, most = f"{known.min():z.2f}", f"{known.max():z.2f}"
        if least == most:
            return f"The correlation is {least} throughout."
        changes = self.sign_changes
        keeps = "keeps its sign except near 0" if known.min() < 0 < known.max() else "keeps its sign"
        stability = {0: keeps, 1: "changes sign once"}.get(changes, f"changes sign {changes:,} times")
        return f"The correlation ranges from {least} to {most} and {stability}."


def propose_window(stamps: int) -> int:
    """Return the longest window that fits ten times into this many time stamps.

    Examples
    --------
    >>> propose_window(1250), propose_window(40)
    (120, 20)
    """
    return max((window for window in WINDOWS if window * _FEWEST_WINDOWS <= stamps), default=WINDOWS[0])


def roll_correlation(pair: Pair, window: int, as_changes: bool = True) -> RollingCorrelation:
    """Return the correlation over the window up to each time stamp.

    Windows never cross series.

    Parameters
    ----------
    pair
        The two columns.
    window
        Length in time stamps.
    as_changes
        Whether columns that do not mean-revert within a row are differenced.
    """
    series = np.cumsum(pair.first)
    x, y = (scale_within(line, series) for line in pair.values(as_changes))
    timed = ~(np.isnan(x) | np.isnan(y)) & ~np.isnat(pair.times)
    stamps, place = _stamps(pair.times)
    x, y, place = x[timed], y[timed], place[timed]
    parts = (np.ones(len(x)), x, y, x * x, y * y, x * y)
    sums = pd.DataFrame({name: np.bincount(place, part, len(stamps)) for name, part in enumerate(parts)})
    count, of_x, of_y, of_xx, of_yy, of_xy = sums.rolling(window).sum().to_numpy().T
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = (of_xx - of_x**2 / count) * (of_yy - of_y**2 / count)
        found = (of_xy - of_x * of_y / count) / np.sqrt(np.where(spread > 1e-20 * of_xx * of_yy, spread, np.nan))
    found[count < max(_FEWEST, window / 2)] = np.nan
    return RollingCorrelation(times=stamps, values=np.clip(found, -1, 1), window=window, labels=pair.labels(as_changes))


def _stamps(times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct times, shape (m,), and each row's place among them, shape (n,)."""
    if len(times) and not np.isnat(times).any() and (np.diff(times) > np.timedelta64(0, "us")).all():
        return times, np.arange(len(times))
    stamps = np.unique(times[~np.isnat(times)])
    return stamps, np.minimum(np.searchsorted(stamps, times), max(0, len(stamps) - 1))
