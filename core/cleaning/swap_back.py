"""Rows in which a volume in units and one in money hold each other's values, and exchanging them back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.quality.market.prices import group_prices
from core.quality.market.volume_units import compare_volumes


@dataclass(frozen=True, kw_only=True)
class VolumePair:
    """A volume counted in units, one counted in money, and the close that converts one into the other."""

    units: str
    money: str
    price: str

    @property
    def columns(self) -> tuple[str, str, str]:
        """All three columns."""
        return self.units, self.money, self.price


def pair_volumes(named: Sequence[str], columns: Sequence[str]) -> tuple[VolumePair, ...]:
    """Return the pairs of volumes that a recipe names, each with the close of its instrument.

    A pair whose columns are not volumes of one instrument with a close is left out.

    Parameters
    ----------
    named
        The volume in units and that in money, pair after pair.
    columns
        All columns of the data.

    Examples
    --------
    >>> pair_volumes(["Volume BTC", "Volume USD"], ["open", "close", "Volume BTC", "Volume USD"])
    (VolumePair(units='Volume BTC', money='Volume USD', price='close'),)
    """
    groups = group_prices(columns)
    return tuple(
        VolumePair(units=units, money=money, price=group.close)
        for units, money in zip(named[::2], named[1::2], strict=False)
        for group in groups
        if group.close is not None and {units, money} <= {*group.volumes}
    )


def swapped_rows(frame: pd.DataFrame, pair: VolumePair) -> np.ndarray:
    """Return the rows in which a pair is swapped, bool (n,); each is judged by its own three values alone."""
    units, money, price = (frame[name].to_numpy(dtype=np.float64, na_value=np.nan, copy=True) for name in pair.columns)
    return compare_volumes((units, money), price).money_first


def swap_back(frame: pd.DataFrame, pairs: Sequence[VolumePair]) -> pd.DataFrame:
    """Return the frame with the values of swapped rows exchanged; the frame given is not changed."""
    for pair in pairs:
        rows = swapped_rows(frame, pair)
        units, money = frame[pair.units], frame[pair.money]
        frame = frame.assign(**{pair.units: units.where(~rows, money), pair.money: money.where(~rows, units)})
    return frame
