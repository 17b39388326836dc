"""Every finding on prices and volumes, looked for group by group, so that memory holds one bar of columns at a time."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from core.data.columns import Roles
from core.data.dataset import Dataset
from core.findings.limit import limit_findings
from core.findings.model import Finding, Severity, legacy_finding
from core.progress import Progress, ShouldStop, require_going
from core.quality.column.profile import ColumnProfile
from core.quality.market.adjusted import check_adjusted, differs_from_close
from core.quality.market.bars import check_order, check_quotes, take_bars
from core.quality.market.jumps import Steps, find_splits, find_ticks, leave_out_moves, take_steps
from core.quality.market.prices import PriceGroup, group_prices
from core.quality.market.volumes import check_no_volume, check_swapped
from core.quality.numerics.blocks import Rows, read_blocks
from core.quality.numerics.stretches import count_rows, list_lines, say_time

_MOST_VOLUMES = 6
_CELLS_READ, _USUAL_COLUMNS = 4_000_000, 6
_LISTED = 5
_DAILY = np.timedelta64(36, "h")
_WEEKEND_ROWS, _WEEKEND_WEEKS = 0.02, 0.2

Values = Mapping[str, np.ndarray]


def find_market_faults(
    dataset: Dataset,
    columns: Sequence[ColumnProfile],
    rows: Rows,
    roles: Roles,
    progress: Progress,
    should_stop: ShouldStop,
) -> tuple[Finding, ...]:
    """Return what is wrong with columns that are named like prices and hold such, and with others that move like prices.

    Only those columns are read. Where nothing looks like a price nothing is said.
    """
    known = {c.name: c for c in columns if c.kind.is_numeric and c.name not in (roles.time, roles.series)}
    groups = _choose_groups(dataset, known, rows)
    findings: list[Finding | None] = []
    for done, (group, values) in enumerate(_read_groups(dataset, groups, len(rows.times))):
        require_going(should_stop)
        progress.step(done, len(groups), "Prices and volumes")
        findings += _look_at(group, values, rows)
    if groups:
        findings.append(_weekend_rows(dataset, rows))
        progress.step(len(groups), len(groups), "Prices and volumes")
    return limit_findings(finding for finding in findings if finding is not None)


class _Reading(Mapping[str, np.ndarray]):
    """The values of columns, each read whenever it is asked for, because memory has no place for all of them."""

    def __init__(self, dataset: Dataset, names: Sequence[str]) -> None:
        self._dataset, self._names = dataset, names

    def __getitem__(self, name: str) -> np.ndarray:
        return next(read_blocks(self._dataset, [self._dataset.column(name)], self._dataset.rows)).values[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _read_groups(dataset: Dataset, groups: Sequence[PriceGroup], rows: int) -> Iterator[tuple[PriceGroup, Values]]:
    """Yield each group with the values of its columns; those of several small ones are read at once."""
    at_once = _CELLS_READ // (_USUAL_COLUMNS * max(rows, 1))
    if not at_once:
        yield from ((group, _Reading(dataset, group.columns)) for group in groups)
        return
    for begin in range(0, len(groups), at_once):
        some = groups[begin : begin + at_once]
        names = list(dict.fromkeys(name for group in some for name in group.columns))
        blocks = read_blocks(dataset, [dataset.column(name) for name in names], rows)
        values = dict(zip(names, (line for block in blocks for line in block.values), strict=True))
        yield from ((group, {name: values[name] for name in group.columns}) for group in some)


def _choose_groups(dataset: Dataset, known: Mapping[str, ColumnProfile], rows: Rows) -> list[PriceGroup]:
    """Return the groups that hold prices, and each other column that moves like a price from day to day as a group of its own."""
    named = group_prices(list(known))
    groups = [group for group in named if group.bar or any(known[name].price_like for name in group.prices)]
    steps = np.diff(rows.stamps)
    has_days = dataset.time_column in {column.name for column in dataset.columns}
    if has_days and len(steps) and np.median(steps) < _DAILY:
        taken = {name for group in named for name in group.columns}
        alone = sorted(name for name, column in known.items() if column.price_like and name not in taken)
        groups += [PriceGroup(key=name.lower(), close=name) for name in alone]
    return groups


def _look_at(group: PriceGroup, values: Values, rows: Rows) -> list[Finding | None]:
    bars = take_bars(group, values)
    if group.bar and bars is None:
        return []
    findings = _find_jumps(group, values, rows)
    if bars is not None:
        findings += [check_order(bars, rows), check_quotes(bars, rows)]
    if group.close is not None:
        close = values[group.close]
        if group.adjusted is not None:
            findings.append(check_adjusted(group, close, values[group.adjusted], rows))
        findings += [check_no_volume(name, values[name], close, rows) for name in group.volumes]
        for pair in combinations(group.volumes[:_MOST_VOLUMES], 2):
            findings.append(check_swapped(pair, (values[pair[0]], values[pair[1]]), close, rows))
    return findings


def _find_jumps(group: PriceGroup, values: Values, rows: Rows) -> list[Finding | None]:
    found = {name: _jumps_of(name, group, values, rows) for name in group.prices}
    splits = next((splits for splits, _ in found.values() if splits is not None), None)
    return [splits, _ticks({name: ticks for name, (_, ticks) in found.items() if len(ticks)}, rows)]


def _jumps_of(name: str, group: PriceGroup, values: Values, rows: Rows) -> tuple[Finding | None, np.ndarray]:
    """Return the splits of a close, and the rows of the bad ticks of any price."""
    steps = take_steps(values[name], rows.first)
    return _splits(group, steps, values, rows) if name == group.close else None, find_ticks(steps)


def _splits(group: PriceGroup, steps: Steps, values: Values, rows: Rows) -> Finding | None:
    alike = [name for name in group.prices if name not in (group.close, group.adjusted)]
    splits = find_splits(steps, (values[name] for name in alike))
    sure = ""
    if splits and group.adjusted is not None:
        adjusted = values[group.adjusted]
        if differs_from_close(values[group.close], adjusted).any():
            splits = leave_out_moves(splits, steps, adjusted)
            sure = " The adjusted close does not jump there."
    if not splits:
        return None
    jumped = np.zeros(len(rows.times), dtype=bool)
    jumped[[split.row for split in splits]] = True
    told = [f"{split.new} for {split.old} on {say_time(rows.times[split.row])}" for split in splits[:_LISTED]]
    others = " The other prices of the rows jump alike." if alike else ""
    count = len(splits)
    return legacy_finding(
        "looks-like-split",
        Severity.WARNING,
        f"{group.close} jumps as in a split, {'once' if count == 1 else f'{count:,} times'}",
        f"It looks like {', '.join(told)}{', …' if count > _LISTED else ''}: the price changes by such a ratio and stays.{others}"
        f"{sure} A split changes no value, but a model sees a crash: use prices that are adjusted for it.",
        group.close,
        list_lines(jumped, rows),
        count,
    )


def _ticks(ticks: Mapping[str, np.ndarray], rows: Rows) -> Finding | None:
    if not ticks:
        return None
    spiked = np.zeros(len(rows.times), dtype=bool)
    spiked[np.concatenate([*ticks.values()])] = True
    count = int(np.count_nonzero(spiked))
    names = ", ".join(ticks)
    return legacy_finding(
        "bad-tick",
        Severity.WARNING,
        f"{names} {'jumps' if len(ticks) == 1 else 'jump'} away and back within one row, "
        f"{'once' if count == 1 else f'{count:,} times'}",
        "A jump of more than twelve times the usual step that the next row takes back looks like a wrong price, or a trade far "
        f"from the market: "
        f"{', '.join(say_time(stamp) for stamp in rows.times[spiked][:_LISTED])}{', …' if count > _LISTED else ''}.",
        next(iter(ticks)),
        list_lines(spiked, rows),
        count,
    )


def _weekend_rows(dataset: Dataset, rows: Rows) -> Finding | None:
    """Return the rows of Saturdays and Sundays of series that rest then, but for a few rows in a few weeks."""
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
    return legacy_finding(
        "weekend-rows",
        Severity.WARNING,
        f"{count_rows(count)} of {dataset.time_column} {'falls' if count == 1 else 'fall'} on a Saturday or Sunday",
        "All other weekends have none. Markets are closed then: the dates may be wrong, or the rows repeat a Friday.",
        dataset.time_column,
        list_lines(odd, rows),
        count,
    )
