"""Checks of prices and volumes, one instrument at a time to bound memory."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from core.data.columns import Roles
from core.data.dataset import Dataset
from core.findings.limit import limit_findings
from core.findings.market import BadTick, LooksLikeSplit, SplitOnDate, WeekendRows
from core.findings.model import Finding
from core.progress import Progress, ShouldStop, require_going
from core.quality.column.profile import ColumnProfile
from core.quality.market.adjusted import check_adjusted, differs_from_close
from core.quality.market.bars import check_ohlc_order, check_one_price, read_bars
from core.quality.market.jumps import (
    TICK_MULTIPLE,
    LogReturns,
    exclude_moves,
    find_splits,
    find_ticks,
    measure_returns,
)
from core.quality.market.prices import PriceGroup, group_prices
from core.quality.market.volumes import check_swapped_volumes, check_zero_volume
from core.quality.numerics.blocks import Rows, read_blocks
from core.quality.numerics.stretches import list_lines

_MOST_VOLUMES = 6
_CELLS_READ, _USUAL_COLUMNS = 4_000_000, 6
_LISTED = 5
_DAILY = np.timedelta64(36, "h")
_WEEKEND_ROWS, _WEEKEND_WEEKS = 0.02, 0.2

Values = Mapping[str, np.ndarray]


def check_market(
    dataset: Dataset,
    columns: Sequence[ColumnProfile],
    rows: Rows,
    roles: Roles,
    progress: Progress,
    should_stop: ShouldStop,
) -> tuple[Finding, ...]:
    """Check columns that hold prices or volumes.

    These are columns that are named like prices and look like prices, and others that move like prices.

    Only these columns are read. Without any, nothing is reported. Raises `Stopped` if `should_stop` asks for it.

    Parameters
    ----------
    dataset
        The table.
    columns
        The profiles of its columns.
    rows
        The layout of its rows.
    roles
        The columns of time, series and target.
    progress, should_stop
        Called once per instrument.
    """
    known = {c.name: c for c in columns if c.kind.is_numeric and c.name not in (roles.time, roles.series)}
    groups = _choose_groups(dataset, known, rows)
    findings: list[Finding | None] = []
    for done, (group, values) in enumerate(_read_groups(dataset, groups, len(rows.times))):
        require_going(should_stop)
        progress.step(done, len(groups), "Prices and volumes")
        findings += _check_group(group, values, rows)
    if groups:
        findings.append(_check_weekends(dataset, rows))
        progress.step(len(groups), len(groups), "Prices and volumes")
    return limit_findings(finding for finding in findings if finding is not None)


class _LazyValues(Mapping[str, np.ndarray]):
    """Columns of a table too long to hold several at once: each access reads a column again."""

    def __init__(self, dataset: Dataset, names: Sequence[str]) -> None:
        self._dataset, self._names = dataset, names

    def __getitem__(self, name: str) -> np.ndarray:
        return next(read_blocks(self._dataset, [self._dataset.column(name)], self._dataset.rows)).values[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _read_groups(dataset: Dataset, groups: Sequence[PriceGroup], rows: int) -> Iterator[tuple[PriceGroup, Values]]:
    """Yield each group with the values of its columns; several small groups are read at once."""
    at_once = _CELLS_READ // (_USUAL_COLUMNS * max(rows, 1))
    if not at_once:
        yield from ((group, _LazyValues(dataset, group.columns)) for group in groups)
        return
    for begin in range(0, len(groups), at_once):
        some = groups[begin : begin + at_once]
        names = list(dict.fromkeys(name for group in some for name in group.columns))
        blocks = read_blocks(dataset, [dataset.column(name) for name in names], rows)
        values = dict(zip(names, (line for block in blocks for line in block.values), strict=True))
        yield from ((group, {name: values[name] for name in group.columns}) for group in some)


def _choose_groups(dataset: Dataset, known: Mapping[str, ColumnProfile], rows: Rows) -> list[PriceGroup]:
    """Return the groups of prices, and other price-like columns as groups of their own.

    The latter only in daily or faster data.
    """
    named = group_prices(list(known))
    groups = [group for group in named if group.bar or any(known[name].price_like for name in group.prices)]
    steps = np.diff(rows.stamps)
    has_days = dataset.time_column in {column.name for column in dataset.columns}
    if has_days and len(steps) and np.median(steps) < _DAILY:
        taken = {name for group in named for name in group.columns}
        alone = sorted(name for name, column in known.items() if column.price_like and name not in taken)
        groups += [PriceGroup(key=name.lower(), close=name) for name in alone]
    return groups


def _check_group(group: PriceGroup, values: Values, rows: Rows) -> list[Finding | None]:
    bars = read_bars(group.bar, values)
    if group.bar and bars is None:
        return []
    findings = _check_jumps(group, values, rows)
    if bars is not None:
        findings += [check_ohlc_order(bars, rows), check_one_price(bars, rows)]
    if group.close is not None:
        close = values[group.close]
        if group.adjusted is not None:
            findings.append(check_adjusted((group.close, group.adjusted), close, values[group.adjusted], rows))
        findings += [check_zero_volume(name, values[name], close, rows) for name in group.volumes]
        for pair in combinations(group.volumes[:_MOST_VOLUMES], 2):
            findings.append(check_swapped_volumes(pair, (values[pair[0]], values[pair[1]]), close, rows))
    return findings


def _check_jumps(group: PriceGroup, values: Values, rows: Rows) -> list[Finding | None]:
    split, ticks = None, {}
    for name in group.prices:
        found, spiked = _jumps_of(name, group, values, rows)
        split = split or found
        if len(spiked):
            ticks[name] = spiked
    return [split, _check_ticks(ticks, rows)]


def _jumps_of(name: str, group: PriceGroup, values: Values, rows: Rows) -> tuple[Finding | None, np.ndarray]:
    """Return the splits of a close, and the rows of the bad ticks of any price."""
    returns = measure_returns(values[name], rows.first)
    return _check_splits(name, group, returns, values, rows) if name == group.close else None, find_ticks(returns)


def _check_splits(
    close: str, group: PriceGroup, returns: LogReturns, values: Values, rows: Rows
) -> LooksLikeSplit | None:
    others = [name for name in group.prices if name not in (close, group.adjusted)]
    splits = find_splits(returns, (values[name] for name in others))
    adjusted_is_smooth = False
    if splits and group.adjusted is not None:
        adjusted = values[group.adjusted]
        if differs_from_close(values[close], adjusted).any():
            splits = exclude_moves(splits, returns, adjusted)
            adjusted_is_smooth = True
    if not splits:
        return None
    jumped = np.zeros(len(rows.times), dtype=bool)
    jumped[[split.row for split in splits]] = True
    listed = tuple(SplitOnDate(time=rows.times[split.row], new=split.new, old=split.old) for split in splits[:_LISTED])
    return LooksLikeSplit(
        column=close,
        splits=listed,
        others_jump=bool(others),
        adjusted_is_smooth=adjusted_is_smooth,
        rows=list_lines(jumped, rows),
        count=len(splits),
    )


def _check_ticks(ticks: Mapping[str, np.ndarray], rows: Rows) -> BadTick | None:
    """Report the rows with a bad tick, given by column, as one finding of the instrument."""
    if not ticks:
        return None
    spiked = np.zeros(len(rows.times), dtype=bool)
    spiked[np.concatenate([*ticks.values()])] = True
    return BadTick(
        columns=tuple(ticks),
        times=tuple(rows.times[spiked][:_LISTED]),
        multiple=TICK_MULTIPLE,
        rows=list_lines(spiked, rows),
        count=int(np.count_nonzero(spiked)),
    )


def _check_weekends(dataset: Dataset, rows: Rows) -> WeekendRows | None:
    """Check for weekend rows in series that have none but a few rows in a few weeks."""
    days = rows.times.astype("datetime64[D]").astype(np.int64)
    steps = np.diff(rows.stamps)
    if np.isnat(rows.times).any() or not len(steps) or np.median(steps) > _DAILY:
        return None
    weekend, week = (days + 3) % 7 >= 5, (days + 3) // 7
    series = np.cumsum(rows.first) - 1
    share = np.bincount(series, weights=weekend) / np.bincount(series)
    begins = np.flatnonzero(rows.first | np.r_[True, week[1:] != week[:-1]])
    weeks = series[begins]
    visits = np.bincount(weeks, weights=np.logical_or.reduceat(weekend, begins)) / np.bincount(weeks)
    odd = weekend & ((share <= _WEEKEND_ROWS) & (visits <= _WEEKEND_WEEKS))[series]
    count = int(np.count_nonzero(odd))
    if not count:
        return None
    return WeekendRows(column=dataset.time_column, rows=list_lines(odd, rows), count=count)
