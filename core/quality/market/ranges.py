"""High and low columns that show how far a price moved within each row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.data.dataset import Dataset
from core.data.parkinson import parkinson_variance
from core.quality.column.profile import ColumnProfile
from core.quality.market.prices import PriceGroup, group_prices
from core.quality.numerics.blocks import Rows, read_blocks

# A few bad bars do not make a range useless; runs of bars of a single price do.
_MOST_UNUSABLE = 0.05
_ROUNDING = 1e-6


@dataclass(frozen=True, kw_only=True)
class PriceRange:
    """The high and low columns of an instrument, and the columns of its price: close and adjusted close."""

    prices: tuple[str, ...]
    high: str
    low: str


def find_ranges(dataset: Dataset, columns: Sequence[ColumnProfile], rows: Rows) -> tuple[PriceRange, ...]:
    """Return the ranges of the instruments whose bars show one in nearly all train rows.

    All three columns must be price-like. In at least 95% of the train rows the high must exceed the low, unless the close did
    not move either, and the close must lie between them.

    Parameters
    ----------
    dataset, rows
        The table and the layout of its rows.
    columns
        The profiles of its columns.
    """
    profiles = {column.name: column for column in columns if column.kind.is_numeric}
    return tuple(
        PriceRange(prices=tuple(filter(None, (group.close, group.adjusted))), high=bar[1], low=bar[2])
        for group in group_prices(list(profiles))
        if (bar := _bar_of(group, profiles)) is not None and _shows_range(dataset, bar, rows)
    )


def _bar_of(group: PriceGroup, profiles: Mapping[str, ColumnProfile]) -> tuple[str, str, str] | None:
    """Return close, high and low of an instrument whose prices are positive and drift."""
    if group.close is None or group.high is None or group.low is None:
        return None
    bar = (group.close, group.high, group.low)
    return bar if all(profiles[name].price_like for name in bar) else None


def _shows_range(dataset: Dataset, bar: tuple[str, str, str], rows: Rows) -> bool:
    blocks = read_blocks(dataset, [dataset.column(name) for name in bar], len(rows.times))
    values = {column.name: line for block in blocks for column, line in zip(block.columns, block.values, strict=True)}
    close, high, low = (rows.of_train(values[name]) for name in bar)
    priced = np.isfinite(close)
    stood_still = np.r_[False, close[1:] == close[:-1]] & ~rows.train_first
    slack = _ROUNDING * np.abs(close)
    with np.errstate(invalid="ignore"):
        is_inside = (close <= high + slack) & (close >= low - slack)
    is_usable = (np.isfinite(parkinson_variance(high, low)) & is_inside) | stood_still
    count = int(np.count_nonzero(priced))
    return count > 0 and int(np.count_nonzero(priced & ~is_usable)) <= _MOST_UNUSABLE * count
