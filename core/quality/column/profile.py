"""The profile of one column: its statistics, its nature, and where in the file its faults are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.data.columns import BadCounts, Kind
from core.data.eras import Era
from core.quality.column.changes import ChangeStatistics, describe_changes
from core.quality.column.drift import MOSTLY_STALE, is_drifting
from core.quality.column.identifiers import MIN_UNIQUE_RATIO, is_identifier_like
from core.quality.column.period_figures import PeriodFigure, find_period_figure
from core.quality.numerics.blocks import BadByEra, Block, Rows
from core.quality.numerics.quantiles import Histogram, compute_quantiles, count_histogram, sort_values
from core.quality.numerics.statistics import STALE_RUN, ColumnStatistics, describe_columns, find_runs

# Below this lag-1 autocorrelation the mean predicts the next value better than the last value does.
_MEAN_REVERTING_BELOW = 0.5
# Positive values that are more skewed than this suit logarithms.
_SKEWED_ABOVE = 1.0
MOST_LINES = 10
MOST_RANKED = 40
_MIN_TEXTS = 20
_FEWEST_DEAD, _SHARE_DEAD = 5, 0.05


@dataclass(frozen=True, kw_only=True)
class EraCounts:
    """Bad cells of one column in one era, by reason; unreadable cells count as missing."""

    rows: int
    missing: int
    infinite: int
    sentinel: int

    @property
    def bad_ratio(self) -> float | None:
        """The share of the era's rows that are bad; None if it has no rows."""
        return (self.missing + self.infinite + self.sentinel) / self.rows if self.rows else None


@dataclass(frozen=True, kw_only=True)
class ColumnProfile:
    """One column: its statistics over all rows and over the train era, and its nature.

    The nature is judged on the train era alone: `identifier_like`, `constant`, `drifts` (the lag-1 autocorrelation, corrected
    for its bias in short series, is above 0.95) and `price_like` (it drifts and is positive). `died_in_train` is the time of
    the last valid train value if the column had died by the end of that era.

    `histogram`, `quantiles` (at `QUANTILE_SHARES`), `changes` and `bad_by_period` (the share of bad rows) describe all rows;
    columns that are not numeric have none of the first three. `bad_by_era` has train, validation and test.
    """

    name: str
    original_name: str
    kind: Kind
    bad: BadCounts
    all: ColumnStatistics
    train: ColumnStatistics
    identifier_like: bool
    constant: bool
    price_like: bool
    drifts: bool
    histogram: Histogram | None
    quantiles: tuple[float, ...]
    changes: ChangeStatistics | None
    bad_by_period: tuple[float | None, ...]
    bad_by_era: tuple[EraCounts, EraCounts, EraCounts]
    died_in_train: str | None = None

    @property
    def mean_reverts(self) -> bool:
        """Whether the train mean predicts the next value better than the last value does."""
        return self.train.autocorrelation is not None and self.train.autocorrelation < _MEAN_REVERTING_BELOW

    @property
    def is_differenced(self) -> bool:
        """Whether the column is compared with others by its changes: it does not mean-revert within a row, as returns do."""
        return self.drifts or (self.train.autocorrelation is not None and not self.mean_reverts)

    @property
    def is_positive_and_skewed(self) -> bool:
        """Whether the train values are positive and skewed to the right, so that they suit logarithms."""
        low, skewness = self.train.min, self.train.skewness
        return low is not None and low > 0 and skewness is not None and skewness > _SKEWED_ABOVE


@dataclass(frozen=True, kw_only=True)
class LongestRun:
    """A run of one value: its number of rows, the value, its first row, time and lines, and its series in a panel."""

    length: int
    value: float
    row: int
    since: str
    lines: tuple[int, ...]
    series: str | None = None


@dataclass(frozen=True, kw_only=True)
class FaultLocations:
    """Where a column's faults are: up to ten lines of the user's file each.

    `first_valid` and `last_valid` are the times of the first and last valid value, `stamps_before` and `stamps_after` the
    numbers of distinct times outside them, and `gap_ratio` is the share of bad rows between them. `stale_run` is the longest
    run of one value, if it is suspiciously long. `period_figure` is the period of figures that the train rows repeat.
    """

    bad_lines: tuple[int, ...] = ()
    infinite_lines: tuple[int, ...] = ()
    sentinel_lines: tuple[int, ...] = ()
    first_valid: str | None = None
    last_valid: str | None = None
    stamps_before: int = 0
    stamps_after: int = 0
    gap_ratio: float = 0.0
    stale_run: LongestRun | None = None
    period_figure: PeriodFigure | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class ScannedColumn:
    """A column's profile, where its faults are, and its train values, float64, shape (train rows,), NaN for bad cells."""

    profile: ColumnProfile
    locations: FaultLocations
    train_values: np.ndarray


def rank_worst(columns: Sequence[ColumnProfile]) -> list[ColumnProfile]:
    """Return the columns with bad values, the one with the most first."""
    return sorted((column for column in columns if column.bad.total), key=lambda column: -column.bad.total)


def scan_block(block: Block, rows: Rows, target: np.ndarray | None) -> list[ScannedColumn]:
    """Return the scan of each column of a block.

    Parameters
    ----------
    block
        The columns.
    rows
        The rows of the data set.
    target
        The target's train values, float64, shape (train rows,), if there is one: they tell identifiers from features.
    """
    bad = block.count_bad(rows)
    by_era = _count_by_era(bad, rows)
    ordered, valid = sort_values(block.values)
    everything = describe_columns(block.values, ordered, valid, rows.first, bad.all)
    quantiles = compute_quantiles(ordered, valid)
    histograms = [
        count_histogram(line[:count]) if column.kind.is_numeric else None
        for column, line, count in zip(block.columns, ordered, valid, strict=True)
    ]
    del ordered
    changes = describe_changes(block.values, rows.first, np.abs(quantiles[:, [0, -1]]).max(axis=1, initial=0.0))
    train_values = rows.of_train(block.values)
    train_ordered, train_valid = sort_values(train_values)
    train = describe_columns(train_values, train_ordered, train_valid, rows.train_first, bad.of(Era.TRAIN))
    del train_ordered
    by_period = _count_by_period(block, rows)
    scanned = []
    for place, column in enumerate(block.columns):
        of_all, of_train, values = everything[place], train[place], train_values[place]
        is_numeric, is_unique = column.kind.is_numeric, of_train.unique_ratio > MIN_UNIQUE_RATIO
        if is_numeric:
            is_identifier = is_unique and is_identifier_like(values, rows.train_first, target)
        else:
            is_text = column.kind in (Kind.TEXT, Kind.CATEGORY)
            is_identifier = is_unique and is_text and bool(train_valid[place] >= _MIN_TEXTS)
        drifts = is_numeric and is_drifting(of_train, values, rows.train_first)
        profile = ColumnProfile(
            name=column.name,
            original_name=column.original_name,
            kind=column.kind,
            bad=column.bad,
            all=of_all if is_numeric else _without_numbers(of_all),
            train=of_train if is_numeric else _without_numbers(of_train),
            identifier_like=is_identifier,
            constant=of_train.top_share == 1.0,
            price_like=drifts and of_train.min is not None and of_train.min > 0,
            drifts=drifts,
            histogram=histograms[place],
            quantiles=tuple(quantiles[place].tolist()) if is_numeric and valid[place] else (),
            changes=changes[place] if is_numeric else None,
            bad_by_period=by_period[place],
            bad_by_era=by_era[place],
            died_in_train=_find_death(values, rows) if of_train.bad_ratio > 0 else None,
        )
        locations = _locate_faults(block, place, of_all, rows)
        if is_numeric and of_train.stale_ratio > MOSTLY_STALE and not profile.constant:
            figure = find_period_figure(values, rows.train_times, rows.train_first)
            locations = replace(locations, period_figure=figure)
        scanned.append(ScannedColumn(profile=profile, locations=locations, train_values=values))
    return scanned


def _without_numbers(found: ColumnStatistics) -> ColumnStatistics:
    """Return the counts and shares of a column that is not numeric."""
    return replace(
        found,
        outlier_ratio=None,
        variance=None,
        relative_variance=None,
        mean=None,
        std=None,
        min=None,
        q01=None,
        q25=None,
        median=None,
        q75=None,
        q99=None,
        max=None,
        skewness=None,
        kurtosis=None,
        autocorrelation=None,
    )


def _find_death(values: np.ndarray, rows: Rows) -> str | None:
    """Return the time of the last valid train value if at least a twentieth of the train stamps follow it.

    A column that was bad in more than half of the rows before has not died: its values are sparse.
    """
    times, is_bad = rows.train_times, np.isnan(values)
    if is_bad.all():
        return None
    last = times[-1 - np.argmin(is_bad[::-1])] if rows.in_order else times[~is_bad].max()
    since = len(rows.train_stamps) - int(np.searchsorted(rows.train_stamps, last, side="right"))
    is_dead = since >= max(_FEWEST_DEAD, _SHARE_DEAD * len(rows.train_stamps))
    return str(last) if is_dead and is_bad[times <= last].mean() <= 0.5 else None


def _count_by_era(bad: BadByEra, rows: Rows) -> list[tuple[EraCounts, EraCounts, EraCounts]]:
    table = np.array([bad.missing, bad.infinite, bad.sentinel]).transpose(1, 2, 0).tolist()
    sizes = rows.by_era.sizes.tolist()
    counted = []
    for counts in table:
        train, validation, test = (
            EraCounts(rows=sizes[era], missing=counts[era][0], infinite=counts[era][1], sentinel=counts[era][2])
            for era in Era
        )
        counted.append((train, validation, test))
    return counted


def _count_by_period(block: Block, rows: Rows) -> list[tuple[float | None, ...]]:
    in_period = rows.by_period.sizes[:-1]
    ratios = block.count_by_period(rows) / np.maximum(in_period, 1)
    return [
        tuple(ratio if total else None for ratio, total in zip(line, in_period.tolist(), strict=True))
        for line in ratios.tolist()
    ]


def _locate_faults(block: Block, place: int, found: ColumnStatistics, rows: Rows) -> FaultLocations:
    locations = FaultLocations()
    if found.bad_ratio > 0:
        missing, infinite, sentinel = (_rows_of_column(at, place) for at in block.bad_places)
        bad = np.sort(np.concatenate([missing, infinite, sentinel]))
        locations = replace(
            _find_span(bad, rows),
            bad_lines=_first_lines(bad, rows),
            infinite_lines=_first_lines(infinite, rows),
            sentinel_lines=_first_lines(sentinel, rows),
        )
    if found.stale_ratio > 0 and block.columns[place].kind.is_numeric:
        locations = replace(locations, stale_run=_find_stale_run(block.values[place], rows))
    return locations


def _rows_of_column(at: tuple[np.ndarray, np.ndarray], place: int) -> np.ndarray:
    column, row = at
    return row[column.searchsorted(place) : column.searchsorted(place, "right")]


def _first_lines(some: np.ndarray, rows: Rows) -> tuple[int, ...]:
    return tuple(sorted(rows.lines[some[:MOST_LINES]].tolist()))


def _find_span(bad: np.ndarray, rows: Rows) -> FaultLocations:
    """Return the times of the first and last valid value, the stamps outside, and the share of bad rows between."""
    is_valid = np.ones(len(rows.times), dtype=bool)
    is_valid[bad] = False
    if not rows.in_order:
        is_valid &= ~np.isnat(rows.times)
    if not is_valid.any():
        return FaultLocations()
    if rows.in_order:
        first, last = rows.times[np.argmax(is_valid)], rows.times[len(is_valid) - 1 - np.argmax(is_valid[::-1])]
    else:
        times = rows.times[is_valid]
        first, last = times.min(), times.max()
    bad_times = rows.times[bad]
    between = np.count_nonzero((bad_times >= first) & (bad_times <= last))
    return FaultLocations(
        first_valid=str(first),
        last_valid=str(last),
        stamps_before=int(np.searchsorted(rows.stamps, first, side="left")),
        stamps_after=len(rows.stamps) - int(np.searchsorted(rows.stamps, last, side="right")),
        gap_ratio=between / rows.count_between(first, last),
    )


def _find_stale_run(values: np.ndarray, rows: Rows) -> LongestRun | None:
    """Return the longest run if it is longer than chance explains for a column that repeats itself as often elsewhere."""
    runs = find_runs(values[None, :], rows.first)
    longest = int(np.argmax(runs.length))
    length, start = int(runs.length[longest]), int(runs.start[longest])
    pairs = np.count_nonzero(~np.isnan(values)) - 1
    elsewhere = (runs.length - 1).sum() - (length - 1)
    if length < 2 * STALE_RUN or pairs < length:
        return None
    # Of n draws that repeat with probability p, the longest run is about log n / log(1 / p) rows (Erdős and Rényi 1970).
    chance = elsewhere / max(pairs - (length - 1), 1)
    usual = 1 + (np.log(pairs) / np.log(1 / chance) if 0 < chance < 1 else 0)
    if chance >= 1 or length <= 3 * usual:
        return None
    lines = tuple(sorted(rows.lines[start : start + min(length, MOST_LINES)].tolist()))
    return LongestRun(length=length, value=float(values[start]), row=start, since=str(rows.times[start]), lines=lines)
