"""Series of a panel in which a column has no valid values at all."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.dataset import Dataset
from core.quality.column.profile import MOST_RANKED, ColumnProfile, rank_worst
from core.quality.numerics.blocks import read_blocks


@dataclass(frozen=True, kw_only=True)
class EmptySeries:
    """The series in which a column has no valid values, in table order; the data have `every` series."""

    column: str
    series: tuple[str, ...]
    every: int


def find_empty_series(dataset: Dataset, profiles: Sequence[ColumnProfile]) -> tuple[EmptySeries, ...]:
    """Return the columns that are empty in some series, the one with the most bad values first; none without a panel.

    Only the 40 columns with the most bad values are checked.
    """
    names = [column.name for column in rank_worst(profiles)[:MOST_RANKED]]
    if dataset.series_column is None or not names:
        return ()
    codes, series = pd.factorize(dataset.read([dataset.series_column])[dataset.series_column], use_na_sentinel=True)
    found = []
    for block in read_blocks(dataset, [dataset.column(name) for name in names], dataset.rows):
        for column, values in zip(block.columns, block.values, strict=True):
            valid = np.bincount(codes[np.isfinite(values) & (codes >= 0)], minlength=len(series))
            empty = tuple(str(series[place]) for place in np.flatnonzero(valid == 0))
            if empty:
                found.append(EmptySeries(column=column.name, series=empty, every=len(series)))
    return tuple(found)
