"""How the correlation of two columns changes over time."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.quality.numerics.sampling import scale_within
from core.quality.views.pair import Pair

WINDOWS = (20, 60, 120, 250, 500, 1000, 2500)
_FEWEST = 10
_CLEAR = 0.1
_MOST_WINDOWS_SHARE = 10


@dataclass(frozen=True, eq=False, kw_only=True)
class RollingCorrelation:
    """Pearson's correlation over the `window` time stamps that end at each of `times`; NaN where fewer than half are good.

    Of several series, the rows of all of them at those stamps are pooled, each as its distance from its own series' mean.
    `labels` say what is correlated.
    """

    times: np.ndarray
    values: np.ndarray
    window: int
    labels: tuple[str, str]

    @property
    def sentence(self) -> str:
        """How steady the correlation is, in one sentence."""
        known = self.values[~np.isnan(self.values)]
        if len(known) == 0:
            return f"No window of {self.window:,} rows holds enough good pairs."
        least, most = f"{known.min():z.2f}", f"{known.max():z.2f}"
        if least == most:
            return f"The correlation is {least} throughout."
        # Around zero a sign means nothing.
        signs = np.sign(known[np.abs(known) > _CLEAR])
        turns = int(np.count_nonzero(np.diff(signs)))
        both = known.min() < 0 < known.max()
        keeps = "never stands clearly on both sides of 0" if both else "keeps its sign"
        steady = {0: keeps, 1: "turns its sign once"}.get(turns, f"turns its sign {turns:,} times")
        return f"The correlation lies between {least} and {most} and {steady}."


def propose_window(stamps: int) -> int:
    """Return the longest of the windows that fits the data ten times.

    Examples
    --------
    >>> propose_window(1250), propose_window(40)
    (120, 20)
    """
    return max((window for window in WINDOWS if window * _MOST_WINDOWS_SHARE <= stamps), default=WINDOWS[0])


def roll_correlation(pair: Pair, window: int, judged: bool = True) -> RollingCorrelation:
    """Return the correlation over each `window` time stamps in a row; a window looks back alone, and never into another series."""
    series = np.cumsum(pair.first)
    x, y = (scale_within(line, series) for line in pair.values(judged))
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
    return RollingCorrelation(times=stamps, values=np.clip(found, -1, 1), window=window, labels=pair.labels(judged))


def _stamps(times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct times in order, and the place of each row's time among them."""
    if len(times) and not np.isnat(times).any() and (np.diff(times) > np.timedelta64(0, "us")).all():
        return times, np.arange(len(times))
    stamps = np.unique(times[~np.isnat(times)])
    return stamps, np.minimum(np.searchsorted(stamps, times), max(0, len(stamps) - 1))
