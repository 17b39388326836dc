"""Two columns side by side: their values in order of time, the rows that judge them, and what is seen in a scatter."""

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
    """A feature and another column, one entry a row: series after series, each in order of time; NaN is a bad value.

    `levels` are the values as they are, `judged` the changes of a column that drifts, both a matrix of two rows, the feature
    first. `first` marks where a series begins, `train` the train era; `drifts` tells which of the two drift.
    """

    feature: str
    other: str
    times: np.ndarray
    first: np.ndarray
    train: np.ndarray
    levels: np.ndarray
    judged: np.ndarray
    drifts: tuple[bool, bool]

    def values(self, judged: bool) -> np.ndarray:
        """Return the values as they are judged, or the levels."""
        return self.judged if judged else self.levels

    def labels(self, judged: bool) -> tuple[str, str]:
        """Return what `values` are: the names, and that they are changes where they are."""
        return tuple(
            f"change of {name}" if judged and drifts else name
            for name, drifts in zip((self.feature, self.other), self.drifts, strict=True)
        )

    @property
    def places(self) -> np.ndarray:
        """The at most 2,000 train rows that the relation is judged on: those of which the profile judges all features."""
        known = np.flatnonzero(self.train & ~np.isnan(self.judged[1]))
        return known[choose_stretches(len(known))]


@dataclass(frozen=True, eq=False, kw_only=True)
class Scatter:
    """The judged rows as points, with the straight line and the smooth curve through them; both are empty below ten points.

    `labels` say what x and y are, `rows` counts the train rows that the points were taken from.
    """

    labels: tuple[str, str]
    x: np.ndarray
    y: np.ndarray
    line: np.ndarray
    curve: np.ndarray
    rows: int


def name_series(dataset: Dataset) -> tuple[str, ...]:
    """Return the names of the series, in the order of the table; none where no column tells them apart."""
    if dataset.series_column is None:
        return ()
    return tuple(dataset.read([dataset.series_column])[dataset.series_column].dropna().unique().tolist())


def read_pair(
    dataset: Dataset, profile: QualityProfile, names: tuple[str, str], only_series: str | None = None
) -> Pair:
    """Return a feature and another column, read from the data set; of one series, or of all.

    Raises `RecipeError` where one of them is not a column, or is not in the profile.
    """
    columns = [dataset.column(name) for name in names]
    drifts = tuple(profile.column(name).drifts for name in names)
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
    judged = np.array(
        [difference_levels(line, first) if drift else line for line, drift in zip(levels, drifts, strict=True)]
    )
    train = ~np.isnat(times) & (profile.eras.label(times) == Era.TRAIN)
    return Pair(
        feature=names[0],
        other=names[1],
        times=times,
        first=first,
        train=train,
        levels=levels,
        judged=judged,
        drifts=drifts,
    )


def judge_pair(pair: Pair) -> Relation:
    """Return how the feature and the other column hang together in the train era; the p-value stands for this pair alone."""
    x, y = pair.judged[:, pair.places]
    return classify_relations(pd.DataFrame({pair.other: y, pair.feature: x}), pair.other)[0]


def relation_of(pair: Pair, profile: QualityProfile) -> Relation:
    """Return the relation of a pair of all series: that of the profile where it holds it, else judged for this pair alone."""
    found = (r for r in profile.relations if (r.feature, r.target) == (pair.feature, pair.other))
    return next(found, None) or judge_pair(pair)


def scatter_pair(pair: Pair, judged: bool = True) -> Scatter:
    """Return the points that the relation is judged on, and what a straight line and a smooth curve make of them."""
    x, y = pair.values(judged)[:, pair.places]
    good = ~(np.isnan(x) | np.isnan(y))
    x, y = x[good], y[good]
    rows = int(np.count_nonzero(pair.train))
    if len(x) < _FEWEST_POINTS or x.min() == x.max():
        return Scatter(labels=pair.labels(judged), x=x, y=y, line=np.empty((2, 0)), curve=np.empty((2, 0)), rows=rows)
    ends = np.array([x.min(), x.max()])
    at = np.unique(np.quantile(x, np.linspace(0.005, 0.995, _CURVE_POINTS)))
    return Scatter(
        labels=pair.labels(judged),
        x=x,
        y=y,
        line=np.array([ends, fit_line(x, y)(ends)]),
        curve=np.array([at, smooth(x, y, at)]),
        rows=rows,
    )
