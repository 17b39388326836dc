"""What the other columns can add to a forecast: their moves, the sizes of their moves, and their stationary levels."""

from dataclasses import dataclass

import numpy as np

from core.quality.forecastability.timeline import Places, Timeline

CHOSEN = 5
_CLIP = 8.0
_WEEK = 5
_NO_UNIT_ROOT, _FEWEST = -3.96, 50


@dataclass(frozen=True, eq=False, kw_only=True)
class OtherColumns:
    """Features from every column, float32 (features, n), standardised, 0 where unknown; `owner` (features,) is their column.

    The first `moves` of them are the changes of columns that drift and the levels of others; then come the sizes of those
    moves and the levels that revert to their mean.
    """

    features: np.ndarray
    owner: np.ndarray
    moves: int

    def choose(self, residuals: np.ndarray, early: Places, own: np.ndarray, sizes: bool) -> np.ndarray | None:
        """Return the five features most correlated with each question's residuals, float32 (questions, 5, n), or None.

        Parameters
        ----------
        residuals
            float32 (questions, early rows): what a column's own past leaves unexplained.
        early
            The rows of the residuals.
        own
            int (questions, m): the columns of each question, whose features are not offered.
        sizes
            Whether sizes and levels are offered too, as to questions about sizes.
        """
        offered = self.features if sizes else self.features[: self.moves]
        count = min(CHOSEN, len(offered))
        if not count:
            return None
        known = offered[:, early]
        norms = np.sqrt((known**2).sum(axis=1))
        score = np.abs(residuals @ known.T) / np.where(norms > 0, norms, np.inf)
        score[(self.owner[: len(offered), None] == own[:, None]).any(axis=-1)] = -1
        best = np.argpartition(-score, count - 1, axis=1)[:, :count]
        chosen = offered[best]
        # A column may be the only one: then nothing is added.
        chosen[np.take_along_axis(score, best, axis=1) <= 0] = 0
        return chosen if (score > 0).any() else None


def gather_others(levels: np.ndarray, drifting: np.ndarray, numbers: np.ndarray, timeline: Timeline) -> OtherColumns:
    """Return the features of columns.

    Parameters
    ----------
    levels
        float64 (columns, n).
    drifting
        bool (columns,): those that enter as changes.
    numbers
        int (columns,): the number of each column.
    timeline
        The rows.
    """
    moves = np.where(drifting[:, None], levels - timeline.lag(levels, 1), levels)
    moves = timeline.standardise(moves)
    with np.errstate(divide="ignore"):
        sizes = np.log(timeline.means(np.abs(moves), _WEEK)[0])
    sizes = timeline.standardise(np.where(np.isfinite(sizes), sizes, np.nan))
    reverting = drifting & find_reverting(levels, timeline.early, timeline)
    reverted = timeline.standardise(levels[reverting])
    return OtherColumns(
        features=np.concatenate([_as_features(part) for part in (moves, sizes, reverted)]),
        owner=np.concatenate([numbers, numbers, numbers[reverting]]),
        moves=len(levels),
    )


def _as_features(values: np.ndarray) -> np.ndarray:
    return np.clip(np.nan_to_num(values), -_CLIP, _CLIP).astype(np.float32)


def find_reverting(levels: np.ndarray, known: np.ndarray, timeline: Timeline) -> np.ndarray:
    """Return which levels, float64 (columns, n), reject a unit root over the rows `known` (n,) bool: bool (columns,).

    Dickey and Fuller's test with a trend, at 1%: without one, growth that slows down would look like a return to a mean. In a
    panel none is found: the test does not hold for pooled series.
    """
    if timeline.is_panel:
        return np.zeros(len(levels), dtype=bool)
    levels = timeline.standardise(levels)
    before = timeline.lag(levels, 1)
    used = np.isfinite(levels) & np.isfinite(before) & known
    change = _detrend(np.where(used, levels - before, 0.0), used)
    before = _detrend(np.where(used, before, 0.0), used)
    squares, rows = (before**2).sum(axis=1), used.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = (change * before).sum(axis=1) / squares
        residual = ((change - slope[:, None] * before) ** 2).sum(axis=1) / (rows - 3)
        reverting: np.ndarray = slope / np.sqrt(residual / squares) < _NO_UNIT_ROOT
    return reverting & (rows >= _FEWEST)


def _detrend(values: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Return the residuals of values (columns, n) on a constant and a trend over the rows `used`, 0 elsewhere."""
    count = np.maximum(used.sum(axis=1, keepdims=True), 1)
    time = np.where(used, np.arange(values.shape[1], dtype=np.float64), 0.0)
    time = np.where(used, time - time.sum(axis=1, keepdims=True) / count, 0.0)
    length = (time**2).sum(axis=1, keepdims=True)
    slope = (values * time).sum(axis=1, keepdims=True) / np.where(length > 0, length, np.inf)
    return np.where(used, values - values.sum(axis=1, keepdims=True) / count - slope * time, 0.0)
