"""Whether the open, high, low and close of a row are in order, and whether they were traded at all."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.findings.model import Finding, Severity, legacy_finding
from core.quality.market.prices import PriceGroup
from core.quality.numerics.blocks import Rows
from core.quality.numerics.stretches import count_rows, find_stretches, list_lines, say_stretches

# Adjusted prices carry rounding in their seventh digit; a tick of an exchange rate is ten times that.
_ROUNDING = 1e-6
_WIDEST, _FEWEST, _LOOKED_AT = 0.5, 10, 10_000
_GRAVE = 0.05
_QUOTES = 5


@dataclass(frozen=True, eq=False, kw_only=True)
class Bars:
    """The open, high, low and close of each row, asked for by name in `values`; `known` marks the rows that have all four."""

    group: PriceGroup
    values: Mapping[str, np.ndarray]
    known: np.ndarray


def take_bars(group: PriceGroup, values: Mapping[str, np.ndarray]) -> Bars | None:
    """Return the bars of a group whose columns hold such values: four prices of a row lie close together, as a rule."""
    if group.bar is None:
        return None
    known = np.logical_and.reduce([np.isfinite(values[name]) for name in group.bar])
    if np.count_nonzero(known) < _FEWEST:
        return None
    places = np.flatnonzero(known)
    places = places[:: max(1, len(places) // _LOOKED_AT)]
    some = np.array([values[name][places] for name in group.bar])
    middle = np.median(np.abs(some), axis=0)
    if np.median(np.ptp(some, axis=0) - _WIDEST * middle) > 0:
        return None
    return Bars(group=group, values=values, known=known)


def check_order(bars: Bars, rows: Rows) -> Finding | None:
    """Return the rows whose open or close lies outside low and high, or whose high is below the low."""
    opening, high, low, close = bars.group.bar
    slack = np.abs(bars.values[close])
    slack *= _ROUNDING
    with np.errstate(invalid="ignore"):
        ceiling = bars.values[high] + slack
        crossed = bars.values[low] > ceiling
        floor = bars.values[low] - slack
        del slack
        outside = {}
        for role, name in (("open", opening), ("close", close)):
            outside[role] = bars.values[name] > ceiling
            outside[role] |= bars.values[name] < floor
    del ceiling, floor
    broken = bars.known & (crossed | outside["open"] | outside["close"])
    count = int(np.count_nonzero(broken))
    if not count:
        return None
    names = dict(zip(("open", "high", "low", "close"), bars.group.bar, strict=True))
    told = [
        f"{names[name]} lies outside {names['low']} and {names['high']} in {count_rows(int(np.count_nonzero(mask & bars.known)))}"
        for name, mask in outside.items()
        if np.any(mask & bars.known)
    ]
    if crossed_rows := int(np.count_nonzero(crossed & bars.known)):
        told.append(f"{names['high']} is below {names['low']} in {count_rows(crossed_rows)}")
    share = count / np.count_nonzero(bars.known)
    mixed = " Columns may be named wrongly." if share > 0.5 else ""
    return legacy_finding(
        "ohlc-disorder",
        Severity.PROBLEM if share > _GRAVE else Severity.WARNING,
        f"{', '.join(bars.group.bar)} are out of order in {count_rows(count)}",
        f"{'; '.join(told)}. The high of a row is its highest price, the low its lowest.{mixed}",
        names["close"],
        list_lines(broken, rows),
        count,
    )


def check_quotes(bars: Bars, rows: Rows) -> Finding | None:
    """Return the rows in which all four prices are one, where such rows stand in runs of five or more."""
    with np.errstate(invalid="ignore"):
        prices = zip(bars.group.bar, bars.group.bar[1:], strict=False)
        flat = np.logical_and.reduce([bars.known, *(bars.values[one] == bars.values[other] for one, other in prices)])
    stretches = find_stretches(flat, rows.first, bars.known)
    if stretches.longest < _QUOTES:
        return None
    count = int(stretches.count.sum())
    in_train = np.count_nonzero(flat & rows.train) > 0.1 * max(1, np.count_nonzero(bars.known & rows.train))
    return legacy_finding(
        "one-price-bars",
        Severity.WARNING if in_train else Severity.INFO,
        f"{', '.join(bars.group.bar)} are one price in {count_rows(count)}",
        f"One quote a row, not trades: ranges and candles mean nothing there. {say_stretches(stretches, rows)}.",
        bars.group.close,
        list_lines(flat, rows),
        count,
    )
