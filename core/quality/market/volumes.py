"""Whether volumes keep their meaning, and whether they are there when prices move."""

import numpy as np

from core.findings.model import Finding, Remedy, Severity, drop_column, legacy_finding
from core.quality.numerics.blocks import Rows
from core.quality.numerics.statistics import BAD_RATIO
from core.quality.numerics.stretches import count_rows, find_stretches, list_lines, say_stretches, say_time

# Money over units is the mean price of the row: it lies within a quarter of the close in nearly every row.
_NEAR = np.log(1.25)
# Where the price is near one, units and money are too alike to be told apart.
_FROM_ONE = np.log(2)
_AGREE = 0.9
_FEWEST, _RUN = 10, 5


def check_swapped(
    names: tuple[str, str], volumes: tuple[np.ndarray, np.ndarray], price: np.ndarray, rows: Rows
) -> Finding | None:
    """Return whether two volumes, one in units and one in money, change places, told by their ratio against the price.

    The last rows, by time, say which is which; the rows that are the other way round are counted.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio, level = np.log(volumes[1]) - np.log(volumes[0]), np.log(price)
        judged = np.isfinite(ratio) & np.isfinite(level) & (np.abs(level) > _FROM_ONE)
        straight, turned = np.abs(ratio - level) < _NEAR, np.abs(ratio + level) < _NEAR
    told = judged & (straight | turned)
    decided = np.flatnonzero(told)
    if len(decided) < 2 * _FEWEST or len(decided) < _AGREE * np.count_nonzero(judged):
        return None
    latest = decided[np.argsort(rows.times[decided], kind="stable")[-_FEWEST:]]
    swapped = told & (turned if straight[latest].mean() > 0.5 else straight)
    stretches = find_stretches(swapped, rows.first, told)
    if stretches.longest < _RUN:
        return None
    count = int(stretches.count.sum())
    last = say_time(rows.times[swapped].max())
    train = np.count_nonzero(swapped & rows.train), np.count_nonzero(told & ~swapped & rows.train)
    remedy = (
        Remedy(label=f"Drop {names[0]} and {names[1]}", section="cleaning", field="drop", value=names)
        if min(train) >= _RUN
        else None
    )
    return legacy_finding(
        "volumes-swapped",
        Severity.PROBLEM,
        f"{names[0]} and {names[1]} hold each other's values in {count_rows(count)}, the last on {last}",
        f"{_middle(ratio, swapped)} where the last rows have {_middle(ratio, told & ~swapped)}: one counts units, the other "
        f"money. Swapped: {say_stretches(stretches, rows)}.",
        names[0],
        list_lines(swapped, rows),
        count,
        remedy,
    )


def _middle(ratio: np.ndarray, mark: np.ndarray) -> str:
    three_digits = float(f"{np.exp(np.median(ratio[mark])):.3g}")
    return f"{three_digits:,.12g}"


def check_no_volume(name: str, volume: np.ndarray, close: np.ndarray, rows: Rows) -> Finding | None:
    """Return the rows without volume in which the close moved all the same."""
    priced = np.flatnonzero(np.isfinite(close)).astype(np.int32)
    series, prices = np.cumsum(rows.first, dtype=np.int32)[priced], close[priced]
    moved = np.zeros(len(close), dtype=bool)
    moved[priced[1:]] = (prices[1:] != prices[:-1]) & (series[1:] == series[:-1])
    del prices, series
    silent = moved & (volume == 0)
    count = int(np.count_nonzero(silent))
    if count < _RUN:
        return None
    stretches = find_stretches(volume == 0, rows.first, np.isfinite(volume))
    in_train = np.count_nonzero(silent & rows.train) / max(1, np.count_nonzero(rows.train))
    return legacy_finding(
        "zero-volume",
        Severity.WARNING,
        f"{name} is 0 in {count_rows(count)} in which the price moved",
        f"Where a price moves, something was traded: 0 stands for unknown there. Zeros: {say_stretches(stretches, rows)}.",
        name,
        list_lines(silent, rows),
        count,
        drop_column(name) if in_train > BAD_RATIO else None,
    )
