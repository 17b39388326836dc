"""The transforms of columns that the map asks about: the quantity to forecast, and what its own past offers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.quality.forecastability.horizons import Rhythm
from core.quality.forecastability.question import Transform
from core.quality.forecastability.timeline import Timeline

# The windows of Corsi's heterogeneous autoregression (HAR, 2009): a day, a week, a month.
_SHORT, _LONG = 5, 22


@dataclass(frozen=True, kw_only=True)
class Nature:
    """What kind of column is asked about: `level` and `change` name its transforms, None for those that make no sense.

    `logs` says whether logarithms are taken, and `absolute` names the size of a move.
    """

    logs: bool = False
    level: Transform | None = None
    change: Transform | None = None
    absolute: Transform | None = None


# Columns that drift are asked about their changes, others about their levels. White noise around zero is a return, perhaps.
PRICE = Nature(logs=True, change="log_return", absolute="absolute_return")
DRIFTING = Nature(change="change", absolute="absolute_change")
REVERTING = Nature(level="level")
SKEWED = Nature(logs=True, level="log_level")
NOISE = Nature(level="level", absolute="absolute")


@dataclass(frozen=True, eq=False, kw_only=True)
class Batch:
    """Questions about one transform of several columns, at one horizon.

    `quantity` (columns, n) is known in its row: the outcome is its value `horizon` rows later. `own` (columns, features, n)
    float32 comes from its past. `anchored` quantities are forecast as changes from their last value; of others `zero` says
    whether the naive forecast of no move replaces the last value. `sizes` says whether it measures a size, to which the sizes
    of other columns' moves may matter. `columns` are numbers, (columns, m): those that the quantity is computed from.
    """

    names: tuple[str, ...]
    columns: np.ndarray
    transform: Transform
    horizon: int
    quantity: np.ndarray
    own: np.ndarray
    anchored: bool = False
    zero: bool = False
    sizes: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Asked:
    """Columns of one nature: their names, numbers (columns, m), and values (columns, n), logarithms if the nature says so.

    `variances` (columns, n) are those of each row from high and low, NaN if unknown; None if they are measured by moves.
    """

    names: tuple[str, ...]
    columns: np.ndarray
    values: np.ndarray
    variances: np.ndarray | None = None

    def take(self, places: Sequence[int]) -> "Asked":
        """Return some of the columns."""
        some = list(places)
        return Asked(
            names=tuple(self.names[place] for place in some), columns=self.columns[some], values=self.values[some]
        )


def ask(asked: Asked, nature: Nature, timeline: Timeline, rhythm: Rhythm) -> Iterator[Batch]:
    """Yield the questions about columns of one nature."""
    make = _Maker(asked, timeline, rhythm)
    if nature.level is not None:
        yield from make.levels(nature.level)
    is_move = nature.change is None
    if is_move and nature.absolute is None:
        return
    moves = asked.values if is_move else asked.values - timeline.lag(asked.values, 1)
    scale = timeline.deviation(moves)
    moves, levels = moves / scale, None if is_move else asked.values / scale
    if levels is not None and nature.change is not None:
        yield from make.changes(nature.change, moves, levels)
    if nature.absolute is not None:
        yield from make.absolute(nature.absolute, moves, levels)
        yield from make.volatility(moves, None if asked.variances is None else asked.variances / scale**2)


def ask_spreads(asked: Asked, timeline: Timeline, rhythm: Rhythm) -> Iterator[Batch]:
    """Yield the questions about spreads."""
    yield from _Maker(asked, timeline, rhythm).levels("spread")


def ask_ranges(closes: Asked, high: np.ndarray, low: np.ndarray, timeline: Timeline, rhythm: Rhythm) -> Iterator[Batch]:
    """Yield the questions about ranges between log high and low prices, (closes, n) each, by the columns of their close.

    Logarithms of log ranges are nearly normal (Alizadeh, Brandt and Diebold 2002).
    """
    yield from _Maker(closes, timeline, rhythm).ranges(high, low)


class _Maker:
    """Makes the batches of some columns, one per transform and horizon."""

    def __init__(self, asked: Asked, timeline: Timeline, rhythm: Rhythm) -> None:
        self._asked, self._timeline, self._rhythm = asked, timeline, rhythm

    def levels(self, transform: Transform) -> Iterator[Batch]:
        """Yield the level of a column that reverts to its mean, as a change from its last value."""
        level = self._timeline.standardise(self._asked.values)
        short, long = self._means(level)
        for horizon in self._rhythm.horizons:
            yield self._batch(transform, horizon, level, [level, level - short, level - long], anchored=True)

    def changes(self, transform: Transform, moves: np.ndarray, levels: np.ndarray) -> Iterator[Batch]:
        """Yield the sum of the next moves."""
        own = [moves, *self._means(moves)]
        for horizon in self._rhythm.horizons:
            yield self._batch(transform, horizon, self._moved(levels, horizon), own, zero=True)

    def absolute(self, transform: Transform, moves: np.ndarray, levels: np.ndarray | None) -> Iterator[Batch]:
        """Yield the size of the move over the next rows; without levels, of the value in that row."""
        size = np.abs(moves)
        own = [size, *self._means(size)]
        for horizon in self._rhythm.horizons:
            moved = size if levels is None else np.abs(self._moved(levels, horizon))
            yield self._batch(transform, horizon, moved, own, sizes=True)

    def volatility(self, moves: np.ndarray, variances: np.ndarray | None) -> Iterator[Batch]:
        """Yield the log of the realised volatility over the next rows; over a single row it is the absolute move or the range.

        A row whose range is unknown counts by its squared move.
        """
        timeline = self._timeline
        squares = moves**2 if variances is None else np.where(np.isfinite(variances), variances, moves**2)
        # The logarithm of a single move is mostly noise, that of a range is not.
        last = np.abs(moves) if variances is None else _log(squares) / 2
        own = [last, *(_log(mean) / 2 for mean in timeline.means(squares, _SHORT, _LONG))]
        horizons = [horizon for horizon in self._rhythm.horizons if horizon > 1]
        for horizon, mean in zip(horizons, timeline.means(squares, *horizons), strict=True):
            realised = timeline.standardise(_log(mean) / 2)
            yield self._batch("volatility", horizon, realised, own, sizes=True)

    def ranges(self, high: np.ndarray, low: np.ndarray) -> Iterator[Batch]:
        """Yield the log of the range between the highest and the lowest price of the next rows."""
        single = self._timeline.standardise(_log(high - low))
        own = [single, *self._means(single)]
        for horizon in self._rhythm.horizons:
            top, bottom, width = high, low, 1
            while width < horizon:
                # Two overlapping windows make one of up to twice their width.
                step = min(width, horizon - width)
                top = np.fmax(top, self._timeline.lag(top, step))
                bottom = np.fmin(bottom, self._timeline.lag(bottom, step))
                width += step
            whole = self._timeline.standardise(_log(top - bottom))
            yield self._batch("range", horizon, whole, own, sizes=True)

    def _batch(
        self, transform: Transform, horizon: int, quantity: np.ndarray, own: list[np.ndarray], **flags: bool
    ) -> Batch:
        season = self._rhythm.season
        if season is not None:
            outcome = quantity - self._timeline.lag(quantity, horizon) if flags.get("anchored") else quantity
            # Aligned with the outcome: the same rows of the season.
            own = [*own, self._timeline.seasonal_mean(outcome, season, horizon)]
        return Batch(
            names=self._asked.names,
            columns=self._asked.columns,
            transform=transform,
            horizon=horizon,
            quantity=quantity,
            own=np.stack(own, axis=1, dtype=np.float32, casting="same_kind"),
            **flags,
        )

    def _means(self, values: np.ndarray) -> list[np.ndarray]:
        return self._timeline.means(values, _SHORT, _LONG)

    def _moved(self, levels: np.ndarray, rows: int) -> np.ndarray:
        return levels - self._timeline.lag(levels, rows)


def _log(values: np.ndarray) -> np.ndarray:
    """Return logarithms; NaN where a value is not positive: without any move there is no volatility to speak of."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.log(np.where(values > 0, values, np.nan))
