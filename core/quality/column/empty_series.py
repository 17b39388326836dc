"""Series of a panel in which a column has no value at all: what is bad there is no matter of the column."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.dataset import Dataset
from core.quality.column.profile import MOST_RANKED, ColumnProfile, rank_worst
from core.quality.numerics.blocks import read_blocks


@dataclass(frozen=True, kw_only=True)
class Silent:
    """The series, of `every` in the data, in which no row of a column holds a good value, in the order of the table."""

    column: str
    series: tuple[str, ...]
    every: int


def find_silent(dataset: Dataset, profiles: Sequence[ColumnProfile]) -> tuple[Silent, ...]:
    """Return which columns are silent in some series, the worst first; none where no column tells series apart.

    Only the 40 with the most bad values are looked at.
    """
    names = [column.name for column in rank_worst(profiles)[:MOST_RANKED]]
    if dataset.series_column is None or not names:
        return ()
    codes, series = pd.factorize(dataset.read([dataset.series_column])[dataset.series_column], use_na_sentinel=True)
    found = []
    for block in read_blocks(dataset, [dataset.column(name) for name in names], dataset.rows):
        for column, values in zip(block.columns, block.values, strict=True):
            good = np.bincount(codes[np.isfinite(values) & (codes >= 0)], minlength=len(series))
            silent = tuple(str(series[place]) for place in np.flatnonzero(good == 0))
            if silent:
                found.append(Silent(column=column.name, series=silent, every=len(series)))
    return tuple(found)
