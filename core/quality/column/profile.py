"""One column of a data set: its statistics, its nature, and where in the file its faults stand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.data.columns import BadCounts, Kind
from core.data.eras import Era
from core.quality.column.changes import ChangeStatistics, describe_changes
from core.quality.column.drift import STANDS_STILL, is_level
from core.quality.column.identifiers import MIN_UNIQUE_RATIO, is_identifier_like
from core.quality.column.period_figures import PeriodFigure, find_period_figure
from core.quality.numerics.blocks import BadByEra, Block, Rows
from core.quality.numerics.quantiles import Histogram, count_histogram, read_quantiles, sort_values
from core.quality.numerics.statistics import ColumnStatistics, describe_columns, find_runs

MOST_LINES = 10
MOST_RANKED = 40
_MIN_TEXTS = 20
_FEWEST_DEAD, _SHARE_DEAD = 5, 0.05
_COUNTS = frozenset(
    ("rows", "missing", "infinite", "sentinel", "bad_ratio", "stale_ratio", "unique_ratio", "top_share")
)
_NO_NUMBERS = dict.fromkeys(set(ColumnStatistics.__dataclass_fields__) - _COUNTS)


@dataclass(frozen=True, kw_only=True)
class EraCounts:
    """Bad cells of one column in one era, by reason; cells that could not be read count as missing."""

    rows: int
    missing: int
    infinite: int
    sentinel: int

    @property
    def bad_ratio(self) -> float | None:
        """The share of the era's rows that are bad; None where it has no rows."""
        return (self.missing + self.infinite + self.sentinel) / self.rows if self.rows else None


@dataclass(frozen=True, kw_only=True)
class ColumnProfile:
    """One column: its statistics over all rows and over the train era, and what the train era says about its nature.

    `identifier_like`, `constant`, `drifts` (a level: from one figure to the next, its lag-one autocorrelation, mended for the bias
    of short series, is above 0.95) and `price_like` (drifts and is positive) are judged on the train era alone. `histogram`,
    `quantiles` (those of `QUANTILE_SHARES`), `changes` and `bad_by_period` describe all rows; what is not of numbers has none of
    the first three. `bad_by_era` has an entry for train, validation and test. `died_in_train` is the time of the last good value
    of train where so many stamps of train follow it that the column was dead as that era ended.
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


@dataclass(frozen=True, kw_only=True)
class StaleRun:
    """The longest run of one value: its length in rows, the value, the first time and the lines it begins with."""

    length: int
    value: float
    since: str
    lines: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class FaultLocations:
    """Where the faults of a column stand: up to ten lines of the user's file each, and what its time is known to be.

    `first_good` and `last_good` are the times of the first and last good value, `stamps_before` and `stamps_after` how many
    distinct times lie outside them, and `gap_ratio` the share of bad rows between them. `period_figure` is what the train rows of
    a column that stands still tell.
    """

    bad_lines: tuple[int, ...]
    infinite_lines: tuple[int, ...]
    sentinel_lines: tuple[int, ...]
    first_good: str | None
    last_good: str | None
    stamps_before: int
    stamps_after: int
    gap_ratio: float
    stale_run: StaleRun | None
    period_figure: PeriodFigure | None


_SOUND = FaultLocations(
    bad_lines=(),
    infinite_lines=(),
    sentinel_lines=(),
    first_good=None,
    last_good=None,
    stamps_before=0,
    stamps_after=0,
    gap_ratio=0.0,
    stale_run=None,
    period_figure=None,
)


@dataclass(frozen=True, eq=False, kw_only=True)
class ScannedColumn:
    """A column's profile, the evidence behind its findings, and its train values with NaN for every bad cell."""

    profile: ColumnProfile
    evidence: FaultLocations
    train_values: np.ndarray


def rank_worst(columns: Sequence[ColumnProfile]) -> list[ColumnProfile]:
    """Return the columns that hold bad values, those with the most first."""
    return sorted((column for column in columns if column.bad.total), key=lambda column: -column.bad.total)


def scan_block(block: Block, rows: Rows, target: np.ndarray | None) -> list[ScannedColumn]:
    """Return what a block of columns holds; `target` are the target's train values, to tell identifiers from features."""
    bad = block.count_bad(rows)
    by_era = _count_by_era(bad, rows)
    ordered, good = sort_values(block.values)
    everything = describe_columns(block.values, ordered, good, rows.first, bad.all)
    quantiles = read_quantiles(ordered, good)
    histograms = [
        count_histogram(line[:count]) if column.kind.is_numeric else None
        for column, line, count in zip(block.columns, ordered, good, strict=True)
    ]
    del ordered
    changes = describe_changes(block.values, rows.first, np.abs(quantiles[:, [0, -1]]).max(axis=1, initial=0.0))
    train_values = rows.of_train(block.values)
    train_ordered, train_good = sort_values(train_values)
    train = describe_columns(train_values, train_ordered, train_good, rows.train_first, bad.of(Era.TRAIN))
    del train_ordered
    by_period = _count_by_period(block, rows)
    scanned = []
    for place, column in enumerate(block.columns):
        of_all, of_train, values = everything[place], train[place], train_values[place]
        numeric = column.kind.is_numeric
        drifts = numeric and is_level(of_train, values, rows.train_first)
        identifier = (
            numeric
            and of_train.unique_ratio > MIN_UNIQUE_RATIO
            and is_identifier_like(values, rows.train_first, target)
        ) or (
            column.kind in (Kind.TEXT, Kind.CATEGORY)
            and of_train.unique_ratio > MIN_UNIQUE_RATIO
            and train_good[place] >= _MIN_TEXTS
        )
        profile = ColumnProfile(
            name=column.name,
            original_name=column.original_name,
            kind=column.kind,
            bad=column.bad,
            all=of_all if numeric else replace(of_all, **_NO_NUMBERS),
            train=of_train if numeric else replace(of_train, **_NO_NUMBERS),
            identifier_like=bool(identifier),
            constant=of_train.top_share == 1.0,
            price_like=bool(drifts and of_train.min is not None and of_train.min > 0),
            drifts=bool(drifts),
            histogram=histograms[place],
            quantiles=tuple(quantiles[place].tolist()) if numeric and good[place] else (),
            changes=changes[place] if numeric else None,
            bad_by_period=by_period[place],
            bad_by_era=by_era[place],
            died_in_train=_find_death(values, rows) if of_train.bad_ratio > 0 else None,
        )
        evidence = _find_evidence(block, place, of_all, rows)
        if numeric and of_train.stale_ratio > STANDS_STILL and not profile.constant:
            figure = find_period_figure(values, rows.train_times, rows.train_first)
            evidence = replace(evidence, period_figure=figure)
        scanned.append(ScannedColumn(profile=profile, evidence=evidence, train_values=values))
    return scanned


def _find_death(values: np.ndarray, rows: Rows) -> str | None:
    """Return the time of the last good train value, where a twentieth of the train stamps follow it without one.

    A column that was bad in more than half of its rows before is none that died: it comes now and then.
    """
    times, holes = rows.train_times, np.isnan(values)
    if holes.all():
        return None
    last = times[-1 - np.argmin(holes[::-1])] if rows.in_order else times[~holes].max()
    since = len(rows.train_stamps) - int(np.searchsorted(rows.train_stamps, last, side="right"))
    is_dead = since >= max(_FEWEST_DEAD, _SHARE_DEAD * len(rows.train_stamps))
    return str(last) if is_dead and holes[times <= last].mean() <= 0.5 else None


def _era_counts(rows: int, missing: int, infinite: int, sentinel: int) -> EraCounts:
    return EraCounts(rows=rows, missing=missing, infinite=infinite, sentinel=sentinel)


def _count_by_era(bad: BadByEra, rows: Rows) -> list[tuple[EraCounts, EraCounts, EraCounts]]:
    size = rows.by_era.sizes.tolist()
    table = np.array([bad.missing, bad.infinite, bad.sentinel]).transpose(1, 2, 0).tolist()
    return [tuple(_era_counts(size[era], *counts[era]) for era in Era) for counts in table]


def _count_by_period(block: Block, rows: Rows) -> list[tuple[float | None, ...]]:
    in_period = rows.by_period.sizes[:-1]
    ratios = block.count_by_period(rows) / np.maximum(in_period, 1)
    return [
        tuple(ratio if total else None for ratio, total in zip(line, in_period.tolist(), strict=True))
        for line in ratios.tolist()
    ]


def _find_evidence(block: Block, place: int, found: ColumnStatistics, rows: Rows) -> FaultLocations:
    if found.bad_ratio == 0 and found.stale_ratio == 0:
        return _SOUND
    values = block.values[place]
    evidence = _SOUND
    if found.bad_ratio > 0:
        missing, infinite, sentinel = (_of_column(at, place) for at in block.bad_places)
        bad = np.sort(np.concatenate([missing, infinite, sentinel]))
        first_good, last_good, before, after, gap_ratio = _find_span(bad, rows)
        evidence = FaultLocations(
            bad_lines=_lines(bad, rows),
            infinite_lines=_lines(infinite, rows),
            sentinel_lines=_lines(sentinel, rows),
            first_good=first_good,
            last_good=last_good,
            stamps_before=before,
            stamps_after=after,
            gap_ratio=gap_ratio,
            stale_run=None,
            period_figure=None,
        )
    if found.stale_ratio > 0 and block.columns[place].kind.is_numeric:
        evidence = replace(evidence, stale_run=_find_stale_run(values, rows))
    return evidence


def _of_column(at: tuple[np.ndarray, np.ndarray], place: int) -> np.ndarray:
    column, row = at
    return row[column.searchsorted(place) : column.searchsorted(place, "right")]


def _lines(some: np.ndarray, rows: Rows) -> tuple[int, ...]:
    return tuple(sorted(rows.lines[some[:MOST_LINES]].tolist()))


def _find_span(bad: np.ndarray, rows: Rows) -> tuple[str | None, str | None, int, int, float]:
    """Return when the first and the last value stand, the stamps outside, and the share of bad rows between; `bad` are rows."""
    good = np.ones(len(rows.times), dtype=bool)
    good[bad] = False
    if not rows.in_order:
        good &= ~np.isnat(rows.times)
    if not good.any():
        return None, None, 0, 0, 0.0
    if rows.in_order:
        first, last = rows.times[np.argmax(good)], rows.times[len(good) - 1 - np.argmax(good[::-1])]
    else:
        times = rows.times[good]
        first, last = times.min(), times.max()
    before = int(np.searchsorted(rows.stamps, first, side="left"))
    after = len(rows.stamps) - int(np.searchsorted(rows.stamps, last, side="right"))
    held = rows.times[bad]
    between = np.count_nonzero((held >= first) & (held <= last))
    return str(first), str(last), before, after, between / rows.count_between(first, last)


def _find_stale_run(values: np.ndarray, rows: Rows) -> StaleRun | None:
    """Return the longest run, where it is longer than chance explains for a column that repeats itself this often."""
    runs = find_runs(values[None, :], rows.first)
    longest = int(np.argmax(runs.length))
    length, start = int(runs.length[longest]), int(runs.start[longest])
    pairs = np.count_nonzero(~np.isnan(values)) - 1
    elsewhere = (runs.length - 1).sum() - (length - 1)
    if length < 2 * 5 or pairs < length:
        return None
    # Of n draws that repeat with chance p, the longest run is about log n / log(1 / p) rows (Erdős and Rényi 1970).
    chance = elsewhere / max(pairs - (length - 1), 1)
    usual = 1 + (np.log(pairs) / np.log(1 / chance) if 0 < chance < 1 else 0)
    if chance >= 1 or length <= 3 * usual:
        return None
    lines = tuple(sorted(rows.lines[start : start + min(length, MOST_LINES)].tolist()))
    return StaleRun(length=length, value=float(values[start]), since=str(rows.times[start]), lines=lines)
