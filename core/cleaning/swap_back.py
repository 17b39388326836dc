"""Rows in which a volume in units and one in money hold each other's values, and exchanging them back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.volume_units import compare_volumes


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
