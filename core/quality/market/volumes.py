"""Volumes that are swapped between two columns, or 0 although the price moved."""

import numpy as np

from core.data.volume_units import compare_volumes
from core.findings.market import VolumesSwapped, ZeroVolume
from core.quality.market.spans import longest_spans
from core.quality.numerics.blocks import Rows
from core.quality.numerics.statistics import BAD_RATIO
from core.quality.numerics.stretches import find_stretches, list_lines

_AGREE = 0.9
_FEWEST, _SHORTEST_RUN = 10, 5


def check_swapped_volumes(
    names: tuple[str, str], volumes: tuple[np.ndarray, np.ndarray], price: np.ndarray, rows: Rows
) -> VolumesSwapped | None:
    """Check whether two volumes, one in units and one in money, are swapped in some rows.

    In each row their ratio is compared with the price. The most recent rows define which column counts what; rows with the
    opposite ratio are swapped.

    Parameters
    ----------
    names
        The two columns.
    volumes
        Their values, each of shape (n,) float64; NaN is a bad value.
    price
        The close, shape (n,) float64.
    rows
        The layout of these n rows.
    """
    found = compare_volumes(volumes, price)
    decided = found.money_second | found.money_first
    places = np.flatnonzero(decided)
    if len(places) < 2 * _FEWEST or len(places) < _AGREE * np.count_nonzero(found.judged):
        return None
    latest = places[np.argsort(rows.times[places], kind="stable")[-_FEWEST:]]
    is_second = bool(found.money_second[latest].mean() > 0.5)
    swapped = found.money_first if is_second else found.money_second
    otherwise = decided & ~swapped
    stretches = find_stretches(swapped, rows.first, decided)
    if stretches.longest < _SHORTEST_RUN:
        return None
    in_train = [int(np.count_nonzero(mark & rows.train)) for mark in (swapped, otherwise)]
    return VolumesSwapped(
        volumes=names,
        money=names[is_second],
        spans=longest_spans(stretches, rows),
        last=rows.times[swapped].max(),
        ratio_swapped=float(np.exp(np.median(found.ratio[swapped]))),
        ratio_otherwise=float(np.exp(np.median(found.ratio[otherwise]))),
        in_train=min(in_train) >= _SHORTEST_RUN,
        rows=list_lines(swapped, rows),
        count=int(stretches.count.sum()),
    )


def check_zero_volume(name: str, volume: np.ndarray, close: np.ndarray, rows: Rows) -> ZeroVolume | None:
    """Check for rows with a volume of 0 although the close changed.

    Returns None below five such rows.

    Parameters
    ----------
    name
        The column of the volume.
    volume, close
        Their values, shape (n,) float64; NaN is a bad value.
    rows
        The layout of these n rows.
    """
    priced = np.flatnonzero(np.isfinite(close)).astype(np.int32)
    series, prices = np.cumsum(rows.first, dtype=np.int32)[priced], close[priced]
    moved = np.zeros(len(close), dtype=bool)
    moved[priced[1:]] = (prices[1:] != prices[:-1]) & (series[1:] == series[:-1])
    del prices, series
    untraded = moved & (volume == 0)
    count = int(np.count_nonzero(untraded))
    if count < _SHORTEST_RUN:
        return None
    stretches = find_stretches(volume == 0, rows.first, np.isfinite(volume))
    train_rows = int(np.count_nonzero(rows.train))
    return ZeroVolume(
        column=name,
        spans=longest_spans(stretches, rows),
        is_frequent=int(np.count_nonzero(untraded & rows.train)) > BAD_RATIO * max(1, train_rows),
        rows=list_lines(untraded, rows),
        count=count,
    )
