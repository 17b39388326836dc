"""The map of predictability: every question answered out of sample, on train and validation rows alone."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import compress
from typing import TypeVar

import numpy as np

from core.data.parkinson import parkinson_variance
from core.progress import NoProgress, Progress, ShouldStop, never_stop, require_going
from core.quality.column.drift import MOSTLY_STALE
from core.quality.column.profile import ColumnProfile
from core.quality.forecastability.expanding_ridge import fit_early, forecast, lay_out
from core.quality.forecastability.horizons import Rhythm
from core.quality.forecastability.judge import Trial, judge
from core.quality.forecastability.other_columns import OtherColumns, find_reverting, gather_others
from core.quality.forecastability.question import Forecastability, Question, Rival
from core.quality.forecastability.spreads import find_spreads
from core.quality.forecastability.table import Table
from core.quality.forecastability.timeline import Timeline
from core.quality.forecastability.transforms import (
    DRIFTING,
    NOISE,
    PRICE,
    REVERTING,
    SKEWED,
    Asked,
    Batch,
    Nature,
    ask,
    ask_ranges,
    ask_spreads,
)
from core.quality.market.prices import PriceGroup, group_prices
from core.quality.market.ranges import PriceRange
from core.quality.numerics.threads import in_threads
from core.quality.pairwise.relations import adjust_p_values

Item = TypeVar("Item")

_CELLS_AT_ONCE = 80_000
_SMALLEST, _LARGEST = 1e-100, 1e100
_FEWEST_VALUES = 20
_FEWEST_STAMPS = 60
# A column that rejects a unit root has a level to return to, as a volatility index does.
_REVERTED = {PRICE: SKEWED, DRIFTING: REVERTING}


def can_be_asked(column: ColumnProfile) -> bool:
    """Return whether a numeric column is worth asking about.

    It is no constant, no identifier, no calendar field of a few values, no figure repeated over a period, and no dead feed.
    """
    train = column.train
    return not (
        column.constant
        or column.identifier_like
        or column.died_in_train is not None
        or train.distinct < _FEWEST_VALUES
        or train.stale_ratio > MOSTLY_STALE
    )


def map_forecastability(
    table: Table,
    rhythm: Rhythm,
    suspected: frozenset[str] = frozenset(),
    ranges: Sequence[PriceRange] = (),
    progress: Progress = NoProgress(),
    should_stop: ShouldStop = never_stop,
) -> Forecastability:
    """Ask every question about the columns of a table, and correct the p-values for their number.

    Parameters
    ----------
    table
        Train and validation rows of the numeric columns.
    rhythm
        The horizons and the season.
    suspected
        Columns that may know the future: no other column is forecast with them.
    ranges
        The instruments whose volatility is measured from high and low; of others it is from moves.
    progress, should_stop
        Called between batches; `Stopped` is raised if a stop is requested.
    """
    useful = _find_useful(table)
    profiles = dict(compress(table.profiles.items(), useful))
    rows = table.values.shape[1]
    if not profiles or table.timeline.stamp_count < _FEWEST_STAMPS:
        return Forecastability(rows=rows, left_out=table.left_out)
    mapped = _Map(replace(table, profiles=profiles, values=table.values[useful]), rhythm, suspected, ranges)
    questions: list[Question] = []
    total = mapped.count_parts()
    for done, found in enumerate(in_threads(mapped.answer, mapped.parts())):
        require_going(should_stop)
        progress.step(done, total, "Forecastability")
        questions += found
    progress.step(total, total, "Forecastability")
    order = {name: place for place, name in enumerate(profiles)}
    ranked = sorted(_correct(questions), key=lambda question: order.get(question.column, len(order)))
    asked = {question.column for question in ranked}
    return Forecastability(
        questions=tuple(ranked),
        rows=rows,
        columns=len(asked & set(profiles)),
        left_out=table.left_out,
        too_short=tuple(name for name in mapped.asked_about if name not in asked),
    )


def _find_useful(table: Table) -> list[bool]:
    """Return which columns can be asked about or help: no constant, no identifier, and squares that are numbers."""
    largest = np.abs(np.nan_to_num(table.values)).max(axis=1, initial=0.0)
    is_moderate = (largest > _SMALLEST) & (largest < _LARGEST)
    return [
        moderate and not (column.constant or column.identifier_like)
        for moderate, column in zip(is_moderate.tolist(), table.profiles.values(), strict=True)
    ]


def _correct(questions: Sequence[Question]) -> list[Question]:
    """Return the questions with q-values: over the whole map, and no smaller than over those of the same family."""
    corrected = np.array(adjust_p_values([question.p_value for question in questions]), dtype=np.float64)
    families = np.array([question.family for question in questions])
    for family in dict.fromkeys(families.tolist()):
        places = np.flatnonzero(families == family)
        within = adjust_p_values([questions[place].p_value for place in places.tolist()])
        corrected[places] = np.maximum(corrected[places], np.array(within, dtype=np.float64))
    return [replace(question, q_value=q) for question, q in zip(questions, corrected.tolist(), strict=True)]


class _Map:
    """The parts of the map, each small enough for the processor's cache, and how each is answered.

    `asked_about` names the columns that are worth asking about, in the order of the table.
    """

    def __init__(self, table: Table, rhythm: Rhythm, suspected: frozenset[str], ranges: Sequence[PriceRange]) -> None:
        self._table, self._rhythm, self._timeline = table, rhythm, table.timeline
        self._profiles, self._names = table.profiles, list(table.profiles)
        natures = [_nature_of(column) for column in self._profiles.values()]
        self._logs = [nature.logs for nature in natures]
        self._levels = table.values.copy()
        with np.errstate(divide="ignore", invalid="ignore"):
            self._levels[self._logs] = np.log(np.where(table.values > 0, table.values, np.nan)[self._logs])
        self._groups = group_prices(self._names)
        self._variances = self._measure_variances(ranges)
        drifting = np.array([column.drifts for column in self._profiles.values()])
        offered = np.array([place for place, name in enumerate(self._names) if name not in suspected], dtype=np.int64)
        self._others = gather_others(self._levels[offered], drifting[offered], offered, self._timeline)
        self.asked_about: list[str] = []
        self._places = self._place_by_nature(natures)
        self._spreads = self._find_spreads()

    def _measure_variances(self, ranges: Sequence[PriceRange]) -> dict[int, np.ndarray]:
        """Return the variance of each row from high and low, float64 (n,), by the numbers of the price columns."""
        place = {name: number for number, name in enumerate(self._names)}
        return {
            place[price]: parkinson_variance(*self._table.values[[place[found.high], place[found.low]]])
            for found in ranges
            for price in found.prices
            if {price, found.high, found.low} <= place.keys()
        }

    def _place_by_nature(self, natures: Sequence[Nature]) -> dict[Nature, list[int]]:
        """Return the numbers of the columns that are asked about, by their nature."""
        reverting = find_reverting(self._levels, self._table.is_train, self._timeline)
        told = {name for group in self._groups for name in _told_by_close(group)}
        moves = self._timeline.deviation(self._table.values - self._timeline.lag(self._table.values, 1))
        early = np.isfinite(self._table.values[:, self._timeline.early]).sum(axis=1)
        is_late = early < _FEWEST_VALUES
        is_counter = ~np.isfinite(moves).any(axis=1) & ~is_late
        places: dict[Nature, list[int]] = {}
        for place, (name, nature) in enumerate(zip(self._names, natures, strict=True)):
            if name in told or is_counter[place] or not can_be_asked(self._profiles[name]):
                continue
            self.asked_about.append(name)
            if not is_late[place]:
                final = _REVERTED.get(nature, nature) if reverting[place] else nature
                places.setdefault(final, []).append(place)
        return places

    def _find_spreads(self) -> Asked | None:
        candidates = [place for nature in (PRICE, DRIFTING) for place in self._places.get(nature, ())]
        if self._timeline.is_panel or len(candidates) < 2:
            return None
        third = int(np.count_nonzero(self._table.is_train)) // 3
        instruments = _instruments(self._groups, self._names)
        found = find_spreads(self._levels[candidates, :third], [instruments[place] for place in candidates])
        if not found:
            return None
        pairs = np.array([[candidates[spread.one], candidates[spread.other]] for spread in found])
        slopes = np.array([spread.slope for spread in found])
        return Asked(
            names=tuple(
                self._name_spread(pair[0], pair[1], slope) for pair, slope in zip(pairs.tolist(), slopes, strict=True)
            ),
            columns=pairs,
            values=self._levels[pairs[:, 0]] - slopes[:, None] * self._levels[pairs[:, 1]],
        )

    def _name_spread(self, one: int, other: int, slope: float) -> str:
        first, second = (f"log {self._names[at]}" if self._logs[at] else self._names[at] for at in (one, other))
        return f"{first} {'-' if slope >= 0 else '+'} {abs(slope):.3g} {second}"

    @property
    def _at_once(self) -> int:
        return max(1, _CELLS_AT_ONCE // self._levels.shape[1])

    def parts(self) -> Iterator[Iterator[Batch]]:
        """Yield the questions about some columns at a time."""
        for nature, is_measured, places in self._kinds():
            for some in _chunks(places, self._at_once):
                names = tuple(self._names[place] for place in some)
                variances = np.stack([self._variances[place] for place in some]) if is_measured else None
                asked = Asked(
                    names=names, columns=np.array(some)[:, None], values=self._levels[some], variances=variances
                )
                yield ask(asked, nature, self._timeline, self._rhythm)
        for bars in _chunks(self._bars(), self._at_once):
            yield self._ask_ranges(bars)
        if self._spreads is not None:
            for some in _chunks(range(len(self._spreads.names)), self._at_once):
                yield ask_spreads(self._spreads.take(some), self._timeline, self._rhythm)

    def _kinds(self) -> list[tuple[Nature, bool, list[int]]]:
        """Return the numbers of the columns by nature, and by whether their high and low measure their variance."""
        return [
            (nature, is_measured, some)
            for nature, places in self._places.items()
            for is_measured in (False, True)
            if (some := [place for place in places if (place in self._variances) is is_measured])
        ]

    def _ask_ranges(self, bars: Sequence[tuple[str, str, str]]) -> Iterator[Batch]:
        columns = np.array([[self._names.index(name) for name in bar] for bar in bars])
        closes = Asked(names=tuple(close for close, _, _ in bars), columns=columns, values=self._levels[columns[:, 0]])
        high, low = self._levels[columns[:, 1]], self._levels[columns[:, 2]]
        return ask_ranges(closes, high, low, self._timeline, self._rhythm)

    def count_parts(self) -> int:
        """Return how many parts there are."""
        sizes = [*(len(places) for _, _, places in self._kinds()), len(self._bars())]
        sizes.append(0 if self._spreads is None else len(self._spreads.names))
        return sum(-(-size // self._at_once) for size in sizes)

    def _bars(self) -> list[tuple[str, str, str]]:
        """Return close, high and low of each instrument whose prices are positive."""
        return [
            (group.close, group.high, group.low)
            for group in self._groups
            if group.close
            and group.high
            and group.low
            and all(self._profiles[name].price_like for name in (group.close, group.high, group.low))
        ]

    def answer(self, batches: Iterator[Batch]) -> list[Question]:
        """Return the answers to some questions; their q-values are not known yet."""
        return [question for batch in batches for question in _answer(batch, self._timeline, self._others)]


def _nature_of(column: ColumnProfile) -> Nature:
    train = column.train
    if column.drifts:
        return PRICE if column.price_like else DRIFTING
    low, high = train.min, train.max
    if low is None or high is None:
        return REVERTING
    if column.is_positive_and_skewed:
        return SKEWED
    return NOISE if column.mean_reverts and low < 0 < high else REVERTING


def _told_by_close(group: PriceGroup) -> set[str]:
    """Return the prices of an instrument that are no questions of their own.

    The next open, high and low follow from the last close, and an adjusted close moves as the close does.
    """
    if group.close is None:
        return set()
    of_bar = set(group.bar or ()) - {group.close}
    return of_bar | ({group.adjusted} if group.adjusted else set())


def _instruments(groups: Sequence[PriceGroup], names: Sequence[str]) -> list[str]:
    """Return a name for the instrument of each column; a column that is not named like a price is its own."""
    # A bar without a shared part of its names is one instrument; so are adjusted and raw prices.
    of_name = {name: f"\0{group.key}" for group in groups for name in group.columns if group.key or group.bar}
    return [of_name.get(name, name) for name in names]


def _chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[begin : begin + size] for begin in range(0, len(items), size))


def _answer(batch: Batch, timeline: Timeline, others: OtherColumns) -> list[Question]:
    quantity = batch.quantity
    anchor = quantity if batch.anchored else 0.0
    outcome = timeline.lag(quantity, -batch.horizon) - anchor
    cuts = list(timeline.cuts(batch.horizon))
    early = cuts[0].learn
    design = lay_out(batch.own, outcome, early)
    models = [forecast(design, cuts)]
    chosen = others.choose(fit_early(design, early), early, batch.columns, batch.sizes)
    if chosen is not None:
        models.append(forecast(design.add(chosen), cuts))
    naive: dict[Rival, np.ndarray] = {"mean": timeline.mean_so_far(quantity) - anchor}
    if batch.anchored or batch.zero:
        naive["zero" if batch.zero else "last value"] = np.zeros_like(quantity)
    else:
        naive["last value"] = quantity
    late = timeline.late
    trial = Trial(
        actual=outcome[:, late],
        naive={name: rival[:, late] for name, rival in naive.items()},
        models=[model[:, late] for model in models],
        stamps=timeline.stamps[late] if timeline.is_panel else None,
    )
    return judge(batch, trial)
