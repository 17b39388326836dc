"""Two columns side by side: their values, their tested rows, and their scatter plot."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.dataset import Dataset
from core.data.eras import Era
from core.quality.column.changes import difference_levels
from core.quality.numerics.blocks import read_blocks
from core.quality.numerics.sampling import choose_stretches
from core.quality.numerics.smoothing import fit_line, smooth
from core.quality.pairwise.relations import Relation, classify_relations
from core.quality.profile import QualityProfile

_CURVE_POINTS = 60
_FEWEST_POINTS = 10


@dataclass(frozen=True, eq=False, kw_only=True)
class Pair:
    """A feature and another column, series after series, each in order of time.

    `levels` and `stationary`, shape (2, n) float64 with the feature first, hold the values, and the same with the changes of
    differenced columns; NaN is a bad value. `times`, shape (n,), is datetime64[us]; `first` marks the first row of each series
    and `train` the train era, both of shape (n,) bool. `differenced` states for each column whether it is: it does not
    mean-revert within a row, as returns do.
    """

    feature: str
    other: str
    times: np.ndarray
    first: np.ndarray
    train: np.ndarray
    levels: np.ndarray
    stationary: np.ndarray
    differenced: tuple[bool, bool]

    def values(self, as_changes: bool) -> np.ndarray:
        """Return the values, shape (2, n), with differenced columns as changes or all as levels."""
        return self.stationary if as_changes else self.levels

    def labels(self, as_changes: bool) -> tuple[str, str]:
        """Return the names of both columns, marked as changes if `values` differences them."""
        feature, other = (
            f"change of {name}" if as_changes and differenced else name
            for name, differenced in zip((self.feature, self.other), self.differenced, strict=True)
        )
        return feature, other

    @property
    def tested_rows(self) -> np.ndarray:
        """The at most 2,000 train rows, shape (k,), that the profile tests relations on."""
        known = np.flatnonzero(self.train & ~np.isnan(self.stationary[1]))
        return known[choose_stretches(len(known))]


@dataclass(frozen=True, eq=False, kw_only=True)
class Scatter:
    """The tested rows as points, with a linear fit and a smooth curve.

    `x` and `y` have shape (k,); `line`, shape (2, 2), and `curve`, shape (2, m), hold x above y, and no points if k is below
    10. `labels` name x and y; `rows` counts the train rows that the points were sampled from.
    """

    labels: tuple[str, str]
    x: np.ndarray
    y: np.ndarray
    line: np.ndarray
    curve: np.ndarray
    rows: int


def name_series(dataset: Dataset) -> tuple[str, ...]:
    """Return the names of the series in table order, or () if there is no series column."""
    if dataset.series_column is None:
        return ()
    return tuple(dataset.read([dataset.series_column])[dataset.series_column].dropna().unique().tolist())


def read_pair(
    dataset: Dataset, profile: QualityProfile, names: tuple[str, str], only_series: str | None = None
) -> Pair:
    """Read a feature and another column.

    Raises `RecipeError` if the data set or its profile lacks one of them.

    Parameters
    ----------
    dataset
        The table.
    profile
        Its profile, for the eras and which columns are differenced.
    names
        The feature and the other column.
    only_series
        The series to read; all of them if None.
    """
    columns = [dataset.column(name) for name in names]
    differenced = profile.column(names[0]).is_differenced, profile.column(names[1]).is_differenced
    keys = dataset.read([dataset.time_column, *([dataset.series_column] if dataset.series_column else [])])
    levels = np.vstack([block.values for block in read_blocks(dataset, columns, dataset.rows)])
    times = keys[dataset.time_column].to_numpy("datetime64[us]")
    first = np.arange(len(times)) == 0
    if dataset.series_column:
        series = pd.factorize(keys[dataset.series_column], use_na_sentinel=True)
        first[1:] |= series[0][1:] != series[0][:-1]
        if only_series is not None:
            chosen = np.flatnonzero(series[0] == series[1].get_indexer([only_series])[0])
            times, first, levels = times[chosen], first[chosen], levels[:, chosen]
    stationary = np.array(
        [difference_levels(line, first) if change else line for line, change in zip(levels, differenced, strict=True)]
    )
    train = ~np.isnat(times) & (profile.eras.label(times) == Era.TRAIN)
    return Pair(
        feature=names[0],
        other=names[1],
        times=times,
        first=first,
        train=train,
        levels=levels,
        stationary=stationary,
        differenced=differenced,
    )


def classify_pair(pair: Pair) -> Relation:
    """Return the relation of the two columns in the train era.

    Its p-value is not corrected for other pairs.
    """
    x, y = pair.stationary[:, pair.tested_rows]
    return classify_relations(pd.DataFrame({pair.other: y, pair.feature: x}), pair.other)[0]


def relation_of(pair: Pair, profile: QualityProfile) -> Relation:
    """Return the relation of a pair of all series from the profile.

    If the profile lacks it, this pair is tested alone.
    """
    found = (r for r in profile.relations if (r.feature, r.target) == (pair.feature, pair.other))
    return next(found, None) or classify_pair(pair)


def scatter_pair(pair: Pair, as_changes: bool = True) -> Scatter:
    """Return the tested rows as points, and the fits through them.

    Differenced columns enter as changes, or all as levels.
    """
    x, y = pair.values(as_changes)[:, pair.tested_rows]
    good = ~(np.isnan(x) | np.isnan(y))
    x, y = x[good], y[good]
    rows = int(np.count_nonzero(pair.train))
    labels = pair.labels(as_changes)
    if len(x) < _FEWEST_POINTS or x.min() == x.max():
        return Scatter(labels=labels, x=x, y=y, line=np.empty((2, 0)), curve=np.empty((2, 0)), rows=rows)
    ends = np.array([x.min(), x.max()])
    at = np.unique(np.quantile(x, np.linspace(0.005, 0.995, _CURVE_POINTS)))
    return Scatter(
        labels=labels,
        x=x,
        y=y,
        line=np.array([ends, fit_line(x, y)(ends)]),
        curve=np.array([at, smooth(x, y, at)]),
        rows=rows,
    )
