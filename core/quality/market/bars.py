"""Bars of open, high, low and close: inconsistent ones, and those of a single price."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.findings.market import OhlcDisorder, OnePriceBars
from core.quality.market.spans import longest_spans
from core.quality.numerics.blocks import Rows
from core.quality.numerics.stretches import find_stretches, list_lines

# Adjusted prices are rounded in their seventh digit; a tick of an exchange rate is ten times that.
_ROUNDING = 1e-6
_WIDEST, _FEWEST, _SAMPLED = 0.5, 10, 10_000
_SHORTEST_RUN = 5


@dataclass(frozen=True, eq=False, kw_only=True)
class Bars:
    """The bars of one instrument.

    `names` are the columns of open, high, low and close, and `values` their prices by name, each of shape (n,) float64 with
    NaN for a bad value. `known`, shape (n,) bool, marks the rows that have all four.
    """

    names: tuple[str, str, str, str]
    values: Mapping[str, np.ndarray]
    known: np.ndarray


def read_bars(names: tuple[str, str, str, str] | None, values: Mapping[str, np.ndarray]) -> Bars | None:
    """Return the bars, or None if the columns are unlikely to be prices.

    The four prices of a bar are close together.
    """
    if names is None:
        return None
    known = np.logical_and.reduce([np.isfinite(values[name]) for name in names])
    if np.count_nonzero(known) < _FEWEST:
        return None
    places = np.flatnonzero(known)
    places = places[:: max(1, len(places) // _SAMPLED)]
    sample = np.array([values[name][places] for name in names])
    middle = np.median(np.abs(sample), axis=0)
    if np.median(np.ptp(sample, axis=0) - _WIDEST * middle) > 0:
        return None
    return Bars(names=names, values=values, known=known)


def check_ohlc_order(bars: Bars, rows: Rows) -> OhlcDisorder | None:
    """Check that open and close lie between low and high in every bar, up to rounding."""
    opening, high, low, close = bars.names
    slack = np.abs(bars.values[close])
    slack *= _ROUNDING
    with np.errstate(invalid="ignore"):
        ceiling = bars.values[high] + slack
        crossed = bars.known & (bars.values[low] > ceiling)
        floor = bars.values[low] - slack
        del slack
        outside = []
        for name in (opening, close):
            beyond = bars.values[name] > ceiling
            beyond |= bars.values[name] < floor
            outside.append(beyond & bars.known)
    del ceiling, floor
    broken = crossed | outside[0] | outside[1]
    count = int(np.count_nonzero(broken))
    if not count:
        return None
    return OhlcDisorder(
        bar=bars.names,
        open_outside=int(np.count_nonzero(outside[0])),
        close_outside=int(np.count_nonzero(outside[1])),
        crossed=int(np.count_nonzero(crossed)),
        known=int(np.count_nonzero(bars.known)),
        rows=list_lines(broken, rows),
        count=count,
    )


def check_one_price(bars: Bars, rows: Rows) -> OnePriceBars | None:
    """Check for bars whose four prices are equal, if they come in runs of five rows or more."""
    with np.errstate(invalid="ignore"):
        pairs = zip(bars.names, bars.names[1:], strict=False)
        equal = np.logical_and.reduce([bars.known, *(bars.values[one] == bars.values[other] for one, other in pairs)])
    stretches = find_stretches(equal, rows.first, bars.known)
    if stretches.longest < _SHORTEST_RUN:
        return None
    in_train = int(np.count_nonzero(bars.known & rows.train))
    return OnePriceBars(
        bar=bars.names,
        spans=longest_spans(stretches, rows),
        train_share=float(np.count_nonzero(equal & rows.train)) / max(1, in_train),
        rows=list_lines(equal, rows),
        count=int(stretches.count.sum()),
    )
